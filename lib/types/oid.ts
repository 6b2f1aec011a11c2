/** `oid`: 32 bits without a sign, which a bigint holds. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { putWord } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { column, type Type } from './type.ts'
import { int32 } from './wire.ts'
import { bigintAppender } from './words.ts'

const greatest = 0xffff_ffffn

const values: Type = {
  sentAs: ['oid'],
  width: 4,
  kind: 'integer',
  decoder: () => decodeOid,
  reader: () => (wire, offset) => BigInt(int32(wire, offset) >>> 0),
  appender: () => bigintAppender(0n, greatest),
  describe: (wire, offset) => String(int32(wire, offset) >>> 0),
  key: {
    words: 'a bigint',
    takes: (value) => typeof value === 'bigint',
    put: (key, value) =>
      typeof value === 'bigint' && value >= 0n && value <= greatest && putWord(key, Number(value)),
  },
  order: 'unsigned',
  // Postgres has no sum of oids.
  inLake: (read) => `${read}::pg_catalog.int8`,
}

export const oid = column<bigint>({
  type: 'oid',
  values,
  parquet: { physical: 'INT64', logical: { kind: 'none' } },
  athena: 'bigint',
  accepts: ['oid'],
})

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
  let n = vector.valueCount * 2
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    words[n] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    words[n + 1] = 0
    n += 2
  }
  vector.valueCount = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}
