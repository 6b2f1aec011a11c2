/**
 * A binary COPY stream to column vectors (PostgreSQL manual, COPY, "Binary Format").
 * Chunks may end anywhere: they are gathered into one buffer, whole rows are found in one pass over their
 * lengths, then each column is decoded by one loop over the rows of a batch.
 *
 * Where a batch ends depends on the rows alone, never on the chunks they came in: pages and row groups are cut
 * between batches, and the same rows are to make the same file.
 */

import { createVector, type Vector } from '../batch/vector.ts'
import { Failure } from '../failure/failure.ts'
import { decoderFor } from '../types/decoder.ts'
import { fieldWidth } from '../types/field.ts'
import type { Column, Decode } from '../types/type.ts'
import { outOfRange, type ReadTable } from './out-of-range.ts'

/** Whole rows as they lie in the COPY buffer, before they are decoded. */
export interface WireRows {
  readonly wire: Uint8Array
  /** Where the fields begin, row after row; −1 for null. A field's length is in the 4 bytes before it. */
  readonly offsets: Int32Array
  /** Fields a row. */
  readonly stride: number
  readonly rows: number
  /** Rows of the stream before these. */
  readonly before: number
}

/** What became of rows. */
export interface Taken {
  /** The first so many were looked at; the others come again. At least one. */
  readonly taken: number
  /** So many of them are to be decoded, whose offsets now come first. */
  readonly kept: number
  /** Which those are, among the rows; absent where all are. */
  readonly places?: Int32Array
}

export interface CopyDecoder {
  /** One a column that is not internal, in the order of the query. Whoever takes their values clears them. */
  readonly vectors: readonly Vector[]
  /** Rows received since the start. */
  readonly rows: number
  /** Those of them that were kept. */
  readonly kept: number
  /** Bytes received since the start. */
  readonly bytes: number
  /** Values that lossy columns have let pass, by column; those that had none are left out. */
  readonly softened: Readonly<Record<string, number>>
  /**
   * Takes a copy of the chunk, and decodes a batch if one is whole.
   * @returns whether rows were decoded; `resume` is then to be called until it answers no
   * @throws Failure (3) naming table, column, value and row where a value has no place in its column
   */
  push(chunk: Uint8Array): boolean
  /** Decodes the next batch if it is whole. As `push`. */
  resume(): boolean
  /** After the last chunk: decodes a batch, whole or not; to be called until it answers no. As `push`. */
  flush(): boolean
  /**
   * Decodes what is left.
   * @throws Failure (1) if the stream ended without its trailer
   */
  finish(): void
}

export interface CopyDecoderOptions extends Omit<ReadTable, 'name'> {
  /** For messages. */
  readonly table: string
  /** Columns that are not decoded. */
  readonly internal?: readonly string[]
  /** Sees rows before they are decoded, and moves the offsets of those to keep to the front. */
  readonly onRows?: (rows: WireRows) => Taken
  /**
   * A batch ends with the row that brings it to so many bytes: enough rows to make the loops worth their start, few
   * enough to stay in cache.
   */
  readonly batchBytes?: number
}

const signature = Uint8Array.from('PGCOPY\n\xff\r\n\0', (character) => character.charCodeAt(0))
/** Signature (11 bytes), flags (4), length of the header extension (4). */
const headerBytes = 19
/** A column with a place in the lake. */
interface Decoded {
  /** Among the fields of a row. */
  readonly at: number
  readonly vector: Vector
  readonly decode: Decode
}

/** A buffer beyond this was grown for one huge row and is not kept. */
const keptBytes = 4 * 1024 * 1024

