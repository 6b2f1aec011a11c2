/** Which relations a query reads beside the ones it is about: those its subqueries and views name. */
import type { Reader } from './connect.ts'
import { lockRelations } from './lock.ts'
import { pinStatements } from './pins.ts'
import type { Relation } from './relation.ts'

/**
 * Planning locks every relation that is read, so the plan is made in a transaction of its own and its locks are
 * listed. Children of a locked parent, and what this role may not read but through a view, are left out: their
 * lock comes with the other's. What a function reads in its body is not known to anybody before it runs.
 * @param query as a load will run it
 * @param tables what it is about; locked before it is planned, so that whoever holds one of them is named
 * @throws Failure as `lockRelations` does; else the driver's error
 */
export async function readRelations(
  reader: Reader,
  query: string,
  { tables, lockTimeoutMs }: { readonly tables: readonly Relation[]; readonly lockTimeoutMs: number },
): Promise<Relation[]> {
  await reader.query(
    `begin isolation level read committed read only; ${pinStatements({ lock_timeout: String(lockTimeoutMs) })}`,
  )
  try {
    await lockRelations(reader, tables)
    await reader.query(`explain ${query}`)
    const rows = await reader.query(
      `select distinct n.nspname as schema, c.relname as name
       from pg_catalog.pg_locks l
         join pg_catalog.pg_class c on c.oid = l.relation
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relkind in ('r', 'p', 'v', 'm', 'f')
         and n.nspname not in ('pg_catalog', 'information_schema')
         and (c.relkind in ('m', 'f') or pg_catalog.has_table_privilege(c.oid, 'select') and not exists (
           select from pg_catalog.pg_inherits i join pg_catalog.pg_locks p on p.relation = i.inhparent
           where i.inhrelid = c.oid and p.pid = pg_backend_pid()
         ))
       order by 1, 2`,
    )
    return rows.map(({ schema, name }) => ({ schema: String(schema), name: String(name) }))
  } finally {
    await reader.query('rollback')
  }
}
