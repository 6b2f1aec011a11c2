/** Keys of a lookup as bytes: what a script asks for, in the form that rows have it. */
import { type KeyBytes, putWord, reserveKey } from '../types/key-bytes.ts'
import type { Column, KeyForm } from '../types/type.ts'
import { int32 } from '../types/wire.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'

/** @throws TypeError for a type that no declaration has as a key */
export function keyForm({ type, values: { key } }: Column): KeyForm {
  if (key === undefined) throw new TypeError(`Nothing is found by ${type}.`)
  return key
}

/** The key of a row, in the same form. @returns false where a part of it is null, so that nothing finds it */
export function readKey(key: KeyBytes, rows: PackedRows, fields: readonly Field[], start: number): boolean {
  key.used = 0
  for (const field of fields) {
    const offset = valueOffset(rows, field, start)
    if (offset < 0) return false
    const length = field.width > 0 ? field.width : int32(rows.bytes, offset - 4)
    reserveKey(key, 4 + length)
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
