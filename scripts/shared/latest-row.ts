/** Lookups of the row that counts where several name the same thing: the one with the greatest id. */
import { type Column, type Columns, integer, lookup, nullable } from '../../lib/table.ts'

/**
 * The latest row of a table for each value of its reference `key`, an integer that may be null.
 * @param where SQL condition on the table's rows
 * @param columns what functions need of it; `id` too where that is no integer
 */
export function latestRow<const Key extends string, const C extends Columns>(
  from: string,
  key: Key,
  where: string,
  columns: C,
) {
  type Read = { readonly id: Column<number> } & { readonly [Name in Key]: Column<number | null> } & C
  // A name computed by TypeScript is any string to it.
  const read = { id: integer, [key]: nullable(integer), ...columns } as unknown as Read
  return lookup<Read, Key>({ from, key, where, latestBy: 'id', columns: read })
}
