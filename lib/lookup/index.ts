/** Which row of a lookup has a key: open addressing over the places where rows begin. */
import type { Lookup } from '../declare/lookup.ts'
import type { KeyBytes } from '../types/key-bytes.ts'
import { int32 } from '../types/wire.ts'
import { hashOf, hasKey, keyForm, readKey } from './key.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'

export interface KeyIndex {
  /** Bytes it takes. */
  readonly bytes: number
  /** The row that is first with the key of this one, or −1; −2: a part of its key is null. */
  findAlike(start: number): number
  /** Puts a row in the place of the one that was first with its key; right after `findAlike` of it. */
  put(start: number): void
  /** The row with a key, or −1. */
  find(key: readonly unknown[]): number
  /** Finds as `find` does, by a key of one column. */
  findOne(key: unknown): number
}

/** @param rows there will be at most */
export function createKeyIndex(
  lookup: Lookup,
  packed: PackedRows,
  key: readonly Field[],
  rows: number,
): KeyIndex {
  const [only] = key
  const bits = Math.ceil(Math.log2(Math.max(4, rows * 1.4)))
  return key.length === 1 && only?.column.values.key?.isWord === true
    ? wordIndex(packed, only, bits)
    : bytesIndex(lookup, packed, key, bits)
}

/**
 * An index by one integer, as most keys are. Beside each place stands its key, so that a look at the row, which lies
 * anywhere in memory, is left to whoever wants its values.
 */
function wordIndex(packed: PackedRows, field: Field, bits: number): KeyIndex {
  /** Where a row begins, plus one, and its key; 0: nothing. */
  const slots = new Int32Array(2 ** bits * 2)
  const last = slots.length - 2
  let slot = 0
  let sought = 0

  /**
   * Ids follow one another, in the lookup as in the table that is read: neighbours stay neighbours, so that most of what
   * is asked for is in the cache. What the slots do not tell apart, the upper bits, is mixed in.
   */
  function seek(key: number): number {
    sought = key
    slot = ((key ^ (Math.imul(key >>> bits, 0x9e37_79b1) >>> (32 - bits))) << 1) & last
    for (;;) {
      const start = slots[slot]! - 1
      if (start < 0 || slots[slot + 1] === key) return start
      slot = (slot + 2) & last
    }
  }

  const findOne = (key: unknown): number => (typeof key === 'number' && (key | 0) === key ? seek(key) : -1)

  return {
    bytes: slots.length * 4,
    findAlike(start) {
      const offset = valueOffset(packed, field, start)
      return offset < 0 ? -2 : seek(int32(packed.bytes, offset))
    },
    put(start) {
      slots[slot] = start + 1
      slots[slot + 1] = sought
    },
    find: ([key]) => findOne(key),
    findOne,
  }
}

function bytesIndex(lookup: Lookup, packed: PackedRows, fields: readonly Field[], bits: number): KeyIndex {
  /** Where a row begins, plus one; 0: nothing. */
  const slots = new Int32Array(2 ** bits)
  const last = slots.length - 1
  const writers = lookup.key.map((name) => keyForm(lookup.columns[name]!).put)
  const scratch: KeyBytes = { bytes: new Uint8Array(1024), used: 0 }
  let slot = 0

  function seek(): number {
    slot = hashOf(scratch) & last
    for (;;) {
      const start = slots[slot]! - 1
      if (start < 0 || hasKey(packed, fields, start, scratch)) return start
      slot = (slot + 1) & last
    }
  }

  function find(key: readonly unknown[]): number {
    scratch.used = 0
    for (let at = 0; at < writers.length; at++) {
      const value = key[at]
      if (value === null || value === undefined || !writers[at]!(scratch, value)) return -1
    }
    return seek()
  }

  return {
    bytes: slots.length * 4,
    findAlike: (start) => (readKey(scratch, packed, fields, start) ? seek() : -2),
    put(start) {
      slots[slot] = start + 1
    },
    find,
    findOne: (key) => find([key]),
  }
}
