/** What readers of a table see, whichever kind of lake it is in. */
import type { SourceIdentity } from '../declare/source-identity.ts'

export type Published =
  | { readonly kind: 'absent' }
  /** A table of that name that no load has made, or that has since been made into something else. */
  | {
      readonly kind: 'unmanaged'
      /** What makes it one that a load cannot replace, `a view`; undefined: nothing. */
      readonly unlike: string | undefined
      /** What else there is to say of it, `a table of …`; absent where Dracula has not made it. */
      readonly is?: string
    }
  | PublishedTable

/** A table that a load or a rollback of Dracula has published. */
export interface PublishedTable extends PublishedLoad {
  readonly kind: 'managed'
  /** Whose catalog it is in, in digits; absent: Glue does not say. */
  readonly account?: string | undefined
  /** Another one after every change of the table. */
  readonly versionId: string
  /** `s3://bucket/…/<load>/` */
  readonly location: string
  readonly columns: readonly PublishedColumn[]
  /** undefined: the next load may replace it. */
  readonly pin: Pin | undefined
  /** What others have done to its rows since that load, in Iceberg's words: `append`, `delete`, `overwrite`, `unknown`. */
  readonly changes?: readonly string[]
}

export interface PublishedColumn {
  readonly name: string
  /** In Hive's words: `int`, `decimal(18,6)`. */
  readonly type: string
  readonly comment?: string
}

/** What the table itself says of its load: it changes with it, in the same call. */
export interface PublishedLoad {
  readonly load: string
  /** Rows in the lake. */
  readonly rows: number
  /** Rows read from the source, before any filter. */
  readonly rowsRead: number
  /** Rows of its lookups, by name. */
  readonly lookups: Readonly<Record<string, number>>
  /** ISO 8601 in UTC with microseconds, so that text compares as time does. */
  readonly snapshotAt: string
  readonly schemaHash: string
  /** Hash of the declared schema that was last crawled and found equal. */
  readonly crawledHash: string | undefined
  readonly bytes: number
  /** Where it was read; undefined: a version that kept none has published it. */
  readonly source: SourceIdentity | undefined
  /** Fingerprint of the key that columns were hashed with; absent: none was. */
  readonly hashKey?: string | undefined
  /** The version of Dracula that has loaded it; undefined: one before 0.2.0. */
  readonly draculaVersion?: string | undefined
}

/** A rollback's hold on the published table: while it is there, no load is published. */
export interface Pin {
  /** ISO 8601 in UTC. */
  readonly at: string
  /** The rollback that set it; empty: somebody set it by hand. */
  readonly rollback: string
  /** The load that the rollback replaced. */
  readonly replaces: string
  /** In the words of whoever rolled back. */
  readonly reason: string | undefined
}

/** Whether readers are to see `a` rather than `b`: its snapshot is newer, or it began later where both are of one instant. */
export function isNewer(a: PublishedLoad, b: PublishedLoad): boolean {
  return a.snapshotAt === b.snapshotAt ? a.load > b.load : a.snapshotAt > b.snapshotAt
}
