/** What a load reports, for people and for machines. */

import { runAgainAdvice } from '../failure/exit-code.ts'
import { LoadFailure } from '../load/load-failure.ts'
import type { LoadSummary } from '../load/summary.ts'
import type { Outcome } from '../notify/outcome.ts'
import { formatDuration } from './duration.ts'
import type { Progress } from './progress.ts'
import { failedReport, type Report, troubled } from './report.ts'
import type { ReportedFailure } from './reported-failure.ts'
import { summaryLine, summaryText } from './summary.ts'

/** The JSON summary of a load that failed: {@link LoadSummary}'s keys, null where there is nothing to say. */
export interface FailedSummary {
  readonly version: 1
  readonly table: string
  readonly load: string | null
  readonly snapshot_at: string | null
  /** null: unknown, and then `error.exit` is 5. */
  readonly published: false | null
  readonly rows: null
  readonly bytes: null
  readonly location: null
  readonly seconds: number
  readonly xmin_held_s: null
  readonly retries: number
  readonly warnings: readonly string[]
  readonly dry_run: boolean
  /** What did not come about, and what readers see now: a clause. */
  readonly verdict: string
  readonly error: ReportedFailure
}

export interface FailedLoad {
  readonly table: string
  readonly failure: ReportedFailure
  readonly error: unknown
  /** undefined: it failed before it began. */
  readonly progress: Progress | undefined
  readonly dryRun: boolean
  /** Whether it was to publish, so that the table fails with it; absent: unless it is a dry run. */
  readonly publishes?: boolean
  /** On performance.now()'s clock. */
  readonly started: number
}

export function loadedReport(summary: LoadSummary): Report {
  return {
    exit: 0,
    json: summary,
    text: summaryText(summary),
    line: summaryLine(summary),
    fields: { ...shortened(summary), files: summary.files.length, warnings: summary.warnings.length },
    outcomes: summary.published ? [outcomeOf(summary)] : [],
  }
}

function outcomeOf({ table, snapshot_at, rows, bytes, seconds, estimated_usd }: LoadSummary): Outcome {
  const dollars = estimated_usd.athena + estimated_usd.crawler
  return { table, seconds, figures: { snapshotAt: snapshot_at, rows, bytes, dollars } }
}

function shortened(summary: LoadSummary) {
  const { load, snapshot_at, published, dry_run, crawled, rows, rows_read, bytes, retries } = summary
  const { xmin_held_s, phases, estimated_usd, slicing } = summary
  return {
    ...{ load, snapshot_at, published, dry_run, crawled, rows, rows_read, bytes, retries },
    ...{ connections: slicing.connections, xmin_held_s, phases, estimated_usd },
  }
}

export function failedLoadReport(failed: FailedLoad): Report {
  const { table, error, progress, dryRun, publishes = !dryRun, started } = failed
  const failure = settleOutcome(failed)
  const load = error instanceof LoadFailure ? error.load : progress?.load
  const verdict = dryRun ? 'dry run failed' : whatReadersSee(failure, error, load)
  const json: Omit<FailedSummary, 'error'> = {
    version: 1,
    table,
    load: load ?? null,
    snapshot_at: progress?.snapshotAt ?? null,
    published: failure.exit === 5 ? null : false,
    rows: null,
    bytes: null,
    location: null,
    seconds: Math.round(performance.now() - started) / 1_000,
    xmin_held_s: null,
    retries: progress?.retries ?? 0,
    warnings: progress?.warnings ?? [],
    dry_run: dryRun,
    verdict,
  }
  const fields = { ...progress?.fields, load }
  return failedReport({
    ...{ by: table, verdict, error: failure, json, fields, gathered: true },
    outcomes:
      !publishes || !isName(table)
        ? []
        : [{ ...troubled({ table }, { verdict, error: failure, fields }), seconds: json.seconds }],
  })
}

/** Wrong flags may have kept the name of the table from being read. */
function isName(table: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(table)
}

/** An unexpected error while publishing leaves it open whether we did. */
function settleOutcome({ failure, error, progress }: FailedLoad): ReportedFailure {
  if (progress?.phase !== 'publish' || error instanceof LoadFailure) return failure
  const advice = `${runAgainAdvice} Nothing was deleted.`
  return { ...failure, exit: 5, advice, retry: true }
}

function whatReadersSee({ exit }: ReportedFailure, error: unknown, load: string | undefined): string {
  const before = error instanceof LoadFailure ? error.published : undefined
  const known = typeof before === 'object' ? `load ${before.load} (${age(before.snapshotAt)} old)` : undefined
  if (exit === 5) {
    const or = known === undefined ? '' : `, or still ${known}`
    return `not known whether it was published; readers may see load ${load ?? 'of this run'}${or}`
  }
  if (known !== undefined) return `not published; readers still see ${known}`
  if (!(error instanceof LoadFailure)) return 'not published'
  if (before === 'unknown') return 'not published; what readers see could not be read'
  if (before === 'unmanaged')
    return 'not published; readers still see an unmanaged table, which Dracula has not made'
  if (before === 'otherKind') return 'not published; readers still see the table that is there'
  return 'not published; nothing is published yet'
}

function age(snapshotAt: string): string {
  return formatDuration(Date.now() - Date.parse(snapshotAt))
}
