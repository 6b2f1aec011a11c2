/**
 * Smallest and largest value of a column chunk in the order the footer declares, TypeDefinedOrder
 * (Parquet format, parquet.thrift, `ColumnOrder` and `Statistics`).
 */

import type { Vector } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'

export interface Extremes {
  /** In PLAIN form without a length; strings may be cut short, the largest then rounded up. */
  readonly min: Uint8Array
  readonly max: Uint8Array
}

export interface ExtremesBuilder {
  /** Takes in all values of the vector. */
  add(vector: Vector): void
  /** Undefined where there is no value, or none that has an order. */
  result(): Extremes | undefined
}

/** Longer strings are cut to this many bytes. */
const longest = 64

export function createExtremes({ parquet }: Column): ExtremesBuilder {
  switch (parquet.physical) {
    case 'INT32':
      return int32Extremes()
    case 'INT64':
      return int64Extremes()
    case 'FLOAT':
      return floatExtremes(1)
    case 'DOUBLE':
      return floatExtremes(2)
    case 'BOOLEAN':
      return byteExtremes(compareBytes, false)
    case 'FIXED_LEN_BYTE_ARRAY':
      return byteExtremes(compareSigned, false)
    case 'BYTE_ARRAY':
      return byteExtremes(compareBytes, parquet.logical.kind === 'string')
  }
}

function int32Extremes(): ExtremesBuilder {
  let min = 0x7fff_ffff
  let max = -0x8000_0000
  let any = false
  return {
    add({ words, count }) {
      any ||= count > 0
      for (let i = 0; i < count; i++) {
        const value = words[i]!
        if (value < min) min = value
        if (value > max) max = value
      }
    },
    result: () => (any ? { min: wordBytes(min), max: wordBytes(max) } : undefined),
  }
}

function int64Extremes(): ExtremesBuilder {
  let minHigh = 0x7fff_ffff
  let minLow = 0xffff_ffff
  let maxHigh = -0x8000_0000
  let maxLow = 0
  let any = false
  return {
    add({ words, count }) {
      any ||= count > 0
      for (let i = 0; i < count * 2; i += 2) {
        const low = words[i]! >>> 0
        const high = words[i + 1]!
        if (high < minHigh || (high === minHigh && low < minLow)) {
          minHigh = high
          minLow = low
        }
        if (high > maxHigh || (high === maxHigh && low > maxLow)) {
          maxHigh = high
          maxLow = low
        }
      }
    },
    result: () => (any ? { min: wordBytes(minLow, minHigh), max: wordBytes(maxLow, maxHigh) } : undefined),
  }
}

function wordBytes(...words: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(words).buffer)
}

/** NaN takes no part; a zero is written as −0 where it is the smallest and +0 where it is the largest, as the format asks. */
function floatExtremes(wordsPerValue: 1 | 2): ExtremesBuilder {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let any = false
  const plain = (value: number): Uint8Array =>
    new Uint8Array((wordsPerValue === 1 ? Float32Array.of(value) : Float64Array.of(value)).buffer)
  return {
    add({ words, count }) {
      const values =
        wordsPerValue === 1
          ? new Float32Array(words.buffer, 0, count)
          : new Float64Array(words.buffer, 0, count)
      for (const value of values) {
        if (Number.isNaN(value)) continue
        any = true
        if (value < min) min = value
        if (value > max) max = value
      }
    },
    result: () => (any ? { min: plain(min === 0 ? -0 : min), max: plain(max === 0 ? 0 : max) } : undefined),
  }
}

type Compare = (
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
) => number

/** Unsigned, byte by byte: the order of UTF-8 strings and of BYTE_ARRAY. */
function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aLength = aEnd - aStart
  const bLength = bEnd - bStart
  const common = Math.min(aLength, bLength)
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

/** Two's complement, big-endian, of equal length: the order of a DECIMAL in FIXED_LEN_BYTE_ARRAY. */
function compareSigned(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const signs = (b[bStart]! & 0x80) - (a[aStart]! & 0x80)
  return signs !== 0 ? signs : compareBytes(a, aStart, aEnd, b, bStart, bEnd)
}

/** Bytes of a value that decide its bound: those it may have, and one that tells it is longer. */
const kept = longest + 1

function byteExtremes(compare: Compare, utf8: boolean): ExtremesBuilder {
  let min: Uint8Array | undefined
  let max: Uint8Array | undefined
  return {
    add({ bytes, offsets, width, count }) {
      for (let i = 0; i < count; i++) {
        const start = width > 0 ? i * width : offsets[i]! + 4
        const end = width > 0 ? start + width : offsets[i + 1]!
        if (min === undefined || compare(bytes, start, end, min, 0, min.length) < 0)
          min = bytes.slice(start, Math.min(end, start + kept))
        if (max === undefined || compare(bytes, start, end, max, 0, max.length) > 0)
          max = bytes.slice(start, Math.min(end, start + kept))
      }
    },
    result() {
      if (min === undefined || max === undefined) return undefined
      const upper = max.length <= longest ? max : roundedUp(max, utf8)
      // Nothing short is above a string of only the greatest characters: no statistics then.
      if (upper === undefined) return undefined
      return { min: min.length <= longest ? min : min.slice(0, cut(min, utf8)), max: upper }
    },
  }
}

/** Where to cut so that no UTF-8 character is split. */
function cut(bytes: Uint8Array, utf8: boolean): number {
  let end = longest
  if (utf8) while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return end
}

/** The shortest convenient string above all that begin like this one. */
function roundedUp(bytes: Uint8Array, utf8: boolean): Uint8Array | undefined {
  let end = cut(bytes, utf8)
  while (end > 0) {
    let start = end - 1
    if (utf8) while ((bytes[start]! & 0xc0) === 0x80) start--
    const next = utf8 ? nextCharacter(bytes.subarray(start, end)) : nextByte(bytes[start]!)
    if (next !== undefined) {
      const above = new Uint8Array(start + next.length)
      above.set(bytes.subarray(0, start))
      above.set(next, start)
      return above
    }
    end = start
  }
  return undefined
}

function nextByte(byte: number): Uint8Array | undefined {
  return byte < 255 ? Uint8Array.of(byte + 1) : undefined
}

function nextCharacter(character: Uint8Array): Uint8Array | undefined {
  const code = new TextDecoder().decode(character).codePointAt(0)!
  if (code >= 0x10_ffff) return undefined
  // Surrogates (U+D800 to U+DFFF) are no characters.
  return new TextEncoder().encode(String.fromCodePoint(code + 1 === 0xd800 ? 0xe000 : code + 1))
}
