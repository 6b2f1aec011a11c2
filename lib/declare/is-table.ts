/** What `table()` has made, told from what only looks like it. */
import type { Table } from './table.ts'

/** Whether it has what a table has. */
export function resemblesTable(value: unknown): value is Pick<Table, 'name'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['columns', 'source', 'output'].every((each) => typeof Reflect.get(value, each) === 'object') &&
    typeof Reflect.get(value, 'name') === 'string'
  )
}

/** A copy with other columns, names or options is none: nothing of them was checked, or has any effect on the rest. */
export function isTable(value: unknown): value is Table {
  return resemblesTable(value) && Object.isFrozen(value)
}

/** What a value is instead of a table, after a subject. */
export function describeNoTable(value: unknown): string {
  return resemblesTable(value) ? 'is a copy of a table, which table() has not made' : 'is no table'
}
