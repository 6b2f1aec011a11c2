/** What a load is asked, what it tells while it runs, and what it leaves to say. */
import { Failure, type FailureDetail } from '../failure/failure.ts'
import type { Codec } from '../parquet/compression.ts'
import type { EstimatedUsd } from './cost.ts'
import type { LookupSize } from './lookups.ts'
import type { Plan } from './plan.ts'
import type { Route } from './route.ts'

export interface LoadOptions {
  /** Reads, encodes and reports what a load would do; touches neither S3 nor Glue. */
  readonly dryRun: boolean
  /** Folder for the files, absolute; only with `dryRun`. */
  readonly out: string | undefined
  /** Rows to read at the most; only with `dryRun`, as a truncated table is never published. */
  readonly limit: number | undefined
  readonly catalog: 'auto' | 'crawler' | 'declared'
  /** Loads to keep at the least. */
  readonly retain: number
  readonly adopt: boolean
  /** Replaces a load that was read from another cluster, database or relation. */
  readonly newSource: boolean
  readonly allowEmpty: boolean
  /** Percent of the rows readers see that a load may lose, of its lookups' too; undefined: as the script says. */
  readonly maxShrink: number | undefined
  readonly deadlineMs: number
  /** How long others may wait for a lock behind it before it gives way; undefined: as long as it takes. */
  readonly yieldAfterMs: number | undefined
  /** How long it tries to connect to Postgres; 0: once. */
  readonly connectWithinMs: number
  readonly codec: Codec
  /** Has Postgres sum up every column in the load's snapshot, for `checks/columns.ts`. */
  readonly fingerprint: boolean
  /** Bytes of memory that all lookups may take together. */
  readonly maxLookupBytes: number
  /** A file that has reached this size is followed by the next. */
  readonly maxFileBytes: number
}

export const phases = [
  'open',
  'lookups',
  'read',
  'count',
  'fingerprint',
  'crawl',
  'audit',
  'publish',
  'retain',
] as const
export type Phase = (typeof phases)[number]

export type LoadEvent =
  /** Before anything is read. */
  | ({ readonly kind: 'route' } & Route)
  | { readonly kind: 'phase'; readonly phase: Phase }
  | {
      readonly kind: 'start'
      readonly load: string
      readonly snapshotAt: string
      readonly estimatedRows: number | undefined
    }
  /** Since the start; bytes as they come from Postgres and as they go to the files. */
  | {
      readonly kind: 'progress'
      readonly rows: number
      readonly bytesRead: number
      readonly bytesWritten: number
    }
  /** A lookup has been read. */
  | { readonly kind: 'lookup'; readonly name: string; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'wait'; readonly message: string }
  /** Something failed that may pass, and is tried again. */
  | { readonly kind: 'retry'; readonly message: string }

export type Observe = (event: LoadEvent) => void

/** The JSON summary; a versioned contract. */
export interface LoadSummary {
  readonly version: 1
  readonly table: string
  readonly load: string
  /** ISO 8601 in UTC with microseconds. */
  readonly snapshot_at: string
  readonly published: boolean
  readonly dry_run: boolean
  /** Rows in the lake. */
  readonly rows: number
  /** Rows read from the source. */
  readonly rows_read: number
  readonly bytes: number
  /** Values without a place in the lake that lossy columns have let pass, by column. */
  readonly softened: Readonly<Record<string, number>>
  /** Nulls that functions of the script have given, by derived column. */
  readonly nulls: Readonly<Record<string, number>>
  /** Rows that can be found, and bytes of memory, by lookup. */
  readonly lookups: Readonly<Record<string, LookupSize>>
  readonly location: string
  /** Objects, `s3://…`; of a dry run the files in its folder. */
  readonly files: readonly string[]
  readonly crawled: boolean
  readonly seconds: number
  /** Seconds from the first lock to COMMIT: how long vacuum and migrations had to wait. */
  readonly xmin_held_s: number
  /** Seconds a phase. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>
  /** Connections, steps and calls of AWS that were tried again. */
  readonly retries: number
  /** Of its query and its crawl, by list price; see cost.ts. */
  readonly estimated_usd: EstimatedUsd
  readonly warnings: readonly string[]
  /** Of a dry run. */
  readonly plan?: Plan
}

/** What readers of the table see after a failed load; undefined: there is none; `unmanaged`: one that no load of ours made. */
export type StillPublished =
  | { readonly load: string; readonly snapshotAt: string }
  | 'unmanaged'
  | 'unknown'
  | undefined

export class LoadFailure extends Failure {
  readonly load: string
  readonly published: StillPublished

  constructor(detail: FailureDetail, { load, published }: { load: string; published: StillPublished }) {
    super(detail)
    this.load = load
    this.published = published
  }
}
