/**
 * The row that functions of a script see: one object for all rows, whose properties read the fields of the COPY buffer
 * when they are asked for, once a row. What no function touches never becomes a value.
 */

import type { Columns } from '../declare/selection.ts'
import { valueReader } from '../types/field.ts'
import type { Column } from '../types/type.ts'
import { isChangeable } from '../view/changeable.ts'
import { prototypeOf } from '../view/known-names.ts'
import { mistake } from '../view/mistake.ts'
import { unfitField } from '../view/unfit-field.ts'

/** Where the row is, which the view reads. */
export interface Cursor {
  wire: Uint8Array
  /** Where fields begin, as decoders have it; −1 for null. */
  offsets: Int32Array
  /** Where the row's first field stands among the offsets. */
  first: number
  /** Changes with the row. */
  row: number
}

/** A column that is computed. */
export interface Computed {
  readonly name: string
  readonly compute: () => unknown
}

export interface RowView {
  /** What functions see: a property for each column. */
  readonly row: object
  /** Makes it the row at the cursor. */
  readonly cursor: Cursor
}

/** @param columns those of the stream, in its order */
export function createRowView(columns: Columns, computed: readonly Computed[]): RowView {
  const names = [...Object.keys(columns), ...computed.map(({ name }) => name)]
  const row = {}
  const cursor: Cursor = { wire: new Uint8Array(0), offsets: new Int32Array(0), first: 0, row: -1 }
  for (const [at, [name, column]] of Object.entries(columns).entries()) {
    const read = fieldReader(name, column, cursor, at)
    define(row, name, isChangeable(column) ? read : oncePerRow(cursor, read))
  }
  for (const { name, compute } of computed) define(row, name, oncePerRow(cursor, compute))
  Object.setPrototypeOf(row, prototypeOf({ thing: 'the row', names }))
  refuseCopies(row)
  return { row: Object.freeze(row), cursor }
}

function define(row: object, name: string, get: () => unknown): void {
  const set = () => {
    throw mistake(`the row cannot be changed, and so not its ${name}`)
  }
  Object.defineProperty(row, name, { enumerable: true, get, set })
}

/** A copy would be an object like any other, which gives undefined for a name that it does not have. */
function refuseCopies(row: object): void {
  const get = () => {
    throw mistake('the row cannot be copied, as by { ...row }: name its columns, as in ({ id, name }) =>')
  }
  Object.defineProperty(row, Symbol('copies'), { enumerable: true, get })
}

function oncePerRow(cursor: Cursor, read: () => unknown): () => unknown {
  let row = -1
  let value: unknown
  return () => {
    if (row === cursor.row) return value
    value = read()
    row = cursor.row
    return value
  }
}

function fieldReader(name: string, column: Column, cursor: Cursor, at: number): () => unknown {
  const read = valueReader(column)
  const unfit = (offset: number, error?: unknown) =>
    unfitField({ name, column, wire: cursor.wire, offset, belongsTo: 'table' }, error)
  return () => {
    const offset = cursor.offsets[cursor.first + at]!
    if (offset < 0) {
      if (column.nullable) return null
      throw unfit(offset)
    }
    try {
      return read(cursor.wire, offset)
    } catch (error) {
      throw unfit(offset, error)
    }
  }
}
