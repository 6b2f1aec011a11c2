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
  const make = rowClass(
    columns,
    packed,
    prototypeOf({ thing: `the row of ${name}`, names: Object.keys(columns) }),
  )
  function loose(start: number): object {
    try {
      return make(start)
    } catch (error) {
      throw unfitIn(columns, packed, start) ?? error
    }
  }
  return { loose, frozen: (start) => Object.freeze(loose(start)) }
}

/**
 * Written as a class of these columns, whose fields are defined at once and without asking the prototype whether it
 * minds. Where a value lies is part of the text, so that reading a row is one piece of code.
 */
function rowClass(columns: Lookup['columns'], packed: PackedRows, prototype: object): MakeRow {
  const fields = Object.entries(columns).map(([name, column], at) => {
    const { nullByte, nullBit, width, place } = packed.fields[at]!
    const isNull = `(bytes[start + ${nullByte}] & ${nullBit}) !== 0`
    const offset =
      width > 0
        ? `start + ${place}`
        : place === 0
          ? `start + ${packed.fixedBytes + 4}`
          : `valueOffset(packed, packed.fields[${at}], start)`
    const nothing = column.nullable ? 'null' : 'refuseNull()'
    return `[${JSON.stringify(name)}] = ${isNull} ? ${nothing} : read${at}(bytes, ${offset})`
  })
  const body = `
    let start = 0
    const [${fields.map((_, at) => `read${at}`).join(', ')}] = read
    class Row { ${fields.join('; ')} }
    delete Row.prototype.constructor
    Object.freeze(Object.setPrototypeOf(Row.prototype, prototype))
    return (at) => { start = at; return new Row() }`
  const refuseNull = () => {
    throw new RangeError('null')
  }
  return new Function('prototype', 'packed', 'bytes', 'read', 'valueOffset', 'refuseNull', body)(
    prototype,
    packed,
    packed.bytes,
    Object.values(columns).map(valueReader),
    valueOffset,
    refuseNull,
  )
}

/** The error of the first field that does not fit; undefined where they all do. */
function unfitIn(columns: Lookup['columns'], packed: PackedRows, start: number): unknown {
  for (const [at, [name, column]] of Object.entries(columns).entries()) {
    const unfit = unfitFieldAt(packed, packed.fields[at]!, start, name, column)
    if (unfit !== undefined) return unfit
  }
  return undefined
}

function unfitFieldAt(
  packed: PackedRows,
  field: Field,
  start: number,
  name: string,
  column: Column,
): unknown {
  const { bytes } = packed
  const offset = valueOffset(packed, field, start)
  const unfit = (error?: unknown) =>
    unfitField({ name, column, wire: bytes, offset, belongsTo: 'lookup' }, error)
  if (offset < 0) return column.nullable ? undefined : unfit()
  try {
    valueReader(column)(bytes, offset)
    return undefined
  } catch (error) {
    return unfit(error)
  }
}
