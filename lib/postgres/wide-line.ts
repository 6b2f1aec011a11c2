/** The line to paste for a value that has no place in its column: the declaration that has one. */

import { dimensionsOf, elementOffsets } from '../types/list-values.ts'
import type { Column } from '../types/type.ts'
import { declarationLine, typeInstead, typeOfColumn } from './declaration-of.ts'

/** The line of a script that has a place for the value at the offset; −1: for null. */
export function wideLine(name: string, column: Column, wire: Uint8Array, offset: number): string {
  if (offset < 0) return declarationLine(name, typeOfColumn(column), true)
  const { element } = column
  const isOneDimensional = element === undefined || dimensionsOf(wire, offset) <= 1
  const of = element ?? column
  const values = () =>
    element === undefined ? [offset] : elementOffsets(wire, offset).filter((each) => each >= 0)
  const wide = isOneDimensional ? of.values.widened?.(of, wire, values()) : undefined
  if (wide === undefined) {
    const written = (isOneDimensional ? of.values.widest : undefined) ?? 'text'
    const type = element !== undefined && isOneDimensional ? `array(${written})` : written
    return declarationLine(name, typeInstead(column, type), column.nullable)
  }
  const type = element === undefined ? wide : { ...column, element: wide }
  return declarationLine(name, typeOfColumn(type), column.nullable && type.lossy !== 'null')
}
