/**
 * What is known of a load once its files are written, each under the one name that the record, the summary, the plan and
 * the published table's parameters take it from. Plain data: a slice of a load may be read by another thread or pod.
 */
import type { Documentation } from '../declare/documentation.ts'
import type { SourceIdentity } from '../declare/source-identity.ts'
import type { FileMetrics } from '../parquet/file-metrics.ts'
import type { Fingerprints } from '../postgres/fingerprint-form.ts'

/** One slice of a load: what one COPY gave. */
export interface SliceFacts {
  /** Rows read from the source, before any filter; the server's tag confirmed them. */
  readonly rowsRead: number
  /** Rows in the lake: in the footers of all files. */
  readonly rows: number
  /** Bytes that Postgres sent. */
  readonly bytesRead: number
  /** All files together. */
  readonly bytes: number
  /** Values that lossy columns have let pass, by column. */
  readonly lossy: Readonly<Record<string, number>>
  /** Nulls that functions of the script have given, by derived column. */
  readonly nulls: Readonly<Record<string, number>>
  /** All that were encoded, kept or not. */
  readonly files: readonly WrittenFile[]
  /** Rows by partition; absent: the table has none. */
  readonly byPartition?: readonly PartitionCounts[]
  /** Lookups within partitions, by name, as large as in the largest; absent: there are none. */
  readonly lookupsWithin?: Readonly<Record<string, LookupSize>>
  /** Fingerprint of the key that columns were hashed with; absent: none was. */
  readonly hashKey?: string | undefined
}

export interface PartitionCounts {
  /** Its value, one a field, in words; null is a value like others. */
  readonly values: readonly (string | null)[]
  /** Before any filter. */
  readonly rowsRead: number
  /** In the files. */
  readonly rows: number
}

/** How the rows of a load were shared out. */
export interface SlicingFacts {
  /** How many have read; the leader's own among them. */
  readonly connections: number
  readonly slices: number
  /** What the slices are ranges of: blocks that rows are stored in, or the values of a column; null: there is one, of all rows. */
  readonly by: 'blocks' | 'values' | null
  /** Its name in the source; null: they are ranges of no column. */
  readonly column: string | null
  /** Why there are no more slices, in a clause; null: there are as many as were asked for. */
  readonly reason: string | null
}

export interface LoadFacts extends SliceFacts {
  readonly load: string
  readonly slicing: SlicingFacts
  /** ISO 8601 in UTC with microseconds. */
  readonly snapshotAt: string
  /** Which transactions the snapshot sees, as Postgres' `pg_snapshot` has it. */
  readonly transactions: string
  /** Where it was read, as far as the role may know. */
  readonly source: SourceIdentity
  /** What the script and the source say of the table and its columns. */
  readonly documentation: Documentation
  /** Sizes of lookups by their name. */
  readonly lookups: Readonly<Record<string, LookupSize>>
  /** Every column's, in the lake's names; undefined: not asked for. */
  readonly fingerprint: Fingerprints | undefined
  /** What the source calls that may give other values each time, as `random()`; looked for with a fingerprint only. */
  readonly volatile: readonly string[]
  /** Seconds from the first lock to COMMIT: how long vacuum and migrations had to wait. */
  readonly heldSeconds: number
  /** What it read partition by partition; absent: all of the source, as one. */
  readonly partitions?: PartitionsRead
}

/** Which partitions a load has read, each whole, in its snapshot. */
export interface PartitionsRead {
  /** `all`: those that are not listed are gone. `these`: those that are not listed stay as they are in the lake. */
  readonly which: 'all' | 'these'
  /** One that has no rows is gone. */
  readonly list: readonly PartitionFacts[]
  /** What the next load goes by; absent: it has to read all of them. */
  readonly increment?: Increment
}

export interface Increment {
  /** Every change that was dated and committed before this moment has been read: ISO 8601 in UTC. */
  readonly watermark: string
  /** When all partitions were last held against the source's keys: the same. */
  readonly reconciledAt: string
  /** What the script made of rows, by part, see `recipeOf`. */
  readonly recipe: Readonly<Record<string, string>>
}

/** One partition as the source has it. */
export interface PartitionFacts {
  /** Its value, one a field, in words (`partitionText`): `['2026-03-01']`. Null is a value like others. */
  readonly values: readonly (string | null)[]
  /** Before any filter. */
  readonly rowsRead: number
  /** In the files. */
  readonly rows: number
  /** By the key that the script names; absent: it names none. */
  readonly key?: KeyFacts
}

export interface KeyFacts {
  /** Rows whose key is not null. */
  readonly count: number
  /** The keys' sum, in digits; null: they are no integers, or there are none. */
  readonly sum: string | null
  /** Independent of their order; null: there are none. */
  readonly hash: string | null
}

export interface LookupSize {
  /** Rows that can be found: those without a key, and earlier ones of `latestBy`, are left out. */
  readonly rows: number
  /** In memory, the table they are found by included. */
  readonly bytes: number
}

export interface WrittenFile extends WrittenObject {
  readonly name: string
  readonly rows: number
  /** There for a file whose columns have field ids. */
  readonly metrics?: FileMetrics
}

/** What a lake knows of an object once it is written. */
export interface WrittenObject {
  readonly bytes: number
  /** `s3://bucket/key`, or a path; undefined: nobody keeps it. */
  readonly uri: string | undefined
  /** What tells its content from another's, where the lake says: S3's ETag. */
  readonly etag: string | undefined
  /** CRC32 of the whole file: base64, big-endian. */
  readonly crc32: string | undefined
}

/** What came of the expectations of one load, for its record and its summary. */
export interface ExpectationResult {
  /** In few words: `unique id`. */
  readonly held: readonly string[]
  /** Those under `warn` that did not hold, a clause each. */
  readonly warned: readonly string[]
  /** By Athena, for these alone. */
  readonly bytes_scanned: number
}
