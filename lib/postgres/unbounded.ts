/** Where Postgres sets no bound to the digits of a numeric, and the script does: a later value may stop a load. Pure. */

import type { Selection } from '../declare/selection.ts'
import { numericDigits } from '../types/numeric-modifier.ts'
import type { Source } from './source.ts'

export interface Unbounded {
  /** Its name in the lake. */
  readonly column: string
  /** Its name in Postgres. */
  readonly source: string
  /** `numeric(9,1)`, of an array's elements for an array */
  readonly type: string
  /** Digits before and after the point that the declaration has room for. */
  readonly integer: number
  readonly scale: number
}

/** Columns declared as decimals whose source is a numeric without precision, in the script's order. */
export function unboundedNumerics(selection: Selection, source: Pick<Source, 'columns'>): Unbounded[] {
  const found = new Map(source.columns.map((column) => [column.name, column]))
  return Object.entries(selection.columns).flatMap(([name, declared]) => {
    const { type, parquet } = declared.element ?? declared
    const column = found.get(declared.source ?? name)
    const typname = column?.element?.typname ?? column?.typname
    if (column === undefined || typname !== 'numeric' || numericDigits(column) !== undefined) return []
    if (parquet.logical.kind !== 'decimal') return []
    const { precision, scale } = parquet.logical
    return [{ column: name, source: column.name, type, integer: precision - scale, scale }]
  })
}
