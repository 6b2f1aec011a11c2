/** Which columns the primary key of a table has. */
import type { SourceName, TenantSource } from '../declare/selection.ts'
import type { Reader } from './connect.ts'
import { quoteText } from './relation.ts'

/** Names of the columns of a table's primary key, in its order; none for what has no such key. */
export async function primaryKey(reader: Reader, source: SourceName): Promise<string[]> {
  if (source.query !== undefined) return []
  if (source.tenants !== undefined) return tenantKey(reader, source)
  const keys = await keysOf(reader, source.name, [source.schema])
  return keys.get(source.schema) ?? []
}

/** The tenant first; none where not all of them have the same. */
async function tenantKey(reader: Reader, { tenants, branches = [] }: TenantSource): Promise<string[]> {
  const schemas = branches.map(({ schema }) => schema)
  const keys = await keysOf(reader, tenants.name, schemas)
  const [key = []] = keys.values()
  const isSame = schemas.every((schema) => Bun.deepEquals(keys.get(schema), key))
  return isSame && key.length > 0 ? [tenants.column, ...key] : []
}

async function keysOf(
  reader: Reader,
  name: string,
  schemas: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await reader.query(
    `select n.nspname::text as schema, a.attname::text as name
     from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
     where n.nspname in (${schemas.map(quoteText).join(', ')}) and c.relname = ${quoteText(name)}
     order by array_position(i.indkey::int2[], a.attnum)`,
  )
  const keys = new Map<string, string[]>()
  for (const { schema, name: column } of rows) {
    const key = keys.get(String(schema)) ?? []
    key.push(String(column))
    keys.set(String(schema), key)
  }
  return keys
}
