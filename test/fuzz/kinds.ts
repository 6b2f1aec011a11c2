/**
 * Types of Postgres as their `*_send` functions write them and their `*_recv` functions understand them (PostgreSQL's
 * sources), written a second time and slowly: what the decoder of the product is held against.
 */
import * as t from '../../lib/table.ts'
import type { Column, UnboundedColumn } from '../../lib/types/type.ts'
import type { Random } from '../support/random.ts'
import { wireWriter } from './wire-writer.ts'

/** The bytes are no value of the type: no server sends them. */
export const broken = Symbol('no value of the type')
/** A value, which has no place in the column. */
export const outside = Symbol('no place in the column')

/**
 * A value as the file is to have it: numbers and the bits of floats as signed integers, bytes as characters of Latin-1, a
 * list in JSON of the words of its elements. Null where a lossy column has null.
 */
export type Reading = string | null | typeof broken | typeof outside

export interface Kind {
  readonly column: Column
  /** Bytes of some value, mostly one that has a place. */
  readonly make: (random: Random) => Uint8Array
  readonly read: (field: Uint8Array) => Reading
  /** The words of what a function of a script sees. */
  readonly ofValue: (value: unknown) => string
}

const view = (field: Uint8Array) => new DataView(field.buffer, field.byteOffset, field.length)

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function ofWidth(width: number, read: (view: DataView, field: Uint8Array) => Reading): Kind['read'] {
  return (field) => (field.length === width ? read(view(field), field) : broken)
}

function randomBytes(length: number): (random: Random) => Uint8Array {
  return (random) => Uint8Array.from({ length }, () => random.integer(256))
}

function edges(width: 2 | 4 | 8, ...values: readonly bigint[]): Kind['make'] {
  const any = randomBytes(width)
  return (random) => {
    if (random() < 0.5) return any(random)
    const writer = wireWriter()
    writer.int64(random.pick(values))
    return writer.taken().subarray(8 - width)
  }
}

const words = (value: unknown) => String(value)
const textWords = (value: unknown) => latin1(new TextEncoder().encode(String(value)))

function integers(column: Column, width: 2 | 4 | 8): Kind {
  const most = 1n << BigInt(width * 8 - 1)
  return {
    column,
    make: edges(width, 0n, 1n, -1n, most - 1n, -most),
    read: ofWidth(width, (from) =>
      String(width === 2 ? from.getInt16(0) : width === 4 ? from.getInt32(0) : from.getBigInt64(0)),
    ),
    ofValue: words,
  }
}

const bits = new DataView(new ArrayBuffer(8))

function isNaNBits(width: 4 | 8, from: DataView): boolean {
  return Number.isNaN(width === 4 ? from.getFloat32(0) : from.getFloat64(0))
}

function floats(column: Column, width: 4 | 8): Kind {
  const values = width === 4 ? [0n, 0x8000_0000n, 0x7f80_0000n] : [0n, 1n << 63n, 0x7ff0n << 48n]
  return {
    column,
    make: edges(width, ...values),
    read: ofWidth(width, (from) => String(width === 4 ? from.getInt32(0) : from.getBigInt64(0))),
    ofValue(value) {
      if (width === 4) bits.setFloat32(0, Number(value))
      else bits.setFloat64(0, Number(value))
      return isNaNBits(width, bits) ? 'NaN' : String(width === 4 ? bits.getInt32(0) : bits.getBigInt64(0))
    },
  }
}

/** Days or microseconds since 2000, which the file counts from 1970. */
function instants(column: Column, width: 4 | 8): Kind {
  const epoch = width === 4 ? 10_957n : 946_684_800_000_000n
  const least = width === 4 ? -719_162n : -62_135_596_800_000_000n
  const greatest = width === 4 ? 2_932_896n : 253_402_300_799_999_999n
  const span = greatest - least
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const chance = random()
      const infinity = 1n << BigInt(width * 8 - 1)
      const value =
        chance < 0.02
          ? random.pick([infinity - 1n, -infinity, least - 1n - epoch, greatest + 1n - epoch])
          : chance < 0.2
            ? random.pick([least - epoch, greatest - epoch, 0n, -1n])
            : least - epoch + (BigInt(Math.floor(random() * 2 ** 52)) * span) / 2n ** 52n
      writer.int64(value)
      return writer.taken().subarray(8 - width)
    },
    read: ofWidth(width, (from) => {
      const value = (width === 4 ? BigInt(from.getInt32(0)) : from.getBigInt64(0)) + epoch
      if (value >= least && value <= greatest) return String(value)
      if (column.lossy === 'null') return null
      if (column.lossy === 'clamp') return String(value < least ? least : greatest)
      return outside
    }),
    ofValue: words,
  }
}

