/** Decoders of the wire forms that become strings of bytes: text, bytea, jsonb and uuid. */
import { reserveBytes, reserveValues, type Vector } from '../batch/vector.ts'
import { appendLevels } from './decode.ts'

/** Both hex digits of each byte, as a little-endian pair. */
const hexPairs = Int32Array.from({ length: 256 }, (_, byte) => {
  const [high = '', low = ''] = byte.toString(16).padStart(2, '0')
  return high.charCodeAt(0) | (low.charCodeAt(0) << 8)
})
const dash = 0x2d
/** Words of a value: its length, 36, and as many characters. */
const uuidWords = 10

/** Ten words a value keep every value at a word's boundary, so that four characters are written at once. */
export function decodeUuid(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  reserveValues(vector, rows)
  reserveBytes(vector, rows * uuidWords * 4)
  const { bytes, offsets: starts } = vector
  const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2)
  let n = vector.count
  let w = vector.used >> 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const fifth = hexPairs[wire[o + 5]!]!
    const eighth = hexPairs[wire[o + 8]!]!
    starts[n++] = w * 4
    words[w] = 36
    words[w + 1] = hexPairs[wire[o]!]! | (hexPairs[wire[o + 1]!]! << 16)
    words[w + 2] = hexPairs[wire[o + 2]!]! | (hexPairs[wire[o + 3]!]! << 16)
    words[w + 3] = dash | (hexPairs[wire[o + 4]!]! << 8) | (fifth << 24)
    words[w + 4] = (fifth >> 8) | (dash << 8) | (hexPairs[wire[o + 6]!]! << 16)
    words[w + 5] = hexPairs[wire[o + 7]!]! | (dash << 16) | (eighth << 24)
    words[w + 6] = (eighth >> 8) | (hexPairs[wire[o + 9]!]! << 8) | (dash << 24)
    words[w + 7] = hexPairs[wire[o + 10]!]! | (hexPairs[wire[o + 11]!]! << 16)
    words[w + 8] = hexPairs[wire[o + 12]!]! | (hexPairs[wire[o + 13]!]! << 16)
    words[w + 9] = hexPairs[wire[o + 14]!]! | (hexPairs[wire[o + 15]!]! << 16)
    w += uuidWords
  }
  starts[n] = w * 4
  vector.count = n
  vector.used = w * 4
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

/** From this length on a call that copies beats a loop of words. */
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
  // Neither a subarray nor any other object is made a value: that would cost more than the copy.
  const source = Buffer.from(wire.buffer, wire.byteOffset, wire.length)
  const from32 = new DataView(wire.buffer, wire.byteOffset, wire.length)
  let { bytes, used: to } = vector
  let to32 = new DataView(bytes.buffer)
  let n = vector.count
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const length = from32.getInt32(o - 4) - skip
    const from = o + skip
    if (to + length + 4 > bytes.length) {
      vector.used = to
      reserveBytes(vector, length + 4)
      bytes = vector.bytes
      to32 = new DataView(bytes.buffer)
    }
    starts[n++] = to
    to32.setInt32(to, length, true)
    to += 4
    if (length < longBytes) {
      let i = 0
      for (; i <= length - 4; i += 4) to32.setInt32(to + i, from32.getInt32(from + i))
      for (; i < length; i++) bytes[to + i] = wire[from + i]!
    } else {
      source.copy(bytes, to, from, from + length)
    }
    to += length
  }
  starts[n] = to
  vector.count = n
  vector.used = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}
