/**
 * DELTA_BINARY_PACKED for INT32 and INT64 (Parquet format, Encodings.md, "Delta Encoding").
 * Blocks of 128 values in 4 miniblocks of 32, as most writers make them.
 */
import { writeVarint } from './rle.ts'

const blockValues = 128
const miniblocks = 4
const miniblockValues = blockValues / miniblocks

/** Least and greatest of values that have been written; those of 64 bits as doubles, which are exact. */
export interface Range {
  least: number
  greatest: number
}

/** Most bytes that either writer makes of `count` values. */
export function deltaBound(count: number, wordsPerValue: number): number {
  return 40 + Math.ceil(count / blockValues) * (blockValues * 4 * wordsPerValue + 20)
}

function writeHeader(count: number, out: Uint8Array, at: number): number {
  at = writeVarint(blockValues, out, at)
  at = writeVarint(miniblocks, out, at)
  return writeVarint(count, out, at)
}

const residuals32 = new Int32Array(blockValues)

/**
 * Writes one value or more. Differences wrap at 32 bits, as the format wants it.
 * @param range becomes theirs
 * @returns the position after the values
 */
export function writeDelta32(
  words: Int32Array,
  count: number,
  out: Uint8Array,
  at: number,
  range: Range,
): number {
  const first = words[0]!
  range.least = first
  range.greatest = first
  at = writeHeader(count, out, at)
  at = writeVarint(zigzag(first), out, at)
  for (let from = 1; from < count; from += blockValues)
    at = writeBlock32(words, from, Math.min(from + blockValues, count), out, at, range)
  return at
}

/** A function of its own, as one that is called often is compiled once, and a loop that runs for long twice. */
function writeBlock32(
  words: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
  range: Range,
): number {
  const values = to - from
  let previous = words[from - 1]!
  let smallest = 0x7fff_ffff
  let { least, greatest } = range
  for (let i = 0; i < values; i++) {
    const value = words[from + i]!
    if (value < least) least = value
    if (value > greatest) greatest = value
    const delta = (value - previous) | 0
    previous = value
    residuals32[i] = delta
    if (delta < smallest) smallest = delta
  }
  range.least = least
  range.greatest = greatest
  at = writeVarint(zigzag(smallest), out, at)
  const widths = at
  at += miniblocks
  for (let m = 0; m < miniblocks; m++) {
    const start = m * miniblockValues
    const end = Math.min(start + miniblockValues, values)
    let all = 0
    for (let i = start; i < end; i++) {
      const residual = (residuals32[i]! - smallest) | 0
      residuals32[i] = residual
      all |= residual
    }
    for (let i = Math.max(start, end); i < start + miniblockValues; i++) residuals32[i] = 0
    const width = start < values ? 32 - Math.clz32(all) : 0
    out[widths + m] = width
    at = pack32(residuals32, start, width, out, at)
  }
  return at
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

/** 32 values of `width` (≤ 32) bits: 4 × `width` bytes. */
function pack32(values: Int32Array, start: number, width: number, out: Uint8Array, at: number): number {
  if (width === 0) return at
  const low = Math.min(width, 16)
  const mask = (1 << low) - 1
  const high = width - low
  let pending = 0
  let bits = 0
  for (let i = start; i < start + miniblockValues; i++) {
    const value = values[i]!
    pending |= (value & mask) << bits
    bits += low
    while (bits >= 8) {
      out[at++] = pending
      pending >>>= 8
      bits -= 8
    }
    if (high === 0) continue
    pending |= (value >>> 16) << bits
    bits += high
    while (bits >= 8) {
      out[at++] = pending
      pending >>>= 8
      bits -= 8
    }
  }
  return at
}

const residuals64 = new Float64Array(blockValues)
/**
 * Writes one value or more, if all lie between −2^52 and 2^53 and less than 2^51 apart, so that every difference, and its
 * distance from another, is exact in a double. Timestamps of our centuries do.
 * @param range becomes theirs
 * @returns the position after the values; −1 where one lies elsewhere
 */
export function writeDelta64(
  words: Int32Array,
  count: number,
  out: Uint8Array,
  at: number,
  range: Range,
): number {
  const first = double(words, 0)
  if (first < -mostBelow || first >= mostAbove) return -1
  range.least = first
  range.greatest = first
  at = writeHeader(count, out, at)
  at = writeVarint(zigzag(first), out, at)
  for (let from = 1; from < count && at >= 0; from += blockValues)
    at = writeBlock64(words, from, Math.min(from + blockValues, count), out, at, range)
  return at
}

const mostBelow = 2 ** 52
const mostAbove = 2 ** 53
const mostApart = 2 ** 51

function double(words: Int32Array, n: number): number {
  return words[n * 2 + 1]! * 4_294_967_296 + (words[n * 2]! >>> 0)
}

function writeBlock64(
  words: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
  range: Range,
): number {
  const values = to - from
  let previous = double(words, from - 1)
  let smallest = Number.MAX_SAFE_INTEGER
  let { least, greatest } = range
  for (let i = 0; i < values; i++) {
    const value = double(words, from + i)
    if (value < least) least = value
    if (value > greatest) greatest = value
    const delta = value - previous
    previous = value
    residuals64[i] = delta
    if (delta < smallest) smallest = delta
  }
  if (least < -mostBelow || greatest >= mostAbove || greatest - least >= mostApart) return -1
  range.least = least
  range.greatest = greatest
  at = writeVarint(zigzag(smallest), out, at)
  const widths = at
  at += miniblocks
  for (let m = 0; m < miniblocks; m++) {
    const start = m * miniblockValues
    const end = Math.min(start + miniblockValues, values)
    let largest = 0
    for (let i = start; i < end; i++) {
      const residual = residuals64[i]! - smallest
      residuals64[i] = residual
      if (residual > largest) largest = residual
    }
    for (let i = Math.max(start, end); i < start + miniblockValues; i++) residuals64[i] = 0
    const width = bits53(largest)
    out[widths + m] = width
    at = pack53(residuals64, start, width, out, at)
  }
  return at
}

function bits53(value: number): number {
  const high = Math.floor(value / 4_294_967_296)
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value)
}

/** 32 values of `width` (≤ 53) bits: 4 × `width` bytes. */
function pack53(values: Float64Array, start: number, width: number, out: Uint8Array, at: number): number {
  if (width <= 32) {
    for (let i = 0; i < miniblockValues; i++) words32[i] = values[start + i]!
    return pack32(words32, 0, width, out, at)
  }
  let pending = 0
  let bits = 0
  for (let i = start; i < start + miniblockValues; i++) {
    let rest = values[i]!
    for (let left = width; left > 0; ) {
      const take = Math.min(left, 16)
      const above = Math.floor(rest / 65_536)
      pending |= (rest - above * 65_536) << bits
      rest = above
      bits += take
      left -= take
      while (bits >= 8) {
        out[at++] = pending
        pending >>>= 8
        bits -= 8
      }
    }
  }
  return at
}

const words32 = new Int32Array(miniblockValues)