/** A type whose bytes the file has as they are. */
function plain(column: Column, alphabet: readonly string[] | undefined): Kind {
  return {
    column,
    make(random) {
      const length = random.pick([0, 1, 2, 3, 5, 8, 60, 64, 65, 72, 80])
      if (alphabet === undefined) return randomBytes(length)(random)
      return new TextEncoder().encode(Array.from({ length }, () => random.pick(alphabet)).join(''))
    },
    read: latin1,
    ofValue: (value) => (value instanceof Uint8Array ? latin1(value) : textWords(value)),
  }
}

const characters = ['a', 'b', 'ß', '€', '🧛', ' ', '\n', '"', '\\', '\ufeff']

const jsonb: Kind = {
  ...plain(t.jsonb, characters),
  make(random) {
    const document = JSON.stringify(random.pick([null, {}, [1, 'ä'], { a: random.integer(99) }]))
    return new TextEncoder().encode(`\u0001${document}`)
  },
  read: (field) => (field.length > 0 && field[0] === 1 ? latin1(field.subarray(1)) : broken),
}

const boolean: Kind = {
  column: t.boolean,
  make: (random) => Uint8Array.of(random.integer(2)),
  read: ofWidth(1, (_, [byte]) => (byte === 0 || byte === 1 ? String(byte) : broken)),
  ofValue: (value) => (value === true ? '1' : '0'),
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const uuid: Kind = {
  column: t.uuid,
  make: randomBytes(16),
  read: ofWidth(16, (_, field) => hexOf(field).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
  ofValue: words,
}

function address(column: Column, width: number): Kind {
  return {
    column,
    make: randomBytes(width),
    read: ofWidth(width, (_, field) => (hexOf(field).match(/../g) ?? []).join(':')),
    ofValue: words,
  }
}

const two = (number: number) => String(number).padStart(2, '0')

/** `04:05:06.5`; undefined beyond a day. */
function timeWords(micros: bigint): string | undefined {
  if (micros < 0n || micros > 86_400_000_000n) return undefined
  const seconds = Number(micros / 1_000_000n)
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor).map(two).join(':')
  return fraction === '' ? time : `${time}.${fraction}`
}

function zoneWords(west: number): string | undefined {
  const seconds = Math.abs(west)
  if (seconds >= 16 * 3600) return undefined
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return `${west > 0 ? '-' : '+'}${parts.map(two).join(':')}`
}

function times(column: Column, zoned: boolean): Kind {
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const day = 86_400_000_000n
      const some = BigInt(Math.floor(random() * 86_400_000_000))
      writer.int64(random.pick([0n, day, day - 1n, some, some - (some % 1000n), some - (some % 60_000_000n)]))
      if (zoned)
        writer.int32(
          random.pick([0, 3600, -3600, 57_599, -57_599, -20_700, random.integer(115_199) - 57_599]),
        )
      return writer.taken()
    },
    read: ofWidth(zoned ? 12 : 8, (from) => {
      const time = timeWords(from.getBigInt64(0))
      const zone = zoned ? zoneWords(from.getInt32(8)) : ''
      return time === undefined || zone === undefined ? broken : time + zone
    }),
    ofValue: words,
  }
}

