/** A cyclic redundancy check that takes its bytes piece by piece. */
export interface Crc {
  update(bytes: Uint8Array): void
  /** Big-endian, as S3 sends it. */
  digest(): Buffer
}

/** Both are reflected, begin with all ones and end inverted; the polynomials are in their reflected form. */
const kinds = {
  /** Castagnoli, RFC 3720 (iSCSI), appendix B.4. */
  CRC32C: { bytes: 4, low: 0x82f6_3b78, high: 0 },
  /** NVM Express NVM Command Set specification, "64b CRC". */
  CRC64NVME: { bytes: 8, low: 0xac4b_c9b5, high: 0x9a6c_9329 },
} as const

interface Tables {
  readonly low: Int32Array
  readonly high: Int32Array
}

const made = new Map<keyof typeof kinds, Tables>()

/**
 * Eight bytes a step (the "slicing-by-8" method): entry `256 * n + byte` is the check of that byte followed by n
 * zero bytes. A check of 32 bits is one of 64 whose upper half stays zero.
 */
function tablesOf(kind: keyof typeof kinds): Tables {
  const known = made.get(kind)
  if (known !== undefined) return known
  const polynomial = kinds[kind]
  const low = new Int32Array(2048)
  const high = new Int32Array(2048)
  for (let byte = 0; byte < 256; byte += 1) {
    let [lower, upper] = [byte, 0]
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = (lower & 1) !== 0
      lower = (lower >>> 1) | (upper << 31)
      upper >>>= 1
      if (odd) {
        lower ^= polynomial.low
        upper ^= polynomial.high
      }
    }
    low[byte] = lower
    high[byte] = upper
  }
  for (let at = 256; at < 2048; at += 1) {
    const [lower, upper] = [low[at - 256] ?? 0, high[at - 256] ?? 0]
    low[at] = ((lower >>> 8) | (upper << 24)) ^ (low[lower & 255] ?? 0)
    high[at] = (upper >>> 8) ^ (high[lower & 255] ?? 0)
  }
  const tables = { low, high }
  made.set(kind, tables)
  return tables
}

export function crc(kind: keyof typeof kinds): Crc {
  const tables = tablesOf(kind)
  const width = kinds[kind].bytes
  let lower = -1
  let upper = width === 8 ? -1 : 0
  return {
    update: (bytes) => {
      ;[lower, upper] = advance(tables, bytes, lower, upper)
    },
    digest: () => {
      const all = Buffer.alloc(8)
      all.writeInt32BE(~upper, 0)
      all.writeInt32BE(~lower, 4)
      return all.subarray(8 - width)
    },
  }
}

function advance(tables: Tables, bytes: Uint8Array, lower: number, upper: number): [number, number] {
  const { low, high } = tables
  let l = lower
  let h = upper
  let at = 0
  // The zeros only satisfy the compiler: every index is within its array.
  for (const end = bytes.length - 7; at < end; at += 8) {
    l ^=
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    h ^=
      (bytes[at + 4] ?? 0) |
      ((bytes[at + 5] ?? 0) << 8) |
      ((bytes[at + 6] ?? 0) << 16) |
      ((bytes[at + 7] ?? 0) << 24)
    const a = 1792 + (l & 255)
    const b = 1536 + ((l >>> 8) & 255)
    const c = 1280 + ((l >>> 16) & 255)
    const d = 1024 + (l >>> 24)
    const e = 768 + (h & 255)
    const f = 512 + ((h >>> 8) & 255)
    const g = 256 + ((h >>> 16) & 255)
    const i = h >>> 24
    l = (low[a] ?? 0) ^ (low[b] ?? 0) ^ (low[c] ?? 0) ^ (low[d] ?? 0)
    l ^= (low[e] ?? 0) ^ (low[f] ?? 0) ^ (low[g] ?? 0) ^ (low[i] ?? 0)
    h = (high[a] ?? 0) ^ (high[b] ?? 0) ^ (high[c] ?? 0) ^ (high[d] ?? 0)
    h ^= (high[e] ?? 0) ^ (high[f] ?? 0) ^ (high[g] ?? 0) ^ (high[i] ?? 0)
  }
  for (; at < bytes.length; at += 1) {
    const index = (l ^ (bytes[at] ?? 0)) & 255
    l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0)
    h = (h >>> 8) ^ (high[index] ?? 0)
  }
  return [l, h]
}
