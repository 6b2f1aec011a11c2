import { estimatedUsd } from './cost.ts'
import type { Extract } from './extract.ts'
import type { Load } from './load.ts'
import { secondsSince } from './phases.ts'
import { planOf } from './plan.ts'
import type { LoadSummary } from './types.ts'

export interface Outcome extends Pick<LoadSummary, 'published' | 'crawled'> {
  /** Bytes, by query of Athena. */
  readonly scanned: readonly number[]
}

export function loadSummary(
  load: Load,
  extracted: Extract,
  { published, crawled, scanned }: Outcome,
): LoadSummary {
  const { target } = load
  return {
    version: 1,
    table: load.table.name,
    load: load.id,
    snapshot_at: extracted.snapshot.at,
    published,
    dry_run: load.options.dryRun,
    rows: extracted.rows,
    rows_read: extracted.rowsRead,
    bytes: extracted.bytes,
    softened: extracted.softened,
    nulls: extracted.nulls,
    lookups: extracted.lookups,
    location: load.location,
    files:
      target === undefined
        ? load.paths
        : extracted.objects.map(({ key }) => `s3://${target.lake.bucket}/${key}`),
    crawled,
    seconds: secondsSince(load.started),
    xmin_held_s: extracted.heldSeconds,
    phases: load.phases.seconds,
    retries: load.retries,
    estimated_usd: estimatedUsd({ scanned, crawlSeconds: crawled ? load.phases.seconds.crawl : undefined }),
    warnings: load.warnings,
    ...(load.options.dryRun && { plan: planOf(load, extracted) }),
  }
}
