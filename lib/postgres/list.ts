/**
 * One-dimensional arrays (array_send): int32 count of dimensions, int32 whether there are nulls, uint32 type of the
 * elements; for each dimension int32 length and int32 lower bound; then the elements as fields, a length before each.
 */
import type { Column } from '../columns.ts'
import { reserveSlots, type Vector } from '../vectors.ts'
import type { Decode } from './decode.ts'
import { wireWidths } from './wire-widths.ts'

const headerBytes = 12
const dimensionBytes = 8

/**
 * Finds the elements of all rows, writes their levels and has their values decoded by one loop over all elements.
 * @param decodeElement the decoder of the element's wire form
 */
export function listDecoder({ nullable, wire: form }: Column, decodeElement: Decode): Decode {
  /** Definition levels (Parquet format, README.md "Nested Encoding"). */
  const empty = nullable ? 1 : 0
  const nullElement = empty + 1
  const present = empty + 2
  const width = wireWidths[form]
  let elements = new Int32Array(1024)
  /** Elements before the row, to tell of which row one is. */
  let before = new Int32Array(1024)

  return (wire, offsets, at, stride, rows, vector) => {
    if (before.length < rows) before = new Int32Array(rows * 2)
    let found = 0
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      before[row] = found
      const o = offsets[k]!
      const dimensions = o < 0 ? 0 : int32(wire, o)
      if (dimensions > 1) return row
      if (dimensions === 0) {
        appendSlot(vector, 0, o < 0 ? 0 : empty)
        continue
      }
      const length = int32(wire, o + headerBytes)
      if (found + length > elements.length) elements = grown(elements, found, found + length)
      reserveSlots(vector, Math.max(1, length))
      let field = o + headerBytes + dimensionBytes
      for (let i = 0; i < length; i++) {
        const bytes = int32(wire, field)
        if (width > 0 && bytes !== width && bytes !== -1) return row
        elements[found++] = bytes < 0 ? -1 : field + 4
        appendSlot(vector, i === 0 ? 0 : 1, bytes < 0 ? nullElement : present)
        field += 4 + Math.max(0, bytes)
      }
    }
    vector.rows += rows
    const misfit = decodeElement(wire, elements, 0, 1, found, vector)
    if (misfit < 0) return -1
    let row = 0
    while (row + 1 < rows && before[row + 1]! <= misfit) row++
    return row
  }
}

/** Where the elements of one array value begin; −1 for null. For messages. */
export function elementOffsets(wire: Uint8Array, offset: number): number[] {
  if (int32(wire, offset) === 0) return []
  let field = offset + headerBytes + dimensionBytes
  return Array.from({ length: int32(wire, offset + headerBytes) }, () => {
    const bytes = int32(wire, field)
    const begins = field + 4
    field = begins + Math.max(0, bytes)
    return bytes < 0 ? -1 : begins
  })
}

function appendSlot(vector: Vector, repetition: number, definition: number): void {
  if (vector.slots === vector.definitions.length) reserveSlots(vector, 1)
  vector.repetitions[vector.slots] = repetition
  vector.definitions[vector.slots] = definition
  vector.slots++
}

function int32(wire: Uint8Array, at: number): number {
  return (wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!
}

function grown(array: Int32Array, used: number, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array.subarray(0, used))
  return larger
}
