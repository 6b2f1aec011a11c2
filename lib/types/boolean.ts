/** `boolean`: bool, a byte on the wire. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { given } from './given.ts'
import { appendLevels } from './levels.ts'
import { column, type Type } from './type.ts'

const values: Type = {
  sentAs: ['bool'],
  width: 1,
  kind: 'boolean',
  malformed,
  decoder: () => decodeBoolean,
  reader: () => (wire, offset) => wire[offset] === 1,
  appender: () => appendBoolean,
  describe: (wire, offset) => String(wire[offset] === 1),
  key: {
    words: 'true or false',
    takes: (value) => typeof value === 'boolean',
    put(key, value) {
      key.bytes[key.used++] = value === true ? 1 : 0
      return typeof value === 'boolean'
    },
  },
}

export const boolean = column<boolean>({
  type: 'boolean',
  values,
  parquet: { physical: 'BOOLEAN', logical: { kind: 'none' } },
  athena: 'boolean',
  accepts: ['bool'],
})

/** It is sent as 0 or 1 (boolsend). */
function malformed(wire: Uint8Array, offsets: Int32Array, at: number, stride: number, rows: number): number {
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0 && wire[o]! > 1) return row
  }
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
  let n = vector.valueCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0) bytes[n++] = wire[o]!
  }
  vector.valueCount = n
  vector.byteCount = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

function appendBoolean(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'boolean') return given(value, 'a boolean')
  vector.bytes[vector.byteCount++] = value ? 1 : 0
  vector.valueCount++
  return undefined
}
