/** What the decoders of all wire forms have in common. */
import { reserveSlots, type Vector } from '../batch/vector.ts'

/** `at` is the column's place among `stride` fields a row; returns −1, or the first row whose value has no place in the column. */
export type Decode = (
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
) => number

/**
 * Writes the definition levels of a nullable column, and nothing for one that is NOT NULL; those of a list are written
 * where its elements are found. Apart from the values, so that each loop stays small enough to be compiled whole.
 */
export function appendLevels(
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): void {
  if (vector.repetitions.length > 0) return
  reserveSlots(vector, rows)
  const { definitions } = vector
  if (definitions.length > 0) {
    let to = vector.slots
    for (let row = 0, k = at; row < rows; row++, k += stride) definitions[to++] = offsets[k]! < 0 ? 0 : 1
  }
  vector.rows += rows
  vector.slots += rows
}
