/**
 * Values that have no place in the lake, in lossy columns: before such a column is decoded they are replaced where they
 * lie, in the COPY buffer, by null or by the nearest value that has one.
 */
import type { Column } from './type.ts'

/** Looks at a column's fields, as a decoder does, and replaces those that have no place. */
export type Replace = (
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
) => void

/** Undefined for a column that is not lossy. @param onLossy hears how many values were replaced */
export function replacerFor(
  { lossy, values: { bounds } }: Column,
  onLossy: (values: number) => void,
): Replace | undefined {
  if (lossy === undefined || bounds === undefined) return undefined
  const { side: sideOf, clamp } = bounds
  return (wire, offsets, at, stride, rows) => {
    let changed = 0
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const o = offsets[k]!
      const side = o < 0 ? 0 : sideOf(wire, o)
      if (side === 0) continue
      if (lossy === 'null') offsets[k] = -1
      else if (side === 2) continue
      else clamp(wire, o, side)
      changed++
    }
    if (changed > 0) onLossy(changed)
  }
}
