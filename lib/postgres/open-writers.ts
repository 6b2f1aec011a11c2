/** Since when others write what a snapshot does not see yet, as far as a role may know. */
import type { Reader } from './connect.ts'

/**
 * To be called before the snapshot is taken: a transaction that it does not see is then one of these, or has begun since.
 * What was prepared (`PREPARE TRANSACTION`) every role sees, when others began only one with `pg_read_all_stats`.
 * @returns of the oldest: ISO 8601 in UTC with microseconds; undefined: none is seen
 * @throws the driver's error
 */
export async function openWritersSince(reader: Pick<Reader, 'query'>): Promise<string | undefined> {
  const [row] = await reader.query(
    `select pg_catalog.to_char(pg_catalog.min(since) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since
     from (
       select prepared as since from pg_catalog.pg_prepared_xacts
       where database = pg_catalog.current_database()
       union all
       select xact_start from pg_catalog.pg_stat_activity
       where datname = pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid()
         and backend_type = 'client backend' and application_name not like 'dracula/%'
     ) as writer`,
  )
  const since = row?.['since']
  return typeof since === 'string' ? since : undefined
}
