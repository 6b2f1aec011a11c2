/** Which relations there are whose rows can be read. */
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteText, type Relation } from './relation.ts'

const readable = `c.relkind in ('r', 'p', 'v', 'm', 'f')`

/**
 * Those of a schema, sorted; a partitioned table stands for its partitions, and what belongs to an extension is not
 * listed.
 */
export async function relationsOf(reader: Reader, schema: string): Promise<Relation[]> {
  return find(
    reader,
    schema,
    `n.nspname = ${quoteText(schema)} and not c.relispartition and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )`,
  )
}

/** Every relation of that name outside the system's schemas, by schema. */
export async function relationsNamed(reader: Reader, name: string): Promise<Relation[]> {
  return find(
    reader,
    name,
    `c.relname = ${quoteText(name)} and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
  )
}

async function find(reader: Reader, thing: string, condition: string): Promise<Relation[]> {
  try {
    const rows = await reader.query(
      `select n.nspname::text as schema, c.relname::text as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where ${readable} and ${condition}
       order by 1, 2`,
    )
    return rows.map(({ schema, name }) => ({ schema: String(schema), name: String(name) }))
  } catch (error) {
    throw postgresFailure(error, 'look for', thing)
  }
}
