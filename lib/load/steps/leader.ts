/**
 * Step 1 of a load: the one connection that locks what it reads and holds the snapshot, from which everything is asked
 * that must be asked once. Rows are read over it, or over others that join its snapshot while it is open.
 */
import type { DatabaseConfig } from '../../config/config.ts'
import { hidesValues } from '../../declare/hidden-columns.ts'
import type { Lookup } from '../../declare/lookup.ts'
import { formatSource } from '../../declare/selection.ts'
import { type SourceIdentity, withKnownPrimary } from '../../declare/source-identity.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { PublishedLoad } from '../../lake/published.ts'
import { mayConnectLater, openReader, type Reader } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { withMissingGrants } from '../../postgres/missing-grants.ts'
import { openWritersSince } from '../../postgres/open-writers.ts'
import { openSnapshot, type Snapshot } from '../../postgres/snapshot.ts'
import type { Source } from '../../postgres/source.ts'
import { readSourceIdentity } from '../../postgres/source-identity.ts'
import { findTenants, requireSameTenants, tenantInputs } from '../../postgres/tenants.ts'
import { describeLookup, type Input, inputsOf, queriesOf, relationsOf } from '../inputs.ts'
import { type Journal, secondsSince } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { ignoredWarning, unreadWarning } from './column-warnings.ts'
import { keptTenants, tenantsWarning } from './kept-tenants.ts'
import { type LockWatch, watchLocks } from './lock-watch.ts'
import { describeMatching } from './matching.ts'
import { retrying } from './retry.ts'
import { requireSameSource } from './same-source.ts'

export interface LeaderOptions {
  readonly load: string
  readonly database: DatabaseConfig
  /** What readers see, which the load is to replace; undefined: nothing that a load has made. */
  readonly before: PublishedLoad | undefined
  readonly options: Pick<
    LoadOptions,
    'connectWithinMs' | 'deadlineMs' | 'yieldAfterMs' | 'newSource' | 'limit'
  >
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Ends the load for this reason, as a signal from outside would. */
  readonly stop: (reason: Failure) => void
}

export interface Leader {
  /** The table, with what is read of each tenant where it has some. */
  readonly table: Table
  readonly reader: Reader
  readonly snapshot: Snapshot
  /** What Postgres says of the table's source. */
  readonly source: Source
  /** What it says of the lookups', by name. */
  readonly lookupSources: Readonly<Record<string, Source>>
  readonly identity: SourceIdentity
  /**
   * Changes dated later may still be missing in the snapshot: ISO 8601 in UTC; undefined: a replica does not know. Asked of
   * incremental tables only.
   */
  readonly seenUntil: string | undefined
  /**
   * Ends the transaction; that it could be is the proof that its locks have covered everything until now.
   * @returns seconds since the first lock
   * @throws Failure (1) if the server rolled back instead
   */
  commit(): Promise<number>
}

/**
 * Opens it, lets `work` read by it, and closes it whatever comes.
 * @throws Failure (3) where declaration and database disagree, (2) where access is refused or it is another source, (1) as
 * Postgres fails; what `work` throws, with the grants that are missing if that is why
 */
export async function withLeader<T>(
  table: Table,
  options: LeaderOptions,
  work: (leader: Leader) => Promise<T>,
): Promise<T> {
  const { load, database, journal, signal } = options
  const inputs = inputsOf(table)
  const reader = await retrying(
    journal,
    { signal, withinMs: options.options.connectWithinMs, pauseMs: 500, passes: mayConnectLater },
    () => openReader(database, { applicationName: `dracula/${table.name}/${load}`, signal }),
  )
  const watch: Watch = { lock: undefined }
  try {
    const leader = await journal.time('open', () => open(table, inputs, reader, options, watch))
    const { snapshot, source } = leader
    journal.observe({
      kind: 'start',
      load,
      snapshotAt: snapshot.at,
      estimatedRows: options.options.limit ?? source.estimatedRows,
    })
    const { lookupSources: lookups } = leader
    journal.observe({ kind: 'reads', source, lookups, relations: snapshot.relations })
    return await work(leader)
  } catch (error) {
    const failure = postgresFailure(error, 'read', formatSource(table.source), {
      hidesValues: hidesValues(table),
    })
    throw await withMissingGrants(
      reader,
      failure,
      inputs.map(({ selection }) => selection),
    )
  } finally {
    await watch.lock?.close()
    await reader.close()
  }
}

