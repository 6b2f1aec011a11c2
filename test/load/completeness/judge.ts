/** What is in a lake, row by row, against what its load's snapshot of Postgres saw. */
import { queryWithDuckdb } from '../../support/parquet.ts'
import type { JournalRow } from './source.ts'

/** The rows in files of the table, as DuckDB reads them. */
export async function rowsInFiles(paths: readonly string[]): Promise<JournalRow[]> {
  if (paths.length === 0) return []
  const list = paths.map((path) => `'${path}'`).join(', ')
  const rows = await queryWithDuckdb(
    '',
    `select id::varchar, epoch_us(created_at)::varchar, epoch_us(changed_at)::varchar, note
     from read_parquet([${list}]) order by id`,
  )
  return rows as unknown as JournalRow[]
}

/** The first few: `row 7 is missing`. Both come by id. */
export function differences(lake: readonly JournalRow[], seen: readonly JournalRow[]): string[] {
  const found = new Map<string, JournalRow>()
  const wrong: string[] = []
  for (const row of lake) {
    if (found.has(row[0])) wrong.push(`row ${row[0]} is there twice`)
    found.set(row[0], row)
  }
  for (const row of seen) {
    const other = found.get(row[0])
    if (other === undefined) wrong.push(`row ${row[0]} is missing: ${JSON.stringify(row)}`)
    else if (!Bun.deepEquals(other, row)) {
      wrong.push(`row ${row[0]} is ${JSON.stringify(other)}, not ${JSON.stringify(row)}`)
    }
    found.delete(row[0])
  }
  for (const row of found.values()) wrong.push(`row ${row[0]} was not seen: ${JSON.stringify(row)}`)
  return wrong.slice(0, 10)
}
