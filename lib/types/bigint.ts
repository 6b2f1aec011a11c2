/** `bigint`: int8. */
import { putLong } from './key-bytes.ts'
import { column, type Type } from './type.ts'
import { int64 } from './wire.ts'
import { bigintAppender, decodeInt64 } from './words.ts'

const int8: Type = {
  sentAs: ['int8'],
  width: 8,
  kind: 'integer',
  decoder: () => decodeInt64,
  reader: () => int64,
  appender: () => bigintAppender(-(1n << 63n), (1n << 63n) - 1n),
  describe: (wire, offset) => String(int64(wire, offset)),
  key: {
    words: 'a bigint',
    takes: (value) => typeof value === 'bigint',
    put: (key, value) => typeof value === 'bigint' && putLong(key, value),
  },
  order: 'signed',
  // Postgres has no sum of oids.
  inLake: (read, _, typname) => (typname === 'oid' ? `${read}::pg_catalog.int8` : read),
}

export const bigint = column<bigint>({
  type: 'bigint',
  values: int8,
  parquet: { physical: 'INT64', logical: { kind: 'none' } },
  athena: 'bigint',
  accepts: ['int2', 'int4', 'int8', 'oid'],
})
