/** That what a script lists as columns are columns: the compiler may not have been asked. */
import { columnAdvice, isColumn } from '../types/is-column.ts'
import { DeclarationError } from './declaration.ts'
import { describeValue } from './options.ts'

/**
 * @param place what they are listed in: `columns`
 * @throws DeclarationError naming the first that is none, and what it may have been meant to be
 */
export function requireColumns(thing: string, place: string, columns: object): void {
  for (const [name, value] of Object.entries(columns)) requireColumn(thing, `${place}.${name}`, value)
}

/** @throws DeclarationError */
export function requireColumn(thing: string, place: string, value: unknown): void {
  if (isColumn(value)) return
  throw new DeclarationError(
    thing,
    `${place} is ${describeValue(value)}, which is no type`,
    columnAdvice(value),
  )
}
