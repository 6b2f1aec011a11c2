/**
 * Distinct values of a column chunk and their indices in order of appearance
 * (Parquet format, Encodings.md, "Dictionary Encoding"): open addressing over typed arrays.
 */
import type { Vector } from '../batch/vector.ts'

/** Beyond these a dictionary saves nothing, or its page gets long. */
export const mostEntries = 32_768
const mostBytes = 1024 * 1024
/** So many values are encoded by one call: whoever compiles it sees it begin and end often, and sees all of it. */
const blockValues = 1024
/** After so many values a dictionary with an entry for every second one is given up. */
const trial = 2048

export interface Dictionary {
  readonly entries: number
  /** Its values in PLAIN form. */
  plain(): Uint8Array
  /** Its values as a vector, for statistics. */
  vector(): Vector
  /**
   * Writes the index of every value of the vector, with an entry for each value that is new.
   * @returns false when it no longer pays; indices given before stay valid
   */
  encode(vector: Vector, indices: Int32Array): boolean
}

function tooMany(entries: number, seen: number): boolean {
  return entries >= mostEntries || (seen >= trial && seen < trial * 2 && entries * 2 > seen)
}

/** Encodes the values from one up to another. @returns false when the dictionary no longer pays */
type EncodeRange = (vector: Vector, from: number, to: number, indices: Int32Array) => boolean

function inBlocks(encodeRange: EncodeRange): Dictionary['encode'] {
  return (vector, indices) => {
    const { valueCount: count } = vector
    for (let from = 0; from < count; from += blockValues)
      if (!encodeRange(vector, from, Math.min(from + blockValues, count), indices)) return false
    return true
  }
}

export function createDictionary(like: Vector): Dictionary {
  return like.wordsPerValue > 0 ? wordDictionary(like) : byteDictionary(like)
}

function hash(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1)
  return mixed ^ (mixed >>> 15)
}

function wordDictionary(like: Vector): Dictionary {
  const { wordsPerValue } = like
  let mask = 255
  let slots = new Int32Array(mask + 1).fill(-1)
  let values = new Int32Array(256)
  let entries = 0
  let seen = 0

  function grow(): void {
    mask = mask * 2 + 1
    slots = new Int32Array(mask + 1).fill(-1)
    const grown = new Int32Array((mask + 1) * wordsPerValue)
    grown.set(values.subarray(0, entries * wordsPerValue))
    values = grown
    for (let entry = 0; entry < entries; entry++) {
      const low = values[entry * wordsPerValue]!
      let slot = hash(low, wordsPerValue === 2 ? values[entry * 2 + 1]! : 0) & mask
      while (slots[slot]! >= 0) slot = (slot + 1) & mask
      slots[slot] = entry
    }
  }

  function encodeWords({ words }: Vector, from: number, to: number, indices: Int32Array): boolean {
    for (let i = from; i < to; i++) {
      const word = words[i]!
      let slot = hash(word, 0) & mask
      let entry = slots[slot]!
      while (entry >= 0 && values[entry] !== word) {
        slot = (slot + 1) & mask
        entry = slots[slot]!
      }
      if (entry < 0) {
        if (tooMany(entries, seen + i - from)) return false
        entry = entries++
        slots[slot] = entry
        values[entry] = word
        if (entries * 2 > mask) grow()
      }
      indices[i] = entry
    }
    seen += to - from
    return true
  }

  function encodePairs({ words }: Vector, from: number, to: number, indices: Int32Array): boolean {
    for (let i = from; i < to; i++) {
      const low = words[i * 2]!
      const high = words[i * 2 + 1]!
      let slot = hash(low, high) & mask
      let entry = slots[slot]!
      while (entry >= 0 && (values[entry * 2] !== low || values[entry * 2 + 1] !== high)) {
        slot = (slot + 1) & mask
        entry = slots[slot]!
      }
      if (entry < 0) {
        if (tooMany(entries, seen + i - from)) return false
        entry = entries++
        slots[slot] = entry
        values[entry * 2] = low
        values[entry * 2 + 1] = high
        if (entries * 2 > mask) grow()
      }
      indices[i] = entry
    }
    seen += to - from
    return true
  }

  return {
    get entries() {
      return entries
    },
    plain: () => new Uint8Array(values.buffer, 0, entries * wordsPerValue * 4),
    vector: () => ({ ...like, rowCount: entries, valueCount: entries, words: values }),
    encode: inBlocks(wordsPerValue === 1 ? encodeWords : encodePairs),
  }
}

