/**
 * Steps 1 to 4 of a load, all that Postgres has a part in: one connection, one snapshot, and its COMMIT before
 * anything slow begins on AWS.
 */
import type { DatabaseConfig } from '../../config/config.ts'
import { copyQuery } from '../../copy/query.ts'
import { formatSource, type Selection } from '../../declare/selection.ts'
import { withKnownPrimary } from '../../declare/source-identity.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { LoadFacts } from '../../lake/facts.ts'
import type { DryDraft } from '../../lake/lake.ts'
import type { Published, PublishedLoad } from '../../lake/published.ts'
import { readSlice } from '../../pipeline/slice.ts'
import { type Comparison, compareDeclaration, requireMatch } from '../../postgres/compare.ts'
import { mayConnectLater, openReader, type Reader } from '../../postgres/connect.ts'
import { describeSource } from '../../postgres/describe.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { takeFingerprints } from '../../postgres/fingerprint.ts'
import { withMissingGrants } from '../../postgres/missing-grants.ts'
import { primaryKey } from '../../postgres/primary-key.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import { openSnapshot, type Snapshot } from '../../postgres/snapshot.ts'
import type { Source } from '../../postgres/source.ts'
import { readSourceIdentity } from '../../postgres/source-identity.ts'
import { requireTextForm } from '../../postgres/text-form.ts'
import { inputsOf, queriesOf, relationsOf } from '../inputs.ts'
import { type Journal, secondsSince } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { ignoredWarning, lossyWarnings, unreadWarning, unstableWarning } from './column-warnings.ts'
import { type LockWatch, watchLocks } from './lock-watch.ts'
import { type LookupOptions, type ReadLookups, readLookups } from './lookups.ts'
import { retrying } from './retry.ts'
import { requireSameSource } from './same-source.ts'
import { refuseShrunk } from './shrink.ts'

export interface ExtractOptions {
  readonly load: string
  readonly database: DatabaseConfig
  /** What the load is to replace. */
  readonly current: Published
  /** Where its files go. */
  readonly draft: Pick<DryDraft, 'openFile' | 'requireWritten'>
  readonly options: LoadOptions
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Ends the load for this reason, as a signal from outside would. */
  readonly stop: (reason: Failure) => void
}

export interface Extract {
  readonly facts: LoadFacts
  /** What Postgres said of it. */
  readonly source: Source
  /** The statement that read it. */
  readonly query: string
}

/**
 * @throws Failure (3) where declaration and database or data disagree, (4) where counts do, else as Postgres and
 * S3 fail; uploads are aborted and the connection is closed
 */
export async function extract(
  table: Table,
  { load, database, current, draft, options, journal, signal, stop }: ExtractOptions,
): Promise<Extract> {
  const { observe, warn } = journal
  const before = current.kind === 'managed' ? current : undefined
  const inputs = inputsOf(table)
  let lockWatch: LockWatch | undefined
  const reader = await retrying(
    journal,
    { signal, withinMs: options.connectWithinMs, pauseMs: 500, passes: mayConnectLater },
    () => openReader(database, { applicationName: `dracula/${table.name}/${load}`, signal }),
  )
  try {
    const { snapshot, source, sources, identity } = await journal.time('open', async () => {
      const identity = await readSourceIdentity(reader.query, database, table.source)
      requireSameSource(table.name, options, before, identity)
      const snapshot = await openSnapshot(reader, {
        relations: relationsOf(inputs),
        queries: queriesOf(inputs),
        deadlineMs: options.deadlineMs,
      })
      snapshot.warnings.forEach(warn)
      lockWatch = watchLocks(
        { database, table, load, yieldAfterMs: options.yieldAfterMs, warn, stop },
        snapshot,
      )
      if (before !== undefined && before.snapshotAt > snapshot.at) {
        throw staleSnapshot(table.name, before, snapshot)
      }
      const sources: Record<string, Source> = {}
      for (const { selection, place, lookup } of inputs) {
        if (lookup !== undefined) sources[lookup] = (await describeMatching(reader, selection, place)).source
      }
      const { source, extra, unknown } = await describeMatching(reader, table, `scripts/${table.name}.ts`)
      unreadWarning(table, extra).forEach(warn)
      ignoredWarning(table, unknown, source.columns).forEach(warn)
      return { snapshot, source, sources, identity: withKnownPrimary(identity, before?.source) }
    })
    observe({
      kind: 'start',
      load,
      snapshotAt: snapshot.at,
      estimatedRows: options.limit ?? source.estimatedRows,
    })

    const { functions, sizes: lookups } = await readAll(reader, sources, {
      ...{ table, options, observe, signal },
      before: before?.lookups ?? {},
      time: journal.time,
    })
    const query = copyQuery(table, source, { limit: options.limit })
    const key = await primaryKey(reader, table.source)
    const slice = await journal.time('read', () =>
      underSettingsOf(
        reader,
        table,
        source,
        () =>
          readSlice(
            { load, query, primaryKey: key, codec: options.codec, maxFileBytes: options.maxFileBytes },
            { table, reader, lookups: functions, openFile: draft.openFile, observe, signal },
          ),
        { ordered: true },
      ),
    )
    lossyWarnings(table, slice.lossy).forEach(warn)
    await journal.time('count', () => draft.requireWritten(slice.files))
    if (!options.dryRun) refuseShrunk({ table, options }, slice, before?.rows)
    // Postgres cannot sum up what a function in TypeScript keeps.
    if (options.fingerprint && table.filter !== undefined)
      warn('no fingerprint is recorded of a table with a filter')
    const taken =
      options.fingerprint && table.filter === undefined && !options.dryRun
        ? await journal.time('fingerprint', () =>
            underSettingsOf(reader, table, source, () =>
              takeFingerprints(reader, table, source, snapshot.encoding),
            ),
          )
        : undefined
    unstableWarning(taken).forEach(warn)
    await lockWatch?.close()
    await reader.commit()
    const facts: LoadFacts = {
      ...slice,
      load,
      snapshotAt: snapshot.at,
      source: identity,
      lookups,
      fingerprint: taken?.fingerprints,
      volatile: taken?.volatile ?? [],
      heldSeconds: secondsSince(snapshot.openedMs),
    }
    return { facts, source, query }
  } catch (error) {
    const failure = postgresFailure(error, 'read', formatSource(table.source))
    throw await withMissingGrants(
      reader,
      failure,
      inputs.map(({ selection }) => selection),
    )
  } finally {
    await lockWatch?.close()
    await reader.close()
  }
}

/** @throws Failure (3) where the declaration and the source disagree */
async function describeMatching(
  reader: Reader,
  selection: Selection,
  place: string,
): Promise<Pick<Comparison, 'extra' | 'unknown'> & { readonly source: Source }> {
  const source = await describeSource(reader, selection.source)
  const { mismatches, extra, unknown } = compareDeclaration(selection, source)
  requireMatch(selection, place, mismatches)
  await requireTextForm(reader, selection, source, place)
  return { source, extra, unknown }
}

/** All lookups there are, as a phase of its own where there are some. */
async function readAll(
  reader: Reader,
  sources: Readonly<Record<string, Source>>,
  { time, ...options }: LookupOptions & Pick<Journal, 'time'>,
): Promise<ReadLookups> {
  if (Object.keys(options.table.lookups).length === 0) return { functions: {}, sizes: {} }
  return time('lookups', () => readLookups(reader, sources, options))
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
