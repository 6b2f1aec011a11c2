/**
 * Least and greatest value of a page, in the order the footer declares, TypeDefinedOrder: bounds that cover every value,
 * or none (Parquet format, parquet.thrift, `ColumnOrder`, `Statistics` and `ColumnIndex`).
 */

import type { Vector } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'
import type { Range } from './delta.ts'

export interface Bounds {
  /** In PLAIN form without a length; of a long byte string the first {@link keptBytes}. */
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/**
 * @param used for a dictionary: which of its entries count, a byte each, all unless given
 * @returns undefined where there is no value, or one that has no place in the order, as NaN
 */
export type FindBounds = (vector: Vector, used?: Uint8Array) => Bounds | undefined

/** Bytes of a value that decide its bound: the 64 that a bound may have, and one that tells the value is longer. */
export const keptBytes = 65

export function findBoundsFor({ parquet }: Column): FindBounds {
  switch (parquet.physical) {
    case 'INT32':
      return int32Bounds
    case 'INT64':
      return int64Bounds
    case 'FLOAT':
      return ({ words, valueCount: count }, used) =>
        floatBounds(new Float32Array(words.buffer, 0, count), used, (value) => Float32Array.of(value))
    case 'DOUBLE':
      return ({ words, valueCount: count }, used) =>
        floatBounds(new Float64Array(words.buffer, 0, count), used, (value) => Float64Array.of(value))
    case 'FIXED_LEN_BYTE_ARRAY':
      // A DECIMAL: two's complement, big-endian, whose sign bit comes first.
      return (vector, used) => byteBounds(vector, 0x80, used)
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
      return (vector, used) => byteBounds(vector, 0, used)
  }
}

/** Bounds of integers that are exact in a double. */
export function numberBounds({ least, greatest }: Range, wordsPerValue: number): Bounds {
  const plain =
    wordsPerValue === 1 ? wordBytes : (value: number) => wordBytes(value, Math.floor(value / 2 ** 32))
  return { min: plain(least), max: plain(greatest) }
}

function int32Bounds({ words, valueCount: count }: Vector, used: Uint8Array | undefined): Bounds | undefined {
  let min = 0x7fff_ffff
  let max = -0x8000_0000
  for (let i = 0; i < count; i++) {
    if (used !== undefined && used[i] === 0) continue
    const value = words[i]!
    if (value < min) min = value
    if (value > max) max = value
  }
  return min > max ? undefined : { min: wordBytes(min), max: wordBytes(max) }
}

/** Turns the sign bit of low halves, so that comparing them needs 32-bit integers only, which are fast. */
function int64Bounds({ words, valueCount: count }: Vector, used: Uint8Array | undefined): Bounds | undefined {
  let minLow = 0x7fff_ffff
  let minHigh = 0x7fff_ffff
  let maxLow = -0x8000_0000
  let maxHigh = -0x8000_0000
  let any = false
  for (let i = 0; i < count; i++) {
    if (used !== undefined && used[i] === 0) continue
    any = true
    const low = words[i * 2]! ^ signBit
    const high = words[i * 2 + 1]!
    if (high < minHigh || (high === minHigh && low < minLow)) {
      minHigh = high
      minLow = low
    }
    if (high > maxHigh || (high === maxHigh && low > maxLow)) {
      maxHigh = high
      maxLow = low
    }
  }
  if (!any) return undefined
  return { min: wordBytes(minLow ^ signBit, minHigh), max: wordBytes(maxLow ^ signBit, maxHigh) }
}

const signBit = 0x8000_0000 | 0

function wordBytes(...words: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(words).buffer)
}

/**
 * None where there is a NaN: readers put it above all numbers or beside them, and would not look for it between bounds
 * of the others. A zero is −0 where it is the least and +0 where it is the greatest, as the format asks.
 */
function floatBounds<Floats extends Float32Array | Float64Array>(
  values: Floats,
  used: Uint8Array | undefined,
  only: (value: number) => Floats,
): Bounds | undefined {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    if (used !== undefined && used[i] === 0) continue
    const value = values[i]!
    if (value < min) min = value
    if (value > max) max = value
    if (Number.isNaN(value)) return undefined
  }
  if (min > max) return undefined
  const plain = (value: number) => new Uint8Array(only(value).buffer)
  return { min: plain(min === 0 ? -0 : min), max: plain(max === 0 ? 0 : max) }
}

/**
 * The first four bytes of most values tell that they lie between.
 * @param turned bits of the first byte whose turning makes its order unsigned
 */
function byteBounds(
  { bytes, offsets, width, valueCount: count }: Vector,
  turned: number,
  used: Uint8Array | undefined,
): Bounds | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  // Turned once more, so that comparing needs signed integers only, which are fast.
  const turnedWord = (turned << 24) ^ signBit
  let minStart = -1
  let minEnd = 0
  let minFirst = 0x7fff_ffff
  let maxStart = -1
  let maxEnd = 0
  let maxFirst = -0x8000_0000
  for (let i = 0; i < count; i++) {
    if (used !== undefined && used[i] === 0) continue
    const start = width > 0 ? i * width : offsets[i]! + 4
    const whole = width > 0 ? start + width : offsets[i + 1]!
    const first = (whole - start >= 4 ? view.getInt32(start) : shortWord(bytes, start, whole)) ^ turnedWord
    if (first > minFirst && first < maxFirst) continue
    const end = Math.min(whole, start + keptBytes)
    if (
      first < minFirst ||
      minStart < 0 ||
      (first === minFirst && compareBytes(view, start, end, minStart, minEnd) < 0)
    ) {
      minStart = start
      minEnd = end
      minFirst = first
    }
    if (
      first > maxFirst ||
      maxStart < 0 ||
      (first === maxFirst && compareBytes(view, start, end, maxStart, maxEnd) > 0)
    ) {
      maxStart = start
      maxEnd = end
      maxFirst = first
    }
  }
  if (minStart < 0) return undefined
  return { min: bytes.slice(minStart, minEnd), max: bytes.slice(maxStart, maxEnd) }
}

/** Fewer than four bytes, as the highest of a word. */
function shortWord(bytes: Uint8Array, start: number, end: number): number {
  let word = 0
  for (let at = start, shift = 24; at < end; at++, shift -= 8) word |= bytes[at]! << shift
  return word
}

/** Unsigned, byte by byte: the order of UTF-8 strings, and of numbers whose first bytes are the same. */
function compareBytes(view: DataView, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const aLength = aEnd - aStart
  const bLength = bEnd - bStart
  const common = Math.min(aLength, bLength)
  let i = 0
  while (i <= common - 4 && view.getInt32(aStart + i) === view.getInt32(bStart + i)) i += 4
  for (; i < common; i++) {
    const difference = view.getUint8(aStart + i) - view.getUint8(bStart + i)
    if (difference !== 0) return difference
  }
  return aLength - bLength
}
