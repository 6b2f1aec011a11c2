/**
 * The parts that queries of two tables are made of, in SQL that Trino and the stand-in read alike. A value is read as it is,
 * `r0`, and in its form, `f0`, where 0 is the place of its pair.
 */
import { quoteIdentifier } from '../../aws/athena.ts'
import type { Form } from './form.ts'
import type { Pair } from './match.ts'

export type Side = 'ours' | 'theirs'

/** One of the two tables. */
export interface SideTable {
  readonly database: string
  readonly table: string
  /** SQL of the rows that are looked at; undefined: all. */
  readonly where: string | undefined
}

/** A pair whose values can be compared. */
export interface ComparedPair extends Pair {
  readonly form: Form
  /** Whether its values may be told. */
  readonly told: boolean
  /** How the script hides its values in ours, `hashed` or `masked`; undefined: it does not. */
  readonly hidden: string | undefined
}

export interface ExampleOptions {
  /** The most examples of each difference. */
  readonly examples: number
}

/** No row of it, for the names and types of its columns. */
export function emptyQuery(table: SideTable): string {
  return `select * from ${fromOf(table)} limit 0`
}

export function valuesOf(side: Side, pairs: readonly ComparedPair[]): string[] {
  return pairs.flatMap((pair, at) => [`${columnOf(pair, side)} as r${at}`, `${formOf(pair, side)} as f${at}`])
}

/** JSON of an array of arrays of text, in the order of keys; null where there is nothing to show. */
export function examplesOf(
  texts: readonly string[],
  order: string,
  condition: string,
  { examples }: ExampleOptions,
): string {
  if (texts.length === 0 || examples === 0) return 'cast(null as varchar)'
  return `json_format(cast(min_by(array[${texts.join(', ')}], ${order}, ${examples}) filter (where ${condition}) as json))`
}

/** Letters of a value that are shown. */
export const mostLetters = 120

export function cut(text: string): string {
  return `substr(${text}, 1, ${mostLetters + 1})`
}

export function columnOf(pair: Pair, side: Side): string {
  return quoteIdentifier(pair[side].name)
}

export function formOf(pair: ComparedPair, side: Side): string {
  return pair.form[side](columnOf(pair, side))
}

/** The condition has a line of its own, so that a comment at its end ends there. */
export function fromOf({ database, table, where }: SideTable): string {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  return where === undefined ? name : `${name} where (\n${where}\n)`
}
