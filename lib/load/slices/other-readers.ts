/**
 * The connections that read beside the leader's: each on a thread of its own, where there is more than one core to read on
 * and the table's script can be imported there.
 */
import type { DatabaseConfig } from '../../config/config.ts'
import { selectQuery } from '../../copy/query.ts'
import { declaredText } from '../../declare/declared-text.ts'
import { partitionLookups } from '../../declare/lookup.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { hasMeaning } from '../../postgres/session-settings.ts'
import { shareSnapshot } from '../../postgres/shared-snapshot.ts'
import { hashKeyFor } from '../steps/hash-key.ts'
import type { Leader } from '../steps/leader.ts'
import { readingCores } from '../steps/reading-cores.ts'
import type { Slicing } from '../steps/slicing.ts'
import { join, readBy } from './join.ts'
import type { Joining } from './messages.ts'
import type { SliceReader } from './slice-reader.ts'
import { openThread } from './thread.ts'

export interface OtherOptions {
  readonly load: string
  readonly database: DatabaseConfig
  /** What columns are hashed with, a secret; undefined: there is none. */
  readonly hashKey: string | undefined
  readonly deadlineMs: number
  /** The module whose default export is the table; undefined: there is none that could be imported again. */
  readonly script: string | undefined
  /** Cores that the process may use; undefined: as many as there are. */
  readonly cores: number | undefined
  readonly warn: (message: string) => void
  readonly signal: AbortSignal
}

export interface OtherReaders {
  /** One for each that was wanted, as they open; undefined: it takes no part. None of them rejects. */
  readonly opening: readonly Promise<SliceReader | undefined>[]
  /** Stops and closes all, on the server as well. Never throws; idempotent. */
  close(): Promise<void>
}

/**
 * Opens one connection fewer than are to read, and waits for none of them. Whichever cannot be had, or would have to
 * wait for a lock, takes no part, and the load says so.
 * @throws the driver's error where the snapshot cannot be shared
 */
export async function openOthers(
  table: Table,
  leader: Leader,
  { slices, by, connections, relations }: Slicing,
  options: OtherOptions,
): Promise<OtherReaders> {
  if (slices.length === 0 || connections === 1) return { opening: [], close: async () => {} }
  const { reader, snapshot, source } = leader
  const { load, database, hashKey, deadlineMs, warn, signal } = options
  const { cores } = await readingCores(table, leader, options.cores)
  const script = cores === 1 ? undefined : options.script
  const read = [table, ...partitionLookups(table).map(([, lookup]) => lookup)]
  const underRoleSettings = read.some((each) => hasMeaning(each, source))
  const joining: Joining = {
    ...{ database, hashKey, deadlineMs, source, by, relations, select: selectQuery(leader.table, source) },
    snapshot: await shareSnapshot(reader, snapshot, { underRoleSettings }),
    applicationName: `dracula/${table.name}/${load}`,
  }
  const closing = new AbortController()
  const said = new Set<string>()
  const warnOnce = (message: string) => {
    if (!said.has(message) && !signal.aborted && !closing.signal.aborted) warn(message)
    said.add(message)
  }
  const opening = Array.from({ length: connections - 1 }, async (): Promise<SliceReader | undefined> => {
    try {
      return await openOther(table, joining, { ...options, script, warn: warnOnce, closing: closing.signal })
    } catch (error) {
      const reason = error instanceof Failure ? error.summary : String(error)
      warnOnce(`fewer than ${connections} connections read: ${reason}`)
      return undefined
    }
  })

  let closed: Promise<void> | undefined
  function close(): Promise<void> {
    closing.abort()
    closed ??= Promise.all(opening.map(async (each) => (await each)?.close())).then(() => {})
    return closed
  }
  signal.addEventListener('abort', close, { once: true })
  return {
    opening,
    close() {
      signal.removeEventListener('abort', close)
      return close()
    },
  }
}

async function openOther(
  table: Table,
  joining: Joining,
  { script, warn, signal, closing }: OtherOptions & { readonly closing: AbortSignal },
): Promise<SliceReader> {
  const { name } = table
  const either = AbortSignal.any([signal, closing])
  if (script !== undefined) {
    const thread = await openThread(joining, { path: script, name, declared: declaredText(table) }, either)
    if (!(thread instanceof Failure)) return thread
    warn(`one thread works for all connections: ${thread.summary}`)
  }
  const hashKey = hashKeyFor(table, joining.hashKey)
  const reader = await join(table, joining, either)
  return {
    read: (slice, { lookups, openFile, observe }) =>
      readBy(reader, joining, slice, {
        ...{ table, hashKey, lookups: lookups.functions, openFile, observe, signal: either },
      }),
    close: () => reader.close(),
  }
}