/** It begins with the locks, long before there is a leader. */
interface Watch {
  lock: LockWatch | undefined
}

async function open(
  table: Table,
  inputs: readonly Input[],
  reader: Reader,
  { load, database, before, options, journal, stop }: LeaderOptions,
  watch: Watch,
): Promise<Leader> {
  const { warn } = journal
  const identity = await readSourceIdentity(reader.query, database, table.source)
  requireSameSource(table.name, options, before, identity)
  const isPrimary = identity.primary !== null
  const writing = table.incremental && isPrimary ? await openWritersSince(reader) : undefined
  const ofTenants = tenantInputs(inputs)
  const tenants = await findTenants(reader.query, ofTenants)
  const requireSame = async () =>
    requireSameTenants(table.source, tenants, await findTenants(reader.query, ofTenants))
  const snapshot = await openSnapshot(reader, {
    relations: relationsOf(inputs, tenants),
    queries: queriesOf(inputs, tenants),
    deadlineMs: options.deadlineMs,
  }).catch(async (error: unknown) => {
    const ended = tenants.length > 0 ? reader.query('rollback').then(requireSame) : undefined
    await ended?.catch((other: unknown) => {
      if (other instanceof Failure) throw other
    })
    throw error
  })
  await requireSame()
  snapshot.warnings.forEach(warn)
  const { yieldAfterMs } = options
  watch.lock = watchLocks({ database, table, load, yieldAfterMs, warn, stop }, snapshot)
  if (before !== undefined && before.snapshotAt > snapshot.at) {
    throw staleSnapshot(table.name, before, snapshot)
  }
  const lookupSources: Record<string, Source> = {}
  const lookups: Record<string, Lookup> = {}
  for (const [name, lookup] of Object.entries(table.lookups)) {
    const matching = await describeMatching(reader, lookup, tenants, describeLookup(name, table))
    lookupSources[name] = matching.source
    lookups[name] = matching.selection
  }
  const place = `scripts/${table.name}.ts`
  const { selection, source, extra, unknown } = await describeMatching(reader, table, tenants, place)
  unreadWarning(table, extra).forEach(warn)
  ignoredWarning(table, unknown, source.columns).forEach(warn)
  tenantsWarning(before, tenants).forEach(warn)
  return {
    table: { ...selection, lookups },
    reader,
    snapshot,
    source,
    lookupSources,
    identity: { ...withKnownPrimary(identity, before?.source), ...keptTenants(tenants) },
    seenUntil: seenUntil(table, snapshot, writing, warn),
    async commit() {
      await watch.lock?.close()
      await reader.commit()
      return secondsSince(snapshot.openedMs)
    },
  }
}

/** A transaction that is older than the overlap is not passed by: what has changed since it began is read until it ends. */
function seenUntil(
  { incremental }: Table,
  { at, ownClock }: Snapshot,
  writing: string | undefined,
  warn: Journal['warn'],
): string | undefined {
  if (ownClock) return undefined
  if (writing === undefined || writing >= at) return at
  if (incremental !== undefined && Date.parse(at) - Date.parse(writing) > incremental.overlapMs) {
    warn(
      `a transaction of ${writing} has not ended, which is older than overlap: each load reads again what has changed since, until it has`,
    )
  }
  return writing
}

/** It would be refused at the end, where the newer snapshot stays: better before anything is read. */
function staleSnapshot(
  table: string,
  { snapshotAt }: Pick<PublishedLoad, 'snapshotAt'>,
  { at }: Snapshot,
): Failure {
  return new Failure({
    exit: 1,
    act: 'replace',
    thing: table,
    reason: `readers see a snapshot of ${snapshotAt}, which is newer than this one of ${at}`,
    advice:
      "If DATABASE_URL names a replica, let it catch up; if not, check that it is the same database as before, and the server's clock.",
  })
}
