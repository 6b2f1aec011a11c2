/** Whether the bytes of an array are one, as list-values.ts has it: its elements end where it does, and are values themselves. */
import { grownWords } from '../batch/vector.ts'
import { dimensionBytes, headerBytes } from './list-values.ts'
import type { FindMalformed, Type } from './type.ts'

/** Postgres has no more (c.h, MAXDIM). */
const mostDimensions = 6

/** @param type of the elements */
export function listForm({ width, malformed }: Pick<Type, 'width' | 'malformed'>): FindMalformed {
  let elements: Int32Array = new Int32Array(1024)

  /**
   * Notes where the elements begin, −1 for null, from `found` on.
   * @returns how many there are with those before; −1 where the bytes are no array
   */
  function find(from: DataView, o: number, found: number): number {
    const length = from.getInt32(o - 4)
    if (length < headerBytes) return -1
    const dimensions = from.getInt32(o)
    if (dimensions < 0 || dimensions > mostDimensions) return -1
    const start = o + headerBytes + dimensions * dimensionBytes
    const end = o + length
    if (start > end) return -1
    let count = dimensions === 0 ? 0 : 1
    for (let at = o + headerBytes; at < start; at += dimensionBytes) count *= from.getInt32(at)
    // Each has a length of four bytes, so that there is memory for no more than have come.
    if (count < 0 || count > (end - start) >> 2) return -1
    elements = grownWords(elements, found, found + count)
    let field = start
    for (const last = found + count; found < last; found++) {
      if (field + 4 > end) return -1
      const bytes = from.getInt32(field)
      field += 4
      if (bytes === -1) {
        elements[found] = -1
        continue
      }
      if (bytes < 0 || (width > 0 && bytes !== width) || bytes > end - field) return -1
      elements[found] = field
      field += bytes
    }
    return field === end ? found : -1
  }

  return (wire, offsets, at, stride, rows) => {
    const from = new DataView(wire.buffer, wire.byteOffset, wire.length)
    let found = 0
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const o = offsets[k]!
      if (o >= 0) found = find(from, o, found)
      if (found < 0) return row
    }
    const element = malformed === undefined ? -1 : malformed(wire, elements, 0, 1, found)
    return element < 0 ? -1 : rowOf(elements[element]!, offsets, at, stride, rows)
  }
}

/** The row whose array is the last to begin before the place. */
function rowOf(place: number, offsets: Int32Array, at: number, stride: number, rows: number): number {
  let found = 0
  for (let row = 0, k = at; row < rows && offsets[k]! < place; row++, k += stride)
    if (offsets[k]! >= 0) found = row
  return found
}
