/** Decoders of the wire forms whose values all have one width: numbers, booleans, dates and timestamps. */
import { reserveValues, type Vector } from '../batch/vector.ts'
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
import { appendLevels } from './decode.ts'

export function decodeWord(
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

export function decodeInt16(
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

export function decodeInt64(
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
export function decodeOid(
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

export function decodeBoolean(
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

export function decodeDate(
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

export function decodeTimestamp(
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
