/** What the page tells: plain data, without a row's values and without secrets. Types only. */

export interface LakeFacts {
  /** Name of the Glue database that readers use. */
  readonly name: string
  /** `s3://lake/tables/ and lake, eu-central-1` */
  readonly place: string
  /** When all of it was read: ISO 8601 in UTC. */
  readonly at: string
  /** By name. */
  readonly tables: readonly TableFacts[]
}

export interface TableFacts {
  readonly name: string
  /** Whether there is `scripts/<table>.ts`. */
  readonly script: boolean
  readonly health: Health
  /** What a row stands for; undefined: nobody says. */
  readonly comment: string | undefined
  readonly owner: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly format: 'plain' | 'iceberg'
  /** What a script writes for it, `day('created_at')`; undefined: it has no partitions, or no script. */
  readonly partitionBy: string | undefined
  /** `public.orders of shop on db.example:5432`; undefined: nobody knows. */
  readonly source: string | undefined
  /** SQL condition on its rows. */
  readonly where: string | undefined
  /** Whether a function of the script drops rows. */
  readonly filtered: boolean
  readonly columns: readonly ColumnFacts[]
  readonly links: readonly Link[]
  /** undefined: no load of Dracula is published. */
  readonly published: PublishedFacts | undefined
  /** How old it may be; undefined: nobody says. */
  readonly freshMs: number | undefined
  readonly expectations: readonly ExpectationFacts[]
  /** Oldest first: those with a record, and before them what the last record kept of others. */
  readonly loads: readonly LoadFacts[]
  /** undefined: it has none, or nothing is known of them. */
  readonly partitions: PartitionsFacts | undefined
}

/** Whether somebody has to do something about it: now, or when there is time. */
export interface Health {
  readonly grade: 'bad' | 'warn' | 'good'
  /** A clause each, the gravest first; none where it is good. */
  readonly reasons: readonly string[]
}

export interface PublishedFacts {
  readonly load: string
  readonly snapshotAt: string
  readonly rows: number
  readonly bytes: number
  /** Since when, and why as far as it is said; undefined: the next load replaces it. */
  readonly pinned: { readonly at: string; readonly reason: string | undefined } | undefined
}

export interface ColumnFacts {
  readonly name: string
  /** In Hive's words: `decimal(18,6)`. */
  readonly athena: string
  /** In Postgres' words: `numeric(18,6)`; of a derived column what it is declared as; undefined: nobody knows. */
  readonly postgres: string | undefined
  /** undefined: nobody knows. */
  readonly nullable: boolean | undefined
  readonly comment: string | undefined
  /** undefined: there is no script that says. */
  readonly origin: Origin | undefined
}

/** Where a column of the lake comes from. */
export type Origin =
  | {
      readonly kind: 'read'
      /** Its name in Postgres. */
      readonly source: string
      readonly hidden: 'hashed' | 'masked' | undefined
      /** What becomes of values without a place in the lake; undefined: they stop the load. */
      readonly lossy: 'null' | 'clamp' | undefined
    }
  | { readonly kind: 'tenant' }
  | {
      readonly kind: 'derived'
      readonly hidden: 'hashed' | 'masked' | undefined
      /** Columns that its function reads; undefined: that is not seen in how it is written. */
      readonly from: readonly string[] | undefined
      /** Lookups that it asks. */
      readonly lookups: readonly string[]
    }

/** A relation that the table has something of, or that its rows are held against. */
export interface Link {
  readonly kind: 'lookup' | 'reference'
  /** `public.currencies`, or for a reference the table in the lake. */
  readonly to: string
  /** The lookup's name, or the column that refers. */
  readonly by: string
}

export interface ExpectationFacts {
  /** In few words: `unique id`. */
  readonly text: string
  readonly severity: 'stop' | 'warn'
  /** `unknown`: the load that readers see has not looked for it. */
  readonly outcome: 'held' | 'broken' | 'unknown'
}

export interface LoadFacts {
  readonly load: string
  readonly state: 'published' | 'superseded' | 'rolled back' | 'unproven' | 'damaged record'
  /** undefined, as all that follows: its record is damaged, or does not tell. */
  readonly snapshotAt: string | undefined
  readonly rows: number | undefined
  readonly bytes: number | undefined
  readonly seconds: number | undefined
  /** What Athena and the crawler took, by list price. */
  readonly usd: number | undefined
}

export interface PartitionsFacts {
  /** What their values are: days are a calendar, texts may be somebody's and are not shown. */
  readonly by: 'day' | 'month' | 'year' | 'range' | 'tenant' | 'value'
  readonly column: string
  readonly list: readonly {
    /** null: rows whose column is null. */
    readonly value: string | null
    readonly rows: number
    /** Whether the load that readers see has read it. */
    readonly latest: boolean
  }[]
}
