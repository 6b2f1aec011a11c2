/** The summary of a load, from what is known of it. */

import type { ExpectationResult, LoadFacts } from '../lake/facts.ts'
import { estimatedUsd } from './cost.ts'
import type { Journal } from './journal.ts'
import type { PartitionPlan, PartitionReason } from './partitions/plan.ts'
import type { LoadSummary, SummedPartitions } from './summary.ts'

export interface Outcome extends Pick<LoadSummary, 'published' | 'crawled' | 'location' | 'plan'> {
  readonly table: string
  readonly dryRun: boolean
  /** Absent: the table has none. */
  readonly partitions?: PartitionPlan | undefined
  /** undefined: nothing is expected of its rows, or nobody was asked. */
  readonly expectations?: ExpectationResult | undefined
  /** Bytes, by query of the lake's engine. */
  readonly scanned: readonly number[]
}

export function summarise(facts: LoadFacts, journal: Journal, outcome: Outcome): LoadSummary {
  const { table, dryRun, published, crawled, location, scanned, plan, partitions } = outcome
  const { phases } = journal
  return {
    version: 1,
    table,
    load: facts.load,
    snapshot_at: facts.snapshotAt,
    published,
    dry_run: dryRun,
    rows: facts.rows,
    rows_read: facts.rowsRead,
    bytes: facts.bytes,
    softened: facts.lossy,
    nulls: facts.nulls,
    lookups: facts.lookups,
    slicing: facts.slicing,
    expectations: outcome.expectations ?? null,
    partitions: partitions === undefined ? null : summed(partitions),
    location,
    files: facts.files.flatMap(({ uri }) => uri ?? []),
    crawled,
    seconds: journal.seconds,
    xmin_held_s: facts.heldSeconds,
    phases,
    retries: journal.retries,
    estimated_usd: estimatedUsd({ scanned, crawlSeconds: crawled ? phases.crawl : undefined }),
    warnings: journal.warnings,
    ...(plan && { plan }),
  }
}

function summed({ which, kept, because, wanted }: PartitionPlan): SummedPartitions {
  const reasons: Partial<Record<PartitionReason, number>> = {}
  for (const { reason } of wanted) reasons[reason] = (reasons[reason] ?? 0) + 1
  return { which, kept, because, reasons }
}
