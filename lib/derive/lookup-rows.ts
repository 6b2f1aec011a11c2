/** A lookup in memory: its rows packed, found by the bytes of their key. */

import { wireText } from '../postgres/wire-text.ts'
import type { Lookup } from '../table/lookup.ts'
import { hashOf, hasKey, type KeyBytes, readKey } from './key.ts'
import {
  appendRow,
  createPackedRows,
  type Field,
  int32,
  type PackedRows,
  putInt32,
  rowEnd,
  valueOffset,
} from './packed-rows.ts'

export interface LookupRows {
  readonly packed: PackedRows
  readonly key: readonly Field[]
  /** Rows kept: those that can be found. */
  readonly rows: number
  /** Bytes they take in memory, the table they are found by included. */
  readonly bytes: number
  /** Takes one row of a COPY. @returns bytes taken so far */
  add(wire: Uint8Array, offsets: Int32Array, first: number): number
  /** Makes the rows findable. @returns in words the key that two rows have, where each may have but one */
  finish(): string | undefined
  /** Where the first row with that key begins, or −1. */
  find(key: KeyBytes): number
  /** Where the next row with the same key begins, or −1; of a lookup that keeps many. */
  next(start: number): number
}

/** A row of many begins with the place of the next one with its key, plus one. */
const linkBytes = 4

export function createLookupRows(lookup: Lookup): LookupRows {
  const { columns, latestBy, many } = lookup
  const names = Object.keys(columns)
  const packed = createPackedRows(Object.values(columns), many ? linkBytes : 0)
  const fieldOf = (name: string): Field => packed.fields[names.indexOf(name)]!
  const key = lookup.key.map(fieldOf)
  const order = latestBy === undefined ? undefined : fieldOf(latestBy)
  const scratch: KeyBytes = { bytes: new Uint8Array(1024), used: 0 }
  let added = 0
  let rows = 0
  /** Where rows begin, plus one; 0: nothing. At most two thirds are taken. */
  let slots = new Int32Array(4)

  /** The slot of the row with that key, or the one it would have. */
  function slotOf(wanted: KeyBytes): number {
    const last = slots.length - 1
    let slot = hashOf(wanted) & last
    while (slots[slot] !== 0 && !hasKey(packed, key, slots[slot]! - 1, wanted)) slot = (slot + 1) & last
    return slot
  }

  function keyInWords(start: number): string {
    const values = key.map((field, at) => {
      const value = wireText(field.column, packed.bytes, valueOffset(packed, field, start))
      return `${lookup.key[at]} = ${value}`
    })
    return values.join(', ')
  }

  /** @returns the key in words, where the row may not have it too */
  function place(start: number): string | undefined {
    if (!readKey(scratch, packed, key, start)) return undefined
    const slot = slotOf(scratch)
    const other = slots[slot]! - 1
    if (other < 0 || many) rows++
    if (other < 0) {
      slots[slot] = start + 1
    } else if (many) {
      // Rows are placed from the last to the first, so that each list begins with its first.
      putInt32(packed.bytes, start, other + 1)
      slots[slot] = start + 1
    } else {
      const later = order === undefined ? 0 : compare(packed, order, start, other)
      if (later === 0) return keyInWords(start)
      if (later > 0) slots[slot] = start + 1
    }
    return undefined
  }

  return {
    packed,
    key,
    get rows() {
      return rows
    },
    get bytes() {
      return packed.bytes.length + slots.length * 4
    },
    add(wire, offsets, first) {
      if (lookup.key.every((name) => offsets[first + names.indexOf(name)]! >= 0)) {
        appendRow(packed, wire, offsets, first)
        added++
      }
      return packed.used + added * 8
    },
    finish() {
      packed.bytes = packed.bytes.slice(0, packed.used)
      slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, added * 1.5))))
      const starts = many ? new Int32Array(added) : undefined
      for (let start = 0, at = 0; start < packed.used; start = rowEnd(packed, start), at++) {
        if (starts !== undefined) starts[at] = start
        else {
          const twice = place(start)
          if (twice !== undefined) return twice
        }
      }
      starts?.reverse().forEach(place)
      return undefined
    },
    find: (wanted) => slots[slotOf(wanted)]! - 1,
    next: (start) => int32(packed.bytes, start) - 1,
  }
}

/** By the number a field holds, of at most 64 bits; null comes before all. */
function compare(packed: PackedRows, field: Field, one: number, other: number): number {
  const a = valueOffset(packed, field, one)
  const b = valueOffset(packed, field, other)
  if (a < 0 || b < 0) return (a < 0 ? 0 : 1) - (b < 0 ? 0 : 1)
  // Big-endian: the first byte decides, and bears the sign, but for oid, which has none.
  const flip = field.column.wire === 'oid' ? 0 : 0x80
  for (let i = 0; i < field.width; i++) {
    const sign = i === 0 ? flip : 0
    const difference = (packed.bytes[a + i]! ^ sign) - (packed.bytes[b + i]! ^ sign)
    if (difference !== 0) return difference
  }
  return 0
}
