/** A lookup in memory: its rows packed, found by their key. */

import type { Batch } from '../batch/batch.ts'
import type { Lookup } from '../declare/lookup.ts'
import { describeField } from '../types/field.ts'
import { int32, putInt32 } from '../types/wire.ts'
import { createKeyIndex } from './index.ts'
import type { KeyIndex } from './key-index.ts'
import {
  appendRow,
  createPackedRows,
  type Field,
  type PackedRows,
  rowEnd,
  type Space,
  valueOffset,
} from './packed-rows.ts'

/** Rows that are still being read. */
export interface LookupBuilder {
  /** Takes all rows of a batch. @returns bytes taken so far, and those that finding them will take */
  add(batch: Batch): number
  /** Makes the rows findable. @returns in words the key that two rows have, where each may have but one */
  finish(): LookupRows | string
}

export interface LookupRows {
  readonly packed: PackedRows
  /** Rows kept: those that can be found. */
  readonly rows: number
  /** Bytes they take in memory, the table they are found by included. */
  readonly bytes: number
  /** Where the first row with that key begins, or −1. */
  find(key: readonly unknown[]): number
  /** Finds as `find` does, by a key of one column. */
  findOne(key: unknown): number
  /** Where the next row with the same key begins, or −1; of a lookup that keeps many. */
  next(start: number): number
  /** The memory they lie in, for other threads; undefined: it is this thread's own. */
  readonly shared: SharedRows | undefined
}

/** All that {@link openSharedRows} needs besides the declaration: it may be sent to another thread, which has the same memory. */
export interface SharedRows {
  readonly bytes: SharedArrayBuffer
  readonly slots: SharedArrayBuffer
  /** Rows that were put there, and those that can be found. */
  readonly added: number
  readonly rows: number
}

/** A row of many begins with the place of the next one with its key, plus one. */
const linkBytes = 4
/** What a row takes at most of the index, about. */
const indexBytes = 24

/** Rows of a lookup that another thread has read, found there and here. */
export function openSharedRows(lookup: Lookup, shared: SharedRows): LookupRows {
  const { bytes, slots, added, rows } = shared
  const packed = emptyRows(lookup, { bytes: Buffer.from(bytes) })
  packed.used = bytes.byteLength
  const key = lookup.key.map((name) => fieldOf(lookup, packed, name))
  const index = createKeyIndex(lookup, packed, key, added, () => new Int32Array(slots))
  return foundBy(index, packed, rows, shared)
}

function emptyRows({ columns, many }: Lookup, space: Space): PackedRows {
  return createPackedRows(Object.values(columns), many ? linkBytes : 0, space)
}

function fieldOf({ columns }: Lookup, { fields }: PackedRows, name: string): Field {
  return fields[Object.keys(columns).indexOf(name)]!
}

function foundBy(
  index: KeyIndex,
  packed: PackedRows,
  rows: number,
  shared: SharedRows | undefined,
): LookupRows {
  return {
    packed,
    rows,
    bytes: packed.bytes.length + index.bytes,
    find: index.find,
    findOne: index.findOne,
    next: (start) => int32(packed.bytes, start) - 1,
    shared,
  }
}

export interface LookupMemory {
  /** To pack rows in; they leave it when they are all there. */
  readonly space?: Space
  /** Whether other threads are to find them too. */
  readonly isShared?: boolean
}

