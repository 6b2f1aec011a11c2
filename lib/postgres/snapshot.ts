/** Step 1 of a load: one transaction whose snapshot and locks make everything read in it of one moment. */
import { Failure } from '../failure.ts'
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { pinStatements } from './pins.ts'
import { quoteRelation, quoteText, type Relation } from './relation.ts'

export interface Snapshot {
  /**
   * ISO 8601 UTC with microseconds, `2026-11-22T04:12:33.123456Z`: what was committed before is in the snapshot.
   * On a replica the commit time of the last transaction replayed, by the primary's clock.
   */
  readonly at: string
  /** `performance.now()` just before the first lock was asked for. */
  readonly openedMs: number
  /** `server_version_num`: 180004 for 18.4. */
  readonly serverVersion: number
  readonly replica: boolean
  readonly warnings: readonly string[]
}

export interface SnapshotOptions {
  /** Every table the load will read. */
  readonly relations: readonly Relation[]
  readonly deadlineMs: number
  /** How long to wait behind a TRUNCATE, an ALTER or a DROP. */
  readonly lockTimeoutMs?: number
}

/** The server's timeouts are int4 milliseconds. */
const longestMs = 2_147_483_647

/**
 * @throws Failure (1) if a lock is not to be had in time, (2) if access is refused or the server too old,
 * (3) if a relation is missing, or the database not in UTF8
 */
export async function openSnapshot(reader: Reader, options: SnapshotOptions): Promise<Snapshot> {
  const { relations } = options
  const names = relations.map(({ schema, name }) => `${schema}.${name}`).join(', ')
  try {
    const server = await readServer(reader)
    const before = await readKinds(reader, relations)
    const warnings = before.filter(({ kind }) => !isLockable(kind)).map(unlockedWarning)

    await reader.query(
      `begin isolation level repeatable read read only; ${pinStatements(timeouts(server.version, options))}`,
    )
    const openedMs = performance.now()
    // Neither LOCK nor SET takes the snapshot. TRUNCATE and rewriting ALTERs are not MVCC-safe: a snapshot
    // taken before one sees no rows after it (PostgreSQL manual, "Caveats" of concurrency control).
    await lock(
      reader,
      relations.filter((_, index) => isLockable(before[index]?.kind ?? 'r')),
    )
    const at = await takeSnapshot(reader, server, warnings)

    const after = await readKinds(reader, relations)
    if (after.some(({ oid, kind }, index) => oid !== before[index]?.oid || kind !== before[index]?.kind)) {
      throw new Failure({
        exit: 1,
        act: 'open',
        thing: names,
        reason: 'it was replaced while it was being opened',
        advice: 'Try again.',
      })
    }
    return { at, openedMs, serverVersion: server.version, replica: server.replica, warnings }
  } catch (error) {
    throw postgresFailure(error, 'open', names)
  }
}

interface Server {
  readonly version: number
  readonly replica: boolean
}

