/**
 * Rows of a lookup in one array of bytes, as small as they come and quick to read: a bit a null, then the values of
 * one width at a fixed place, then the others, each behind its length. Values are as a binary COPY sends them, the highest byte first.
 */

import { releaseBytes } from '../batch/vector.ts'
import { fieldWidth } from '../types/field.ts'
import type { Column } from '../types/type.ts'
import { int32, putInt32 } from '../types/wire.ts'

/** Where rows are packed while they come; one lookup after the other may have it, as each takes away a copy. */
export interface Space {
  bytes: Uint8Array
}

export interface PackedRows {
  readonly space: Space
  /** Those of the space, until the rows are all there. */
  bytes: Uint8Array
  /** Bytes used, and where the next row begins. */
  used: number
  readonly fields: readonly Field[]
  /** Widths and places of the fields, for the loop over rows. */
  readonly widths: Int32Array
  readonly places: Int32Array
  /** Bytes from a row's beginning to its null bits, and to their end. */
  readonly nullsAt: number
  readonly nullsEnd: number
  /** Bytes from a row's beginning to its values of various widths. */
  readonly fixedBytes: number
  /** How many of those there are. */
  readonly varying: number
}

export interface Field {
  readonly column: Column
  /** Its null bit, and the byte it is in. */
  readonly nullByte: number
  readonly nullBit: number
  /** Bytes of a value; 0: they differ. */
  readonly width: number
  /** Where a value of one width begins in its row; among those of various widths, which one it is. */
  readonly place: number
}

/** @param headerBytes that the rows' owner has for itself at the beginning of each */
export function createPackedRows(columns: readonly Column[], headerBytes: number, space: Space): PackedRows {
  const nullsEnd = headerBytes + Math.ceil(columns.length / 8)
  let fixedBytes = nullsEnd
  let varying = 0
  const fields = columns.map((column, at): Field => {
    const width = fieldWidth(column)
    const place = width > 0 ? fixedBytes : varying++
    fixedBytes += width
    return { column, nullByte: headerBytes + (at >> 3), nullBit: 1 << (at & 7), width, place }
  })
  return {
    space,
    bytes: space.bytes,
    used: 0,
    fields,
    widths: Int32Array.from(fields, ({ width }) => width),
    places: Int32Array.from(fields, ({ place }) => place),
    nullsAt: headerBytes,
    nullsEnd,
    fixedBytes,
    varying,
  }
}

/** Appends a row of a COPY buffer. @returns where it begins */
export function appendRow(rows: PackedRows, wire: Uint8Array, offsets: Int32Array, first: number): number {
  const { widths, places, nullsAt, nullsEnd, fixedBytes } = rows
  let size = fixedBytes
  for (let at = 0; at < widths.length; at++) {
    const offset = offsets[first + at]!
    if (widths[at] === 0) size += 4 + (offset < 0 ? 0 : int32(wire, offset - 4))
  }
  const start = rows.used
  const { bytes } = reserve(rows, size)
  for (let at = start; at < start + nullsEnd; at++) bytes[at] = 0
  let to = start + fixedBytes
  for (let at = 0; at < widths.length; at++) {
    const width = widths[at]!
    const offset = offsets[first + at]!
    if (offset < 0) {
      const byte = start + nullsAt + (at >> 3)
      bytes[byte] = bytes[byte]! | (1 << (at & 7))
    }
    if (width === 0) {
      const length = offset < 0 ? 0 : int32(wire, offset - 4)
      putInt32(bytes, to, length)
      copy(wire, offset, bytes, to + 4, length)
      to += 4 + length
    } else if (offset >= 0) {
      copy(wire, offset, bytes, start + places[at]!, width)
    }
  }
  rows.used = to
  return start
}

/** Where a value of a row begins; −1 for null. */
export function valueOffset({ bytes, fixedBytes }: PackedRows, field: Field, start: number): number {
  if ((bytes[start + field.nullByte]! & field.nullBit) !== 0) return -1
  if (field.width > 0) return start + field.place
  let at = start + fixedBytes
  for (let skip = field.place; skip > 0; skip--) at += 4 + int32(bytes, at)
  return at + 4
}

/** Where the next row begins. */
export function rowEnd({ bytes, fixedBytes, varying }: PackedRows, start: number): number {
  let at = start + fixedBytes
  for (let skip = varying; skip > 0; skip--) at += 4 + int32(bytes, at)
  return at
}

function copy(from: Uint8Array, at: number, to: Uint8Array, place: number, length: number): void {
  if (length > 48) to.set(from.subarray(at, at + length), place)
  else for (let i = 0; i < length; i++) to[place + i] = from[at + i]!
}

/** @returns where there is room now */
function reserve(rows: PackedRows, size: number): Space {
  const { space, used } = rows
  const needed = used + size
  if (needed > space.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, space.bytes.length * 2))
    grown.set(space.bytes.subarray(0, used))
    releaseBytes(space.bytes)
    space.bytes = grown
    rows.bytes = grown
  }
  return space
}
