/** When a script may say that its table is loaded. */
import { expect, test } from 'bun:test'
import { wrongSchedule } from '../../lib/declare/schedule.ts'
import { integer, table } from '../../lib/table.ts'

test('a schedule is five fields of cron, as Kubernetes takes them', () => {
  for (const cron of [
    '0 */12 * * *',
    '0 6 * * *',
    '*/5 8-18 * * MON-FRI',
    '15,45 0 1,15 jan-jun,DEC *',
    '0 0 29 2 *',
    '0 0 31 2 0',
    '0 0 31 */2 *',
    '1-59/2 * * * 0-6/2',
  ]) {
    expect(wrongSchedule(cron)).toBeUndefined()
  }
})

test.each([
  ['@daily', 'and "0 0 * * *" means the same'],
  ['__proto__', 'is not five fields'],
  ['constructor', 'is not five fields'],
  ['0 6 * *', 'is not five fields'],
  ['0 6 * * * *', 'is not five fields'],
  ['0  6 * * *', 'is not five fields'],
  [' 0 6 * * *', 'is not five fields'],
  ['0\t6 * * *', 'is not five fields'],
  ['0 6 * * *\n', 'its field of the day of the week "*\n", and takes 0 to 6'],
  ['60 6 * * *', 'its field of the minute "60", and takes 0 to 59'],
  ['0 24 * * *', 'its field of the hour "24", and takes 0 to 23'],
  ['0 6 0 * *', 'its field of the day of the month "0", and takes 1 to 31'],
  ['0 6 * 13 *', 'its field of the month "13", and takes 1 to 12, or JAN to DEC'],
  ['0 6 * * 7', 'its field of the day of the week "7", and takes 0 to 6, or SUN to SAT'],
  ['0 6 * * MONDAY', 'its field of the day of the week "MONDAY"'],
  ['0 6 * * 5-1', '"5-1", which ends before it begins'],
  ['0 6 L * *', 'its field of the day of the month "L"'],
  ['0 6 ? * *', 'its field of the day of the month "?"'],
  ['0 6 1, * *', 'its field of the day of the month ""'],
  ['5/10 * * * *', '"5/10", a step without a range'],
  ['*/90 * * * *', 'the step 90, and 1 to 59 is one'],
  ['*/0 * * * *', 'the step 0, and 1 to 59 is one'],
  ['0 0 31 2 *', 'names a day that no month has'],
  ['0 0 31 4,JUN,9-9 *', 'names a day that no month has'],
  ['+5 * * * *', 'its field of the minute "+5"'],
  ['5.0 * * * *', 'its field of the minute "5.0"'],
])('%p is refused', (cron, reason) => {
  expect(wrongSchedule(cron)).toContain(reason)
})

test('a script that says another is told so, and how to write one', () => {
  const scheduled = (schedule: never) => table({ name: 'taxes', columns: { id: integer }, schedule })
  expect(scheduled('0 6 * * *' as never).schedule).toBe('0 6 * * *')
  expect(table({ name: 'taxes', columns: { id: integer } }).schedule).toBeUndefined()
  expect(() => scheduled('0 25 * * *' as never)).toThrow(
    'Cannot declare "taxes": its schedule "0 25 * * *" has in its field of the hour "25", and takes 0 to 23. Write it as cron does: schedule: \'0 6 * * *\' is every day at six.',
  )
  expect(() => scheduled(6 as never)).toThrow('schedule of table() is 6, not a string')
  // @ts-expect-error fewer than five fields
  expect(() => table({ name: 'taxes', columns: { id: integer }, schedule: '@daily' })).toThrow('@daily')
})