export function createLookupRows(
  lookup: Lookup,
  { space = { bytes: new Uint8Array(64 * 1024) }, isShared = false }: LookupMemory = {},
): LookupBuilder {
  const { columns, kept, many } = lookup
  const names = Object.keys(columns)
  const packed = emptyRows(lookup, space)
  const key = lookup.key.map((name) => fieldOf(lookup, packed, name))
  const keyPlaces = lookup.key.map((name) => names.indexOf(name))
  const order = kept?.by.map((name) => fieldOf(lookup, packed, name))
  const sign = kept?.option === 'firstBy' ? -1 : 1
  let added = 0

  function describeKey(start: number): string {
    const values = key.map((field, at) => {
      const value = describeField(field.column, packed.bytes, valueOffset(packed, field, start))
      return `${lookup.key[at]} = ${value}`
    })
    return values.join(', ')
  }

  function startsOfRows(): Int32Array {
    const starts = new Int32Array(added)
    for (let start = 0, at = 0; at < added; start = rowEnd(packed, start)) starts[at++] = start
    return starts
  }

  /** Goes from the last row to the first, so that each list begins with its first. @returns rows kept */
  function linkAll(index: KeyIndex): number {
    for (const start of startsOfRows().reverse()) {
      putInt32(packed.bytes, start, index.findAlike(start) + 1)
      index.put(start)
    }
    return added
  }

  /** @returns rows kept, or the key in words that two rows have */
  function placeAll(index: KeyIndex): number | string {
    let rows = 0
    /** Those that are first with their key, and not alone: no fault while a later one may come. */
    const tied = new Set<number>()
    for (let start = 0; start < packed.used; start = rowEnd(packed, start)) {
      const other = index.findAlike(start)
      if (other < 0) rows++
      const later = other < 0 ? 1 : order === undefined ? 0 : sign * compareAll(packed, order, start, other)
      if (later === 0) {
        if (order === undefined) return describeKey(start)
        tied.add(other)
      } else if (later > 0) {
        index.put(start)
        tied.delete(other)
      }
    }
    const [start] = tied
    return start === undefined ? rows : describeKey(start)
  }

  return {
    add({ wire, offsets, stride, rowCount }) {
      for (let first = 0; first < rowCount * stride; first += stride) {
        let findable = true
        for (let at = 0; at < keyPlaces.length; at++) findable &&= offsets[first + keyPlaces[at]!]! >= 0
        if (!findable) continue
        appendRow(packed, wire, offsets, first)
        added++
      }
      return packed.used + added * indexBytes
    },
    finish() {
      // A Buffer, as text is read from one; what they grew in may be twice as large.
      const used = space.bytes.subarray(0, packed.used)
      const bytes = isShared ? new SharedArrayBuffer(used.length) : undefined
      packed.bytes = bytes === undefined ? Buffer.from(used) : Buffer.from(bytes)
      if (bytes !== undefined) packed.bytes.set(used)
      let slots = new SharedArrayBuffer(0)
      const index = createKeyIndex(lookup, packed, key, added, (length) => {
        if (!isShared) return new Int32Array(length)
        slots = new SharedArrayBuffer(length * 4)
        return new Int32Array(slots)
      })
      const rows = many ? linkAll(index) : placeAll(index)
      if (typeof rows === 'string') return rows
      return foundBy(index, packed, rows, bytes && { bytes, slots, added, rows })
    },
  }
}

function compareAll(packed: PackedRows, fields: readonly Field[], one: number, other: number): number {
  for (const field of fields) {
    const difference = compare(packed, field, one, other)
    if (difference !== 0) return difference
  }
  return 0
}

/** Compares the numbers that a field holds, of at most 64 bits; null comes before all. */
function compare(packed: PackedRows, field: Field, one: number, other: number): number {
  const a = valueOffset(packed, field, one)
  const b = valueOffset(packed, field, other)
  if (a < 0 || b < 0) return (a < 0 ? 0 : 1) - (b < 0 ? 0 : 1)
  // Big-endian: the first byte decides, and bears the sign, but for oid, which has none.
  const flip = field.column.values.order === 'unsigned' ? 0 : 0x80
  for (let i = 0; i < field.width; i++) {
    const sign = i === 0 ? flip : 0
    const difference = (packed.bytes[a + i]! ^ sign) - (packed.bytes[b + i]! ^ sign)
    if (difference !== 0) return difference
  }
  return 0
}
