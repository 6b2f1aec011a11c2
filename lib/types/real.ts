/** `real` and `doublePrecision`: float4 and float8. NaN and infinities are values as any other. */
import type { Vector } from '../batch/vector.ts'
import { given } from './given.ts'
import { column, type Type } from './type.ts'
import { decodeInt64, decodeWord } from './words.ts'

const float4: Type = {
  sentAs: ['float4'],
  width: 4,
  kind: 'real',
  decoder: () => decodeWord,
  reader: () => readReal,
  appender: () => appendReal,
  describe: (wire, offset) => String(readReal(wire, offset)),
}

const float8: Type = {
  sentAs: ['float8'],
  width: 8,
  kind: 'double',
  decoder: () => decodeInt64,
  reader: () => readDouble,
  appender: () => appendDouble,
  describe: (wire, offset) => String(readDouble(wire, offset)),
}

export const real = column<number>({
  type: 'real',
  values: float4,
  parquet: { physical: 'FLOAT', logical: { kind: 'none' } },
  athena: 'float',
  accepts: ['float4'],
})

export const doublePrecision = column<number>({
  type: 'double precision',
  script: 'doublePrecision',
  values: float8,
  parquet: { physical: 'DOUBLE', logical: { kind: 'none' } },
  athena: 'double',
  accepts: ['float4', 'float8'],
})

function readReal(wire: Uint8Array, offset: number): number {
  return new DataView(wire.buffer, wire.byteOffset).getFloat32(offset)
}

function readDouble(wire: Uint8Array, offset: number): number {
  return new DataView(wire.buffer, wire.byteOffset).getFloat64(offset)
}

const halves = new Int32Array(2)
const float = new Float64Array(halves.buffer)
const single = new Float32Array(halves.buffer)

function appendReal(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'number') return given(value, 'a number')
  single[0] = value
  if (!Object.is(single[0], value)) return `${value}, which no real holds`
  vector.words[vector.valueCount++] = halves[0]!
  return undefined
}

function appendDouble(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'number') return given(value, 'a number')
  float[0] = value
  const at = vector.valueCount * 2
  vector.words[at] = halves[0]!
  vector.words[at + 1] = halves[1]!
  vector.valueCount++
  return undefined
}
