/** numeric, in integers of any size. */
import type { Decimal } from '../../lib/table.ts'
import type { Column } from '../../lib/types/type.ts'
import { broken, type Kind, outside, view } from './kind.ts'
import { wireWriter } from './wire-writer.ts'

/** numeric_send: counts of digits of base 10,000, the weight of the first, sign, display scale, digits. */
export function numerics(column: Column): Kind {
  const { logical } = column.parquet
  if (logical.kind !== 'decimal') throw new TypeError('A numeric is a DECIMAL.')
  const { precision, scale } = logical
  const limit = 10n ** BigInt(precision)
  return {
    column,
    make(random) {
      if (random() < 0.01) return special(random.pick([0xc000, 0xd000, 0xf000]))
      const many = random() < 0.01 ? precision + 1 + random.integer(30) : random.integer(precision + 1)
      const digits = Array.from({ length: many }, () => random.pick(['0', '9', String(random.integer(10))]))
      return numericBytes(BigInt(digits.join('') || '0'), scale, random() < 0.5)
    },
    read(field) {
      const value = readNumeric(field)
      if (value === broken) return broken
      if (typeof value === 'string') {
        if (column.lossy === 'null') return null
        if (column.lossy !== 'clamp' || value === 'NaN') return outside
        return String(value === 'Infinity' ? limit - 1n : 1n - limit)
      }
      const { digits, weight, negative } = value
      let units = 0n
      for (const [at, digit] of digits.entries()) {
        if (digit === 0) continue
        const exponent = scale + 4 * (weight - at)
        if (exponent > 40) return outside
        const factor = 10n ** BigInt(Math.abs(exponent))
        if (exponent >= 0) units += BigInt(digit) * factor
        else if (exponent <= -4 || BigInt(digit) % factor !== 0n) return outside
        else units += BigInt(digit) / factor
      }
      return units >= limit ? outside : String(negative ? -units : units)
    },
    ofValue: (value) => {
      const text = (value as Decimal).toFixed(scale).replace('.', '')
      return String(BigInt(text))
    },
  }
}

function special(sign: number): Uint8Array {
  const writer = wireWriter()
  for (const part of [0, 0, sign, 0]) writer.int16(part)
  return writer.taken()
}

function numericBytes(units: bigint, scale: number, negative: boolean): Uint8Array {
  // Digits of base 10,000 on both sides of the point.
  const text = String(units).padStart(scale + 1, '0')
  const point = text.length - scale
  const whole = text.slice(0, point)
  const groups = (
    whole.padStart(Math.ceil(whole.length / 4) * 4, '0') +
    text.slice(point).padEnd(Math.ceil(scale / 4) * 4, '0')
  ).match(/.{4}/g)
  const digits = (groups ?? []).map(Number)
  let weight = Math.ceil(whole.length / 4) - 1
  while (digits[0] === 0) {
    digits.shift()
    weight--
  }
  while (digits.at(-1) === 0) digits.pop()
  const writer = wireWriter()
  writer.int16(digits.length)
  writer.int16(digits.length === 0 ? 0 : weight)
  writer.int16(negative && digits.length > 0 ? 0x4000 : 0)
  writer.int16(scale)
  for (const digit of digits) writer.int16(digit)
  return writer.taken()
}

function readNumeric(field: Uint8Array) {
  if (field.length < 8) return broken
  const from = view(field)
  const count = from.getInt16(0)
  const sign = from.getUint16(4)
  if (count < 0 || field.length !== 8 + 2 * count) return broken
  const names: Readonly<Record<number, string>> = { 49152: 'NaN', 53248: 'Infinity', 61440: '-Infinity' }
  const digits = Array.from({ length: count }, (_, at) => from.getUint16(8 + 2 * at))
  if (digits.some((digit) => digit > 9999)) return broken
  const name = names[sign]
  if (name !== undefined) return count === 0 ? name : broken
  if (sign !== 0 && sign !== 0x4000) return broken
  return { digits, weight: from.getInt16(2), negative: sign === 0x4000 }
}
