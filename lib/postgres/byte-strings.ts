/** Decoders of the wire forms that become strings of bytes: text, bytea, jsonb and uuid. */
import { reserveBytes, reserveValues, type Vector } from '../vectors.ts'
import { appendLevels } from './decode.ts'

const hexDigits = new TextEncoder().encode('0123456789abcdef')

export function decodeUuid(
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

export function decodeBytes(
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
export function decodeJsonb(
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
