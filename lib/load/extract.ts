/**
 * Steps 1 to 4 of a load, all that Postgres has a part in: one connection, one snapshot, and its COMMIT before
 * anything slow begins on AWS.
 */

import { type Selection, sourceInWords } from '../declare/selection.ts'
import { type SourceIdentity, withKnownPrimary } from '../declare/source-identity.ts'
import type { Table } from '../declare/table.ts'
import { createDeriver } from '../derive/deriver.ts'
import { Failure } from '../failure/failure.ts'
import { type Comparison, compareDeclaration, requireMatch } from '../postgres/compare.ts'
import { mayConnectLater, openReader, type Reader } from '../postgres/connect.ts'
import { copyQuery } from '../postgres/copy-query.ts'
import { describeSource, type Source } from '../postgres/describe.ts'
import { postgresFailure } from '../postgres/failure.ts'
import { takeFingerprints } from '../postgres/fingerprint.ts'
import type { Fingerprints } from '../postgres/fingerprint-form.ts'
import { withMissingGrants } from '../postgres/missing-grants.ts'
import { primaryKey } from '../postgres/primary-key.ts'
import { underSettingsOf } from '../postgres/session-settings.ts'
import { openSnapshot, type Snapshot } from '../postgres/snapshot.ts'
import { readSourceIdentity } from '../postgres/source-identity.ts'
import { requireTextForm } from '../postgres/text-form.ts'
import { ignoredWarning, lossyWarnings, unreadWarning } from './column-warnings.ts'
import { giveWay, type Neighbourhood } from './give-way.ts'
import type { Load } from './load.ts'
import { type LookupSize, type ReadLookups, readLookups } from './lookups.ts'
import { secondsSince } from './phases.ts'
import { queriesOf, readingsOf, relationsOf } from './readings.ts'
import { retrying } from './retry.ts'
import { type KnownSource, requireSameSource } from './same-source.ts'
import { refuseShrunk, type Volume } from './shrink.ts'
import { type Staged, stage } from './stage.ts'
import { requireStored } from './stored.ts'

export interface Extract extends Staged {
  readonly source: Source
  readonly identity: SourceIdentity
  readonly lookups: Readonly<Record<string, LookupSize>>
  /** The statement that read it. */
  readonly query: string
  readonly snapshot: Snapshot
  /** Seconds from the first lock to COMMIT. */
  readonly heldSeconds: number
  readonly fingerprint: Fingerprints | undefined
}

/** What readers see of the table; nothing: no rows, and a time before all others. */
export interface Before extends Volume, KnownSource {
  /** As {@link Snapshot.at}. */
  readonly snapshotAt: string
}

/**
 * @throws Failure (3) where declaration and database or data disagree, (4) where counts do, else as Postgres and
 * S3 fail; uploads are aborted and the connection is closed
 */
export async function extract(load: Load, before: Before): Promise<Extract> {
  const { table, config, options, id, observe, warn, phases, signal } = load
  const readings = readingsOf(table)
  let neighbourhood: Neighbourhood | undefined
  const reader = await retrying(
    load,
    { withinMs: options.connectWithinMs, pauseMs: 500, passes: mayConnectLater },
    () => openReader(config.database, { applicationName: `dracula/${table.name}/${id}`, signal }),
  )
  try {
    const { snapshot, source, sources, identity } = await phases.time('open', async () => {
      const identity = await readSourceIdentity(reader.query, config.database, table.source)
      requireSameSource(load, before, identity)
      const snapshot = await openSnapshot(reader, {
        relations: relationsOf(readings),
        queries: queriesOf(readings),
        deadlineMs: options.deadlineMs,
      })
      snapshot.warnings.forEach(warn)
      neighbourhood = giveWay(load, snapshot)
      if (before.snapshotAt > snapshot.at) throw behind(load, before, snapshot)
      const sources: Record<string, Source> = {}
      for (const { selection, place, lookup } of readings) {
        if (lookup !== undefined) sources[lookup] = (await describeMatching(reader, selection, place)).source
      }
      const { source, extra, unknown } = await describeMatching(reader, table, `scripts/${table.name}.ts`)
      unreadWarning(table, extra).forEach(warn)
      ignoredWarning(table, unknown, source.columns).forEach(warn)
      return { snapshot, source, sources, identity: withKnownPrimary(identity, before.source) }
    })
    observe({
      kind: 'start',
      load: id,
      snapshotAt: snapshot.at,
      estimatedRows: options.limit ?? source.estimatedRows,
    })

    const { finders, sizes: lookups } = await lookedUp(reader, load, sources, before)
    const query = copyQuery(table, source, { limit: options.limit })
    const key = await primaryKey(reader, table.source)
    const deriver = computes(table) ? createDeriver({ table, finders, primaryKey: key }) : undefined
    const staged = await phases.time('read', () =>
      underSettingsOf(reader, table, source, () => stage(reader, query, load, { deriver, primaryKey: key }), {
        ordered: true,
      }),
    )
    lossyWarnings(table, staged.softened).forEach(warn)
    await phases.time('count', () => requireStored(load, staged))
    refuseShrunk(load, staged, before.rows)
    // Postgres cannot sum up what a function in TypeScript keeps.
    if (options.fingerprint && table.filter !== undefined)
      warn('no fingerprint is recorded of a table with a filter')
    const fingerprint =
      options.fingerprint && table.filter === undefined && load.target !== undefined
        ? await phases.time('fingerprint', () =>
            underSettingsOf(reader, table, source, () =>
              takeFingerprints(reader, table, source, snapshot.encoding),
            ),
          )
        : undefined
    await neighbourhood?.close()
    await reader.commit()
    return {
      ...staged,
      lookups,
      source,
      identity,
      query,
      snapshot,
      fingerprint,
      heldSeconds: secondsSince(snapshot.openedMs),
    }
  } catch (error) {
    const failure = postgresFailure(error, 'read', sourceInWords(table.source))
    throw await withMissingGrants(
      reader,
      failure,
      readings.map(({ selection }) => selection),
    )
  } finally {
    await neighbourhood?.close()
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

async function lookedUp(
  reader: Reader,
  load: Load,
  sources: Readonly<Record<string, Source>>,
  before: Before,
): Promise<ReadLookups> {
  if (Object.keys(load.table.lookups).length === 0) return { finders: {}, sizes: {} }
  return load.phases.time('lookups', () => readLookups(reader, load, sources, before))
}

/** Whether there is a function to run. */
function computes({ derive, filter }: Table): boolean {
  return filter !== undefined || Object.keys(derive).length > 0
}

/** It would be refused at the end, where the newer snapshot stays: better before anything is read. */
function behind({ table }: Load, { snapshotAt }: Before, { at }: Snapshot): Failure {
  return new Failure({
    exit: 1,
    act: 'replace',
    thing: table.name,
    reason: `readers see a snapshot of ${snapshotAt}, which is newer than this one of ${at}`,
    advice:
      "If DATABASE_URL names a replica, let it catch up; if not, check that it is the same database as before, and the server's clock.",
  })
}
