/**
 * Steps 1 to 4 of a load, all that Postgres has a part in: one snapshot, and its COMMIT before anything slow begins on
 * AWS.
 *
 * I want to…                                        → file
 * change what is asked before a row is read         → leader.ts
 * change which slices a table is read in            → slicing.ts
 * change how many threads read                      → reading-cores.ts, ../slices/other-readers.ts
 * change how lookups and slices are read            → lookups.ts, read.ts, ../../pipeline/slice.ts
 * change what reads beside the leader's connection  → ../slices/other-readers.ts
 * change what is held against what was read         → settle.ts, shrink.ts
 */
import type { DatabaseConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import type { Failure } from '../../failure/failure.ts'
import type { LoadFacts } from '../../lake/facts.ts'
import type { DryDraft } from '../../lake/lake.ts'
import type { Published, PublishedLoad } from '../../lake/published.ts'
import type { Source } from '../../postgres/source.ts'
import { documentationFor } from '../documentation.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import type { PartitionBase } from '../partitions/base.ts'
import { requireKept } from '../partitions/kept.ts'
import { partitionsRead, partitionWarnings } from '../partitions/read.ts'
import { openOthers } from '../slices/other-readers.ts'
import { hashKeyFor } from './hash-key.ts'
import { type Leader, withLeader } from './leader.ts'
import { readLookups } from './lookups.ts'
import { type ReadFacts, readSlices } from './read.ts'
import { fingerprintRead, judgeRead } from './settle.ts'
import { decideSlicing, type Slicing } from './slicing.ts'

export interface ExtractOptions {
  readonly load: string
  readonly database: DatabaseConfig
  /** What columns are hashed with, a secret; undefined: there is none. */
  readonly hashKey: string | undefined
  /** What the load is to replace. */
  readonly current: Published
  /** Where its files go. */
  readonly draft: Pick<DryDraft, 'fieldIds' | 'keeping' | 'openFile' | 'requireWritten'>
  readonly options: LoadOptions
  /** What the load before has left of each partition. */
  readonly base: PartitionBase
  /** The module whose default export is the table; undefined: there is none that other threads could import. */
  readonly script: string | undefined
  /** Cores that the process may use; undefined: as many as there are. */
  readonly cores: number | undefined
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Ends the load for this reason, as a signal from outside would. */
  readonly stop: (reason: Failure) => void
}

export interface Extract {
  readonly facts: LoadFacts
  /** With what was read of each tenant, where it has some. */
  readonly table: Table
  /** What Postgres said of it. */
  readonly source: Source
  readonly slicing: Slicing
}

/**
 * @throws Failure (3) where declaration and database or data disagree, (4) where counts do, else as Postgres and
 * S3 fail; uploads are aborted and all connections are closed
 */
export async function extract(declared: Table, options: ExtractOptions): Promise<Extract> {
  const { load, current, draft, journal, script } = options
  const before = current.kind === 'managed' ? current : undefined
  const hashKey = hashKeyFor(declared, options.hashKey)
  return withLeader(declared, { ...options, before }, async (leader) => {
    const { table } = leader
    const decide = () => decideSlicing(table, leader, options)
    const slicing = await (table.partitionBy === undefined ? decide() : journal.time('partitions', decide))
    requireKept(table.name, slicing.partitions, draft, journal.warn)
    partitionWarnings(table, slicing.partitions, options.options.partitions).forEach(journal.warn)
    const { read, connections, lookups } = await readAll(declared, leader, slicing, { ...options, before })
    const { byPartition = [], lookupsWithin = {}, ...sum } = read
    const partitions = slicing.partitions && partitionsRead(slicing.partitions, byPartition)
    const isWhole = partitions?.which !== 'these'
    await judgeRead(table, read, {
      ...{ draft, options: options.options, rowsBefore: before?.rows, isWhole, journal },
    })
    const taken = await fingerprintRead(table, leader, read, { ...options, isWhole })
    const heldSeconds = await leader.commit()
    const { by, column, reason, slices } = slicing
    const facts: LoadFacts = {
      ...sum,
      load,
      slicing: { connections, slices: slices.length, by, column, reason },
      snapshotAt: leader.snapshot.at,
      transactions: leader.snapshot.transactions,
      source: leader.identity,
      documentation: await documentationFor(table, leader.source, script),
      lookups: { ...lookups, ...lookupsWithin },
      hashKey: hashKey?.fingerprint,
      fingerprint: taken?.fingerprints,
      volatile: taken?.volatile ?? [],
      heldSeconds,
      ...(partitions && { partitions }),
    }
    return { facts, table, source: leader.source, slicing }
  })
}

/** Lookups and slices; the other connections open meanwhile, and are closed before the leader's may end. */
async function readAll(
  declared: Table,
  leader: Leader,
  slicing: Slicing,
  { before, ...given }: ExtractOptions & { readonly before: PublishedLoad | undefined },
): Promise<ReadFacts & { readonly lookups: LoadFacts['lookups'] }> {
  const { load, database, hashKey, script, cores, draft, options, journal, signal } = given
  const { deadlineMs } = options
  const { table } = leader
  const others = await openOthers(declared, leader, slicing, {
    ...{ load, database, hashKey, deadlineMs, script, cores, signal },
    warn: journal.warn,
  })
  try {
    const lookups = await readLookups(leader, {
      ...{ table, options, journal, signal, isShared: others.opening.length > 0 },
      before: before?.lookups ?? {},
    })
    const means = {
      ...{ lookups, openFile: draft.openFile, observe: journal.observe, signal },
      hashKey: hashKeyFor(table, hashKey),
    }
    const done = await journal.time('read', () => readSlices(table, leader, slicing, others, means))
    return { ...done, lookups: lookups.sizes }
  } finally {
    await others.close()
  }
}
