/** Step 1 of a load: one transaction whose snapshot and locks make everything read in it of one moment. */
import { Failure } from '../failure/failure.ts'
import type { Backend } from './backend.ts'
import type { Reader, Row } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { requireNoTemporary } from './lent-connection.ts'
import {
  isChangedSinceSnapshot,
  isLockable,
  type Kind,
  lockByPlanning,
  lockRelations,
  namesOf,
  readKinds,
} from './lock.ts'
import { type PlannedQuery, readRelations } from './read-relations.ts'
import { formatRelations, quoteRelation, type Relation } from './relation.ts'
import { noticeClosing, readServer, type Server } from './server.ts'
import { beginStatements, settle, type TransactionOptions, underRoleSettings } from './session-settings.ts'
import type { Timeouts } from './timeouts.ts'

export interface Snapshot {
  /**
   * ISO 8601 UTC with microseconds, `2026-11-22T04:12:33.123456Z`: what was committed before is in the snapshot.
   * On a replica the commit time of the last transaction replayed, by the primary's clock.
   */
  readonly at: string
  /**
   * Whether nothing is known of how far behind its primary a replica is: it has replayed nothing since its start, and `at` is
   * of its own clock.
   */
  readonly ownClock: boolean
  /**
   * Which transactions it sees, as `pg_snapshot` has it (PostgreSQL manual, "Transaction ID and snapshot information"):
   * `795:799:795,797`.
   */
  readonly transactions: string
  /** `performance.now()` just before the first lock was asked for. */
  readonly openedMs: number
  /** `server_version_num`: 180004 for 18.4. */
  readonly serverVersion: number
  readonly replica: boolean
  /** The database's encoding: `UTF8`, `LATIN1`. */
  readonly encoding: string
  /** Who holds the locks. */
  readonly backend: Backend
  readonly warnings: readonly string[]
  /** What it is about, and what its queries read besides. */
  readonly relations: readonly Relation[]
}

export interface SnapshotOptions extends Omit<Timeouts, 'serverVersion'> {
  /** The tables the load is about. */
  readonly relations: readonly Relation[]
  /** Queries of the load, to lock what they read besides: what a condition, a query in `from` or a view names. */
  readonly queries?: readonly PlannedQuery[]
}

/**
 * @throws Failure (1) if a lock is not to be had in time, (2) if access is refused or the server too old,
 * (3) if a relation is missing, or the database not in UTF8
 */
export async function openSnapshot(reader: Reader, options: SnapshotOptions): Promise<Snapshot> {
  const { relations, queries = [] } = options
  const names = relations.length > 0 ? formatRelations(relations) : queries.map(({ name }) => name).join(', ')
  try {
    const server = await readServer(reader)
    const before = await kindsOf(reader, options, server)
    const warnings = unlockedWarnings(before.filter((each) => !isLockable(each)))

    await reader.query(begin('repeatable read', options, server, { snapshotLater: true }))
    const openedMs = performance.now()
    // Neither LOCK nor SET takes the snapshot. TRUNCATE and rewriting ALTERs are not MVCC-safe: a snapshot
    // taken before one sees no rows after it (PostgreSQL manual, "Caveats" of concurrency control).
    await lockRelations(reader, namesOf(before.filter((each) => isLockable(each) && each.whole)))
    const { at, ownClock, transactions, backend, settled } = await takeSnapshot(reader, server, warnings)
    const hasMeaning = before.some(({ kind }) => isEvaluated(kind)) || queries.some(isExpression)
    if (hasMeaning) requireNoTemporary(settled, 'open', names)

    const unlocked = before.filter((each) => !isLockable(each))
    const after = await readKinds(reader, namesOf(unlocked))
    if (unlocked.some(({ oid }, index) => oid !== after[index]?.oid)) throw replacedMeanwhile(names)
    const partly = before.filter((each) => isLockable(each) && !each.whole)
    if (partly.length > 0) await lockPartly(reader, partly, names)
    const { version: serverVersion, replica, encoding } = server
    const read = before.map(({ relation }) => relation)
    return {
      ...{ at, ownClock, transactions, openedMs, serverVersion, replica, encoding, backend, warnings },
      relations: read,
    }
  } catch (error) {
    throw postgresFailure(error, 'open', names)
  }
}

