/**
 * The RLE / bit-packing hybrid for definition levels and dictionary indices
 * (Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)").
 */

/** Bits that hold every value up to `largest`. */
export function bitWidth(largest: number): number {
  return 32 - Math.clz32(largest)
}

/** Most bytes that {@link writeRle} makes of `count` values. */
export function rleBound(count: number, width: number): number {
  const groups = Math.ceil(count / 8)
  return groups * (width + 1) + 8
}

/** One bit-packed run is at most this many groups of eight, so that its header is one byte. */
const groupsPerRun = 63

/**
 * Writes `count` values of at most `width` (≤ 24) bits at `at`.
 * @returns the position after them
 */
export function writeRle(
  values: Int32Array | Uint8Array,
  count: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  let i = 0
  while (i < count) {
    const run = runLength(values, i, count)
    if (run >= 8) {
      at = writeRun(values[i]!, run, width, out, at)
      i += run
      continue
    }
    const header = at++
    let groups = 0
    do {
      at = packEight(values, i, count, width, out, at)
      groups++
      i += 8
    } while (i < count && groups < groupsPerRun && runLength(values, i, count) < 8)
    out[header] = (groups << 1) | 1
  }
  return at
}

/** Writes one RLE run: `count` times `value`. */
export function writeRun(value: number, count: number, width: number, out: Uint8Array, at: number): number {
  at = writeVarint(count * 2, out, at)
  for (let bits = 0; bits < width; bits += 8) out[at++] = value >>> bits
  return at
}

function runLength(values: Int32Array | Uint8Array, from: number, count: number): number {
  const value = values[from]
  let i = from + 1
  while (i < count && values[i] === value) i++
  return i - from
}

/** Eight values, the missing ones of the last group as zeros: `width` bytes. */
function packEight(
  values: Int32Array | Uint8Array,
  from: number,
  count: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const to = Math.min(from + 8, count)
  const end = at + width
  let pending = 0
  let bits = 0
  for (let i = from; i < to; i++) {
    pending |= values[i]! << bits
    bits += width
    while (bits >= 8) {
      out[at++] = pending
      pending >>>= 8
      bits -= 8
    }
  }
  while (at < end) {
    out[at++] = pending
    pending >>>= 8
  }
  return at
}

/** Unsigned LEB128 of a value below 2^53. */
export function writeVarint(value: number, out: Uint8Array, at: number): number {
  while (value >= 128) {
    out[at++] = (value % 128) | 128
    value = Math.floor(value / 128)
  }
  out[at++] = value
  return at
}