async function readServer(reader: Reader): Promise<Server> {
  const [row] = await reader.query(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as spelt,
       current_setting('server_encoding') as encoding, current_database() as database, pg_is_in_recovery() as replica`,
  )
  const version = Number(row?.['version'])
  if (!(version >= 120_000)) {
    throw new Failure({
      exit: 2,
      act: 'read',
      thing: String(row?.['database']),
      reason: `its server is PostgreSQL ${row?.['spelt']}`,
      advice: 'PostgreSQL 12 and later are supported.',
    })
  }
  if (row?.['encoding'] !== 'UTF8') {
    throw new Failure({
      exit: 3,
      act: 'read',
      thing: String(row?.['database']),
      reason: `its encoding is ${row?.['encoding']}, so its text has no certain meaning in the lake`,
      advice: 'Databases in UTF8 are supported.',
    })
  }
  // Since PostgreSQL 14, and not on every platform: a server at work for a reader that was killed notices.
  if (version >= 140_000) {
    await reader.query("set client_connection_check_interval to '10s'").catch(() => undefined)
  }
  return { version, replica: row['replica'] === true }
}

interface Kind {
  readonly relation: Relation
  readonly oid: number
  /** `pg_class.relkind`. */
  readonly kind: string
}

/** In the order of `relations`. */
async function readKinds(reader: Reader, relations: readonly Relation[]): Promise<Kind[]> {
  const rows = await reader.query(
    `select n.nspname as schema, c.relname as name, c.oid::int8::text as oid, c.relkind::text as kind
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where (n.nspname, c.relname) in (${relations.map(({ schema, name }) => `(${quoteText(schema)}, ${quoteText(name)})`).join(', ')})`,
  )
  return relations.map((relation) => {
    const row = rows.find(({ schema, name }) => schema === relation.schema && name === relation.name)
    if (row === undefined) throw missing(relation)
    return { relation, oid: Number(row['oid']), kind: String(row['kind']) }
  })
}

function missing({ schema, name }: Relation): Failure {
  return new Failure({
    exit: 3,
    act: 'read the table',
    thing: `${schema}.${name}`,
    reason: 'the database has no such table',
    advice: "Correct the script's `name` or `from`, or check which database DATABASE_URL names.",
  })
}

/** Tables, partitioned tables and views; a lock on a view locks what it names. */
function isLockable(kind: string): boolean {
  return kind === 'r' || kind === 'p' || kind === 'v'
}

function unlockedWarning({ relation: { schema, name }, kind }: Kind): string {
  const what = kind === 'm' ? 'a materialised view' : kind === 'f' ? 'a foreign table' : 'not a table'
  return `${schema}.${name} is ${what}: Postgres cannot lock it, so a refresh or a change beside the load may show in it`
}

function timeouts(
  version: number,
  { deadlineMs, lockTimeoutMs = 10_000 }: SnapshotOptions,
): Record<string, string> {
  const deadline = String(Math.max(1, Math.min(Math.ceil(deadlineMs), longestMs)))
  return {
    statement_timeout: deadline,
    idle_in_transaction_session_timeout: deadline,
    ...(version >= 170_000 && { transaction_timeout: deadline }),
    lock_timeout: String(lockTimeoutMs),
  }
}

async function lock(reader: Reader, relations: readonly Relation[]): Promise<void> {
  if (relations.length === 0) return
  try {
    await reader.query(`lock table ${relations.map(quoteRelation).join(', ')} in access share mode`)
  } catch (error) {
    const failure = postgresFailure(
      error,
      'lock',
      relations.map(({ schema, name }) => `${schema}.${name}`).join(', '),
    )
    if (failure.exit !== 1) throw failure
    throw (await heldBy(reader, relations, failure)) ?? failure
  }
}

/** Who holds an exclusive lock now, which with luck is who held it a moment ago. */
async function heldBy(
  reader: Reader,
  relations: readonly Relation[],
  failure: Failure,
): Promise<Failure | undefined> {
  const rows = await reader
    .query('rollback')
    .then(() =>
      reader.query(
        `select l.relation::regclass::text as name, a.pid, a.usename, a.application_name, a.state,
           to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS') as since
         from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
         where l.granted and l.mode = 'AccessExclusiveLock' and l.relation in (${relations.map((each) => `to_regclass(${quoteText(quoteRelation(each))})`).join(', ')})
         limit 1`,
      ),
    )
    .catch(() => [])
  const [row] = rows
  if (row === undefined) return undefined
  const program = row['application_name'] ? `, ${row['application_name']}` : ''
  return new Failure({
    exit: 1,
    act: 'lock',
    thing: String(row['name']),
    reason: `process ${row['pid']} (${row['usename']}${program}, ${row['state']} since ${row['since']} UTC) holds it exclusively`,
    advice: 'Try again when that is done.',
    cause: failure,
  })
}

/**
 * The transaction's first query: the server reads its clock when the message arrives and takes the snapshot
 * right after, so a later snapshot has a later `at`.
 */
async function takeSnapshot(reader: Reader, server: Server, warnings: string[]): Promise<string> {
  const [row] = await reader.query(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, replayed is null as own
     from (select ${server.replica ? 'pg_last_xact_replay_timestamp()' : 'statement_timestamp()'} as replayed) as clock,
       lateral (select coalesce(replayed, statement_timestamp()) as at) as moment`,
  )
  if (row?.['own'] === true) {
    warnings.push(
      'the replica has replayed nothing since its start: the snapshot bears the time of its own clock',
    )
  }
  return String(row?.['at'])
}
