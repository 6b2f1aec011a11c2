/** Values that have no place in the lake, in the columns that let them pass. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getText } from '../../lib/aws/objects.ts'
import type { LoadRecord } from '../../lib/lake/record.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { array, date, integer, lossy, nullable, numeric, text, timestamp } from '../../lib/table.ts'
import { needsPostgres } from '../support/needs-postgres.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: Awaited<ReturnType<typeof openScripts>>

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01, tables: [] }), openScripts()])
  await standIn.sql.unsafe(`
    create table extremes (id integer not null, at timestamp, birthday date, days date[], exact numeric);
    insert into extremes values
      (1, '2000-01-01', '2000-01-01', '{2000-01-01}', 1e-40),
      (2, 'infinity', 'infinity', '{infinity, null, 2000-01-01}', 'NaN'),
      (3, '-infinity', '4713-01-01 BC', '{-infinity}', '-1e300'),
      (4, '294276-12-31 23:59:59.999999', '9999-12-31', '{}', null),
      (5, null, null, null, 1e50)`)
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

test('become null, or the nearest that has a place, and each load says how many', async () => {
  await using folder = await temporaryFolder()
  const script = await scripts.write(
    'extremes',
    `id: integer, at: lossy(timestamp, 'null'),
     birthday: nullable(lossy(date, 'clamp')), days: nullable(array(lossy(date, 'clamp'))),
     days_or_null: nullable(named('days', array(lossy(date, 'null')))), exact: nullable(numericText)`,
  )
  const summary = (await standIn.run(script)).summary()
  expect(summary.softened).toEqual({ at: 3, birthday: 2, days: 2, days_or_null: 2 })
  expect(summary.warnings).toEqual([
    '3 values of at, 2 of days_or_null have no place in the lake and are null there',
    '2 values of birthday, 2 of days have no place in the lake and were clamped',
  ])

  const key = `tables/extremes/_loads/${summary.load}.json`
  const record: LoadRecord = JSON.parse(await getText(standIn.aws, { bucket: 'lake', key }))
  expect(record.softened).toEqual(summary.softened)

  const path = await fileOf(summary, folder.path)
  const columns = {
    at: nullable(timestamp),
    birthday: nullable(date),
    days: nullable(array(date)),
    days_or_null: nullable(array(date)),
    exact: nullable(text),
  }
  for (const read of Object.values(readers)) {
    expect(await read(path, columns)).toEqual({
      at: ['946684800000000', null, null, null, null],
      birthday: ['10957', '2932896', '-719162', '2932896', null],
      days: ['["10957"]', '["2932896",null,"10957"]', '["-719162"]', '[]', null],
      days_or_null: ['["10957"]', '[null,null,"10957"]', '[null]', '[]', null],
      exact: [`0.${'0'.repeat(39)}1`, 'NaN', `-1${'0'.repeat(300)}`, null, `1${'0'.repeat(50)}`],
    })
  }
})

needsPostgres(14, 'infinite numerics').test(
  'become the greatest and the least number where they are infinite',
  async () => {
    await standIn.sql.unsafe(`create table endless as select id, amount::numeric, amount::numeric as exact
      from (values (1, '1.5'), (2, 'Infinity'), (3, '-Infinity'), (4, null)) rows (id, amount)`)
    const amount = "amount: nullable(lossy(numeric(4, 2), 'clamp'))"
    const script = await scripts.write(
      'endless',
      `id: nullable(integer), ${amount}, exact: nullable(numericText)`,
    )
    const summary = (await standIn.run(script)).summary()
    expect(summary.softened).toEqual({ amount: 2 })
    expect(summary.warnings).toEqual(['2 values of amount have no place in the lake and were clamped'])
    const columns = { id: nullable(integer), amount: nullable(numeric(4, 2)), exact: nullable(text) }
    await using folder = await temporaryFolder()
    const path = await fileOf(summary, folder.path)
    for (const read of Object.values(readers)) {
      expect(await read(path, columns)).toEqual({
        id: ['1', '2', '3', '4'],
        amount: ['1.50', '99.99', '-99.99', null],
        exact: ['1.5', 'Infinity', '-Infinity', null],
      })
    }
  },
)

test('stop the load all the same where clamping has no nearest value for them', async () => {
  const script = await scripts.write(
    'extremes',
    `exact: nullable(lossy(numeric(38, 0), 'clamp'))`,
    `where: 'id = 2'`,
  )
  const { exit, message } = await standIn.run(script)
  expect(exit).toBe(3)
  expect(message).toContain('extremes.exact')
  expect(message).toContain('NaN')
})

test('are none for types that hold all their values', () => {
  // @ts-expect-error every integer has a place
  expect(() => lossy(integer, 'clamp')).toThrow('every value of it has a place in the lake')
  // @ts-expect-error there is no such policy
  expect(() => lossy(date, 'round')).toThrow('"round" is no policy')
})

/** The only one it has written, in a folder. */
async function fileOf(summary: LoadSummary, folder: string): Promise<string> {
  const { hostname: Bucket, pathname } = new URL(summary.files[0] ?? '')
  const { Body } = await standIn.aws.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
  const path = join(folder, `${summary.table}.parquet`)
  await Bun.write(path, (await Body?.transformToByteArray()) ?? '')
  return path
}
