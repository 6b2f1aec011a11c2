/**
 * A lake, as a load of one table sees it: what readers see now, where files are written, and how readers come to see
 * them. `hive/` is plain files in S3 with Glue and Athena, `iceberg/` is Iceberg tables there, and what
 * both have lies beside them; `folder.ts` and `nowhere.ts` are the lakes of a dry run.
 *
 * I want to…                                   → file
 * know what a load tells a lake                → facts.ts
 * know what readers see                        → published.ts
 * add a kind of lake                           → a folder beside hive/, and a line in open.ts
 * know where objects are in S3                 → layout.ts, iceberg/layout.ts
 * change what a published table says           → parameters.ts, documentation.ts
 * change how a published table is changed      → edit-table.ts
 * change what is asked of expected rows        → expect/query.ts, expect/answer.ts
 * know which AWS calls a step makes            → hive/calls.ts, iceberg/calls.ts
 * keep old loads longer                        → hive/expire.ts, iceberg/expire.ts
 * have several machines read one load          → fan-out.ts, hive/fan-out.ts
 */
import type { RowExpectation } from '../declare/expectation.ts'
import type { Table } from '../declare/table.ts'
import type { FieldIds } from '../parquet/file-metrics.ts'
import type { Account } from './account.ts'
import type { CatalogPlace } from './catalog-place.ts'
import type { Examined } from './expect/answer.ts'
import type { ExpectationResult, LoadFacts, WrittenFile, WrittenObject } from './facts.ts'
import type { FanOut, OpenUnfinishedFile, UnfinishedFile } from './fan-out.ts'
import type { History } from './history.ts'
import type { Keeping } from './keeping.ts'
import type { Pin, Published, PublishedColumn, PublishedLoad, PublishedTable } from './published.ts'
import type { StoredRecord } from './recorded.ts'

/** What every kind of lake can do: enough for a dry run. */
export interface DryLake {
  /** Where a load goes, in words: `s3://lake/tables/orders/ and lake.orders, eu-central-1`. */
  describe(): Promise<string>
  /** undefined: it has no catalog. Told anew once `prepare` has looked whose it is. */
  catalog(): Promise<CatalogPlace | undefined>
  /** @throws Failure (2) when it may not be looked at, (1) when it does not answer */
  current(signal: AbortSignal): Promise<Published>
  /**
   * That a load may replace what readers see, and that there is a place for it.
   * @throws Failure (2) if not
   */
  prepare(current: Published, options: PrepareOptions): Promise<void>
  draft(options: DraftOptions): DryDraft
  close(): void
}

/** A lake with readers. */
export interface Lake extends DryLake {
  draft(options: DraftOptions): Draft
  /**
   * What the load that readers see has left of each partition.
   * @returns undefined: the table has no partitions, or the load has left none
   */
  account(published: PublishedTable, signal: AbortSignal): Promise<Account | undefined>
  /**
   * The columns of another table that readers see, whoever has made it.
   * @returns undefined: there is no such table
   */
  columnsOf(table: string, signal: AbortSignal): Promise<readonly PublishedColumn[] | undefined>
  history(options: HistoryOptions): Promise<History>
  /**
   * Publishes an earlier load again, once it is counted and whole as its record has it, and pins the table to it.
   * @throws Failure (4) when the load is not as recorded, (1) when another was published meanwhile, (5) when the outcome
   * is unknown
   */
  rollBack(options: RollbackOptions): Promise<Pin>
  /**
   * Takes a rollback's pin from the published table, and changes nothing else of it.
   * @throws Failure (2) when refused, (1) when it does not answer or the table never stops changing
   */
  unpin(signal: AbortSignal): Promise<Unpinned>
  /** @param name of the fan-out: the same for all its machines, and no other's */
  fanOut(name: string, signal: AbortSignal): FanOut
}

/** One load, from its first file until it is discarded. */
export interface DryDraft {
  /** What its files' places begin with: `s3://bucket/prefix/`; empty: no table can point there. */
  readonly location: string
  /** Numbers that its files have to give the columns; absent: readers know columns by their names. */
  readonly fieldIds?: FieldIds
  /** What becomes of partitions that the load does not read; absent: it reads all there is. */
  readonly keeping?: Keeping
  /** Opens a file by its name; nothing is kept of one that is not finished. */
  openFile(name: string): LakeFile
  /**
   * What is kept of the load is what was written: no file more or less, none of another size or content.
   * @throws Failure (4) naming the first that is not
   */
  requireWritten(files: readonly WrittenFile[]): Promise<void>
  /**
   * Takes away everything of a load that readers do not and will not see, as far as it can in a few seconds. Never throws.
   * @returns a sentence for what stays
   */
  discard(): Promise<readonly string[]>
}

