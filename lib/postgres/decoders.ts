/**
 * One loop a wire form: appends a column's fields of many rows to its vector.
 * Offsets point into the COPY buffer, row after row, −1 for null; a field's length is in the 4 bytes before it.
 * Wire forms: PostgreSQL source, the `*_send` functions; 64-bit values are kept as two 32-bit halves.
 */
import type { Column, Wire } from '../columns.ts'
import { reserveBytes, reserveValues, type Vector } from '../vectors.ts'
import {
  epochDays,
  epochHigh,
  epochLow,
  firstDay,
  firstHigh,
  firstLow,
  lastDay,
  lastHigh,
  lastLow,
} from './calendar.ts'
import { appendLevels, type Decode } from './decode.ts'
import { listDecoder } from './list.ts'
import { decimalDecoder } from './numeric.ts'
import { softenerFor } from './soften.ts'

/** @param onSoftened hears how many values a lossy column has let pass */
export function decoderFor(column: Column, onSoftened: (values: number) => void = () => {}): Decode {
  const { element } = column
  const soften = softenerFor(element ?? column, onSoftened)
  if (element !== undefined) return requiring(column, listDecoder(column, valueDecoder(element), soften))
  const decode = requiring(column, valueDecoder(column))
  if (soften === undefined) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    soften(wire, offsets, at, stride, rows)
    return decode(wire, offsets, at, stride, rows, vector)
  }
}

function valueDecoder(column: Column): Decode {
  return column.wire === 'numeric' ? decimalDecoder(column) : decoders[column.wire]
}

const decoders: Readonly<Record<Exclude<Wire, 'numeric'>, Decode>> = {
  int2: decodeInt16,
  int4: decodeWord,
  int8: decodeInt64,
  oid: decodeOid,
  float4: decodeWord,
  float8: decodeInt64,
  bool: decodeBoolean,
  date: decodeDate,
  timestamp: decodeTimestamp,
  uuid: decodeUuid,
  jsonb: decodeJsonb,
  bytes: decodeBytes,
}

/** Nulls are found before anything is appended, so that the loops need not ask which kind of column it is. */
function requiring({ nullable }: Column, decode: Decode): Decode {
  if (nullable) return decode
  return (wire, offsets, at, stride, rows, vector) => {
    for (let row = 0, k = at; row < rows; row++, k += stride) if (offsets[k]! < 0) return row
    return decode(wire, offsets, at, stride, rows, vector)
  }
}

function decodeWord(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n++] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
  }
  vector.count = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeInt16(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n++] = ((wire[o]! << 24) | (wire[o + 1]! << 16)) >> 16
  }
  vector.count = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeInt64(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count * 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n + 1] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    words[n] = (wire[o + 4]! << 24) | (wire[o + 5]! << 16) | (wire[o + 6]! << 8) | wire[o + 7]!
    n += 2
  }
  vector.count = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

/** oid is unsigned, so its INT64 has a high half of zero. */
function decodeOid(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count * 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    words[n + 1] = 0
    n += 2
  }
  vector.count = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeBoolean(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { bytes } = vector
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0) bytes[n++] = wire[o]!
  }
  vector.count = n
  vector.used = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeDate(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const day = ((wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!) + epochDays
    if (day < firstDay || day > lastDay) return row
    words[n++] = day
  }
  vector.count = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeTimestamp(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  const { words } = vector
  let n = vector.count * 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const high = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    const low = (wire[o + 4]! << 24) | (wire[o + 5]! << 16) | (wire[o + 6]! << 8) | wire[o + 7]!
    if (high <= firstHigh || high >= lastHigh) {
      const within =
        (high > firstHigh || (high === firstHigh && low >>> 0 >= firstLow)) &&
        (high < lastHigh || (high === lastHigh && low >>> 0 <= lastLow))
      if (!within) return row
    }
    const sum = (low + epochLow) | 0
    words[n] = sum
    words[n + 1] = high + epochHigh + (sum >>> 0 < low >>> 0 ? 1 : 0)
    n += 2
  }
  vector.count = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

const hexDigits = new TextEncoder().encode('0123456789abcdef')

function decodeUuid(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  reserveBytes(vector, rows * 40)
  const { bytes, offsets: starts } = vector
  let n = vector.count
  let to = vector.used
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    starts[n++] = to
    bytes[to] = 36
    bytes[to + 1] = 0
    bytes[to + 2] = 0
    bytes[to + 3] = 0
    to += 4
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) bytes[to++] = 45
      const byte = wire[o + i]!
      bytes[to] = hexDigits[byte >> 4]!
      bytes[to + 1] = hexDigits[byte & 15]!
      to += 2
    }
  }
  starts[n] = to
  vector.count = n
  vector.used = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function decodeBytes(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  return appendBytes(wire, offsets, at, stride, rows, vector, 0)
}

/** jsonb is sent as a version byte, 1, and the text (jsonb_send); another version is another form. */
function decodeJsonb(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0 && wire[o] !== 1) return row
  }
  return appendBytes(wire, offsets, at, stride, rows, vector, 1)
}

/** From this length on `set` beats a loop of bytes. */
const longBytes = 48

function appendBytes(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
  skip: number,
): number {
  reserveValues(vector, rows)
  const starts = vector.offsets
  let { bytes, used: to } = vector
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const length = ((wire[o - 4]! << 24) | (wire[o - 3]! << 16) | (wire[o - 2]! << 8) | wire[o - 1]!) - skip
    const from = o + skip
    if (to + length + 4 > bytes.length) {
      vector.used = to
      reserveBytes(vector, length + 4)
      bytes = vector.bytes
    }
    starts[n++] = to
    bytes[to] = length
    bytes[to + 1] = length >> 8
    bytes[to + 2] = length >> 16
    bytes[to + 3] = length >> 24
    to += 4
    if (length < longBytes) for (let i = 0; i < length; i++) bytes[to + i] = wire[from + i]!
    else bytes.set(wire.subarray(from, from + length), to)
    to += length
  }
  starts[n] = to
  vector.count = n
  vector.used = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}
