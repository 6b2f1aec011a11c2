/**
 * Values that have no place in the lake, in the columns that let them pass: before a column is decoded its fields are
 * changed where they lie, in the COPY buffer.
 */

import { epochDays, firstDay, firstHigh, firstLow, lastDay, lastHigh, lastLow } from './calendar.ts'
import type { Column } from './type.ts'

/** Looks at a column's fields, as a decoder does, and changes those that have no place. */
export type Soften = (wire: Uint8Array, offsets: Int32Array, at: number, stride: number, rows: number) => void

/**
 * Set in the low byte of numeric's sign: an infinity that is to become the largest value of its column. Postgres sends
 * a zero there (numeric.c, NUMERIC_PINF and NUMERIC_NINF).
 */
export const clampedSign = 1

/** −1: the value lies below all that have a place, 1: above; 0: it has one; 2: it has none, nor a nearest. */
type Side = -1 | 0 | 1 | 2

interface Form {
  readonly side: (wire: Uint8Array, offset: number) => Side
  readonly clamp: (wire: Uint8Array, offset: number, side: -1 | 1) => void
}

const forms: Readonly<Record<string, Form>> = {
  numeric: { side: numericSide, clamp: (wire, o) => wire.fill(clampedSign, o + 5, o + 6) },
  date: { side: dateSide, clamp: clampDate },
  timestamp: { side: timestampSide, clamp: clampTimestamp },
}

/** Undefined for a column that lets nothing pass. @param onSoftened hears how many values were changed */
export function softenerFor(
  { lossy, wire: name }: Column,
  onSoftened: (values: number) => void,
): Soften | undefined {
  const form = forms[name]
  if (lossy === undefined || form === undefined) return undefined
  return (wire, offsets, at, stride, rows) => {
    let changed = 0
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const o = offsets[k]!
      const side = o < 0 ? 0 : form.side(wire, o)
      if (side === 0) continue
      if (lossy === 'null') offsets[k] = -1
      else if (side === 2) continue
      else form.clamp(wire, o, side)
      changed++
    }
    if (changed > 0) onSoftened(changed)
  }
}

function numericSide(wire: Uint8Array, o: number): Side {
  switch (wire[o + 4]) {
    case 0xc0:
      return 2
    case 0xd0:
      return 1
    case 0xf0:
      return -1
    default:
      return 0
  }
}

function dateSide(wire: Uint8Array, o: number): Side {
  const day = int32(wire, o) + epochDays
  return day < firstDay ? -1 : day > lastDay ? 1 : 0
}

function clampDate(wire: Uint8Array, o: number, side: -1 | 1): void {
  putInt32(wire, o, (side < 0 ? firstDay : lastDay) - epochDays)
}

function timestampSide(wire: Uint8Array, o: number): Side {
  const high = int32(wire, o)
  const low = int32(wire, o + 4) >>> 0
  if (high < firstHigh || (high === firstHigh && low < firstLow)) return -1
  return high > lastHigh || (high === lastHigh && low > lastLow) ? 1 : 0
}

function clampTimestamp(wire: Uint8Array, o: number, side: -1 | 1): void {
  putInt32(wire, o, side < 0 ? firstHigh : lastHigh)
  putInt32(wire, o + 4, side < 0 ? firstLow : lastLow)
}

function int32(wire: Uint8Array, at: number): number {
  return (wire[at]! << 24) | (wire[at + 1]! << 16) | (wire[at + 2]! << 8) | wire[at + 3]!
}

function putInt32(wire: Uint8Array, at: number, value: number): void {
  wire[at] = value >> 24
  wire[at + 1] = value >> 16
  wire[at + 2] = value >> 8
  wire[at + 3] = value
}