/** One load that readers may come to see. */
export interface Draft extends DryDraft {
  /**
   * Shows it to the lake's engine, and to no reader yet.
   * @returns whether a crawler did it
   */
  stage(options: StageOptions): Promise<{ readonly crawled: boolean }>
  /** What the lake's engine counts in what is staged. Counting changes nothing and may be tried again. */
  count(): Promise<Counted>
  /** What the lake's engine finds in what is staged against these, one at the least. It may be tried again as well. */
  examine(expectations: readonly RowExpectation[]): Promise<Examined>
  /** Before the second try of what failed. */
  pauseMs(): Promise<number>
  /**
   * Records the load, and shows it to readers in one call: they see the load before it or this one, whole.
   * @throws Failure (5) when the outcome is unknown, and what `permit` throws
   */
  commit(facts: LoadFacts, terms: CommitTerms): Promise<CommitOutcome>
  /** Opens a file that stays invisible when it is ended, until `complete` is told what it came to. */
  openUnfinished(name: string): OpenUnfinishedFile
  /**
   * Makes the file one of the load. Done twice it comes to the same.
   * @throws Failure when it is not there, whole
   */
  complete(file: UnfinishedFile): Promise<WrittenObject>
  /** Once it is published: old loads go that nobody reads, and what killed loads have left. Never throws. */
  expire(options: ExpireOptions): Promise<{ readonly warnings: readonly string[] }>
}

export interface LakeFile {
  /**
   * Takes the bytes. Returns undefined while there is room; else a promise that resolves once they are taken: the caller
   * awaits it before touching the bytes or writing again.
   */
  write(bytes: Uint8Array): Promise<void> | undefined
  /** @throws Failure when it is not there, whole */
  finish(): Promise<WrittenObject>
  /** Stops what is under way; never throws; harmless after finish. */
  abort(): Promise<void>
}

export interface PrepareOptions {
  /** Take over a plain table of that name that Dracula has not made. */
  readonly adopt: boolean
  /** Replace what others have changed since the load that readers see. */
  readonly adoptChanges?: boolean
  readonly signal: AbortSignal
}

export interface DraftOptions {
  readonly load: string
  readonly table: Table
  /** What it is to replace. */
  readonly current: Published
  readonly signal: AbortSignal
}

export interface StageOptions {
  readonly facts: LoadFacts
  /** Told what it waits for. */
  readonly onWait: (message: string) => void
}

export interface Counted {
  /** NaN: the engine does not say. */
  readonly rows: number
  /** By query. */
  readonly bytesScanned: readonly number[]
  /** How what it reads of columns and partitions is not what was written, each a clause; empty: nothing else is known to differ. */
  readonly differences: readonly string[]
}

export interface CommitTerms {
  readonly adopt: boolean
  /** The same as in `PrepareOptions`. */
  readonly adoptChanges?: boolean
  /** At least so many of the newest loads stay readable. */
  readonly keep: number
  /** Seconds a phase, for the record. */
  readonly phases: Readonly<Record<string, number>>
  /** Called with what is about to be replaced, each time it was read, and with what the table has then; throws what forbids it. */
  readonly permit: (now: PublishedLoad, then: TableRows) => void
  /** For the record; absent: nothing is expected of its rows. */
  readonly expectations?: ExpectationResult | undefined
  /** What its queries and its crawl cost, by list price; for the record. */
  readonly estimatedUsd?: number | undefined
  /** What was staged anew, as another load was published meanwhile, is to be examined anew; throws what forbids it. */
  readonly onRestaged?: () => Promise<void>
  /** Whether another process may have begun this very commit: then a record that it has left is taken as it is. */
  readonly again?: boolean
}

/** Rows of a whole table, whichever load has written them. */
export type TableRows = Pick<PublishedLoad, 'rows' | 'rowsRead'>

export type CommitOutcome =
  | { readonly outcome: 'published' }
  /** What is published is newer than this load, which nobody will read. */
  | { readonly outcome: 'lost'; readonly to: PublishedLoad }
  /** A rollback has pinned the table meanwhile: whatever the snapshots, the load it chose stays. */
  | { readonly outcome: 'pinned'; readonly to: PublishedLoad; readonly pin: Pin }

export interface ExpireOptions {
  /** At least so many of the newest recorded loads stay, the published one among them. */
  readonly keep: number
  /** A load that has no record after this long was killed. */
  readonly deadlineMs: number
}

export interface HistoryOptions {
  /** Records to read at the most, of the newest loads. */
  readonly limit?: number | undefined
  /** Whose files are looked at, whether they are still whole: of all whose records are read when absent. */
  readonly examined?: 'published'
  readonly signal: AbortSignal
}

export interface RollbackOptions {
  /** The load to publish again. */
  readonly record: StoredRecord
  /** What it replaces. */
  readonly published: PublishedTable
  readonly reason: string | undefined
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
}

export interface Unpinned {
  /** What is published: the same as before. */
  readonly published: Published
  /** The pin that was taken away; undefined: there was none. */
  readonly pin: Pin | undefined
}

/** Whether readers may come to see it: the draft of a dry run is none. */
export function isReadable(draft: DryDraft | Draft): draft is Draft {
  return 'commit' in draft
}

/** Whether what it has can be asked for: the lake of a dry run has nothing. */
export function hasReaders(lake: DryLake | Lake): lake is Lake {
  return 'history' in lake
}
