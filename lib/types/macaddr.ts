/** `macaddr` and `macaddr8`: 6 and 8 bytes on the wire, and as Postgres prints them to everyone else. */
import { reserveBytes, reserveValues, type Vector } from '../batch/vector.ts'
import { appendText, asText, utf8String } from './bytes.ts'
import { given } from './given.ts'
import { appendLevels } from './levels.ts'
import { type Column, column, type Type } from './type.ts'
import { hex } from './wire.ts'

/** An address as Postgres prints it: `08:00:2b:01:02:03`. */
export const macaddr = addressOf('macaddr', 6, decodeSix)

/** An address as Postgres prints it: `08:00:2b:01:02:03:04:05`. */
export const macaddr8 = addressOf('macaddr8', 8, decodeEight)

function addressOf(type: string, width: number, decode: typeof decodeSix): Column<string> {
  const form = new RegExp(`^(?:[0-9a-f]{2}:){${width - 1}}[0-9a-f]{2}$`)
  const example = '08:00:2b:01:02:03:04:05'.slice(0, width * 3 - 1)
  const read = (wire: Uint8Array, offset: number) =>
    hex(wire, offset, offset + width).replace(/..(?=.)/g, '$&:')
  const values: Type = {
    ...asText,
    sentAs: [type],
    width,
    decoder: () => decode,
    reader: () => read,
    appender: () => (vector, value) =>
      typeof value === 'string' && form.test(value)
        ? appendText(vector, value)
        : given(value, `an address such as ${example}`),
    describe: read,
  }
  return column({ type, values, parquet: utf8String, athena: 'string', accepts: [type] })
}

function decodeSix(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  return decodeAddress(wire, offsets, at, stride, rows, vector, 6)
}

function decodeEight(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  return decodeAddress(wire, offsets, at, stride, rows, vector, 8)
}

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const colon = 0x3a

function decodeAddress(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
  width: number,
): number {
  const length = width * 3 - 1
  reserveValues(vector, rows)
  reserveBytes(vector, rows * (4 + length))
  const { bytes, offsets: starts } = vector
  let n = vector.valueCount
  let to = vector.byteCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    starts[n++] = to
    bytes[to] = length
    bytes[to + 1] = 0
    bytes[to + 2] = 0
    bytes[to + 3] = 0
    to += 4
    for (let i = 0; i < width; i++) {
      const byte = wire[o + i]!
      if (i > 0) bytes[to++] = colon
      bytes[to++] = digits[byte >> 4]!
      bytes[to++] = digits[byte & 15]!
    }
  }
  starts[n] = to
  vector.valueCount = n
  vector.byteCount = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}
