/**
 * A single value, in memory and as bytes: bounds of columns and of partitions (Iceberg specification, Appendix D, "Binary
 * single-value serialization").
 */
import { decimalDigits } from './schema.ts'

/**
 * By its type: a number for `int`, `date` (days since 1970), `float` and `double`; a bigint for `long`, `timestamp` and
 * `timestamptz` (microseconds since 1970) and `decimal` (unscaled); a string, a boolean; bytes for all else.
 */
export type SingleValue = number | bigint | string | boolean | Uint8Array

/** One for all values: to look at the buffer of 8 bytes takes many times their memory, and bounds are many. */
const scratchBytes = new Uint8Array(8)
const scratch = new DataView(scratchBytes.buffer)

/** It has as many bytes, so that a value of more is a RangeError. */
function viewOf(bytes: Uint8Array): DataView {
  const length = Math.min(8, bytes.length)
  for (let at = 0; at < length; at++) scratchBytes[at] = bytes[at]!
  return new DataView(scratch.buffer, 0, length)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A `long` may be a number too, as it is where an `int` was widened. */
export function encodeValue(type: string, value: SingleValue): Uint8Array {
  switch (type) {
    case 'boolean':
      return Uint8Array.of(value === true ? 1 : 0)
    case 'int':
    case 'date':
      scratch.setInt32(0, Number(value), true)
      return scratchBytes.slice(0, 4)
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      scratch.setBigInt64(0, BigInt(value as number | bigint), true)
      return scratchBytes.slice()
    case 'float':
      scratch.setFloat32(0, value as number, true)
      return scratchBytes.slice(0, 4)
    case 'double':
      scratch.setFloat64(0, value as number, true)
      return scratchBytes.slice()
    case 'string':
      return encoder.encode(value as string)
    default:
      return decimalDigits(type) === undefined ? (value as Uint8Array) : leastBytes(value as bigint)
  }
}

/** Two's complement, big-endian, in as few bytes as it takes. */
function leastBytes(value: bigint): Uint8Array {
  let length = 1
  while (BigInt.asIntN(8 * length, value) !== value) length++
  const all = new Uint8Array(length)
  for (let at = length - 1, left = value; at >= 0; at--, left >>= 8n) all[at] = Number(left & 0xffn)
  return all
}

/** Goes by the length where a type may have been widened since: an `int` of 4 bytes is a `long`. */
export function decodeValue(type: string, bytes: Uint8Array): SingleValue {
  switch (type) {
    case 'boolean':
      return bytes[0] !== 0
    case 'int':
    case 'date':
      return viewOf(bytes).getInt32(0, true)
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return bytes.length === 4 ? BigInt(viewOf(bytes).getInt32(0, true)) : viewOf(bytes).getBigInt64(0, true)
    case 'float':
      return viewOf(bytes).getFloat32(0, true)
    case 'double':
      return bytes.length === 4 ? viewOf(bytes).getFloat32(0, true) : viewOf(bytes).getFloat64(0, true)
    case 'string':
      return decoder.decode(bytes)
    default:
      return decimalDigits(type) === undefined ? bytes : bigEndian(bytes)
  }
}

/**
 * A value in Parquet's PLAIN form without a length, as statistics have it: Iceberg's but for decimals, which Parquet stores
 * as integers of 4 or 8 bytes, little-endian, where they have up to 18 digits.
 */
export function decodePlain(type: string, plain: Uint8Array): SingleValue {
  const precision = decimalDigits(type)?.precision
  if (precision === undefined) return decodeValue(type, plain)
  if (precision > 18) return bigEndian(plain)
  return BigInt(decodeValue(precision > 9 ? 'long' : 'int', plain) as number | bigint)
}

/** The same bytes but for decimals. @param plain a value in Parquet's PLAIN form @returns a single value's */
export function singleValue(type: string, plain: Uint8Array): Uint8Array {
  return decimalDigits(type) === undefined ? plain : encodeValue(type, decodePlain(type, plain))
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt.asIntN(
    8 * bytes.length,
    bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  )
}

/** Below zero: `a` comes before `b`. Both are of one type; texts and bytes are in the order of their bytes. */
export function compareValues(a: SingleValue, b: SingleValue): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}
