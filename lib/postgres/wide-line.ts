/** The line to paste for a value that has no place in its column: the declaration that has one. */

import { elementOffsets } from '../types/list.ts'
import { numericText } from '../types/numeric.ts'
import type { Column } from '../types/type.ts'
import { declarationLine, renamed, typeOfColumn } from './declaration-of.ts'

/** The line of a script that has a place for the value at the offset; −1: for null. */
export function wideLine(name: string, column: Column, wire: Uint8Array, offset: number): string {
  if (offset < 0) return declarationLine(name, typeOfColumn(column), true)
  const { element } = column
  const values = element === undefined ? [offset] : elementOffsets(wire, offset).filter((each) => each >= 0)
  const isOneDimensional = element === undefined || dimensionsOf(wire, offset) <= 1
  const wide = isOneDimensional ? widened(element ?? column, wire, values) : undefined
  if (wide === undefined) {
    const written = isOneDimensional && column.wire === 'numeric' ? 'numericText' : 'text'
    const type = element !== undefined && isOneDimensional ? `array(${written})` : written
    return declarationLine(name, renamed(type, column.source), column.nullable)
  }
  const type = element === undefined ? wide : { ...column, element: wide }
  return declarationLine(name, typeOfColumn(type), column.nullable && type.lossy !== 'null')
}

function dimensionsOf(wire: Uint8Array, offset: number): number {
  return new DataView(wire.buffer, wire.byteOffset).getInt32(offset)
}

/** A column like it that holds the values too; undefined where only text does. */
function widened(column: Column, wire: Uint8Array, values: readonly number[]): Column | undefined {
  const { logical } = column.parquet
  if (logical.kind === 'date' || logical.kind === 'timestamp') return { ...column, lossy: 'null' }
  if (logical.kind !== 'decimal') return undefined
  const texts = values.map((offset) => numericText(wire, offset))
  let integer = logical.precision - logical.scale
  let { scale } = logical
  for (const text of texts) {
    const [whole = '', fraction = ''] = text.replace('-', '').split('.')
    if (/[a-z]/i.test(whole)) continue
    integer = Math.max(integer, whole.replace(/^0+/, '').length)
    scale = Math.max(scale, fraction.replace(/0+$/, '').length)
  }
  const allFinite = texts.every((text) => /^[-\d.]+$/.test(text))
  if (integer + scale > 38) return undefined
  const type = `numeric(${integer + scale},${scale})`
  return allFinite || column.lossy === 'null' ? { ...column, type } : { ...column, type, lossy: 'null' }
}
