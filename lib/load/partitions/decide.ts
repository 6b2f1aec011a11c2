/**
 * Which partitions a load reads, and in which slices.
 *
 * I want to…                                             → file
 * change which partitions are read again, and why        → decide.ts
 * change what --partitions may say                       → asked.ts
 * change how partitions are shared out, or read in order → slices.ts
 * change what becomes of partitions that are not read    → kept.ts
 * know how a partition is told in words                  → field.ts
 */
import type { PartitionBy } from '../../declare/partition-by.ts'
import type { Table } from '../../declare/table.ts'
import type { Slice } from '../../pipeline/slice.ts'
import { type CountedPartition, countPartitions } from '../../postgres/count-partitions.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { LoadOptions } from '../options.ts'
import type { Leader } from '../steps/leader.ts'
import { askedCondition, askedRanges } from './asked.ts'
import { type PartitionedBy, partitionedBy } from './field.ts'
import type { PartitionPlan, PartitionReason, WantedPartition } from './plan.ts'
import { type FilledPartition, partitionSlices } from './slices.ts'

export interface DecideOptions {
  readonly by: PartitionBy
  readonly options: Pick<LoadOptions, 'partitions'>
  readonly shared: Omit<Slice, 'select' | 'part' | 'number' | 'partitions'>
  /** Whether nothing but one query gives the same rows for sure. */
  readonly once: boolean
}

export interface DecidedPartitions {
  readonly plan: PartitionPlan
  /** Its name in the source. */
  readonly column: string
  readonly slices: readonly Slice[]
  /** What they read in Postgres; undefined: nothing is known. */
  readonly bytes: number | undefined
}

/** @throws Failure (3) for rows that no partition has a place for, (2) for partitions that are none; the driver's error */
export async function decidePartitions(
  table: Table,
  leader: Leader,
  { by, options, shared, once }: DecideOptions,
): Promise<DecidedPartitions> {
  const { source } = leader
  const field = partitionedBy(table, by, source)
  const asked = options.partitions === undefined ? undefined : askedRanges(table, field, options.partitions)
  const counted = await underSettingsOf(leader.reader, table, source, () =>
    countPartitions(leader.reader, {
      ...{ table, source, form: field.form, keys: table.incremental !== undefined, since: undefined },
      part: asked && askedCondition(field, asked),
    }),
  )
  const rows = counted.reduce((sum, each) => sum + each.rows, 0)
  const bytesARow =
    source.estimatedBytes === undefined
      ? undefined
      : source.estimatedBytes / Math.max(1, source.estimatedRows ?? rows, rows)
  const filled = counted.map(
    (each, at): FilledPartition => ({
      ...wantedOf(field, each, asked === undefined ? 'all' : 'asked', bytesARow),
      value: each.value,
      // Others that were not asked for may lie between.
      place: asked === undefined ? at : at * 2,
    }),
  )
  const { slices, way, cost } = await partitionSlices(table, leader, {
    ...{ field, filled, isAll: asked === undefined, once, single: false, shared },
  })
  const bytes =
    bytesARow === undefined ? undefined : bytesARow * filled.reduce((sum, each) => sum + each.rows, 0)
  const plan: PartitionPlan = {
    which: asked === undefined ? 'all' : 'these',
    wanted: filled.map(({ value: _, place: __, ...each }) => each),
    ...{ kept: asked === undefined ? 0 : null, way, cost },
  }
  return { plan, column: field.column, slices, bytes }
}

function wantedOf(
  field: PartitionedBy,
  { value, rows, key }: CountedPartition,
  reason: PartitionReason,
  bytesARow: number | undefined,
): WantedPartition {
  return {
    ...{ values: [field.textOf(value)], reason, rows },
    bytes: bytesARow === undefined ? null : Math.round(rows * bytesARow),
    ...(key && { key }),
  }
}
