/** Which cluster and database a connection leads to, whatever names and poolers lie between. */
import type { DatabaseConfig } from '../config/config.ts'
import type { SourceName } from '../declare/selection.ts'
import type { SourceIdentity } from '../declare/source-identity.ts'
import type { Row } from './connect.ts'

/** Sends one statement, of either client, outside a transaction: where a role may not ask, the rest still is asked. */
export type Ask = (sql: string) => Promise<readonly Row[]>

/** @throws the driver's error */
export async function readSourceIdentity(
  ask: Ask,
  { host, port }: Pick<DatabaseConfig, 'host' | 'port'>,
  source: SourceName,
): Promise<SourceIdentity> {
  // Qualified, as a role's own search_path may put other functions first.
  const [row] = await ask(
    `select pg_catalog.current_database() as database,
         (select oid::pg_catalog.int8::pg_catalog.text from pg_catalog.pg_database
           where datname operator(pg_catalog.=) pg_catalog.current_database()) as oid,
         pg_catalog.concat(coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'localhost'), ':',
           pg_catalog.current_setting('port')) as address,
         pg_catalog.pg_is_in_recovery() as replica`,
  )
  const place = {
    server: `${host.startsWith('/') ? host : host.toLowerCase()}:${port}`,
    address: String(row?.['address']),
  }
  const cluster = await orNull(
    ask,
    'select system_identifier::pg_catalog.text as value from pg_catalog.pg_control_system()',
  )
  const replica = row?.['replica'] === true
  return {
    cluster,
    database: String(row?.['database']),
    database_oid: String(row?.['oid']),
    schema: source.schema ?? source.tenants?.like ?? null,
    relation: source.schema === undefined ? (source.tenants?.name ?? null) : source.name,
    place,
    ...(replica
      ? { primary: null, replayed: await readReplayed(ask) }
      : { primary: { ...place, timeline: await readTimeline(ask) } }),
  }
}

/** The first eight hexadecimal digits of a WAL file's name (PostgreSQL manual, "WAL Internals"). */
async function readTimeline(ask: Ask): Promise<number | null> {
  const name = await orNull(
    ask,
    'select pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()) as value',
  )
  return name === null ? null : Number.parseInt(name.slice(0, 8), 16)
}

/** Where a replica has got to: its last restart point, what it has written since, or what it is being sent. */
async function readReplayed(ask: Ask): Promise<number | null> {
  const received = '(select pg_catalog.max(received_tli) from pg_catalog.pg_stat_wal_receiver)'
  const all = await orNull(
    ask,
    `select greatest(
       (select timeline_id from pg_catalog.pg_control_checkpoint()),
       (select min_recovery_end_timeline from pg_catalog.pg_control_recovery()),
       ${received})::pg_catalog.text as value`,
  )
  const timeline = all ?? (await orNull(ask, `select ${received}::pg_catalog.text as value`))
  return timeline === null ? null : Number(timeline)
}

/**
 * null: the role may not call the function, or this server has none of that name or purpose, as some of the cloud have.
 * @throws the driver's error for everything else
 */
async function orNull(ask: Ask, sql: string): Promise<string | null> {
  try {
    const [row] = await ask(sql)
    const value = row?.['value']
    return typeof value === 'string' ? value : null
  } catch (error) {
    const { errno, code } = Object(error) as { errno?: unknown; code?: unknown }
    if ([errno, code].some((state) => ['42501', '42883', '0A000', '55000'].includes(String(state))))
      return null
    throw error
  }
}