/** numeric_send: counts of digits of base 10,000, the weight of the first, sign, display scale, digits. */
function numerics(column: Column): Kind {
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
      const text = (value as t.Decimal).toFixed(scale).replace('.', '')
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

/** array_send: dimensions, whether there are nulls, type of the elements, length and lower bound, elements as fields. */
function lists(element: Kind): Kind {
  const column = t.array(element.column)
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const count = random.pick([0, 1, 2, 3, 9])
      const deep = random() < 0.01
      writer.int32(count === 0 ? 0 : deep ? 2 : 1)
      writer.int32(random.integer(2))
      writer.int32(25)
      if (count === 0) return writer.taken()
      writer.int32(count)
      writer.int32(1)
      if (deep) for (const part of [1, 1]) writer.int32(part)
      for (let at = 0; at < count; at++) putField(writer, random() < 0.2 ? null : element.make(random))
      return writer.taken()
    },
    read(field) {
      if (field.length < 12) return broken
      const from = view(field)
      const dimensions = from.getInt32(0)
      if (dimensions < 0 || dimensions > 6) return broken
      let at = 12 + 8 * dimensions
      if (at > field.length) return broken
      const sizes = Array.from({ length: dimensions }, (_, each) => from.getInt32(12 + 8 * each))
      const count = dimensions === 0 ? 0 : sizes.reduce((all, size) => all * size, 1)
      if (count < 0) return broken
      const found: Reading[] = []
      for (let each = 0; each < count; each++) {
        if (at + 4 > field.length) return broken
        const length = from.getInt32(at)
        at += 4
        if (length < -1 || at + length > field.length) return broken
        found.push(length === -1 ? null : element.read(field.subarray(at, at + length)))
        at += Math.max(0, length)
      }
      if (at !== field.length || found.includes(broken)) return broken
      return dimensions > 1 || found.includes(outside) ? outside : JSON.stringify(found)
    },
    ofValue: (value) =>
      JSON.stringify((value as unknown[]).map((each) => (each === null ? null : element.ofValue(each)))),
  }
}

export function putField(writer: ReturnType<typeof wireWriter>, field: Uint8Array | null): void {
  writer.int32(field === null ? -1 : field.length)
  if (field !== null) writer.bytes(field)
}

const scalars: Readonly<Record<string, Kind>> = {
  smallint: integers(t.smallint, 2),
  integer: integers(t.integer, 4),
  bigint: integers(t.bigint, 8),
  oid: {
    column: t.oid,
    make: randomBytes(4),
    read: ofWidth(4, (from) => String(from.getUint32(0))),
    ofValue: words,
  },
  real: floats(t.real, 4),
  doublePrecision: floats(t.doublePrecision, 8),
  boolean,
  text: plain(t.text, characters),
  bytea: plain(t.bytea, undefined),
  json: plain(t.json, characters),
  jsonb,
  uuid,
  macaddr: address(t.macaddr, 6),
  macaddr8: address(t.macaddr8, 8),
  date: instants(t.date, 4),
  timestamp: instants(t.timestamp, 8),
  timestamptz: instants(t.timestamptz, 8),
  time: times(t.time, false),
  timetz: times(t.timetz, true),
  ...Object.fromEntries(
    [
      [4, 0],
      [9, 2],
      [9, 9],
      [10, 0],
      [15, 3],
      [16, 5],
      [18, 6],
      [18, 18],
      [19, 0],
      [28, 7],
      [38, 10],
      [38, 38],
    ].map(([precision = 0, scale = 0]) => [
      `numeric(${precision}, ${scale})`,
      numerics(t.numeric(precision, scale)),
    ]),
  ),
}

const lossy: Readonly<Record<string, Kind>> = Object.fromEntries(
  (['null', 'clamp'] as const).flatMap((policy) => [
    [`lossy(date, '${policy}')`, instants(lossyOf(t.date, policy), 4)],
    [`lossy(timestamp, '${policy}')`, instants(lossyOf(t.timestamp, policy), 8)],
    [`lossy(numeric(9, 2), '${policy}')`, numerics(lossyOf(t.numeric(9, 2), policy))],
    [`lossy(numeric(18, 4), '${policy}')`, numerics(lossyOf(t.numeric(18, 4), policy))],
    [`lossy(numeric(30, 3), '${policy}')`, numerics(lossyOf(t.numeric(30, 3), policy))],
  ]),
)

function lossyOf(of: UnboundedColumn, policy: 'null' | 'clamp'): Column {
  return policy === 'null' ? t.lossy(of, 'null') : t.lossy(of, 'clamp')
}

const listed: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries({ ...scalars, ...lossy }).map(([name, kind]) => [`array(${name})`, lists(kind)]),
)

/** By their words in a script. */
export const kinds: Readonly<Record<string, Kind>> = { ...scalars, ...lossy, ...listed }
export const scalarNames: readonly string[] = Object.keys({ ...scalars, ...lossy })
export const listNames: readonly string[] = Object.keys(listed)
