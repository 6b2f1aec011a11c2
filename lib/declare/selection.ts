/** What is read of the database, for a table or for a lookup: which columns of which rows. */
import type { Column } from '../types/type.ts'
import { beginsQuery, parseRelationName } from './relation-name.ts'

export type Columns = Readonly<Record<string, Column>>

/** The values of one row, by column. */
export type ValuesOf<C extends Columns> = {
  readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never
}

export interface Selection {
  /** In the order they are read. */
  readonly columns: Columns
  readonly source: SourceName
  /** SQL condition on the source's rows. */
  readonly where: string | undefined
  /** Columns that exist and are deliberately not read. */
  readonly ignore: readonly string[]
}

/** A table or view by its name, or a query in SQL. */
export type SourceName =
  | { readonly schema: string; readonly name: string; readonly query?: never }
  | { readonly query: string }

/**
 * `currencies`, `sales.currencies`, `"my.schema".currencies`, or a query.
 * @throws DeclarationError for a name without an end
 */
export function sourceNamed(from: string): SourceName {
  return Object.freeze(beginsQuery.test(from) ? { query: from } : parseRelationName(from))
}

/** In words, for messages. */
export function formatSource(source: SourceName): string {
  return source.query === undefined ? `${source.schema}.${source.name}` : 'the query in from'
}
