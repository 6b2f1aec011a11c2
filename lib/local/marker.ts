/** What says that a database is Dracula's own and may be written to. */
import type postgres from 'postgres'
import { Failure } from '../failure/failure.ts'

/** The comment on such a database. Not a table: a template or a restored table must not take the mark along. */
const marker = 'Dracula stand-in: may be overwritten at any time'

/**
 * Marks an empty database as Dracula's own. For seeds and benches, before they write, in the transaction they write in.
 * @throws Failure (2) when the database holds anything and does not carry the mark
 */
export async function claimDatabase(sql: postgres.TransactionSql): Promise<void> {
  // Whoever else is seeding right now finishes first.
  await sql`select pg_advisory_xact_lock(hashtext(${marker}))`
  const [found] = await sql<{ name: string; comment: string | null; relation: string | null }[]>`
    select
      datname as name,
      shobj_description(oid, 'pg_database') as comment,
      (select format('%I.%I', nspname, relname)
         from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
        order by nspname, relname limit 1) as relation
    from pg_database where datname = current_database()`
  if (found === undefined || found.comment === marker) return
  if (found.relation !== null) {
    throw new Failure({
      exit: 2,
      act: 'write to database',
      thing: found.name,
      reason: `it holds ${found.relation} and is not Dracula's own`,
      advice: 'Only an empty database or one seeded before is written to. Create an empty one.',
    })
  }
  await sql.unsafe(`do $$ begin
    execute format('comment on database %I is %L', current_database(), '${marker}');
  end $$`)
}
