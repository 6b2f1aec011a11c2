/**
 * One snapshot for several connections (PostgreSQL manual, "Snapshot Synchronization Functions"). It can be joined while
 * the transaction that shares it is open, by connections to the same server and database.
 */
import type { DatabaseConfig } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import { openReader, type Reader, type ReaderOptions } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { requireNoTemporary } from './lent-connection.ts'
import { beginStatements, settle } from './session-settings.ts'
import type { Snapshot } from './snapshot.ts'
import { firstAnswerMs } from './unanswered.ts'

/** Plain data: it may be handed to another thread or machine. */
export interface SharedSnapshot {
  /** What `pg_export_snapshot()` calls it. */
  readonly id: string
  /** Where the one server is that has it; its host may stand for several. */
  readonly address: string
  /** Which transactions it sees, and when the server started: another's snapshot by the same id is not taken for it. */
  readonly proof: string
  /** `server_version_num`. */
  readonly serverVersion: number
  /** The role's own, for what is read under its settings; null: nothing is. */
  readonly dateStyle: string | null
}

const proofOf = `pg_catalog.concat_ws(' ', pg_catalog.txid_current_snapshot(), pg_catalog.pg_postmaster_start_time(),
  pg_catalog.current_database())`

/**
 * @param reader in the transaction that is to be joined
 * @param underRoleSettings whether the others will read anything under the role's settings
 * @throws the driver's error, and as `roleDateStyle` does
 */
export async function shareSnapshot(
  reader: Reader,
  { serverVersion }: Pick<Snapshot, 'serverVersion'>,
  { underRoleSettings }: { readonly underRoleSettings: boolean },
): Promise<SharedSnapshot> {
  const dateStyle = underRoleSettings ? await reader.roleDateStyle() : null
  const [row] = await reader.query(`select pg_catalog.pg_export_snapshot() as id, ${proofOf} as proof`)
  const { address } = reader
  return { id: String(row?.['id']), proof: String(row?.['proof']), address, serverVersion, dateStyle }
}

export interface JoinOptions extends Omit<ReaderOptions, 'address' | 'dateStyle'> {
  /** Milliseconds of a statement, of the transaction, and of a pause in it. */
  readonly deadlineMs: number
  /** What it will read: `select … from …`. Every lock that takes is taken here, or not at all. */
  readonly select: string
  /** Gives what asks under the settings that the rows are read under. */
  readonly underSettings: (reader: Reader) => Pick<Reader, 'query'>
}

/**
 * A lock that nobody gives at once is waited for no longer than this. Whoever stands before it in the queue, as an ALTER
 * does, waits for the sharing transaction, which waits for this one: a deadlock that the server cannot see.
 */
const lockTimeoutMs = 1_000

/**
 * Opens a connection whose transaction sees what the sharing one does.
 * @throws Failure (1) where there is no connection to be had, the snapshot is gone or not this server's, or a lock not
 * free; (2) where access is refused
 */
export async function joinSnapshot(
  database: DatabaseConfig,
  shared: SharedSnapshot,
  { deadlineMs, select, underSettings, ...options }: JoinOptions,
): Promise<Reader> {
  const { address, dateStyle, serverVersion } = shared
  const known = dateStyle !== null && { dateStyle }
  const reader = await openReader(database, { ...options, address, firstAnswerMs, ...known })
  try {
    const timeouts = { deadlineMs, lockTimeoutMs, serverVersion }
    const begin = beginStatements({ isolation: 'repeatable read', snapshotLater: true, ...timeouts })
    // One message: another machine that joins may be far away.
    const [row, settled] = await reader.query(
      `${begin}; set transaction snapshot '${shared.id}'; select ${proofOf} as proof; ${settle}`,
    )
    if (row?.['proof'] !== shared.proof) throw anotherServer(address)
    // Nothing else is read under the role's settings.
    if (dateStyle !== null) requireNoTemporary(settled, 'read over', address)
    // Planning takes the locks that reading will: those of partitions, of indexes, and of what a view names.
    await underSettings(reader).query(`explain ${select}`)
    return reader
  } catch (error) {
    await reader.close()
    options.signal.throwIfAborted()
    throw postgresFailure(error, 'join the snapshot of', `${database.host}:${database.port}`)
  }
}

/**
 * Whether `joinSnapshot` has failed because nobody shares the snapshot any more. The server says so in three ways
 * (`ImportSnapshot` of snapmgr.c: 42704, before version 17 22023, and 55000 where it is just ending).
 */
export function isSnapshotGone(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : undefined
  return cause instanceof Error && /^(42704|22023|55000)$/.test(String(Reflect.get(cause, 'errno')))
}

function anotherServer(address: string): Failure {
  return new Failure({
    exit: 1,
    act: 'join the snapshot of',
    thing: address,
    reason: 'another server answers, which has another snapshot by that name',
    advice: 'Give the server itself in DATABASE_URL, not a name or a proxy for several.',
  })
}
