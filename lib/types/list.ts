/**
 * One-dimensional arrays (array_send): int32 count of dimensions, int32 whether there are nulls, uint32 type of the
 * elements; for each dimension int32 length and int32 lower bound; then the elements as fields, a length before each.
 */

import { reserveSlots, type Vector } from '../batch/vector.ts'
import type { Decode } from './decode.ts'
import type { Soften } from './lossy.ts'
import type { Column } from './type.ts'
import { wireWidths } from './wire-widths.ts'

const headerBytes = 12
const dimensionBytes = 8

/**
 * Finds the elements of all rows, writes their levels and has their values decoded by one loop over all elements.
 * @param decodeElement the decoder of the element's wire form
 * @param soften lets elements pass that have no place in the lake
 */
export function listDecoder(
  { nullable, wire: form }: Column,
  decodeElement: Decode,
  soften?: Soften,
): Decode {
  /** Definition levels (Parquet format, README.md "Nested Encoding"). */
  const empty = nullable ? 1 : 0
  const nullElement = empty + 1
  const present = empty + 2
  const width = wireWidths[form]
  let elements = new Int32Array(1024)
  /** Elements before the row; of all rows behind the last. */
  let before = new Int32Array(1024)

  /** @returns the first row whose array has no place in a list, or −1 */
  function find(wire: Uint8Array, offsets: Int32Array, at: number, stride: number, rows: number): number {
    let found = 0
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      before[row] = found
      const o = offsets[k]!
      const dimensions = o < 0 ? 0 : int32(wire, o)
      if (dimensions > 1) return row
      if (dimensions === 0) continue
      const length = int32(wire, o + headerBytes)
      if (found + length > elements.length) elements = grown(elements, found, found + length)
      let field = o + headerBytes + dimensionBytes
      for (let i = 0; i < length; i++) {
        const bytes = int32(wire, field)
        if (width > 0 && bytes !== width && bytes !== -1) return row
        elements[found++] = bytes < 0 ? -1 : field + 4
        field += 4 + Math.max(0, bytes)
      }
    }
    before[rows] = found
    return -1
  }

  function appendLevels(offsets: Int32Array, at: number, stride: number, rows: number, vector: Vector): void {
    reserveSlots(vector, rows + before[rows]!)
    const { definitions, repetitions } = vector
    let slot = vector.slots
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const from = before[row]!
      const to = before[row + 1]!
      repetitions[slot] = 0
      if (from === to) definitions[slot++] = offsets[k]! < 0 ? 0 : empty
      for (let i = from; i < to; i++) {
        repetitions[slot] = i === from ? 0 : 1
        definitions[slot++] = elements[i]! < 0 ? nullElement : present
      }
    }
    vector.slots = slot
    vector.rows += rows
  }

  return (wire, offsets, at, stride, rows, vector) => {
    if (before.length <= rows) before = new Int32Array(rows * 2)
    const misfit = find(wire, offsets, at, stride, rows)
    if (misfit >= 0) return misfit
    const found = before[rows]!
    soften?.(wire, elements, 0, 1, found)
    appendLevels(offsets, at, stride, rows, vector)
    const element = decodeElement(wire, elements, 0, 1, found, vector)
    if (element < 0) return -1
    let row = 0
    while (before[row + 1]! <= element) row++
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

function int32(wire: Uint8Array, at: number): number {
  return (wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!
}

function grown(array: Int32Array, used: number, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array.subarray(0, used))
  return larger
}
