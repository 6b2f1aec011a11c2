/** One value that a script names by itself, and not for a row: whether a column can have it, and how it is written. */
import { createVector, reserveLevels, reserveValues } from '../batch/vector.ts'
import { isDecimal } from '../decimal/decimal.ts'
import { valueAppender } from './append.ts'
import type { Column } from './type.ts'

/** @returns why the column cannot have it, as `"ab", which is not an integer`; undefined: it can */
export function describeUnfit(column: Column, value: unknown): string | undefined {
  const vector = createVector(column)
  reserveValues(vector, 1)
  reserveLevels(vector, 1)
  return valueAppender(column)(vector, value)
}

/** A value that the column can have, as its type is written in SQL, without quotes: `open`, `12.50`, `2026-03-01`, `true`. */
export function valueText({ values: { kind } }: Column, value: unknown): string {
  if (kind === 'date') return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)
  return isDecimal(value) ? value.toFixed() : String(value)
}
