/** numeric's wire form, as numeric-wire.ts has it, to the unscaled integer of a Parquet DECIMAL, exactly. */

import { reserveValues, type Vector } from '../batch/vector.ts'
import { appendLevels } from './levels.ts'
import { clampedSign, pairMasks, shortBytes, thirdMasks } from './numeric-wire.ts'
import type { Column, Decode } from './type.ts'

const negative = 0x4000
/** Signs from here on mean NaN, Infinity and −Infinity. */
const special = 0xc000
const negativeInfinity = 0xf000

const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)
/** Below this a product of exact integers is exact in a double. */
const exact = 2 ** 53

const wordSize = 2 ** 32
const perWord = 2 ** -32

/**
 * Value as four 32-bit limbs, the least significant first; what the long way computes in. Doubles, as a conversion of one
 * beyond 2^31 to an integer is a call.
 */
type Limbs = Float64Array

export function decimalDecoder({ parquet }: Column): Decode {
  const { logical, physical, length = 0 } = parquet
  if (logical.kind !== 'decimal') throw new TypeError('Cannot decode numeric into anything but a DECIMAL')
  const { precision, scale } = logical
  const limit = limbsOf(10n ** BigInt(precision))
  const largest = limbsOf(10n ** BigInt(precision) - 1n)
  const doubleLimit = precision < 16 ? 10 ** precision : exact
  const limbs: Limbs = new Float64Array(4)
  const wordsPerValue = physical === 'INT32' ? 1 : physical === 'INT64' ? 2 : 0

  function store(vector: Vector, n: number, isNegative: boolean): void {
    if (isNegative) negate(limbs)
    if (wordsPerValue > 0) {
      vector.words[n * wordsPerValue] = asInt32(limbs[0]!)
      if (wordsPerValue === 2) vector.words[n * 2 + 1] = asInt32(limbs[1]!)
      return
    }
    // Big-endian, at most 16 bytes.
    const { bytes } = vector
    let to = (n + 1) * length
    for (let left = length, at = 0; left > 0; left -= 4, at++) {
      let word = asInt32(limbs[at]!)
      for (let i = Math.min(left, 4); i > 0; i--, word >>= 8) bytes[--to] = word
    }
  }

  return (wire, offsets, at, stride, rows, vector) => {
    reserveValues(vector, rows)
    const { words } = vector
    const from32 = new DataView(wire.buffer, wire.byteOffset, wire.length)
    const lastShort = wire.length - shortBytes
    let n = vector.valueCount
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const o = offsets[k]!
      if (o < 0) continue
      const head = from32.getInt32(o)
      const digits = head >>> 16
      const weight = (head << 16) >> 16
      const sign = from32.getUint16(o + 4)
      if (sign >= special) {
        if ((sign & clampedSign) === 0) return row
        limbs.set(largest)
        store(vector, n++, sign >= negativeInfinity)
        continue
      }
      // The short way: up to three digits make an integer below 10^12, and a double holds all it becomes. Those that are
      // not there are masked, and not jumped over: how many there are is hard to foresee.
      if (digits <= 3 && wordsPerValue > 0 && o <= lastShort) {
        const pair = from32.getInt32(o + 8) & pairMasks[digits]!
        const third = from32.getUint16(o + 12) & thirdMasks[digits]!
        let value = ((pair >>> 16) * 10_000 + (pair & 0xffff)) * 10_000 + third
        const shift = scale + 4 * (weight - 2)
        if (shift < 0) {
          value = shift < -12 ? (value === 0 ? 0 : 0.5) : value / powers[-shift]!
          if (value !== Math.floor(value)) return row
        } else if (value !== 0) {
          value = shift > 22 ? exact : value * powers[shift]!
        }
        if (value < exact) {
          if (value >= doubleLimit) return row
          const signed = sign === negative ? -value : value
          if (wordsPerValue === 1) {
            words[n++] = signed
          } else if (value < 2 ** 31) {
            const word = signed | 0
            words[n * 2] = word
            words[n * 2 + 1] = word >> 31
            n++
          } else {
            words[n * 2] = signed
            words[n * 2 + 1] = Math.floor(signed * perWord)
            n++
          }
          continue
        }
      }
      if (!toLimbs(limbs, wire, o, digits, weight, scale) || !below(limbs, limit)) return row
      store(vector, n++, sign === negative)
    }
    vector.valueCount = n
    if (wordsPerValue === 0) vector.byteCount = n * length
    appendLevels(offsets, at, stride, rows, vector)
    return -1
  }
}

/** @returns false where it needs more than 128 bits or has digits beyond the scale */
function toLimbs(
  limbs: Limbs,
  wire: Uint8Array,
  o: number,
  digits: number,
  weight: number,
  scale: number,
): boolean {
  // Digits before the scale's end are whole; the first three of them make an integer below 10^12.
  const whole = Math.min(digits, weight + 1 + (scale >> 2), 3)
  let value = 0
  let i = 0
  for (; i < whole; i++) value = value * 10_000 + ((wire[o + 8 + 2 * i]! << 8) | wire[o + 9 + 2 * i]!)
  limbs[1] = Math.floor(value * perWord)
  limbs[0] = value - limbs[1]! * wordSize
  limbs[2] = 0
  limbs[3] = 0
  for (; i < digits; i++) {
    let digit = (wire[o + 8 + 2 * i]! << 8) | wire[o + 9 + 2 * i]!
    // How many of this digit's four decimals lie before the end of the scale.
    const kept = Math.min(4, scale + 4 * (weight - i + 1))
    if (kept <= 0) {
      if (digit !== 0) return false
      continue
    }
    const dropped = powers[4 - kept]!
    if (digit % dropped !== 0) return false
    digit /= dropped
    if (!multiplyAdd(limbs, powers[kept]!, digit)) return false
  }
  let zeros = digits === 0 ? 0 : scale + 4 * (weight - digits + 1)
  for (; zeros > 0; zeros -= 4) if (!multiplyAdd(limbs, powers[Math.min(4, zeros)]!, 0)) return false
  return true
}

function multiplyAdd(limbs: Limbs, factor: number, addend: number): boolean {
  let carry = addend
  for (let i = 0; i < 4; i++) {
    const product = limbs[i]! * factor + carry
    carry = Math.floor(product * perWord)
    limbs[i] = product - carry * wordSize
  }
  return carry === 0
}

function negate(limbs: Limbs): void {
  let carry = 1
  for (let i = 0; i < 4; i++) {
    const sum = wordSize - 1 - limbs[i]! + carry
    carry = sum === wordSize ? 1 : 0
    limbs[i] = carry === 1 ? 0 : sum
  }
}

/** The 32 bits of a limb. */
function asInt32(limb: number): number {
  return limb < wordSize / 2 ? limb : limb - wordSize
}

function below(limbs: Limbs, limit: Limbs): boolean {
  for (let i = 3; i >= 0; i--) if (limbs[i] !== limit[i]) return limbs[i]! < limit[i]!
  return false
}

function limbsOf(value: bigint): Limbs {
  return Float64Array.from({ length: 4 }, (_, i) => Number((value >> BigInt(32 * i)) & 0xffff_ffffn))
}
