/** `uuid`: 16 bytes on the wire, and 36 characters to everyone else. */
import { reserveBytes, reserveValues, type Vector } from '../batch/vector.ts'
import { appendText, asText, utf8String } from './bytes.ts'
import { given } from './given.ts'
import { type KeyBytes, putWord } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { column, type Type } from './type.ts'
import { hex } from './wire.ts'

const values: Type = {
  ...asText,
  sentAs: ['uuid'],
  width: 16,
  decoder: () => decodeUuid,
  reader: () => readUuid,
  appender: () => (vector, value) =>
    typeof value === 'string' && canonical.test(value)
      ? appendText(vector, value)
      : given(value, 'a uuid in its 36 lower-case characters'),
  describe: (wire, offset) => hex(wire, offset, offset + 16),
  key: { words: 'a string', takes: (value) => typeof value === 'string', put: putUuid },
}

export const uuid = column<string>({
  type: 'uuid',
  values,
  parquet: utf8String,
  athena: 'string',
  accepts: ['uuid'],
})

/** Both hex digits of each byte, as a little-endian pair. */
const hexPairs = Int32Array.from({ length: 256 }, (_, byte) => {
  const [high = '', low = ''] = byte.toString(16).padStart(2, '0')
  return high.charCodeAt(0) | (low.charCodeAt(0) << 8)
})
const dash = 0x2d
/** Words of a value: its length, 36, and as many characters. */
const uuidWords = 10

/** Ten words a value keep every value at a word's boundary, so that four characters are written at once. */
function decodeUuid(
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
  let n = vector.valueCount
  let w = vector.byteCount >> 2
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
  vector.valueCount = n
  vector.byteCount = w * 4
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function readUuid(wire: Uint8Array, offset: number): string {
  const digits = hex(wire, offset, offset + 16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function putUuid(key: KeyBytes, value: unknown): boolean {
  if (typeof value !== 'string' || !canonical.test(value)) return false
  const digits = value.replaceAll('-', '')
  for (let at = 0; at < 32; at += 8) putWord(key, Number.parseInt(digits.slice(at, at + 8), 16))
  return true
}
