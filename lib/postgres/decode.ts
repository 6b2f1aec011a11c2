/** What the decoders of all wire forms have in common. */
import type { Vector } from '../vectors.ts'

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
 * Writes the definition bytes of a nullable column, and nothing for one that is NOT NULL.
 * Apart from the values, so that each loop stays small enough to be compiled whole.
 */
export function appendValidity(
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): void {
  const { valid } = vector
  if (valid.length > 0) {
    let to = vector.rows
    for (let row = 0, k = at; row < rows; row++, k += stride) valid[to++] = offsets[k]! < 0 ? 0 : 1
  }
  vector.rows += rows
}
