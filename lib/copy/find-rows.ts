/** Where the rows of a binary COPY are among its bytes (PostgreSQL manual, COPY, "Tuples"): looks at bytes, and holds none. */
import type { Columns } from '../declare/selection.ts'
import { fieldWidth } from '../types/field.ts'
import { brokenStream, type StreamPlace } from './broken-stream.ts'

/** Most bytes that a server has in one piece of memory (PostgreSQL, memutils.h, MaxAllocSize), and so in one message. */
const mostBytes = 0x3fff_ffff

/** How far rows have been found. */
export interface Place {
  /** Rows of the stream before the batch. */
  rowsBefore: number
  /** Bytes of the stream before those there are. */
  bytesBefore: number
  /** Rows found since the batch began. */
  found: number
  /** Where the row after them begins. */
  row: number
  /** No more can be found before there are so many bytes. */
  wanted: number
  /** Whether the trailer has been found, behind the last row. */
  ended: boolean
}

/**
 * Finds rows from `place` on, up to the one that reaches `full`, and notes where their fields begin, −1 for null.
 * @param end of the bytes there are
 * @returns whether there are no more to find, as the batch is full or the stream has ended
 * @throws Failure (1) for what no COPY sends
 */
export type FindRows = (
  wire: Uint8Array,
  end: number,
  full: number,
  offsets: Int32Array,
  place: Place,
) => boolean

/** @param thing what is read, for messages @param columns those of the stream, in its order */
export function rowFinder(thing: string, columns: Columns): FindRows {
  const names = Object.keys(columns)
  const declared = Object.values(columns)
  const stride = names.length
  const widths = Int32Array.from(declared, fieldWidth)

  function wrongLength(field: number, length: number, place: StreamPlace): Error {
    const isLength = length >= 0 && length <= mostBytes
    const reason = isLength
      ? `has ${length} bytes for ${names[field]}, which is ${declared[field]?.type}`
      : `has a field of ${length} bytes, ${names[field]}`
    return brokenStream(thing, reason, place)
  }

  /** @param fields of the batch's rows before */
  function inStream({ rowsBefore, bytesBefore }: Place, fields: number, at: number): StreamPlace {
    return { row: rowsBefore + fields / stride + 1, byte: bytesBefore + at }
  }

  return (wire, end, full, offsets, place) => {
    const from32 = new DataView(wire.buffer, wire.byteOffset, wire.length)
    let k = place.found * stride
    let start = place.row
    while (start < full) {
      let at = start + 2
      if (at > end) {
        place.wanted = at
        break
      }
      const fields = ((wire[start]! << 24) >> 16) | wire[start + 1]!
      if (fields !== stride) {
        if (fields !== -1)
          throw brokenStream(
            thing,
            `has a row of ${fields} fields where ${stride} were asked for`,
            inStream(place, k, start),
          )
        if (at !== end) throw brokenStream(thing, 'goes on after its trailer', inStream(place, k, at))
        place.ended = true
        start = at
        break
      }
      let field = 0
      while (field < stride) {
        const value = at + 4
        if (value > end) break
        const length = from32.getInt32(at)
        const width = widths[field]!
        if (length === width) {
          // Where the next field begins is known then before the length has been read, so that fields need not wait.
          offsets[k + field] = value
          at = value + width
        } else if (length >= 0) {
          if (width > 0 || length > mostBytes) throw wrongLength(field, length, inStream(place, k, at))
          offsets[k + field] = value
          at = value + length
        } else {
          if (length !== -1) throw wrongLength(field, length, inStream(place, k, at))
          offsets[k + field] = -1
          at = value
        }
        field++
      }
      if (field < stride || at > end) {
        // What is still to come of this row: at least the bytes of its value, or its next length.
        place.wanted = field < stride ? at + 4 : at
        break
      }
      k += stride
      start = at
    }
    place.row = start
    place.found = k / stride
    return start >= full || place.ended
  }
}

/** Where the row begins that comes so many rows after the one that begins there; all of them have been found. */
export function rowAfter(wire: Uint8Array, first: number, count: number, stride: number): number {
  let at = first
  for (let fields = count * stride, field = 0; field < fields; field++) {
    if (field % stride === 0) at += 2
    const length = (wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!
    at += 4 + Math.max(0, length)
  }
  return at
}
