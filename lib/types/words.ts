/** Values of 32 and 64 bits, as they lie: what integers, floats and numbers of days have in common. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { given } from './given.ts'
import { appendLevels } from './levels.ts'
import type { AppendValue } from './type.ts'

export function decodeWord(
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
    words[n++] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
  }
  vector.valueCount = n
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

export function decodeInt64(
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
    words[n + 1] = (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
    words[n] = (wire[o + 4]! << 24) | (wire[o + 5]! << 16) | (wire[o + 6]! << 8) | wire[o + 7]!
    n += 2
  }
  vector.valueCount = n >> 1
  appendLevels(offsets, at, stride, rows, vector)
  return -1
}

/** Numbers without a fraction, in one word. */
export function integerAppender(least: number, greatest: number): AppendValue {
  return (vector, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return given(value, 'an integer')
    if (value < least || value > greatest) return `${value}, which is beyond ${least} to ${greatest}`
    vector.words[vector.valueCount++] = value
    return undefined
  }
}

const halves = new Int32Array(2)
const whole = new BigInt64Array(halves.buffer)

/** Bigints, in two words. */
export function bigintAppender(least: bigint, greatest: bigint): AppendValue {
  return (vector, value) => {
    if (typeof value !== 'bigint') return given(value, 'a bigint')
    if (value < least || value > greatest) return `${value}, which is beyond ${least} to ${greatest}`
    appendLong(vector, value)
    return undefined
  }
}

export function appendLong(vector: Vector, value: bigint): void {
  whole[0] = value
  const at = vector.valueCount * 2
  vector.words[at] = halves[0]!
  vector.words[at + 1] = halves[1]!
  vector.valueCount++
}
