/** Arrays of a COPY, as list-values.ts has them, to lists of a file. */
import { grownWords, reserveLevels, type Vector } from '../batch/vector.ts'
import { dimensionBytes, headerBytes } from './list-values.ts'
import type { Replace } from './replace.ts'
import type { Column, Decode } from './type.ts'
import { int32 } from './wire.ts'

/**
 * Finds the elements of all rows, writes their levels and has their values decoded by one loop over all elements.
 * @param decodeElement the decoder of the elements' type
 * @param replace of elements that have no place in the lake
 */
export function listDecoder(
  { nullable }: Column,
  decodeElement: Decode,
  replace: Replace | undefined,
): Decode {
  /** Definition levels (Parquet format, README.md "Nested Encoding"). */
  const empty = nullable ? 1 : 0
  const nullElement = empty + 1
  const present = empty + 2
  let elements: Int32Array = new Int32Array(1024)
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
      elements = grownWords(elements, found, found + length)
      let field = o + headerBytes + dimensionBytes
      for (let i = 0; i < length; i++) {
        const bytes = int32(wire, field)
        elements[found++] = bytes < 0 ? -1 : field + 4
        field += 4 + Math.max(0, bytes)
      }
    }
    before[rows] = found
    return -1
  }

  function appendLevels(offsets: Int32Array, at: number, stride: number, rows: number, vector: Vector): void {
    reserveLevels(vector, rows + before[rows]!)
    const { definitionLevels: definitions, repetitionLevels: repetitions } = vector
    let level = vector.levelCount
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const from = before[row]!
      const to = before[row + 1]!
      repetitions[level] = 0
      if (from === to) definitions[level++] = offsets[k]! < 0 ? 0 : empty
      for (let i = from; i < to; i++) {
        repetitions[level] = i === from ? 0 : 1
        definitions[level++] = elements[i]! < 0 ? nullElement : present
      }
    }
    vector.levelCount = level
    vector.rowCount += rows
  }

  return (wire, offsets, at, stride, rows, vector) => {
    if (before.length <= rows) before = new Int32Array(rows * 2)
    const unfit = find(wire, offsets, at, stride, rows)
    if (unfit >= 0) return unfit
    const found = before[rows]!
    replace?.(wire, elements, 0, 1, found)
    appendLevels(offsets, at, stride, rows, vector)
    const element = decodeElement(wire, elements, 0, 1, found, vector)
    if (element < 0) return -1
    let row = 0
    while (before[row + 1]! <= element) row++
    return row
  }
}
