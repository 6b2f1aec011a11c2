/** Bytes put one behind the other, the highest of a number first, as Postgres sends them. */

export interface WireWriter {
  readonly length: number
  int8(value: number): void
  int16(value: number): void
  int32(value: number): void
  int64(value: bigint): void
  bytes(value: Uint8Array | readonly number[]): void
  /** A copy of all that was put. */
  taken(): Uint8Array
}

export function wireWriter(): WireWriter {
  let space = new Uint8Array(256)
  let view = new DataView(space.buffer)
  let length = 0
  function reserve(more: number): number {
    const at = length
    length += more
    if (length > space.length) {
      const grown = new Uint8Array(length * 2)
      grown.set(space.subarray(0, at))
      space = grown
      view = new DataView(space.buffer)
    }
    return at
  }
  return {
    get length() {
      return length
    },
    int8(value) {
      const at = reserve(1)
      view.setInt8(at, value)
    },
    int16(value) {
      const at = reserve(2)
      view.setInt16(at, value)
    },
    int32(value) {
      const at = reserve(4)
      view.setInt32(at, value)
    },
    int64(value) {
      const at = reserve(8)
      view.setBigInt64(at, value)
    },
    bytes(value) {
      const at = reserve(value.length)
      space.set(value, at)
    },
    taken: () => space.slice(0, length),
  }
}
