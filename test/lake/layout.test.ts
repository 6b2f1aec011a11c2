import { expect, test } from 'bun:test'
import { fileName, isFileOf } from '../../lib/lake/file-name.ts'

test('no file has a name that Athena takes for hidden, nor the name of a file of another table', () => {
  const tables = ['orders', '_orders', '__orders', '_', 'o_', 'table__orders']
  const namesOf = (table: string) => [null, 0, 3, 123].map((slice) => fileName(table, 0, slice))
  const names = tables.flatMap(namesOf)
  expect(names.filter((name) => /^[_.]/.test(name))).toEqual([])
  expect(new Set(names).size).toBe(tables.length * 4)
  for (const table of tables) expect(names.filter((name) => isFileOf(table, name))).toEqual(namesOf(table))
  expect(isFileOf('orders', 'orders-s3-00000.parquet')).toBe(false)
  expect(isFileOf('orders', 'orders-s03-0.parquet')).toBe(false)
})
