/** Values to the bytes of a binary COPY, as the Postgres `*_send` functions write them. */
import type { Column } from '../../lib/types/type.ts'

export type Scalar = null | number | bigint | boolean | string | Uint8Array
export type Value = Scalar | readonly Scalar[]

/** A whole COPY stream; `rows` hold one value a column. */
export function copyStream(
  columns: Readonly<Record<string, Column>>,
  rows: readonly (readonly Value[])[],
): Buffer {
  return Buffer.concat([copyHeader, ...rows.map((row) => copyRow(columns, row)), copyTrailer])
}

export const copyHeader = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const copyTrailer = Buffer.from([0xff, 0xff])

export function copyRow(columns: Readonly<Record<string, Column>>, row: readonly Value[]): Buffer {
  const fields = Object.values(columns).map((column, at) => field(column, row[at] ?? null))
  return Buffer.concat([int16(row.length), ...fields])
}

function field(column: Column, value: Value): Buffer {
  if (value === null) return int32(-1)
  const bytes = isList(value) ? listBytes(column, value) : wireBytes(column.values.sentAs[0], value)
  return Buffer.concat([int32(bytes.length), bytes])
}

export function isList(value: Value): value is readonly Scalar[] {
  return Array.isArray(value)
}

/** An array of one dimension from 1 on; an empty array has none. The type of the elements is nobody's concern here. */
function listBytes({ element }: Column, values: readonly Scalar[]): Buffer {
  if (element === undefined) throw new TypeError('Cannot make an array of a column that is none')
  const header = [int32(values.length === 0 ? 0 : 1), int32(values.includes(null) ? 1 : 0), int32(0)]
  if (values.length === 0) return Buffer.concat(header)
  const elements = values.map((value) => field(element, value))
  return Buffer.concat([...header, int32(values.length), int32(1), ...elements])
}

function wireBytes(typname: string, value: Exclude<Scalar, null>): Buffer {
  switch (typname) {
    case 'int2':
      return int16(Number(value))
    case 'int4':
    case 'date':
      return int32(Number(value))
    case 'oid': {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(Number(value))
      return bytes
    }
    case 'int8':
    case 'timestamp':
    case 'timestamptz': {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64BE(BigInt(value as bigint))
      return bytes
    }
    case 'float4': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatBE(Number(value))
      return bytes
    }
    case 'float8': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleBE(Number(value))
      return bytes
    }
    case 'bool':
      return Buffer.from([value === true ? 1 : 0])
    case 'uuid':
      return Buffer.from(String(value).replaceAll('-', ''), 'hex')
    case 'jsonb':
      return Buffer.concat([Buffer.from([1]), Buffer.from(String(value))])
    case 'text':
    case 'json':
    case 'bytea':
      return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value))
    case 'numeric':
      return numeric(String(value))
    default:
      throw new TypeError(`Cannot make the wire form of ${typname}`)
  }
}

/** The bytes of a plain decimal such as `-12.50`, `NaN` or `Infinity`. */
function numeric(text: string): Buffer {
  const signs: Readonly<Record<string, number>> = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 }
  if (signs[text] !== undefined) return Buffer.concat([int16(0), int16(0), uint16(signs[text]), int16(0)])
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const padded =
    whole.padStart(Math.ceil(whole.length / 4) * 4, '0') +
    fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  const digits = (padded.match(/.{4}/g) ?? []).map(Number)
  let weight = Math.ceil(whole.length / 4) - 1
  while (digits[0] === 0) {
    digits.shift()
    weight--
  }
  while (digits.at(-1) === 0) digits.pop()
  if (digits.length === 0) weight = 0
  const sign = negative && digits.length > 0 ? 0x4000 : 0
  return Buffer.concat([
    int16(digits.length),
    int16(weight),
    uint16(sign),
    int16(fraction.length),
    ...digits.map(int16),
  ])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
