import { expect, test } from 'bun:test'
import { fileName, isFileOf } from '../../../lib/lake/file-name.ts'

test('no file has a name that Athena takes for hidden, nor the name of a file of another table', () => {
  const tables = ['orders', '_orders', '__orders', '_', 'o_', 'table__orders']
  const names = tables.map((table) => fileName(table, 0))
  expect(names.filter((name) => /^[_.]/.test(name))).toEqual([])
  expect(new Set(names).size).toBe(tables.length)
  for (const table of tables)
    expect(names.filter((name) => isFileOf(table, name))).toEqual([fileName(table, 0)])
})
