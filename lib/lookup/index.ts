/** Which row of a lookup has a key: a table over the places where rows begin. */
import type { Lookup } from '../declare/lookup.ts'
import type { KeyBytes } from '../types/key-bytes.ts'
import { hashOf, hasKey, keyForm, readKey } from './key.ts'
import type { GiveSlots, KeyIndex } from './key-index.ts'
import type { Field, PackedRows } from './packed-rows.ts'
import { createWordIndex } from './word-index.ts'

/** @param rows there will be at most */
export function createKeyIndex(
  lookup: Lookup,
  packed: PackedRows,
  key: readonly Field[],
  rows: number,
  giveSlots: GiveSlots,
): KeyIndex {
  const [only] = key
  return key.length === 1 && only?.column.values.key?.isWord === true
    ? createWordIndex(packed, only, rows, giveSlots)
    : bytesIndex(lookup, packed, key, rows, giveSlots)
}

function bytesIndex(
  lookup: Lookup,
  packed: PackedRows,
  fields: readonly Field[],
  rows: number,
  giveSlots: GiveSlots,
): KeyIndex {
  const bits = Math.ceil(Math.log2(Math.max(4, rows * 1.4)))
  /** Where a row begins, plus one; 0: nothing. */
  const slots = giveSlots(2 ** bits)
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
