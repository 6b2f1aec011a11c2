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

/** A table or view by its name, a query in SQL, or a table that each tenant has. */
export type SourceName =
  | (NoTenants & { readonly schema: string; readonly name: string; readonly query?: never })
  | (NoTenants & { readonly query: string; readonly schema?: never })
  | TenantSource

/** Schemas, one of each tenant: what `schemas()` gives. */
export interface Tenants<Name extends string = string> {
  /** Which they are, as LIKE has it. */
  readonly like: string
  /** The column of the lake that says whose row it is: by the schema's name. */
  readonly column: Name
}

/** A table of that name in the schema of every tenant. */
export interface TenantTables extends Tenants {
  readonly name: string
}

interface NoTenants {
  readonly tenants?: never
  readonly branches?: never
}

export interface TenantSource {
  readonly tenants: TenantTables
  /** In the order of their rows; absent: nobody has looked yet which tenants there are. */
  readonly branches?: readonly TenantBranch[]
  readonly schema?: never
  readonly query?: never
}

/** What is read of one tenant. */
export interface TenantBranch {
  readonly schema: string
  /** Its rows of which the selection's condition holds, as columns by their names in the source: `select … from …`. */
  readonly select: string
}

/**
 * `currencies`, `sales.currencies`, `"my.schema".currencies`, or a query.
 * @throws DeclarationError for a name without an end
 */
export function sourceNamed(from: string): SourceName {
  return Object.freeze(beginsQuery.test(from) ? { query: from } : parseRelationName(from))
}

/** In words, for messages. */
export function formatSource(source: SourceName): string {
  if (source.tenants !== undefined) return `${source.tenants.like}.${source.tenants.name}`
  return source.query === undefined ? `${source.schema}.${source.name}` : 'the query in from'
}
