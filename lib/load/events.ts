/** What a load tells while it runs. */

import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { LoadFacts } from '../lake/facts.ts'
import type { Source } from '../postgres/source.ts'

export const phases = [
  'open',
  'partitions',
  'lookups',
  'read',
  'count',
  'fingerprint',
  'crawl',
  'audit',
  'expectations',
  'publish',
  'retain',
] as const
export type Phase = (typeof phases)[number]

/** From where to where a load goes: a mistake in the environment shows in it. */
export interface Route {
  /** `db.example:5432/shop public.orders` */
  readonly source: string
  /** `s3://lake/tables/orders/ and lake.orders, eu-central-1, account 123456789012` */
  readonly target: string
  /** undefined: there is no catalog, as in a dry run. */
  readonly catalog?: CatalogPlace | undefined
}

/** What a load reads, as Postgres describes it. */
export interface Reads {
  readonly source: Source
  /** By the name of the lookup. */
  readonly lookups: Readonly<Record<string, Source>>
  /** All that it reads, also what a condition, a query or a view names. */
  readonly relations: readonly { readonly schema: string; readonly name: string }[]
}

export type LoadEvent =
  /** Before anything is read. */
  | ({ readonly kind: 'route' } & Route)
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** The phase is over. None lies within another. */
  | { readonly kind: 'done'; readonly phase: Phase; readonly failed: boolean }
  | {
      readonly kind: 'start'
      readonly load: string
      readonly snapshotAt: string
      readonly estimatedRows: number | undefined
    }
  | ({ readonly kind: 'reads' } & Reads)
  /** All rows are in files, and counted; nobody sees them yet. */
  | { readonly kind: 'written'; readonly facts: LoadFacts }
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
