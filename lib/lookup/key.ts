/** Keys of a lookup as bytes: what a script asks for, in the form that rows have it. */

import { epochDays, epochMicros } from '../types/calendar.ts'
import type { Column } from '../types/type.ts'
import { type Field, int32, type PackedRows, putInt32, valueOffset } from './packed-rows.ts'

/** The values of one key, one behind the other; those of various widths behind their length. */
export interface KeyBytes {
  bytes: Uint8Array
  used: number
}

/** Writes one value of a key behind those before it. @returns false for what no row can have */
type PutKey = (key: KeyBytes, value: unknown) => boolean

export function keyWriter({ wire, type }: Column): PutKey {
  switch (wire) {
    case 'int2':
    case 'int4':
    case 'oid':
      return (key, value) => {
        if (typeof value !== (wire === 'oid' ? 'bigint' : 'number')) return false
        const number = Number(value)
        const held = wire === 'oid' ? number >>> 0 : wire === 'int2' ? (number << 16) >> 16 : number | 0
        if (held !== number) return false
        if (wire !== 'int2') return putWord(key, number)
        key.bytes[key.used++] = number >> 8
        key.bytes[key.used++] = number
        return true
      }
    case 'date':
      return (key, value) => {
        const day = typeof value === 'number' ? value - epochDays : Number.NaN
        return (day | 0) === day && putWord(key, day)
      }
    case 'int8':
      return (key, value) => typeof value === 'bigint' && putLong(key, value)
    case 'timestamp':
      return (key, value) => typeof value === 'bigint' && putLong(key, value - epochMicros)
    case 'bool':
      return (key, value) => {
        key.bytes[key.used++] = value === true ? 1 : 0
        return typeof value === 'boolean'
      }
    case 'uuid':
      return putUuid
    case 'bytes':
      return type === 'bytea' ? (key, value) => value instanceof Uint8Array && putBytes(key, value) : putText
    default:
      throw new TypeError(`Nothing is found by ${type}.`)
  }
}

function putWord(key: KeyBytes, value: number): boolean {
  putInt32(key.bytes, key.used, value)
  key.used += 4
  return true
}

function putLong(key: KeyBytes, value: bigint): boolean {
  if (BigInt.asIntN(64, value) !== value) return false
  return putWord(key, Number(value >> 32n)) && putWord(key, Number(BigInt.asIntN(32, value)))
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function putUuid(key: KeyBytes, value: unknown): boolean {
  if (typeof value !== 'string' || !uuid.test(value)) return false
  const hex = value.replaceAll('-', '')
  for (let at = 0; at < 32; at += 8) putWord(key, Number.parseInt(hex.slice(at, at + 8), 16))
  return true
}

const encoder = new TextEncoder()

function putText(key: KeyBytes, value: unknown): boolean {
  // Half a character would pass for the one that stands for what cannot be read.
  if (typeof value !== 'string' || !value.isWellFormed()) return false
  reserve(key, 4 + value.length * 3)
  const { written } = encoder.encodeInto(value, key.bytes.subarray(key.used + 4))
  putWord(key, written)
  key.used += written
  return true
}

function putBytes(key: KeyBytes, value: Uint8Array): boolean {
  reserve(key, 4 + value.length)
  putWord(key, value.length)
  key.bytes.set(value, key.used)
  key.used += value.length
  return true
}

/** Room for the value and for a few of one width behind it. */
function reserve(key: KeyBytes, size: number): void {
  const needed = key.used + size + 512
  if (needed <= key.bytes.length) return
  const grown = new Uint8Array(needed * 2)
  grown.set(key.bytes.subarray(0, key.used))
  key.bytes = grown
}

/** The key of a row, in the same form. @returns false where a part of it is null, so that nothing finds it */
export function readKey(key: KeyBytes, rows: PackedRows, fields: readonly Field[], start: number): boolean {
  key.used = 0
  for (const field of fields) {
    const offset = valueOffset(rows, field, start)
    if (offset < 0) return false
    const length = field.width > 0 ? field.width : int32(rows.bytes, offset - 4)
    reserve(key, 4 + length)
    if (field.width === 0) putWord(key, length)
    key.bytes.set(rows.bytes.subarray(offset, offset + length), key.used)
    key.used += length
  }
  return true
}

/** Whether the row has this key. */
export function hasKey(rows: PackedRows, fields: readonly Field[], start: number, key: KeyBytes): boolean {
  let at = 0
  for (const field of fields) {
    const offset = valueOffset(rows, field, start)
    if (offset < 0) return false
    const isFixed = field.width > 0
    const from = isFixed ? offset : offset - 4
    const length = isFixed ? field.width : 4 + int32(rows.bytes, offset - 4)
    if (at + length > key.used) return false
    for (let i = 0; i < length; i++) if (rows.bytes[from + i] !== key.bytes[at + i]) return false
    at += length
  }
  return at === key.used
}

/** FNV-1a, its bits mixed once more for tables whose size is a power of two. */
export function hashOf({ bytes, used }: KeyBytes): number {
  let hash = 0x811c_9dc5
  for (let at = 0; at < used; at++) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b_3c6d) >>> 0
}
