/** `table()`: what a script may declare, and the types it infers from it. */
import type { Column, ValueOf } from './columns.ts'

export {
  array,
  bigint,
  boolean,
  bytea,
  type Column,
  date,
  doublePrecision,
  integer,
  json,
  jsonb,
  lossy,
  named,
  nullable,
  numeric,
  numericText,
  oid,
  real,
  smallint,
  text,
  timestamp,
  timestamptz,
  uuid,
} from './columns.ts'

export type Columns = Readonly<Record<string, Column>>

export interface TableOptions<C extends Columns> {
  /** Its name in the lake, and the script's file name. */
  readonly name: string
  /** Its columns in the order they have in the lake. */
  readonly columns: C
  /** The source table where its name is another one: `name` or `schema.name`. */
  readonly from?: string
  /**
   * SQL condition on the source's rows. Tables its subqueries name are held against TRUNCATE and ALTER like the
   * source; what a function reads in its body cannot be.
   */
  readonly where?: string
  /** Source columns that exist and are deliberately not read. */
  readonly ignore?: readonly string[]
}

/** A declared table; immutable. */
export interface Table<C extends Columns = Columns> {
  readonly name: string
  readonly columns: C
  readonly source: { readonly schema: string; readonly name: string }
  readonly where: string | undefined
  readonly ignore: readonly string[]
}

/** The row a function of the script sees: `RowOf<typeof currencies>`. */
export type RowOf<T> = T extends Table<infer C> ? { readonly [Name in keyof C]: ValueOf<C[Name]> } : never

/** Names that Athena and S3 take unquoted and unescaped. */
const legalName = /^[a-z_][a-z0-9_]{0,127}$/

/** @throws Error for a name Athena does not take, or a table without columns */
export function table<const C extends Columns>(options: TableOptions<C>): Table<C> {
  const { name, columns, from = name, where, ignore = [] } = options
  for (const each of [name, ...Object.keys(columns)]) {
    if (!legalName.test(each)) {
      throw new Error(
        `Cannot declare "${name}": the name "${each}" is not one Athena takes. Use lower-case letters, digits and underscores.`,
      )
    }
  }
  if (Object.keys(columns).length === 0) {
    throw new Error(`Cannot declare "${name}": it has no columns. List at least one.`)
  }
  const dot = from.indexOf('.')
  const source =
    dot < 0 ? { schema: 'public', name: from } : { schema: from.slice(0, dot), name: from.slice(dot + 1) }
  return Object.freeze({
    name,
    columns: Object.freeze(columns),
    source: Object.freeze(source),
    where,
    ignore: Object.freeze([...ignore]),
  })
}
