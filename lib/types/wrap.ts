/** `nullable()` and `named()`: what a column is beside its type. */
import { requireNoMore, requireType } from './is-column.ts'
import type { Column } from './type.ts'

export function nullable<Value>(of: Column<Value>, ...more: readonly never[]): Column<Value | null> {
  requireNoMore('nullable', more)
  requireType('nullable', of)
  return Object.freeze({ ...of, nullable: true }) as Column<Value | null>
}

/** A column whose name in Postgres is not one Athena takes, or not the one wanted: `order_id: named('Order Id', integer)`. */
export function named<Value>(source: string, of: Column<Value>, ...more: readonly never[]): Column<Value> {
  requireNoMore('named', more)
  if (typeof source !== 'string' || source === '') {
    throw new TypeError(
      `Cannot declare "named(…)": its first argument is no name. Write the column's name in Postgres first, then its type.`,
    )
  }
  requireType('named', of)
  return Object.freeze({ ...of, source })
}
