/**
 * numeric as it is sent (numeric_send): int16 count of base-10000 digits, int16 weight (the first digit's power of 10000),
 * uint16 sign, uint16 display scale, then the digits.
 */
import type { Bounds, Side } from './type.ts'
import { int16 } from './wire.ts'

const negative = 0x4000
const notANumber = 0xc000
const infinity = 0xd000
const negativeInfinity = 0xf000

/** Bytes of a numeric of three digits, which most are at the most. */
export const shortBytes = 14
/** Which bits of the first two digits, and of the third, there are of so many. */
export const pairMasks = Int32Array.of(0, 0xffff_0000 | 0, -1, -1)
export const thirdMasks = Int32Array.of(0, 0, 0, 0xffff)

/** Both halves of a word, without their highest bits; those; and what makes them of a half that is beyond 9,999. */
const halves = 0x7fff_7fff
const highest = 0x8000_8000 | 0
const toHighest = 0x58f0_58f0

/** Finds another length than its digits take, a digit beyond the base, or a sign that is none (numeric_recv). */
export function findMalformedNumeric(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
): number {
  const from = new DataView(wire.buffer, wire.byteOffset, wire.length)
  const lastShort = wire.length - shortBytes
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o < 0) continue
    if (o <= lastShort) {
      const digits = from.getUint16(o)
      // The sign and the display scale are one word, in which nothing but the sign's second bit is asked for.
      if (
        digits <= 3 &&
        from.getInt32(o - 4) === 8 + 2 * digits &&
        (from.getInt32(o + 4) & 0xbfff_0000) === 0
      ) {
        const pair = from.getInt32(o + 8) & pairMasks[digits]!
        const third = from.getUint16(o + 12) & thirdMasks[digits]!
        if (((((pair & halves) + toHighest) | pair) & highest) !== 0 || third > 9999) return row
        continue
      }
    }
    if (!isNumeric(from, o)) return row
  }
  return -1
}

function isNumeric(from: DataView, o: number): boolean {
  const length = from.getInt32(o - 4)
  if (length < 8) return false
  const digits = from.getInt16(o)
  if (length !== 8 + 2 * digits) return false
  const sign = from.getUint16(o + 4)
  if (sign === notANumber || sign === infinity || sign === negativeInfinity) return digits === 0
  if (sign !== 0 && sign !== negative) return false
  for (let digit = o + 8; digit < o + length; digit += 2) if (from.getUint16(digit) > 9999) return false
  return true
}

/**
 * Set in the low byte of numeric's sign: an infinity that is to become the largest value of its column. Postgres sends
 * a zero there (numeric.c, NUMERIC_PINF and NUMERIC_NINF).
 */
export const clampedSign = 1

/** Which side of all numbers NaN, Infinity and −Infinity are on, by the high byte of the sign. */
const sides: Readonly<Record<number, Side>> = { 192: 2, 208: 1, 240: -1 }

export const numericBounds: Bounds = {
  side: (wire, offset) => sides[wire[offset + 4]!] ?? 0,
  clamp: (wire, offset) => wire.fill(clampedSign, offset + 5, offset + 6),
}

/** The value as Postgres prints it. */
export function describeNumeric(wire: Uint8Array, o: number): string {
  const sign = int16(wire, o + 4) & 0xffff
  if (sign === notANumber) return 'NaN'
  if (sign === infinity) return 'Infinity'
  if (sign === negativeInfinity) return '-Infinity'
  const digits = int16(wire, o)
  const weight = int16(wire, o + 2)
  const scale = Math.max(int16(wire, o + 6), lastPlace(wire, o))
  const group = (i: number): string =>
    (i < 0 || i >= digits ? 0 : int16(wire, o + 8 + 2 * i)).toString().padStart(4, '0')
  let whole = ''
  for (let i = 0; i <= weight; i++) whole += group(i)
  let fraction = ''
  for (let i = 1; fraction.length < scale; i++) fraction += group(weight + i)
  const unsigned = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`
  return sign === negative ? `-${unsigned}` : unsigned
}

const longestWords = 100

/** The value for a message: its beginning and its end, where it has up to 131,072 digits before the point or 16,383 behind it. */
export function numericWords(text: string): string {
  if (text.length <= longestWords) return text
  return `${text.slice(0, longestWords / 2)}…${text.slice(-longestWords / 2)}`
}

/** Decimals behind the point up to the last that is no zero: what a display scale says must not take any of the value. */
function lastPlace(wire: Uint8Array, o: number): number {
  let last = int16(wire, o) - 1
  while (last >= 0 && int16(wire, o + 8 + 2 * last) === 0) last--
  if (last < 0) return 0
  const digit = int16(wire, o + 8 + 2 * last)
  const zeros = digit % 10 > 0 ? 0 : digit % 100 > 0 ? 1 : digit % 1000 > 0 ? 2 : 3
  return 4 * (last - int16(wire, o + 2)) - zeros
}
