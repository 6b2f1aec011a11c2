/**
 * The bytes of a binary COPY as whole rows (PostgreSQL manual, COPY, "Binary Format"). Chunks may end anywhere: they are
 * gathered in one buffer, and rows are found in one pass over the lengths of their fields.
 *
 * Where a batch ends depends on the rows alone, never on the chunks they came in: pages and row groups are cut between
 * batches, and the same rows are to make the same file.
 */
import type { Batch } from '../batch/batch.ts'
import { releaseBytes } from '../batch/vector.ts'
import type { Columns } from '../declare/selection.ts'
import { fieldWidth } from '../types/field.ts'
import { brokenStream } from './broken-stream.ts'
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

/** A buffer beyond this was grown for one huge row and is not kept. */
const keptBytes = 4 * 1024 * 1024

export function createFramer({ thing, columns, batchBytes = 256 * 1024 }: FramerOptions): Framer {
  const names = Object.keys(columns)
  const declared = Object.values(columns)
  const stride = names.length
  const widths = Int32Array.from(declared, fieldWidth)
  // Each field takes at least its length's 4 bytes, so this many fields are the most that a batch has.
  const offsets = new Int32Array(Math.ceil(batchBytes / 4) + stride)

  let buffer = new Uint8Array(batchBytes * 2)
  let filled = 0
  /** Where the batch begins; what lies before it is done with. */
  let begin = 0
  /** Rows of the batch that are found already, and where the one after them begins. */
  let found = 0
  let row = 0
  /** The batch cannot be whole before the buffer is filled this far. */
  let wanted = 1
  let state: 'header' | 'rows' | 'ended' = 'header'
  /** The batch that somebody looks at. */
  let lent: Batch | undefined
  let rows = 0
  let bytes = 0

  function beginBatch(at: number): void {
    begin = at
    row = at
    found = 0
    wanted = at + batchBytes
  }

  function skipHeader(): void {
    const end = headerEnd(buffer.subarray(0, filled), thing)
    if (end < 0) return
    beginBatch(end)
    state = 'rows'
  }

  function wrongWidth(field: number, length: number): Error {
    return brokenStream(thing, `has ${length} bytes for ${names[field]}, which is ${declared[field]?.type}`)
  }

  /**
   * Finds the batch's rows from where it left off, and notes where their fields begin.
   * @returns whether the batch is whole
   */
  function frame(): boolean {
    const wire = buffer
    const end = filled
    const full = begin + batchBytes
    let k = found * stride
    let start = row
    while (start < full) {
      let at = start + 2
      if (at > end) {
        wanted = at
        break
      }
      const fields = ((wire[start]! << 24) >> 16) | wire[start + 1]!
      if (fields !== stride) {
        if (fields !== -1)
          throw brokenStream(thing, `has a row of ${fields} fields where ${stride} were asked for`)
        if (at !== end) throw brokenStream(thing, 'goes on after its trailer')
        state = 'ended'
        start = at
        break
      }
      let field = 0
      while (field < stride) {
        const value = at + 4
        if (value > end) break
        const length = (wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!
        if (length >= 0) {
          if (length !== widths[field] && widths[field]! > 0) throw wrongWidth(field, length)
          offsets[k + field] = value
          at = value + length
        } else {
          if (length !== -1) throw brokenStream(thing, `has a field of ${length} bytes`)
          offsets[k + field] = -1
          at = value
        }
        field++
      }
      if (field < stride || at > end) {
        // What is still to come of this row: at least the bytes of its value, or its next length.
        wanted = field < stride ? at + 4 : at
        break
      }
      k += stride
      start = at
    }
    row = start
    found = k / stride
    return start >= full || state === 'ended'
  }

  function lend(): Batch {
    const batch: Batch = {
      wire: buffer,
      offsets,
      stride,
      rowCount: found,
      bytes: row - begin,
      rowsBefore: rows,
      release(count) {
        if (lent === batch) release(count)
      },
    }
    lent = batch
    return batch
  }

  function release(count: number): void {
    lent = undefined
    rows += count
    if (count < found) {
      // The rows that are left begin a batch of their own.
      state = 'rows'
      beginBatch(rowAfter(begin, count))
    } else {
      beginBatch(row)
    }
    if (filled < wanted) compact()
  }

  /** Where the row begins that comes so many rows after the one that begins there. */
  function rowAfter(first: number, count: number): number {
    let at = first
    for (let fields = count * stride, field = 0; field < fields; field++) {
      if (field % stride === 0) at += 2
      const length = (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!
      at += 4 + Math.max(0, length)
    }
    return at
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
    filled = left
    beginBatch(0)
  }

  function append(chunk: Uint8Array): void {
    const needed = filled + chunk.length
    if (needed > buffer.length) {
      const grown = new Uint8Array(
        Math.max(needed, Math.min(wanted, 1 << 30) + batchBytes, buffer.length * 2),
      )
      grown.set(buffer.subarray(0, filled))
      releaseBytes(buffer)
      buffer = grown
    }
    buffer.set(chunk, filled)
    filled = needed
  }

  return {
    get rows() {
      return rows
    },
    get bytes() {
      return bytes
    },
    push(chunk) {
      if (chunk.length === 0) return
      if (state === 'ended') throw brokenStream(thing, 'goes on after its trailer')
      bytes += chunk.length
      append(chunk)
    },
    next() {
      lent?.release(lent.rowCount)
      if (filled < wanted) return undefined
      if (state === 'header') skipHeader()
      if (state !== 'rows' || filled < wanted) return undefined
      return frame() && found > 0 ? lend() : undefined
    },
    last() {
      lent?.release(lent.rowCount)
      if (state === 'header') skipHeader()
      if (state === 'rows') frame()
      if (found > 0) return lend()
      if (state !== 'ended') throw brokenStream(thing, 'ended before its trailer')
      return undefined
    },
  }
}