/** BYTE_ARRAY with its lengths, and FIXED_LEN_BYTE_ARRAY. */
function byteDictionary(like: Vector): Dictionary {
  const { width } = like
  let mask = 255
  let slots = new Int32Array(mask + 1).fill(-1)
  let hashes = new Int32Array(256)
  let starts = new Int32Array(257)
  let bytes = new Uint8Array(2 * 1024)
  let entries = 0
  let seen = 0

  function grow(): void {
    mask = mask * 2 + 1
    slots = new Int32Array(mask + 1).fill(-1)
    const grownHashes = new Int32Array(mask + 1)
    grownHashes.set(hashes.subarray(0, entries))
    hashes = grownHashes
    const grownStarts = new Int32Array(mask + 2)
    grownStarts.set(starts.subarray(0, entries + 1))
    starts = grownStarts
    for (let entry = 0; entry < entries; entry++) {
      let slot = hashes[entry]! & mask
      while (slots[slot]! >= 0) slot = (slot + 1) & mask
      slots[slot] = entry
    }
  }

  function add(from: Uint8Array, start: number, end: number, hashed: number): boolean {
    const used = starts[entries]!
    const needed = used + end - start
    if (needed > mostBytes) return false
    if (needed > bytes.length) {
      const grown = new Uint8Array(Math.max(needed, bytes.length * 2))
      grown.set(bytes.subarray(0, used))
      bytes = grown
    }
    bytes.set(from.subarray(start, end), used)
    hashes[entries] = hashed
    starts[++entries] = needed
    return true
  }

  function encodeRange(
    { bytes: values, offsets }: Vector,
    from: number,
    to: number,
    indices: Int32Array,
  ): boolean {
    const valuesView = new DataView(values.buffer, values.byteOffset, values.length)
    let bytesView = new DataView(bytes.buffer)
    for (let i = from; i < to; i++) {
      const start = width > 0 ? i * width : offsets[i]!
      const end = width > 0 ? start + width : offsets[i + 1]!
      const length = end - start
      let hashed = length
      let p = start
      for (; p <= end - 4; p += 4) {
        hashed = Math.imul(hashed ^ valuesView.getInt32(p, true), 0x9e37_79b1)
        hashed ^= hashed >>> 15
      }
      for (; p < end; p++) hashed = Math.imul(hashed ^ values[p]!, 0x0100_0193)
      hashed ^= hashed >>> 15
      let slot = hashed & mask
      let entry = slots[slot]!
      while (entry >= 0) {
        if (hashes[entry] === hashed) {
          const other = starts[entry]!
          if (starts[entry + 1]! - other === length) {
            p = 0
            while (p <= length - 4 && bytesView.getInt32(other + p) === valuesView.getInt32(start + p)) p += 4
            while (p < length && bytes[other + p] === values[start + p]) p++
            if (p === length) break
          }
        }
        slot = (slot + 1) & mask
        entry = slots[slot]!
      }
      if (entry < 0) {
        if (tooMany(entries, seen + i - from) || !add(values, start, end, hashed)) return false
        if (bytesView.buffer !== bytes.buffer) bytesView = new DataView(bytes.buffer)
        entry = entries - 1
        slots[slot] = entry
        if (entries * 2 > mask) grow()
      }
      indices[i] = entry
    }
    seen += to - from
    return true
  }

  return {
    get entries() {
      return entries
    },
    plain: () => bytes.subarray(0, starts[entries]!),
    vector: () => ({
      ...like,
      rowCount: entries,
      valueCount: entries,
      bytes,
      byteCount: starts[entries]!,
      offsets: starts,
    }),
    encode: inBlocks(encodeRange),
  }
}
