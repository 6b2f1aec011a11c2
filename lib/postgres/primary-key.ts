/** Which columns the primary key of a table has. */
import type { SourceName } from '../declare/selection.ts'
import type { Reader } from './connect.ts'
import { quoteText } from './relation.ts'

/** Names of the columns of a table's primary key, in its order; none for what has no such key. */
export async function primaryKey(reader: Reader, source: SourceName): Promise<string[]> {
  if (source.query !== undefined) return []
  const rows = await reader.query(
    `select a.attname::text as name
     from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
     where n.nspname = ${quoteText(source.schema)} and c.relname = ${quoteText(source.name)}
     order by array_position(i.indkey::int2[], a.attnum)`,
  )
  return rows.map(({ name }) => String(name))
}