function begin(
  isolation: TransactionOptions['isolation'],
  { deadlineMs, lockTimeoutMs }: SnapshotOptions,
  { version, noticesClosing }: Server,
  more: Pick<TransactionOptions, 'snapshotLater'> = {},
): string {
  const statements = beginStatements({
    isolation,
    deadlineMs,
    ...(lockTimeoutMs !== undefined && { lockTimeoutMs }),
    serverVersion: version,
    ...more,
  })
  return noticesClosing ? `${statements}; ${noticeClosing}` : statements
}

/** @throws Failure (1) when one of them was changed between the snapshot and its lock */
async function lockPartly(reader: Reader, kinds: readonly Kind[], names: string): Promise<void> {
  await underRoleSettings(reader, () => lockByPlanning(reader, namesOf(kinds)))
  if (await isChangedSinceSnapshot(reader)) throw replacedMeanwhile(names)
}

/** Finds the kinds of the tables, and of what the queries read beside them, in transactions of their own. */
async function kindsOf(reader: Reader, options: SnapshotOptions, server: Server): Promise<Kind[]> {
  const { relations, queries = [] } = options
  const beginning = begin('read committed', options, server)
  const tables = await readKinds(reader, relations, { before: beginning, after: 'rollback' })
  // The name of such a table is all that is read.
  const isPlain = tables.every(({ readsItselfOnly, whole }) => readsItselfOnly && whole)
  if (queries.length === 0 || (isPlain && !queries.some(isExpression))) return tables
  const evaluated = tables.some(({ kind }) => isEvaluated(kind))
  // Outside of a transaction: in one, this reader could have the only connection that a pooler lends.
  if (evaluated || queries.some(isExpression)) await reader.roleDateStyle()
  await reader.query(beginning)
  try {
    const read = await readRelations(reader, queries, {
      tables: tables.filter(isLockable),
      evaluated,
    })
    const known = new Set(tables.map(({ relation }) => quoteRelation(relation)))
    const beside = read.filter((relation) => !known.has(quoteRelation(relation)))
    return [...tables, ...(await readKinds(reader, beside))]
  } finally {
    await reader.query('rollback')
  }
}

function isEvaluated(kind: Kind['kind']): boolean {
  return kind === 'v' || kind === 'f'
}

function isExpression(query: PlannedQuery): boolean {
  return query.isExpression
}

/**
 * The transaction's first query: the server reads its clock when the message arrives and takes the snapshot
 * right after, so a later snapshot has a later `at`.
 */
async function takeSnapshot(
  reader: Reader,
  server: Server,
  warnings: string[],
): Promise<Pick<Snapshot, 'at' | 'ownClock' | 'transactions' | 'backend'> & { settled: Row | undefined }> {
  const [row, settled] = await reader.query(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, replayed is null as own,
       txid_current_snapshot()::text as transactions, pg_backend_pid() as pid,
       (select backend_start::text from pg_catalog.pg_stat_activity where pid = pg_backend_pid()) as started
     from (select ${server.replica ? 'pg_last_xact_replay_timestamp()' : 'statement_timestamp()'} as replayed) as clock,
       lateral (select coalesce(replayed, statement_timestamp()) as at) as moment; ${settle}`,
  )
  const ownClock = server.replica && row?.['own'] === true
  if (ownClock) {
    warnings.push(
      'the replica has replayed nothing since its start: the snapshot bears the time of its own clock',
    )
  }
  const backend = { pid: Number(row?.['pid']), startedAt: String(row?.['started']) }
  return { at: String(row?.['at']), ownClock, transactions: String(row?.['transactions']), backend, settled }
}

/** A line for each; of many, as tenants may have them, one for all. */
function unlockedWarnings(kinds: readonly Kind[]): string[] {
  const [first, ...more] = kinds.map(unlockedWarning)
  if (first === undefined || more.length < 5) return first === undefined ? [] : [first, ...more]
  return [`${first}; so is it with ${more.length} others`]
}

function unlockedWarning({ relation: { schema, name }, kind }: Kind): string {
  const what = kind === 'm' ? 'a materialised view' : kind === 'f' ? 'a foreign table' : 'not a table'
  return `${schema}.${name} is ${what}: Postgres cannot lock it, so a refresh or a change beside the load may show in it`
}

/** A lock answers for what has the name when it is granted; without one, the name may have changed hands. */
function replacedMeanwhile(names: string): Failure {
  return new Failure({
    exit: 1,
    act: 'open',
    thing: names,
    reason: 'it was replaced while it was being opened',
    advice: 'Try again.',
  })
}
