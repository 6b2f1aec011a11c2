/** `smallint` and `integer`: int2 and int4. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { type KeyBytes, putWord } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { column, type ParquetType, type Type } from './type.ts'
import { int16, int32 } from './wire.ts'
import { decodeWord, integerAppender } from './words.ts'

const isNumber = (value: unknown) => typeof value === 'number'
const parquet: ParquetType = { physical: 'INT32', logical: { kind: 'none' } }

const int4: Type = {
  sentAs: ['int4'],
  width: 4,
  kind: 'integer',
  decoder: () => decodeWord,
  reader: () => int32,
  appender: () => integerAppender(-0x8000_0000, 0x7fff_ffff),
  describe: (wire, offset) => String(int32(wire, offset)),
  key: {
    words: 'a number',
    takes: isNumber,
    put: (key, value) => typeof value === 'number' && (value | 0) === value && putWord(key, value),
    isWord: true,
  },
  order: 'signed',
}

const int2: Type = {
  ...int4,
  sentAs: ['int2'],
  width: 2,
  decoder: () => decodeInt16,
  reader: () => int16,
  appender: () => integerAppender(-0x8000, 0x7fff),
  describe: (wire, offset) => String(int16(wire, offset)),
  key: { words: 'a number', takes: isNumber, put: putInt16 },
}

export const smallint = column<number>({
  type: 'smallint',
  values: int2,
  parquet,
  athena: 'int',
  accepts: ['int2'],
})

export const integer = column<number>({
  type: 'integer',
  values: int4,
  parquet,
  athena: 'int',
  accepts: ['int2', 'int4'],
})

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
  let n = vector.valueCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n++] = ((wire[o]! << 24) | (wire[o + 1]! << 16)) >> 16
  }
  vector.valueCount = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function putInt16(key: KeyBytes, value: unknown): boolean {
  if (typeof value !== 'number' || (value << 16) >> 16 !== value) return false
  key.bytes[key.used++] = value >> 8
  key.bytes[key.used++] = value
  return true
}
