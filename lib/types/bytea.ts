/** `bytea`: bytes as they are. */
import { reserveBytes, type Vector } from '../batch/vector.ts'
import { decodeBytes, describeText, endBytes } from './bytes.ts'
import { given } from './given.ts'
import { type KeyBytes, putWord, reserveKey } from './key-bytes.ts'
import { column, type Type } from './type.ts'
import { int32 } from './wire.ts'

const values: Type = {
  sentAs: ['bytea'],
  width: 0,
  kind: 'binary',
  decoder: () => decodeBytes,
  reader: () => readBytes,
  appender: () => appendBytes,
  describe: describeText,
  key: {
    words: 'a Uint8Array',
    takes: (value) => value instanceof Uint8Array,
    put: (key, value) => value instanceof Uint8Array && putBytes(key, value),
  },
  isChangeable: true,
  isSortedByText: true,
}

export const bytea = column<Uint8Array>({
  type: 'bytea',
  values,
  parquet: { physical: 'BYTE_ARRAY', logical: { kind: 'none' } },
  athena: 'binary',
  accepts: ['bytea'],
})

/** A copy, as slice() of a Buffer is none. */
function readBytes(wire: Uint8Array, offset: number): Uint8Array {
  return new Uint8Array(wire.subarray(offset, offset + int32(wire, offset - 4)))
}

function appendBytes(vector: Vector, value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return given(value, 'a Uint8Array')
  reserveBytes(vector, 4 + value.length)
  vector.bytes.set(value, vector.byteCount + 4)
  endBytes(vector, value.length)
  return undefined
}

function putBytes(key: KeyBytes, value: Uint8Array): boolean {
  reserveKey(key, 4 + value.length)
  putWord(key, value.length)
  key.bytes.set(value, key.used)
  key.used += value.length
  return true
}
