/** Fields of a binary COPY as the values a function of a script sees. */

import { type Decimal, decimal, scaled } from '../decimal/decimal.ts'
import { epochDays, epochMicros, firstDay, firstMicros, lastDay, lastMicros } from './calendar.ts'
import { elementOffsets } from './list.ts'
import { numericText } from './numeric.ts'
import type { Column } from './type.ts'
import { wireText } from './wire-text.ts'

/** `offset` is where the field begins, after its length. @throws RangeError for a value that does not fit the column */
export type ReadValue = (wire: Uint8Array, offset: number) => unknown

/** Values that have no place are read as the column's policy has them: clamped, or null. */
export function valueReader(column: Column): ReadValue {
  const { element } = column
  if (element === undefined) return scalarReader(column)
  const read = scalarReader(element)
  return (wire, offset) => {
    if (int32(wire, offset) > 1) throw misfit(column, wire, offset)
    return Object.freeze(elementOffsets(wire, offset).map((at) => (at < 0 ? null : read(wire, at))))
  }
}

function scalarReader(column: Column): ReadValue {
  switch (column.wire) {
    case 'int2':
      return (wire, o) => ((wire[o]! << 24) | (wire[o + 1]! << 16)) >> 16
    case 'int4':
      return int32
    case 'oid':
      return (wire, o) => BigInt(int32(wire, o) >>> 0)
    case 'int8':
      return int64
    case 'float4':
      return (wire, o) => new DataView(wire.buffer, wire.byteOffset).getFloat32(o)
    case 'float8':
      return (wire, o) => new DataView(wire.buffer, wire.byteOffset).getFloat64(o)
    case 'bool':
      return (wire, o) => wire[o] === 1
    case 'numeric':
      return numericReader(column)
    case 'date':
      return (wire, o) => within(column, wire, o, int32(wire, o) + epochDays, firstDay, lastDay)
    case 'timestamp':
      return (wire, o) => within(column, wire, o, int64(wire, o) + epochMicros, firstMicros, lastMicros)
    case 'uuid':
      return uuidText
    case 'jsonb':
      return (wire, o) => utf8(wire, o + 1, o + int32(wire, o - 4))
    case 'bytes':
      return column.type === 'bytea'
        ? // A copy, as slice() of a Buffer is none.
          (wire, o) => new Uint8Array(wire.subarray(o, o + int32(wire, o - 4)))
        : (wire, o) => utf8(wire, o, o + int32(wire, o - 4))
  }
}

function within<T extends number | bigint>(
  column: Column,
  wire: Uint8Array,
  o: number,
  value: T,
  first: T,
  last: T,
): T | null {
  if (value >= first && value <= last) return value
  if (column.lossy === 'null') return null
  if (column.lossy === 'clamp') return value < first ? first : last
  throw misfit(column, wire, o)
}

function misfit(column: Column, wire: Uint8Array, o: number): RangeError {
  return new RangeError(`the value ${wireText(column, wire, o)} does not fit ${column.type}`)
}

function int32(wire: Uint8Array, o: number): number {
  return (wire[o]! << 24) | (wire[o + 1]! << 16) | (wire[o + 2]! << 8) | wire[o + 3]!
}

const halves = new Int32Array(2)
const whole = new BigInt64Array(halves.buffer)

function int64(wire: Uint8Array, o: number): bigint {
  halves[1] = int32(wire, o)
  halves[0] = int32(wire, o + 4)
  return whole[0]!
}

function uuidText(wire: Uint8Array, o: number): string {
  const hex = view(wire).toString('hex', o, o + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function utf8(wire: Uint8Array, start: number, end: number): string {
  return view(wire).toString('utf8', start, end)
}

let viewed: Uint8Array | undefined
let buffer: Buffer = Buffer.alloc(0)

/** One and the same array is asked of many times. */
function view(wire: Uint8Array): Buffer {
  if (wire instanceof Buffer) return wire
  if (viewed === wire) return buffer
  viewed = wire
  buffer = Buffer.from(wire.buffer, wire.byteOffset, wire.length)
  return buffer
}

const powers = Array.from({ length: 17 }, (_, exponent) => 10 ** exponent)

/**
 * Wire form: as numeric.ts has it. What is an integer in units of the scale, and held by a double, is read without its
 * text.
 */
function numericReader(column: Column): ReadValue {
  const { logical } = column.parquet
  if (logical.kind !== 'decimal') throw new TypeError('A numeric is read as nothing but a DECIMAL.')
  const { precision, scale } = logical
  const limit = decimal(`1e${precision - scale}`)
  const largest = decimal(`${'9'.repeat(precision - scale) || '0'}.${'9'.repeat(scale) || '0'}`)
  const unitLimit = precision < 16 ? powers[precision]! : Number.MAX_SAFE_INTEGER

  function slowly(wire: Uint8Array, o: number): Decimal | null {
    const text = numericText(wire, o)
    const finite = !(text === 'NaN' || text.endsWith('Infinity'))
    if (finite) {
      const value = decimal(text)
      if (value.decimalPlaces() <= scale && value.absoluteValue().lessThan(limit)) return value
    } else if (column.lossy === 'null') {
      return null
    } else if (column.lossy === 'clamp' && text !== 'NaN') {
      return text === 'Infinity' ? largest : largest.negated()
    }
    throw misfit(column, wire, o)
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
