/** numeric's wire form, as numeric-wire.ts has it, to the Decimal that functions of a script see. */
import { type Decimal, decimal, scaled } from '../decimal/decimal.ts'
import { outOfRange } from './bounded.ts'
import { describeNumeric, numericWords } from './numeric-wire.ts'
import type { Column, ReadValue } from './type.ts'

const powers = Array.from({ length: 17 }, (_, exponent) => 10 ** exponent)

/** What is an integer in units of the scale, and held by a double, is read without its text. */
export function numericReader(column: Column): ReadValue {
  const { logical } = column.parquet
  if (logical.kind !== 'decimal') throw new TypeError('A numeric is read as nothing but a DECIMAL.')
  const { precision, scale } = logical
  const limit = decimal(`1e${precision - scale}`)
  const largest = decimal(`${'9'.repeat(precision - scale) || '0'}.${'9'.repeat(scale) || '0'}`)
  const unitLimit = precision < 16 ? powers[precision]! : Number.MAX_SAFE_INTEGER

  function slowly(wire: Uint8Array, o: number): Decimal | null {
    const text = describeNumeric(wire, o)
    const finite = !(text === 'NaN' || text.endsWith('Infinity'))
    if (finite) {
      const value = decimal(text)
      if (value.decimalPlaces() <= scale && value.absoluteValue().lessThan(limit)) return value
    } else if (column.lossy === 'null') {
      return null
    } else if (column.lossy === 'clamp' && text !== 'NaN') {
      return text === 'Infinity' ? largest : largest.negated()
    }
    throw outOfRange(column.type, numericWords(text))
  }

  return (wire, o) => {
    const digits = (wire[o]! << 8) | wire[o + 1]!
    const weight = (((wire[o + 2]! << 8) | wire[o + 3]!) << 16) >> 16
    const sign = (wire[o + 4]! << 8) | wire[o + 5]!
    // What the last digit, of base 10,000, is to be multiplied by.
    const shift = scale + 4 * (weight - digits + 1)
    if (digits > 3 || shift > 12 || shift < -12 || (sign !== 0 && sign !== 0x4000)) return slowly(wire, o)
    let units = 0
    for (let i = 0, at = o + 8; i < digits; i++, at += 2)
      units = units * 10_000 + ((wire[at]! << 8) | wire[at + 1]!)
    units = shift < 0 ? units / powers[-shift]! : units * powers[shift]!
    if (units !== Math.floor(units) || units >= unitLimit) return slowly(wire, o)
    return scaled(sign === 0 ? units : -units, scale)
  }
}
