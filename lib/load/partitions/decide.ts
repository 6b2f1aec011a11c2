/**
 * Which partitions a load reads, and in which slices.
 *
 * I want to…                                             → file
 * change which partitions are read again, and why        → choose.ts, dirty.ts, base.ts
 * change what --partitions may say                       → asked.ts
 * change how partitions are shared out, or read in order → slices.ts
 * change what becomes of partitions that are not read    → kept.ts
 * know how a partition is told in words                  → field.ts
 */
import type { PartitionBy } from '../../declare/partition-by.ts'
import type { Table } from '../../declare/table.ts'
import type { Slice } from '../../pipeline/slice.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { LoadOptions } from '../options.ts'
import type { Leader } from '../steps/leader.ts'
import type { PartitionBase } from './base.ts'
import { type Choice, choosePartitions } from './choose.ts'
import { type PartitionedBy, partitionedBy } from './field.ts'
import type { PartitionPlan, WantedPartition } from './plan.ts'
import { type FilledPartition, partitionSlices } from './slices.ts'

export interface DecideOptions {
  readonly by: PartitionBy
  readonly options: Pick<LoadOptions, 'partitions' | 'full' | 'dryRun' | 'maxLookupBytes'>
  readonly shared: Omit<Slice, 'select' | 'part' | 'number' | 'partitions' | 'lookups'>
  readonly base: PartitionBase
  /** Whether nothing but one query gives the same rows for sure. */
  readonly once: boolean
  /** The module that declares the table, absolute; undefined: it is unknown. */
  readonly script: string | undefined
}

export interface DecidedPartitions {
  readonly plan: PartitionPlan
  /** Its name in the source. */
  readonly column: string
  readonly slices: readonly Slice[]
  /** What they read in Postgres; undefined: nothing is known. */
  readonly bytes: number | undefined
}

/**
 * @throws Failure (3) for rows that no partition has a place for, and where partitions would stay that are not known; (2)
 * for partitions that are none; the driver's error
 */
export async function decidePartitions(
  table: Table,
  leader: Leader,
  { by, options, shared, base, once, script }: DecideOptions,
): Promise<DecidedPartitions> {
  const { source, snapshot } = leader
  const field = partitionedBy(table, by, source)
  const choice = await underSettingsOf(leader.reader, table, source, () =>
    choosePartitions(table, leader, {
      ...{ field, base, options, snapshotAt: snapshot.at },
      script,
      watermark: leader.seenUntil,
    }),
  )
  const filled = filledOf(field, choice, bytesARow(leader, choice))
  const { slices, way, cost } = await partitionSlices(table, leader, {
    ...{ field, filled, isAll: choice.isAll, once, shared },
    maxLookupBytes: options.maxLookupBytes,
  })
  const wanted = filled.map(({ value: _, place: __, ...each }): WantedPartition => each)
  const gone = choice.gone.map((values): WantedPartition => ({ values, reason: 'gone', rows: 0, bytes: 0 }))
  const { which, kept, because, increment } = choice
  const bytes = wanted.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each.bytes === null ? undefined : sum + each.bytes),
    0,
  )
  const plan = { which, wanted: [...wanted, ...gone], kept, because, way, cost, increment }
  return { plan, column: field.column, slices, bytes }
}

function filledOf(
  field: PartitionedBy,
  { partitions, isLimited }: Choice,
  bytes: number | undefined,
): FilledPartition[] {
  return partitions.flatMap(({ value, rows, key, reason }, at): FilledPartition[] => {
    if (reason === undefined) return []
    return [
      {
        ...{ value, rows, reason, values: [field.textOf(value)] },
        bytes: bytes === undefined ? null : Math.round(rows * bytes),
        ...(key && { key }),
        // Others may lie between two that were looked for.
        place: isLimited ? at * 2 : at,
      },
    ]
  })
}

/** In Postgres, on average. */
function bytesARow({ source }: Leader, { partitions }: Choice): number | undefined {
  const { estimatedBytes, estimatedRows } = source
  if (estimatedBytes === undefined) return undefined
  const counted = partitions.reduce((sum, { rows }) => sum + rows, 0)
  return estimatedBytes / Math.max(1, estimatedRows ?? 0, counted)
}
