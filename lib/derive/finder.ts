/** The function a script looks rows up by, and the rows it finds. */

import type { Column } from '../columns.ts'
import type { Lookup } from '../declare/lookup.ts'
import { valueReader } from '../postgres/value.ts'
import type { LookupRows } from './lookup-rows.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'
import { isChangeable } from './row-view.ts'
import { unfitField } from './unfit-field.ts'

export type Finder = (...key: readonly unknown[]) => unknown

const nothing: readonly never[] = Object.freeze([])

export function createFinder(lookup: Lookup, rows: LookupRows): Finder {
  const found = rowMaker(lookup, rows.packed)

  function all(first: number): readonly object[] {
    if (first < 0) return nothing
    const list: object[] = []
    for (let at = first; at >= 0; at = rows.next(at)) list.push(found(at))
    return Object.freeze(list)
  }

  const one = (at: number): object | undefined => (at < 0 ? undefined : found(at))

  const answerOf = lookup.many ? all : one
  if (lookup.key.length > 1) return (...key) => answerOf(rows.find(key))
  if (Object.values(lookup.columns).some(isChangeable)) return (key) => answerOf(rows.findOne(key))
  // Several functions of a script ask for the row of one key, one after the other.
  let last: unknown
  let answer: unknown
  let asked = false
  return (key) => {
    if (asked && key === last) return answer
    answer = answerOf(rows.findOne(key))
    last = key
    asked = true
    return answer
  }
}

/**
 * @returns what makes an object of the row that begins at a place: a plain one, as whoever spreads it or copies it has
 * to get all of it
 */
function rowMaker({ columns }: Lookup, packed: PackedRows): (start: number) => object {
  const names = Object.keys(columns)
  const readers = Object.entries(columns).map(([name, column], at) =>
    fieldReader(packed, packed.fields[at]!, name, column),
  )
  return (start) => {
    const row: Record<string, unknown> = {}
    for (let at = 0; at < names.length; at++) row[names[at]!] = readers[at]!(start)
    return row
  }
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
