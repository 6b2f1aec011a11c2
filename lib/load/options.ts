/** What a load is asked. */

/** Connections that a load may be told to read by. */
export const mostConnections = 64

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
  /** Replaces an Iceberg table whose rows others have changed since the load that readers see. */
  readonly adoptChanges: boolean
  /** Replaces a load that was read from another cluster, database or relation. */
  readonly newSource: boolean
  /** Replaces a load whose columns were hashed with another key. */
  readonly newHashKey: boolean
  readonly allowEmpty: boolean
  /** Percent of the rows readers see that a load may lose, of its lookups' too; undefined: as the script says. */
  readonly maxShrink: number | undefined
  readonly deadlineMs: number
  /** How long others may wait for a lock behind it before it yields; undefined: as long as it takes. */
  readonly yieldAfterMs: number | undefined
  /** How long it tries to connect to Postgres; 0: once. */
  readonly connectWithinMs: number
  /** Connections to read the table by at the most; `auto`: as many as the table's size and the machine make worth it. */
  readonly connections: number | 'auto'
  /** Partitions to read, as `2026-03-01..2026-03-07`, and to replace these alone; undefined: those that have to be. */
  readonly partitions: string | undefined
  /** Reads all partitions, whatever has changed. */
  readonly full: boolean
  /** Writes columns that the source has got into the script, as one does that declares `evolve`. */
  readonly evolve: boolean
  readonly codec: 'zstd' | 'gzip' | 'none'
  /** Has Postgres sum up every column in the load's snapshot, for `checks/columns.ts`. */
  readonly fingerprint: boolean
  /** Bytes of memory that all lookups may take together. */
  readonly maxLookupBytes: number
  /** A file that has reached this size is followed by the next. */
  readonly maxFileBytes: number
}
