/** Definition levels, which the decoders of all types write alike. */
import { reserveLevels, type Vector } from '../batch/vector.ts'

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
  if (vector.repetitionLevels.length > 0) return
  reserveLevels(vector, rows)
  const { definitionLevels: definitions } = vector
  if (definitions.length > 0) {
    let to = vector.levelCount
    for (let row = 0, k = at; row < rows; row++, k += stride) definitions[to++] = offsets[k]! < 0 ? 0 : 1
  }
  vector.rowCount += rows
  vector.levelCount += rows
}
