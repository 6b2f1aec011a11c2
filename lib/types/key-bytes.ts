/** The values of a lookup's key, one behind the other, as the wire has them; those of various widths behind their length. */
import { putInt32 } from './wire.ts'

export interface KeyBytes {
  bytes: Uint8Array
  used: number
}

export function putWord(key: KeyBytes, value: number): true {
  putInt32(key.bytes, key.used, value)
  key.used += 4
  return true
}

/** @returns false for what 64 bits do not hold */
export function putLong(key: KeyBytes, value: bigint): boolean {
  if (BigInt.asIntN(64, value) !== value) return false
  return putWord(key, Number(value >> 32n)) && putWord(key, Number(BigInt.asIntN(32, value)))
}

/** Makes room for a value of so many bytes, and for a few of one width behind it. */
export function reserveKey(key: KeyBytes, size: number): void {
  const needed = key.used + size + 512
  if (needed <= key.bytes.length) return
  const grown = new Uint8Array(needed * 2)
  grown.set(key.bytes.subarray(0, key.used))
  key.bytes = grown
}
