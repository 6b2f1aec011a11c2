/** Which row of a lookup has an integer, as most keys are: by the integer itself as an address, or hashed. */
import { int32 } from '../types/wire.ts'
import type { GiveSlots, KeyIndex } from './key-index.ts'
import { type Field, type PackedRows, rowEnd, valueOffset } from './packed-rows.ts'

/** Places that an index by address may have for each row, so that it takes no more memory than one that is hashed. */
const placesPerRow = 4
const fewPlaces = 1024

/** @param rows there are at most */
export function createWordIndex(
  packed: PackedRows,
  field: Field,
  rows: number,
  giveSlots: GiveSlots,
): KeyIndex {
  const [least, greatest] = rangeOf(packed, field)
  const places = greatest - least + 1
  return places <= Math.max(fewPlaces, rows * placesPerRow)
    ? addressIndex(packed, field, least, giveSlots(Math.max(0, places)))
    : hashIndex(packed, field, rows, giveSlots)
}

/** The least and the greatest key; of no keys, a greatest that is less than the least. */
function rangeOf(packed: PackedRows, field: Field): readonly [number, number] {
  let least = 0x7fff_ffff
  let greatest = -0x8000_0000
  for (let start = 0; start < packed.used; start = rowEnd(packed, start)) {
    const offset = valueOffset(packed, field, start)
    if (offset < 0) continue
    const key = int32(packed.bytes, offset)
    if (key < least) least = key
    if (key > greatest) greatest = key
  }
  return [least, greatest]
}

const isWord = (key: unknown): key is number => typeof key === 'number' && (key | 0) === key

/** Ids lie close together: each has a place, where one look finds it, or finds that there is none. */
/** @param slots where the row begins, plus one; 0: there is none */
function addressIndex(packed: PackedRows, field: Field, least: number, slots: Int32Array): KeyIndex {
  const places = slots.length
  let place = 0

  function findOne(key: unknown): number {
    if (!isWord(key)) return -1
    const at = key - least
    return at >= 0 && at < places ? slots[at]! - 1 : -1
  }

  return {
    bytes: slots.length * 4,
    findAlike(start) {
      const offset = valueOffset(packed, field, start)
      if (offset < 0) return -2
      place = int32(packed.bytes, offset) - least
      return slots[place]! - 1
    },
    put(start) {
      slots[place] = start + 1
    },
    find: ([key]) => findOne(key),
    findOne,
  }
}

/** Keys that stay neighbours, as a power of two: as many slots as a line of the processor's cache has. */
const neighbours = 3

/**
 * Beside each place stands its key, so that a look at the row, which lies anywhere in memory, is left to whoever wants its
 * values. Only a few keys that follow one another stay together: in a long run of them, one that is not there would be
 * sought to the run's end.
 */
function hashIndex(packed: PackedRows, field: Field, rows: number, giveSlots: GiveSlots): KeyIndex {
  const bits = Math.max(neighbours + 1, Math.ceil(Math.log2(rows * 1.4)))
  /** Where a row begins, plus one, and its key; 0: nothing. */
  const slots = giveSlots(2 ** bits * 2)
  const last = slots.length - 2
  let slot = 0
  let sought = 0

  function seek(key: number): number {
    sought = key
    const line = Math.imul(key >> neighbours, 0x9e37_79b1) >>> (32 + neighbours - bits)
    slot = ((line << neighbours) | (key & (2 ** neighbours - 1))) << 1
    for (;;) {
      const start = slots[slot]! - 1
      if (start < 0 || slots[slot + 1] === key) return start
      slot = (slot + 2) & last
    }
  }

  const findOne = (key: unknown): number => (isWord(key) ? seek(key) : -1)

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
