/**
 * The bytes of a binary COPY as batches of whole rows. Chunks may end anywhere: they are gathered in one buffer, whose
 * rows are lent to one batch after the other.
 *
 * Where a batch ends depends on the rows alone, never on the chunks they came in: pages and row groups are cut between
 * batches, and the same rows are to make the same file.
 */
import type { Batch } from '../batch/batch.ts'
import { releaseBytes } from '../batch/vector.ts'
import type { Columns } from '../declare/selection.ts'
import { brokenStream, type StreamPlace } from './broken-stream.ts'
import { formChecker } from './check-forms.ts'
import { type Place, rowAfter, rowFinder } from './find-rows.ts'
import { headerEnd } from './header.ts'

export interface Framer {
  /** Rows of the batches released so far. */
  readonly rows: number
  /** Bytes received. */
  readonly bytes: number
  /** Takes a copy of the chunk; every batch that is whole has been asked for before. @throws Failure (1) */
  push(chunk: Uint8Array): void
  /** The next batch if it is whole. @throws Failure (1) for what no COPY sends */
  next(): Batch | undefined
  /** After the last chunk: the next batch, whole or not. @throws Failure (1) if the stream ended without its trailer */
  last(): Batch | undefined
}

export interface FramerOptions {
  /** What is read, for messages. */
  readonly thing: string
  /** Those of the stream, in its order. */
  readonly columns: Columns
  /**
   * A batch ends with the row that brings it to so many bytes: enough rows to make the loops worth their start, few
   * enough to stay in cache.
   */
  readonly batchBytes?: number
}

/** For the rest of a row whose length is known: so many times what has come of it, as a length may be damaged. */
const mostGrowth = 8
/** A buffer beyond this was grown for one huge row and is not kept. */
const keptBytes = 4 * 1024 * 1024

export function createFramer({ thing, columns, batchBytes = 256 * 1024 }: FramerOptions): Framer {
  const stride = Object.keys(columns).length
  const findRows = rowFinder(thing, columns)
  const checkForms = formChecker(thing, columns)
  // Each field takes at least its length's 4 bytes, so this many fields are the most that a batch has.
  const offsets = new Int32Array(Math.ceil(batchBytes / 4) + stride)

  let buffer = new Uint8Array(batchBytes * 2)
  let filled = 0
  /** Where the batch begins; what lies before it is done with. */
  let begin = 0
  const place: Place = { rowsBefore: 0, bytesBefore: 0, found: 0, row: 0, wanted: 1, ended: false }
  let isHeader = true
  /** The batch that somebody looks at. */
  let lent: Batch | undefined
  let bytes = 0

  function beginBatch(at: number): void {
    begin = at
    place.row = at
    place.found = 0
    place.wanted = at + batchBytes
  }

  /** @returns whether rows follow */
  function skipHeader(): boolean {
    const end = headerEnd(buffer.subarray(0, filled), thing)
    if (end < 0) return false
    beginBatch(end)
    isHeader = false
    return true
  }

  /** @returns whether the batch is whole */
  function frame(): boolean {
    return !place.ended && findRows(buffer, filled, begin + batchBytes, offsets, place)
  }

  function lend(): Batch {
    const batch: Batch = {
      wire: buffer,
      offsets,
      stride,
      rowCount: place.found,
      bytes: place.row - begin,
      rowsBefore: place.rowsBefore,
      release(count) {
        if (lent === batch) release(count)
      },
    }
    checkForms(batch, place.bytesBefore)
    lent = batch
    return batch
  }

  function release(count: number): void {
    lent = undefined
    place.rowsBefore += count
    if (count < place.found) {
      // The rows that are left begin a batch of their own.
      place.ended = false
      beginBatch(rowAfter(buffer, begin, count, stride))
    } else {
      beginBatch(place.row)
    }
    if (filled < place.wanted) compact()
  }

  /** Moves the batch under way to the front of the buffer. */
  function compact(): void {
    const left = filled - begin
    if (buffer.length > keptBytes && left < batchBytes) {
      const smaller = new Uint8Array(batchBytes * 2)
      smaller.set(buffer.subarray(begin, filled))
      releaseBytes(buffer)
      buffer = smaller
    } else {
      buffer.copyWithin(0, begin, filled)
    }
    place.bytesBefore += begin
    filled = left
    beginBatch(0)
  }

  function append(chunk: Uint8Array): void {
    const needed = filled + chunk.length
    if (needed > buffer.length) {
      const wanted = Math.min(place.wanted + batchBytes, needed * mostGrowth)
      const grown = new Uint8Array(Math.max(needed, wanted, buffer.length * 2))
      grown.set(buffer.subarray(0, filled))
      releaseBytes(buffer)
      buffer = grown
    }
    buffer.set(chunk, filled)
    filled = needed
  }

  /** Behind all bytes that have come. */
  function endOf(): StreamPlace {
    return isHeader ? { byte: bytes } : { row: place.rowsBefore + 1, byte: bytes }
  }

  return {
    get rows() {
      return place.rowsBefore
    },
    get bytes() {
      return bytes
    },
    push(chunk) {
      if (chunk.length === 0) return
      if (place.ended) throw brokenStream(thing, 'goes on after its trailer', endOf())
      bytes += chunk.length
      append(chunk)
    },
    next() {
      lent?.release(lent.rowCount)
      if (filled < place.wanted || (isHeader && !skipHeader()) || filled < place.wanted) return undefined
      return frame() && place.found > 0 ? lend() : undefined
    },
    last() {
      lent?.release(lent.rowCount)
      if (!isHeader || skipHeader()) frame()
      if (place.found > 0) return lend()
      if (!place.ended) throw brokenStream(thing, 'ended before its trailer', endOf())
      return undefined
    },
  }
}
