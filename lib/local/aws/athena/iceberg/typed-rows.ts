/** Rows of this process as a table in SQL. */
import { literal } from '../../hive-type.ts'

/**
 * What comes after `from`: a table `r` with the columns given. Numbers, texts, and objects as maps.
 * @param types in the words of DuckDB, by the name of the column
 */
export function typedRows(
  types: Readonly<Record<string, string>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  const shape = JSON.stringify([types])
  return `(select unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(shape)}), max_depth := 2)) r`
}
