/**
 * Rows of a lookup in one array of bytes, as small as they come and quick to read: a bit a null, then the values of
 * one width at a fixed place, then the others, each behind its length. Values are as a binary COPY sends them, the highest byte first.
 */
import type { Column } from '../columns.ts'
import { wireWidths } from '../postgres/wire-widths.ts'

export interface PackedRows {
  bytes: Uint8Array<ArrayBuffer>
  /** Bytes used, and where the next row begins. */
  used: number
  readonly fields: readonly Field[]
  /** Bytes from a row's beginning to the end of its null bits. */
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
export function createPackedRows(columns: readonly Column[], headerBytes: number): PackedRows {
  const nullsEnd = headerBytes + Math.ceil(columns.length / 8)
  let fixedBytes = nullsEnd
  let varying = 0
  const fields = columns.map((column, at): Field => {
    const width = column.element === undefined ? wireWidths[column.wire] : 0
    const place = width > 0 ? fixedBytes : varying++
    fixedBytes += width
    return { column, nullByte: headerBytes + (at >> 3), nullBit: 1 << (at & 7), width, place }
  })
  return { bytes: new Uint8Array(64 * 1024), used: 0, fields, nullsEnd, fixedBytes, varying }
}

/** Appends a row of a COPY buffer. @returns where it begins */
export function appendRow(rows: PackedRows, wire: Uint8Array, offsets: Int32Array, first: number): number {
  const { fields, fixedBytes, nullsEnd } = rows
  let size = fixedBytes
  for (let at = 0; at < fields.length; at++) {
    const offset = offsets[first + at]!
    if (fields[at]!.width === 0) size += 4 + (offset < 0 ? 0 : int32(wire, offset - 4))
  }
  const start = rows.used
  reserve(rows, size)
  const { bytes } = rows
  for (let at = start; at < start + nullsEnd; at++) bytes[at] = 0
  let to = start + fixedBytes
  for (let at = 0; at < fields.length; at++) {
    const { width, place, nullByte, nullBit } = fields[at]!
    const offset = offsets[first + at]!
    if (offset < 0) bytes[start + nullByte] = bytes[start + nullByte]! | nullBit
    if (width === 0) {
      const length = offset < 0 ? 0 : int32(wire, offset - 4)
      putInt32(bytes, to, length)
      copy(wire, offset, bytes, to + 4, length)
      to += 4 + length
    } else if (offset >= 0) {
      copy(wire, offset, bytes, start + place, width)
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

export function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}

function copy(from: Uint8Array, at: number, to: Uint8Array, place: number, length: number): void {
  if (length > 48) to.set(from.subarray(at, at + length), place)
  else for (let i = 0; i < length; i++) to[place + i] = from[at + i]!
}

function reserve(rows: PackedRows, size: number): void {
  const needed = rows.used + size
  // The old space is given back at once: it lies outside the heap, where the collector hardly sees it grow.
  if (needed > rows.bytes.length)
    rows.bytes = new Uint8Array(rows.bytes.buffer.transfer(Math.max(needed, rows.bytes.length * 2)))
}
