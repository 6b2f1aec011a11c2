/** The JSON that a load prints: a versioned contract. Types only. */
import type { ExpectationResult, LookupSize, SlicingFacts } from '../lake/facts.ts'
import type { PlannedLake } from '../lake/planned.ts'
import type { Phase } from './events.ts'
import type { PartitionPlan, PartitionReason } from './partitions/plan.ts'

/** The JSON summary; a versioned contract. */
export interface LoadSummary {
  readonly version: 1
  readonly table: string
  readonly load: string
  /** ISO 8601 in UTC with microseconds. */
  readonly snapshot_at: string
  readonly published: boolean
  readonly dry_run: boolean
  /** Rows in the files that it wrote: all of the table, or those of the partitions that it replaced. */
  readonly rows: number
  /** Rows read from the source, before any filter. */
  readonly rows_read: number
  readonly bytes: number
  /** Values without a place in the lake that lossy columns have let pass, by column. */
  readonly softened: Readonly<Record<string, number>>
  /** Nulls that functions of the script have given, by derived column. */
  readonly nulls: Readonly<Record<string, number>>
  /** Rows that can be found, and bytes of memory, by lookup; within partitions, of the largest. */
  readonly lookups: Readonly<Record<string, LookupSize>>
  /** Over how many connections it was read, and how it was cut. */
  readonly slicing: SlicingFacts
  /** Which partitions it read and why; null: the table has none. */
  readonly partitions: SummedPartitions | null
  /** What was expected of the rows and looked for before they were published; null: nothing was. */
  readonly expectations: ExpectationResult | null
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
  /** What its query and its crawl cost, by list price; see cost.ts. */
  readonly estimated_usd: EstimatedUsd
  readonly warnings: readonly string[]
  /** Only a dry run has one. */
  readonly plan?: Plan
}

/** How many partitions were read, by reason; those that are `gone` have no rows any more. */
export interface SummedPartitions extends Pick<PartitionPlan, 'which' | 'kept' | 'because'> {
  readonly reasons: Readonly<Partial<Record<PartitionReason, number>>>
}

/** By list price; how it is estimated, cost.ts says. */
export interface EstimatedUsd {
  readonly athena: number
  readonly crawler: number
}

/** A versioned contract, as the summary it is in. */
export interface Plan {
  readonly version: 1
  /** `schema.name` */
  readonly source: string
  readonly source_kind:
    | 'table'
    | 'partitioned'
    | 'view'
    | 'materialised view'
    | 'foreign table'
    | 'query'
    | 'tenants'
  /** The statement that was sent; with `--limit`, the limit is in it. That of a slice has its condition as well. */
  readonly query: string
  readonly slicing: SlicingFacts & {
    /** The conditions of all slices; none where there is one. */
    readonly parts: readonly string[]
  }
  /** Which partitions, and why; null: the table has none. */
  readonly partitions: PartitionPlan | null
  /** The whole source's, by the planner's guess; null: nothing is known. */
  readonly estimated_rows: number | null
  /** Heap and TOAST; null as above. */
  readonly estimated_bytes: number | null
  /** Read before it. */
  readonly lookups: readonly PlannedLookup[]
  readonly columns: readonly PlannedColumn[]
  /** What is expected of the table; null: nothing. */
  readonly expectations: PlannedExpectations | null
  /** What readers would be told of the table; null: nothing. */
  readonly comment: string | null
  readonly owner: string | null
  readonly tags: Readonly<Record<string, string>>
  /** What a real load would do; null: no lake is configured. */
  readonly lake: PlannedLake | null
  readonly measured: {
    /** Rows read, and rows in the files. */
    readonly rows_read: number
    readonly rows: number
    /** Bytes that Postgres sent. */
    readonly bytes_read: number
    /** The files', compressed. */
    readonly bytes: number
    readonly files: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
  }
}

export interface PlannedExpectations {
  /** In few words, `unique id`, with `warn: ` before what does not stop a load. */
  readonly expected: readonly string[]
  /** What Athena would be asked in one query before it is published; null: nothing of it is looked for by a load. */
  readonly query: string | null
}

export interface PlannedLookup {
  readonly name: string
  /** `schema.name` */
  readonly source: string
  readonly key: readonly string[]
  /** `partition`: read anew with each; null: read whole before all rows. */
  readonly within: 'partition' | null
  /** That can be found; within partitions, in the largest. */
  readonly rows: number
  /** Bytes of memory. */
  readonly bytes: number
}

export interface PlannedColumn {
  readonly name: string
  /** Its name in Postgres; null: it is derived. */
  readonly source: string | null
  /** In Postgres' spelling: `numeric(18,6)`. */
  readonly postgres: string
  /** `INT64 TIMESTAMP(MICROS, UTC)` */
  readonly parquet: string
  readonly athena: string
  /** In the lake. */
  readonly nullable: boolean
  /** What becomes of values without a place in the lake; `error`: one of them stops the load; null: the type has none. */
  readonly policy: 'null' | 'clamp' | 'error' | null
  /** How many the policy has touched. */
  readonly softened: number
  /** How many its function gave; null: it is not derived. */
  readonly nulls: number | null
  /** What readers would be told of it; null: nothing. */
  readonly comment: string | null
}