export function createCopyDecoder({
  table,
  columns,
  internal = [],
  onRows,
  batchBytes = 256 * 1024,
  ...options
}: CopyDecoderOptions): CopyDecoder {
  const names = Object.keys(columns)
  const declared = Object.values(columns)
  const stride = names.length
  const softened: Record<string, number> = Object.create(null)
  const decoded = Object.entries(columns).flatMap(([name, column], at): Decoded[] =>
    internal.includes(name) ? [] : [{ at, vector: createVector(column), decode: decoderOf(name, column) }],
  )
  const widths = Int32Array.from(declared, fieldWidth)
  // Each field takes at least its length's 4 bytes, so this many fields are the most that a batch has.
  const offsets = new Int32Array(Math.ceil(batchBytes / 4) + stride)

  let buffer = new Uint8Array(batchBytes * 2)
  let filled = 0
  /** Where the batch begins; what lies before it is decoded. */
  let next = 0
  /** Rows of the batch that are found already, and where the one after them begins. */
  let found = 0
  let row = 0
  /** The batch cannot be whole before the buffer is filled this far. */
  let wanted = headerBytes
  let state: 'header' | 'rows' | 'ended' = 'header'
  let rows = 0
  let kept = 0
  let bytes = 0

  function decoderOf(name: string, column: Column): Decode {
    return decoderFor(column, (values) => {
      softened[name] = (softened[name] ?? 0) + values
    })
  }

  function corrupt(reason: string): Failure {
    return new Failure({
      exit: 1,
      act: 'read',
      thing: table,
      reason: `the COPY stream ${reason}`,
      advice: 'Run it again; nothing was published.',
    })
  }

  /** Never to be seen, as the query casts what is of another type: but a guess would be worse than a stop. */
  function wrongWidth(field: number, length: number): Failure {
    return corrupt(`has ${length} bytes for ${names[field]}, which is ${declared[field]?.type}`)
  }

  function readHeader(): boolean {
    if (filled < headerBytes) return false
    for (let i = 0; i < signature.length; i++)
      if (buffer[i] !== signature[i]) throw corrupt('does not begin with its signature')
    if ((buffer[11]! | buffer[12]! | buffer[13]! | buffer[14]!) !== 0)
      throw corrupt('has flags that are not known')
    const extension = (buffer[15]! << 24) | (buffer[16]! << 16) | (buffer[17]! << 8) | buffer[18]!
    if (extension < 0) throw corrupt('has a header of negative length')
    if (filled < headerBytes + extension) return false
    beginBatch(headerBytes + extension)
    state = 'rows'
    return true
  }

  function beginBatch(at: number): void {
    next = at
    row = at
    found = 0
    wanted = at + batchBytes
  }

  /**
   * Finds the batch's rows from where it left off, and notes where their fields begin.
   * @returns whether the batch is whole
   */
  function frame(): boolean {
    const wire = buffer
    const end = filled
    const full = next + batchBytes
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
        if (fields !== -1) throw corrupt(`has a row of ${fields} fields where ${stride} were asked for`)
        if (at !== end) throw corrupt('goes on after its trailer')
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
          if (length !== -1) throw corrupt(`has a field of ${length} bytes`)
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

  /** @returns how many of the rows found are done with */
  function decode(): number {
    const all: Taken = { taken: found, kept: found }
    const taken = onRows?.({ wire: buffer, offsets, stride, rows: found, before: rows }) ?? all
    for (const { at, vector, decode } of decoded) {
      const misfit = decode(buffer, offsets, at, stride, taken.kept, vector)
      if (misfit < 0) continue
      const number = rows + (taken.places?.[misfit] ?? misfit) + 1
      const row = { wire: buffer, offsets, first: misfit * stride, number }
      throw outOfRange({ name: table, columns, ...options }, row, at)
    }
    rows += taken.taken
    kept += taken.kept
    return taken.taken
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

  /** Decodes the batch if it is whole; at the stream's end whatever there is of it. @returns whether there were rows */
  function drain(atEnd: boolean): boolean {
    if (state === 'header' && !readHeader()) return false
    const whole = state === 'rows' && (atEnd || filled >= wanted) && frame()
    if (found === 0 || !(whole || atEnd)) return false
    const count = found
    const taken = decode()
    if (taken < count) {
      // The rows that are left begin a batch of their own.
      state = 'rows'
      beginBatch(rowAfter(next, taken))
    } else {
      beginBatch(row)
    }
    if (filled < wanted) compact()
    return true
  }

  /** Moves the batch under way to the front of the buffer. */
  function compact(): void {
    const left = filled - next
    if (buffer.length > keptBytes && left < batchBytes) {
      const smaller = new Uint8Array(batchBytes * 2)
      smaller.set(buffer.subarray(next, filled))
      buffer = smaller
    } else {
      buffer.copyWithin(0, next, filled)
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
      buffer = grown
    }
    buffer.set(chunk, filled)
    filled = needed
  }

  return {
    vectors: decoded.map(({ vector }) => vector),
    softened,
    get rows() {
      return rows
    },
    get kept() {
      return kept
    },
    get bytes() {
      return bytes
    },
    push(chunk) {
      if (chunk.length === 0) return false
      if (state === 'ended') throw corrupt('goes on after its trailer')
      bytes += chunk.length
      append(chunk)
      return filled >= wanted && drain(false)
    },
    resume: () => filled >= wanted && drain(false),
    flush: () => drain(true),
    finish() {
      while (drain(true)) {
        // Decoding is all there is to do.
      }
      if (state !== 'ended') throw corrupt('ended before its trailer')
    },
  }
}
