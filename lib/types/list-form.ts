/** Whether the bytes of an array are one, as list-values.ts has it: its elements end where it does, and are values themselves. */
import { dimensionBytes, headerBytes } from './list-values.ts'
import type { FindMalformed, Type } from './type.ts'
import { int32 } from './wire.ts'

/** Postgres has no more (c.h, MAXDIM). */
const mostDimensions = 6

/** @param type of the elements */
export function listForm({ width, malformed }: Pick<Type, 'width' | 'malformed'>): FindMalformed {
  let elements = new Int32Array(64)

  /** @param end where the elements end that begin there @returns how many are found; −1 where they are none */
  function find(wire: Uint8Array, start: number, end: number, count: number): number {
    // Each has a length of four bytes, so that there is memory for no more than have come.
    if (count < 0 || count > (end - start) >> 2) return -1
    if (count > elements.length) elements = new Int32Array(count * 2)
    let field = start
    for (let i = 0; i < count; i++) {
      if (field + 4 > end) return -1
      const bytes = int32(wire, field)
      field += 4
      if (bytes === -1) {
        elements[i] = -1
        continue
      }
      if (bytes < 0 || (width > 0 && bytes !== width) || bytes > end - field) return -1
      elements[i] = field
      field += bytes
    }
    return field === end ? count : -1
  }

  return (wire, offsets, at, stride, rows) => {
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const o = offsets[k]!
      if (o < 0) continue
      const length = int32(wire, o - 4)
      const dimensions = length < headerBytes ? -1 : int32(wire, o)
      if (dimensions < 0 || dimensions > mostDimensions) return row
      const start = o + headerBytes + dimensions * dimensionBytes
      const end = o + length
      if (start > end) return row
      let count = dimensions === 0 ? 0 : 1
      for (let at = o + headerBytes; at < start; at += dimensionBytes) count *= int32(wire, at)
      const found = find(wire, start, end, count)
      if (found < 0) return row
      if (malformed !== undefined && malformed(wire, elements, 0, 1, found) >= 0) return row
    }
    return -1
  }
}
