/** Where a declaration allows more than the source has now: no load stops at it, and it may be meant. Pure. */

import type { Selection } from '../declare/selection.ts'
import { numericDigits } from '../types/numeric-modifier.ts'
import type { Column } from '../types/type.ts'
import { compareDeclaration } from './compare.ts'
import { declarationLine, typeInstead, typeOfColumn, typeOfSource } from './declaration-of.ts'
import type { Source, SourceColumn } from './source.ts'

export interface Overwide {
  readonly column: string
  /** `is smallint in the source, narrower than integer` */
  readonly reason: string
  /** The line that allows no more. */
  readonly paste: string
}

/** Looks at the columns that match. What is declared as text is so by choice, and nullable where a policy makes nulls. */
export function overwideColumns(selection: Selection, source: Pick<Source, 'columns'>): Overwide[] {
  const found = new Map(source.columns.map((column) => [column.name, column]))
  const differing = new Set(compareDeclaration(selection, source).mismatches.map(({ column }) => column))
  return Object.entries(selection.columns).flatMap(([name, declared]) => {
    const column = found.get(declared.source ?? name)
    return column === undefined || differing.has(name) ? [] : overwideIn(name, declared, column)
  })
}

function overwideIn(name: string, declared: Column, found: SourceColumn): Overwide[] {
  const narrower = isNarrower(declared, found)
  const notNull = declared.nullable && found.notNull === true && declared.lossy !== 'null'
  if (!narrower && !notNull) return []
  const reasons = [
    ...(narrower ? [`is ${found.type} in the source, narrower than ${declared.type}`] : []),
    ...(notNull ? ['is NOT NULL in the source'] : []),
  ]
  const type = narrower ? typeInstead(declared, typeOfSource(found)) : typeOfColumn(declared)
  return [
    {
      column: name,
      reason: reasons.join(' and '),
      paste: declarationLine(name, type, declared.nullable && !notNull),
    },
  ]
}

function isNarrower(declared: Column, found: SourceColumn): boolean {
  const { type, parquet } = declared.element ?? declared
  if (type === 'text' || declared.lossy !== undefined || declared.element?.lossy !== undefined) return false
  if (parquet.logical.kind !== 'decimal')
    return typeOfColumn(declared) !== typeInstead(declared, typeOfSource(found))
  const digits = numericDigits(found)
  if (digits === undefined) return false
  const { precision, scale } = parquet.logical
  return precision - scale > digits.integer || scale > digits.scale
}
