/** One field of a binary COPY, of a column that may be a list: its width, its value for functions, its value in words. */
import { listForm } from './list-form.ts'
import { describeList, listReader } from './list-values.ts'
import type { Column, FindMalformed, ReadValue } from './type.ts'

/** Bytes of every value; 0: they differ. */
export function fieldWidth({ element, values }: Column): number {
  return element === undefined ? values.width : 0
}

/** Undefined: all bytes of its width are a value. */
export function malformedOf({ element, values }: Column): FindMalformed | undefined {
  return element === undefined ? values.malformed : listForm(values)
}

/** Values that have no place are read as the column's policy has them: clamped, or null. */
export function valueReader(column: Column): ReadValue {
  const { element, values } = column
  return element === undefined
    ? values.reader(column)
    : listReader(column, element, element.values.reader(element))
}

/** A field's value in words, for a message; `offset` is where it begins, after its length. */
export function describeField({ element, values }: Column, wire: Uint8Array, offset: number): string {
  return element === undefined ? values.describe(wire, offset) : describeList(element, wire, offset)
}
