/**
 * One-dimensional arrays, one at a time. They are sent (array_send) as: int32 count of dimensions, int32 whether there are
 * nulls, uint32 type of the elements; for each dimension int32 length and int32 lower bound; then the elements as
 * fields, a length before each.
 */
import { reserveLevels, reserveValues, type Vector } from '../batch/vector.ts'
import { outOfRange } from './bounded.ts'
import { given } from './given.ts'
import type { AppendValue, Column, ReadValue } from './type.ts'
import { int32 } from './wire.ts'

/** Bytes of an array before what it says of its dimensions, and of what it says of each. */
export const headerBytes = 12
export const dimensionBytes = 8

export function dimensionsOf(wire: Uint8Array, offset: number): number {
  return int32(wire, offset)
}

/** Where the elements of one array value begin; −1 for null. */
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

/** @param read of the elements */
export function listReader({ type }: Column, element: Column, read: ReadValue): ReadValue {
  return (wire, offset) => {
    if (dimensionsOf(wire, offset) > 1) throw outOfRange(type, describeList(element, wire, offset))
    return Object.freeze(elementOffsets(wire, offset).map((at) => (at < 0 ? null : read(wire, at))))
  }
}

const mostElements = 20

/** `{1, null, …}` */
export function describeList({ values }: Column, wire: Uint8Array, offset: number): string {
  const dimensions = dimensionsOf(wire, offset)
  if (dimensions > 1) return `of ${dimensions} dimensions`
  const texts = elementOffsets(wire, offset).map((at) => (at < 0 ? 'null' : values.describe(wire, at)))
  const shown = texts.slice(0, mostElements).join(', ')
  return texts.length > mostElements ? `{${shown}, …}` : `{${shown}}`
}

/** @param append of the elements. Levels are as the decoder of lists has them (Parquet format, README.md "Nested Encoding"). */
export function listAppender({ nullable }: Column, append: AppendValue): AppendValue {
  const empty = nullable ? 1 : 0
  return (vector, value) => {
    const elements: readonly unknown[] = Array.isArray(value) ? value : []
    if (value === null ? !nullable : !Array.isArray(value)) return given(value, 'an array')
    reserveLevels(vector, Math.max(1, elements.length))
    reserveValues(vector, elements.length)
    if (elements.length === 0) addLevel(vector, 0, value === null ? 0 : empty)
    for (const [at, each] of elements.entries()) {
      const reason = each === null ? undefined : append(vector, each)
      if (reason !== undefined) return `an element that is ${reason}`
      addLevel(vector, at === 0 ? 0 : 1, each === null ? empty + 1 : empty + 2)
    }
    vector.rowCount++
    return undefined
  }
}

function addLevel(vector: Vector, repetition: number, definition: number): void {
  vector.repetitionLevels[vector.levelCount] = repetition
  vector.definitionLevels[vector.levelCount] = definition
  vector.levelCount++
}
