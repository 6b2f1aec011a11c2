import type { Extract } from './extract.ts'
import type { Load } from './load.ts'
import { secondsSince } from './phases.ts'
import type { LoadSummary } from './types.ts'

export function loadSummary(
  load: Load,
  extracted: Extract,
  { published, crawled }: Pick<LoadSummary, 'published' | 'crawled'>,
): LoadSummary {
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
    location: load.location,
    files: extracted.objects.map(({ key }) => `s3://${load.config.lake.bucket}/${key}`),
    crawled,
    seconds: secondsSince(load.started),
    xmin_held_s: extracted.heldSeconds,
    phases: load.phases.seconds,
    warnings: load.warnings,
  }
}
