/** What readers see of a table's partitions, before a load reads any. */
import type { DryRunConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { DryDraft, DryLake, Lake } from '../../lake/lake.ts'
import { readLeft } from '../../lake/open.ts'
import type { Published } from '../../lake/published.ts'
import type { Journal } from '../journal.ts'
import { nothingKnown, type PartitionBase } from './base.ts'

export interface PublishedPartitionsOptions {
  readonly lake: Lake | DryLake
  readonly draft: Pick<DryDraft, 'keeping'>
  readonly current: Published
  readonly config: DryRunConfig
  /** Fingerprint of the key that columns are hashed with; undefined: none is. */
  readonly hashKey: string | undefined
  readonly journal: Pick<Journal, 'warn'>
  readonly signal: AbortSignal
}

/** A dry run looks too, where it may: which partitions a load would read hangs on it. */
export async function partitionBase(
  table: Table,
  { lake, draft, current, config, hashKey, journal, signal }: PublishedPartitionsOptions,
): Promise<PartitionBase> {
  if (table.partitionBy === undefined) return nothingKnown
  if ('account' in lake) {
    if (current.kind !== 'managed') return nothingKnown
    const { source } = current
    const isOtherHashKey =
      current.hashKey !== undefined && hashKey !== undefined && current.hashKey !== hashKey
    return {
      ...{ keeping: draft.keeping, source, isOtherHashKey },
      isChangedByOthers: (current.changes ?? []).length > 0,
      account: await lake.account(current, signal),
    }
  }
  if (config.lake === undefined || table.incremental === undefined) return nothingKnown
  try {
    return (await readLeft(config.lake, table, signal)) ?? nothingKnown
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure)) throw error
    journal.warn(`it plans as if nothing were published: ${error.summary}`)
    return nothingKnown
  }
}
