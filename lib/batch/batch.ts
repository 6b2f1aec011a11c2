/**
 * What flows from Postgres to a file: some hundred kilobytes of whole rows.
 *
 * I want to…                                      → file
 * know what a batch is, and who may look at it    → batch.ts
 * know how values of a column lie in memory       → vector.ts
 */
import type { Vector } from './vector.ts'

/** Rows in the form they are sent in: fields in the bytes of a COPY, and where each of them begins. */
export interface Batch {
  readonly wire: Uint8Array
  /** Where the fields begin, row after row; −1 for null. A field's length is in the 4 bytes before it. */
  readonly offsets: Int32Array
  /** Fields a row. */
  readonly stride: number
  /** At least one. */
  readonly rowCount: number
  /** Bytes of the stream they take. */
  readonly bytes: number
  /** Rows of the stream before these. */
  readonly rowsBefore: number
  /**
   * Gives the bytes back once its first `rows` have been read: those after them begin the next batch. A batch that is not
   * released is so, whole, when the next is asked for. Neither bytes nor offsets are to be looked at from then on.
   */
  release(rows: number): void
}

/** Which rows of a batch go on. */
export interface SelectionVector {
  /** The first so many rows were looked at, at least one; the others begin the next batch. */
  readonly seen: number
  /** So many of them go on, whose offsets have been moved to the front. */
  readonly count: number
  /** Which those are, among the batch's rows; absent where all are. */
  readonly rows?: Int32Array
}

export function everyRow({ rowCount }: Batch): SelectionVector {
  return { seen: rowCount, count: rowCount }
}

/** Rows on their way into columns. */
export interface Rows {
  /**
   * Appends them to the vectors, one a column of the file, and releases the batch they came in.
   * @throws Failure (3) naming table, column, value and row where a value has no place in its column
   */
  moveInto(vectors: readonly Vector[]): void
}
