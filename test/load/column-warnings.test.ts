/** However many columns a warning is about, it is one line of bounded length. */
import { expect, test } from 'bun:test'
import { ignoredWarning, lossyWarnings, unreadWarning } from '../../lib/load/steps/column-warnings.ts'
import { array, date, integer, lossy, numeric, table, timestamp } from '../../lib/table.ts'

const orders = table({
  name: 'orders',
  columns: {
    id: integer,
    placed_at: lossy(timestamp, 'null'),
    due: lossy(date, 'null'),
    days: array(lossy(date, 'null')),
    price: lossy(numeric(9, 2), 'clamp'),
  },
  ignore: ["it's"],
})

const many = Array.from({ length: 1_500 }, (_, at) => `column_${at}`)

test('columns that are not read are listed in the line that silences it, with those ignored already', () => {
  expect(unreadWarning(orders, [])).toEqual([])
  expect(unreadWarning(orders, ['note'])).toEqual([
    `note of public.orders is not exported; declare it, or write in scripts/orders.ts ignore: ["it's", 'note']`,
  ])
  expect(unreadWarning(orders, ['note', 'a "b"'])).toEqual([
    `2 columns of public.orders are not exported; declare them, or write in scripts/orders.ts ignore: ["it's", 'note', "a \\"b\\""]`,
  ])
})

test('a thousand of them are shortened, and counted', () => {
  const [warning = '', ...others] = unreadWarning(orders, many)
  expect(others).toEqual([])
  expect(warning.length).toBeLessThan(1_000)
  expect(warning).toStartWith('1500 columns of public.orders are not exported; ')
  expect(warning).toMatch(/'column_4[0-9]'\] and 14\d\d more, which checks\/schema\.ts lists$/)
  const [ignored = ''] = ignoredWarning(orders, many, [{ name: 'id' }])
  expect(ignored.length).toBeLessThan(1_000)
  expect(ignored).toMatch(/; and 14\d\d more$/)
})

test('lossy columns of one fate are one line, with how many values of each', () => {
  expect(lossyWarnings(orders, {})).toEqual([])
  expect(lossyWarnings(orders, { due: 3 })).toEqual([
    '3 values of due have no place in the lake and are null there',
  ])
  expect(lossyWarnings(orders, { placed_at: 1, price: 2, due: 3, days: 4 })).toEqual([
    '1 values of placed_at, 3 of due, 4 of days have no place in the lake and are null there',
    '2 values of price have no place in the lake and were clamped',
  ])
})
