/** Values whose bytes are on the wire as the file has them, texts above all: what the types of one name each have in common. */
import { reserveBytes, reserveValues, type Vector } from '../batch/vector.ts'
import { describeValue, given } from './given.ts'
import { type KeyBytes, putWord, reserveKey } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import type { KeyForm, ParquetType, Type } from './type.ts'
import { int32, utf8 } from './wire.ts'

export const utf8String: ParquetType = { physical: 'BYTE_ARRAY', logical: { kind: 'string' } }

export const textKey: KeyForm = {
  words: 'a string',
  takes: (value) => typeof value === 'string',
  put: putText,
}

/** What all types have in common that are text in the lake. */
export const asText: Pick<Type, 'kind' | 'appender' | 'inLake'> = {
  kind: 'text',
  appender: () => appendText,
  inLake: textInLake,
}

/** A cast of char(n) would strip the padding, which COPY sends. */
export function textInLake(read: string, _: unknown, typname: string): string {
  return typname === 'bpchar'
    ? `pg_catalog.textin(pg_catalog.bpcharout(${read}))`
    : `${read}::pg_catalog.text`
}

export function readText(wire: Uint8Array, offset: number): string {
  return utf8(wire, offset, offset + int32(wire, offset - 4))
}

const longestText = 80

/** Its beginning, in quotes. */
export function describeText(wire: Uint8Array, offset: number): string {
  const length = int32(wire, offset - 4)
  const start = new TextDecoder().decode(wire.subarray(offset, offset + Math.min(length, longestText)))
  return length > longestText ? `"${start}…"` : `"${start}"`
}

export function decodeBytes(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  return decodeFrom(wire, offsets, at, stride, rows, vector, 0)
}

/** From this length on a call that copies beats a loop of words. */
const longBytes = 64
/** Copied at once, though the value may end before: the next one overwrites what is too many. */
const stepBytes = 8

/** Takes any bytes. Neither a subarray nor any other object is made a value, which would cost more than the copy. */
const copyBytes = Buffer.prototype.copy

/** @param skip bytes at the beginning of each value that the file has not */
export function decodeFrom(
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
  const from32 = new DataView(wire.buffer, wire.byteOffset, wire.length)
  const lastShort = wire.length - longBytes - stepBytes
  let { bytes, byteCount: to } = vector
  let to32 = new DataView(bytes.buffer)
  let n = vector.valueCount
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    const length = from32.getInt32(o - 4) - skip
    const from = o + skip
    if (to + length + 4 + stepBytes > bytes.length) {
      vector.byteCount = to
      reserveBytes(vector, length + 4 + stepBytes)
      bytes = vector.bytes
      to32 = new DataView(bytes.buffer)
    }
    starts[n++] = to
    to32.setInt32(to, length, true)
    to += 4
    if (length < longBytes && from <= lastShort) {
      for (let i = 0; i < length; i += stepBytes) {
        to32.setInt32(to + i, from32.getInt32(from + i, true), true)
        to32.setInt32(to + i + 4, from32.getInt32(from + i + 4, true), true)
      }
    } else {
      copyBytes.call(wire, bytes, to, from, from + length)
    }
    to += length
  }
  starts[n] = to
  vector.valueCount = n
  vector.byteCount = to
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

const encoder = new TextEncoder()

export function appendText(vector: Vector, value: unknown): string | undefined {
  if (typeof value !== 'string') return given(value, 'a string')
  // UTF-8 takes at most three bytes for each unit of UTF-16.
  reserveBytes(vector, 4 + value.length * 3)
  const { bytes, byteCount: used } = vector
  const start = used + 4
  let length = 0
  for (; length < value.length; length++) {
    const code = value.charCodeAt(length)
    if (code > 0x7f) break
    bytes[start + length] = code
  }
  if (length < value.length) {
    if (!value.isWellFormed()) return `a string that cuts a character in two: ${describeValue(value)}`
    length = encoder.encodeInto(value, bytes.subarray(start)).written
  }
  endBytes(vector, length)
  return undefined
}

/** Ends a value whose bytes lie behind the place of its length. */
export function endBytes(vector: Vector, length: number): void {
  const { bytes, byteCount: used, offsets } = vector
  bytes[used] = length
  bytes[used + 1] = length >> 8
  bytes[used + 2] = length >> 16
  bytes[used + 3] = length >> 24
  offsets[vector.valueCount++] = used
  vector.byteCount = used + 4 + length
  offsets[vector.valueCount] = vector.byteCount
}

function putText(key: KeyBytes, value: unknown): boolean {
  // Half a character would pass for the one that stands for what cannot be read.
  if (typeof value !== 'string' || !value.isWellFormed()) return false
  reserveKey(key, 4 + value.length * 3)
  const { written } = encoder.encodeInto(value, key.bytes.subarray(key.used + 4))
  putWord(key, written)
  key.used += written
  return true
}
