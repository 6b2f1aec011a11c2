/** What a load tells while it runs. */
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
}

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
