/** The function a script looks rows up by, and the rows it finds: values are read when a property is asked for. */

import { type ReadValue, valueReader } from '../postgres/value.ts'
import type { Lookup } from '../table/lookup.ts'
import type { LookupRows } from './lookup-rows.ts'
import { type Field, type PackedRows, valueOffset } from './packed-rows.ts'
import { inColumn } from './row-view.ts'

export type Finder = (...key: readonly unknown[]) => unknown

const nothing: readonly never[] = Object.freeze([])

export function createFinder(lookup: Lookup, rows: LookupRows): Finder {
  const found = rowClass(lookup, rows.packed)

  function all(first: number): readonly object[] {
    if (first < 0) return nothing
    const list: object[] = []
    for (let at = first; at >= 0; at = rows.next(at)) list.push(found(at))
    return list
  }

  const one = (at: number): object | undefined => (at < 0 ? undefined : found(at))

  const answerOf = lookup.many ? all : one
  if (lookup.key.length > 1) return (...key) => answerOf(rows.find(key))
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

/** @returns what makes an object of the row that begins at a place; its properties are enumerable, as of a plain one */
function rowClass({ columns }: Lookup, packed: PackedRows): (start: number) => object {
  const properties = Object.entries(columns).map(([name, column], at) => {
    const field = packed.fields[at]!
    return [name, field, valueReader(column)] as const
  })
  class Row {
    readonly #start: number

    constructor(start: number) {
      this.#start = start
    }

    static define(name: string, field: Field, read: ReadValue): void {
      Object.defineProperty(Row.prototype, name, {
        enumerable: true,
        get(this: Row) {
          return readField(packed, name, field, read, this.#start)
        },
      })
    }
  }
  for (const property of properties) Row.define(...property)
  return (start) => new Row(start)
}

function readField(packed: PackedRows, name: string, field: Field, read: ReadValue, start: number): unknown {
  const offset = valueOffset(packed, field, start)
  const { nullable, type } = field.column
  if (offset < 0) {
    if (nullable) return null
    throw new RangeError(`${name} of the row found is null where ${type} NOT NULL is declared`)
  }
  try {
    return read(packed.bytes, offset)
  } catch (error) {
    throw inColumn(name, error)
  }
}
