/**
 * numeric as it is sent (numeric_send): int16 count of base-10000 digits, int16 weight (the first digit's power of 10000),
 * uint16 sign, uint16 display scale, then the digits.
 */
import type { Bounds, Side } from './type.ts'
import { int16 } from './wire.ts'

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
  if (sign === 0xc000) return 'NaN'
  if (sign === 0xd000) return 'Infinity'
  if (sign === 0xf000) return '-Infinity'
  const digits = int16(wire, o)
  const weight = int16(wire, o + 2)
  const scale = int16(wire, o + 6)
  const group = (i: number): string =>
    (i < 0 || i >= digits ? 0 : int16(wire, o + 8 + 2 * i)).toString().padStart(4, '0')
  let whole = ''
  for (let i = 0; i <= weight; i++) whole += group(i)
  let fraction = ''
  for (let i = 1; fraction.length < scale; i++) fraction += group(weight + i)
  const unsigned = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`
  return sign === 0x4000 ? `-${unsigned}` : unsigned
}
