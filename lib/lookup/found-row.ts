/** What a script sees of a lookup's row: an object of its values, read from where the rows are packed. */

import type { Lookup } from '../declare/lookup.ts'
import { valueReader } from '../types/field.ts'
import type { Column } from '../types/type.ts'
import { prototypeOf } from '../view/known-names.ts'
import { unfitField } from '../view/unfit-field.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'

/** Makes an object of the row that begins at a place. */
type MakeRow = (start: number) => object

export interface RowMaker {
  /** Makes a row with values that its asker may change, for itself alone. */
  readonly loose: MakeRow
  /** Makes a row with values that nobody can change, to be given to several. */
  readonly frozen: MakeRow
}

/**
 * @returns makers of rows whose values are their own, as whoever spreads or copies one has to get all of them, and of
 *   which nothing else can be asked
 */
export function rowMaker(name: string, { columns }: Lookup, packed: PackedRows): RowMaker {
  const names = Object.keys(columns)
  const readers = Object.entries(columns).map(([each, column], at) =>
    fieldReader(packed, packed.fields[at]!, each, column),
  )
  const loose = rowLiteral(names, readers, prototypeOf({ thing: `the row of ${name}`, names }))
  return { loose, frozen: (start) => Object.freeze(loose(start)) }
}

/**
 * Written as a literal, whose properties are defined at once. Assigned one by one, each would ask the prototype first
 * whether it minds, at ten times the cost.
 */
function rowLiteral(
  names: readonly string[],
  readers: readonly ((start: number) => unknown)[],
  prototype: object,
): MakeRow {
  const properties = names.map((name, at) => `${JSON.stringify(name)}: read${at}(start)`)
  const parameters = ['prototype', ...readers.map((_, at) => `read${at}`)]
  const body = `return (start) => ({ __proto__: prototype, ${properties.join(', ')} })`
  return new Function(...parameters, body)(prototype, ...readers)
}

function fieldReader(
  packed: PackedRows,
  field: Field,
  name: string,
  column: Column,
): (start: number) => unknown {
  const read = valueReader(column)
  const { bytes } = packed
  const unfit = (offset: number, error?: unknown) =>
    unfitField({ name, column, wire: bytes, offset, belongsTo: 'lookup' }, error)
  return (start) => {
    const offset = valueOffset(packed, field, start)
    if (offset < 0) {
      if (column.nullable) return null
      throw unfit(offset)
    }
    try {
      return read(bytes, offset)
    } catch (error) {
      throw unfit(offset, error)
    }
  }
}
