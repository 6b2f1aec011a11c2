/** Which relations a query reads beside the ones it is about: those its subqueries and views name. */
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { type Kind, lockByPlanning, lockRelations, namesOf } from './lock.ts'
import type { Relation } from './relation.ts'
import { underRoleSettings } from './session-settings.ts'

export interface PlannedQuery {
  /** What it is, for messages. */
  readonly name: string
  /** The SQL that a load will run. */
  readonly sql: string
  /** What can be planned only if it is sound, see `wholeQueries`. */
  readonly whole?: readonly string[]
  /** Whether it is more than the name of a relation: a query, or a condition. */
  readonly isExpression: boolean
}

/**
 * Planning locks every relation that is read, so the plan is made in a transaction that ends before the load's begins,
 * and its locks are listed. Children of a locked parent, and what this role may not read but through a view, are left out: their
 * lock comes with the other's. What a function reads in its body is not known to anybody before it runs.
 * @param tables what they are about; locked before they are planned, so that whoever holds one of them is named
 * @param evaluated whether one of the tables is a view, or computes something else
 * @throws Failure as `lockRelations` does, and for a query that cannot be planned, naming it
 */
export async function readRelations(
  reader: Reader,
  queries: readonly PlannedQuery[],
  { tables, evaluated }: { readonly tables: readonly Kind[]; readonly evaluated: boolean },
): Promise<Relation[]> {
  await lockRelations(reader, namesOf(tables.filter(({ whole }) => whole)))
  const plan = async () => {
    await lockByPlanning(reader, namesOf(tables.filter(({ whole }) => !whole)))
    for (const { name, sql, whole = [] } of queries) {
      const plans = [sql, ...whole].map((each) => `explain ${each}`).join(';\n')
      await reader.query(plans).catch((error: unknown) => {
        throw postgresFailure(error, 'plan the reading of', name)
      })
    }
  }
  const hasMeaning = evaluated || queries.some(({ isExpression }) => isExpression)
  await (hasMeaning ? underRoleSettings(reader, plan) : plan())
  const rows = await reader.query(
    `select distinct n.nspname as schema, c.relname as name
       from pg_catalog.pg_locks l
         join pg_catalog.pg_class c on c.oid = l.relation
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relkind in ('r', 'p', 'v', 'm', 'f')
         and n.nspname not in ('pg_catalog', 'information_schema')
         and (c.relkind in ('m', 'f') or pg_catalog.has_any_column_privilege(c.oid, 'select') and not exists (
           select from pg_catalog.pg_inherits i join pg_catalog.pg_locks p on p.relation = i.inhparent
           where i.inhrelid = c.oid and p.pid = pg_backend_pid()
         ))
       order by 1, 2`,
  )
  return rows.map(({ schema, name }) => ({ schema: String(schema), name: String(name) }))
}
