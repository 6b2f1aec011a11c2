/**
 * Steps 1 to 4 of a load, all that Postgres has a part in: one snapshot, and its COMMIT before anything slow begins on
 * AWS.
 *
 * I want to…                                        → file
 * change what is asked before a row is read         → leader.ts
 * change which slices a table is read in            → slicing.ts
 * change how lookups and slices are read            → lookups.ts, read.ts, ../../pipeline/slice.ts
 * change what is held against what was read         → settle.ts, shrink.ts
 */
import type { DatabaseConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import type { Failure } from '../../failure/failure.ts'
import type { LoadFacts } from '../../lake/facts.ts'
import type { DryDraft } from '../../lake/lake.ts'
import type { Published } from '../../lake/published.ts'
import type { Source } from '../../postgres/source.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { withLeader } from './leader.ts'
import { readLookups } from './lookups.ts'
import { readSlices } from './read.ts'
import { fingerprintRead, judgeRead } from './settle.ts'
import { decideSlicing, type Slicing } from './slicing.ts'

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
  readonly slicing: Slicing
}

/**
 * @throws Failure (3) where declaration and database or data disagree, (4) where counts do, else as Postgres and
 * S3 fail; uploads are aborted and the connection is closed
 */
export async function extract(
  table: Table,
  { load, database, current, draft, options, journal, signal, stop }: ExtractOptions,
): Promise<Extract> {
  const { observe } = journal
  const before = current.kind === 'managed' ? current : undefined
  return withLeader(table, { load, database, before, options, journal, signal, stop }, async (leader) => {
    const { functions, sizes: lookups } = await readLookups(leader, {
      ...{ table, options, journal, signal },
      before: before?.lookups ?? {},
    })
    const slicing = await decideSlicing(table, leader, { load, options })
    const means = { lookups: functions, openFile: draft.openFile, observe, signal }
    const read = await journal.time('read', () => readSlices(table, leader, slicing, means))
    await judgeRead(table, read, { draft, options, rowsBefore: before?.rows, journal })
    const taken = await fingerprintRead(table, leader, { options, journal })
    const heldSeconds = await leader.commit()
    const facts: LoadFacts = {
      ...read,
      load,
      snapshotAt: leader.snapshot.at,
      source: leader.identity,
      lookups,
      fingerprint: taken?.fingerprints,
      volatile: taken?.volatile ?? [],
      heldSeconds,
    }
    return { facts, source: leader.source, slicing }
  })
}
