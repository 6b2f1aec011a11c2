/** What a script sees of a lookup's row: an object of its values, read from where the rows are packed. */

import type { Lookup } from '../declare/lookup.ts'
import type { Column } from '../types/type.ts'
import { valueReader } from '../types/value.ts'
import { prototypeOf } from '../view/known-names.ts'
import { unfitField } from '../view/unfit-field.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'

/**
 * @returns what makes an object of the row that begins at a place: its values are its own, as whoever spreads it or
 * copies it has to get all of them, and nothing else can be asked of it
 */
export function rowMaker(name: string, { columns }: Lookup, packed: PackedRows): (start: number) => object {
  const names = Object.keys(columns)
  const readers = Object.entries(columns).map(([each, column], at) =>
    fieldReader(packed, packed.fields[at]!, each, column),
  )
  const prototype = prototypeOf({ thing: `the row of ${name}`, names })
  const row: { start: number } = { start: 0 }
  const Row = rowClass(names, readers, row)
  Object.setPrototypeOf(Row.prototype, prototype)
  Reflect.deleteProperty(Row.prototype, 'constructor')
  return (start) => {
    row.start = start
    return Object.freeze(new Row())
  }
}

/**
 * A class with a field for each column. Assigning them to an object would ask its prototype each time whether it minds;
 * fields are defined, at a tenth of the cost. Its text has no names in it, only how many there are.
 */
function rowClass(
  names: readonly string[],
  readers: readonly ((start: number) => unknown)[],
  row: { readonly start: number },
): new () => object {
  const fields = names.map((_, at) => `[names[${at}]] = read${at}(row.start)`)
  const parameters = names.map((_, at) => `read${at}`)
  return new Function('names', 'row', ...parameters, `return class { ${fields.join('; ')} }`)(
    names,
    row,
    ...readers,
  )
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
