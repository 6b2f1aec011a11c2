/** Which columns of a table this role may read, where it may not read all. */
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteRelation, quoteText, type Relation } from './relation.ts'

export async function readableColumns(reader: Reader, relation: Relation): Promise<ReadonlySet<string>> {
  const table = `pg_catalog.to_regclass(${quoteText(quoteRelation(relation))})`
  try {
    const rows = await reader.query(
      `select a.attname::pg_catalog.text as name from pg_catalog.pg_attribute a
       where a.attrelid = ${table} and a.attnum > 0 and not a.attisdropped
         and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')`,
    )
    return new Set(rows.map(({ name }) => String(name)))
  } catch (error) {
    throw postgresFailure(
      error,
      'look for the columns that may be read of',
      `${relation.schema}.${relation.name}`,
    )
  }
}
