/**
 * `schemas()`: a table that every tenant has in a schema of its own, as one table of the lake. Which schemas those are, each
 * load finds in its own snapshot.
 */
import { text } from '../types/text.ts'
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import type { FormatOptions } from './format.ts'
import type { Lookup } from './lookup.ts'
import { aString, describeValue, requireOptions } from './options.ts'
import { callOf, value } from './partition-by.ts'
import { namesSchema } from './relation-name.ts'
import type { Columns, SourceName, Tenants } from './selection.ts'

export interface SchemasOptions<Name extends string> {
  /** The column of the lake that says whose row it is: `tenant` when absent. */
  readonly column?: Name
}

/** With the column that says whose row it is. */
export type WithTenant<C extends Columns, Name extends string> = [Name] extends [never]
  ? C
  : C & { readonly [Each in Name]: Column<string> }

/**
 * Every schema whose name is LIKE the pattern, without those of Postgres itself: `schemas('tenant_%')`. In it `_` stands for any
 * character, and `\\_` for itself.
 * @throws DeclarationError for what is no pattern
 */
export function schemas<const Name extends string = 'tenant'>(
  like: string,
  options: SchemasOptions<Name> = {},
  ...more: readonly never[]
): Tenants<Name> {
  const thing = `schemas(${describeValue(like)})`
  requireOptions<SchemasOptions<Name>>([options, ...more], {
    ...{ thing, place: 'schemas()', required: [] },
    requirements: { column: aString },
  })
  if (typeof like !== 'string' || like === '' || like.includes('\0') || /(?<!\\)(?:\\\\)*\\$/.test(like)) {
    throw new DeclarationError(
      thing,
      'it is no pattern that LIKE takes',
      "Write the schemas' names with % for any characters, as in schemas('tenant_%').",
    )
  }
  const { column = 'tenant' as Name } = options
  return Object.freeze({ like, column })
}

/** @throws DeclarationError for what `schemas()` has not made */
export function requireTenants(table: string, tenants: unknown): asserts tenants is Tenants {
  const { like, column } = Object(tenants)
  if (Object.isFrozen(tenants) && typeof like === 'string' && typeof column === 'string') return
  throw new DeclarationError(
    table,
    `its tenants are ${describeValue(tenants)}`,
    "Write tenants: schemas('tenant_%').",
  )
}

type Options = FormatOptions<Columns> & {
  readonly name: string
  readonly from?: string | undefined
  readonly tenants?: Tenants | undefined
  readonly sliceBy?: string | undefined
}

/**
 * Where a table and its lookups are read, and what it is to its readers: for one of tenants, a table of each.
 * @param named what its `from` says, or its name
 * @throws DeclarationError for what is not read of each tenant, and for options of another kind of table
 */
export function declaredSources(
  options: Options,
  named: SourceName,
  lookups: Readonly<Record<string, Lookup>>,
): {
  readonly source: SourceName
  readonly lookups: Readonly<Record<string, Lookup>>
  readonly format: FormatOptions<Columns>
} {
  const { name, from, tenants } = options
  if (tenants === undefined) return { source: named, lookups, format: options }
  return {
    source: tenantSource(name, tenants, named, from !== undefined && namesSchema(from)),
    lookups: tenantLookups(name, tenants, lookups),
    format: tenantFormat(name, tenants, options),
  }
}

/**
 * The table of that name in each tenant's schema.
 * @param isNamed whether what names it says a schema, and which
 * @throws DeclarationError for a query, and for a table of one schema
 */
function tenantSource(
  table: string,
  { like, column }: Tenants,
  source: SourceName,
  isNamed: boolean,
): SourceName {
  if (source.query === undefined && source.tenants === undefined && !isNamed) {
    return Object.freeze({ tenants: Object.freeze({ like, column, name: source.name }) })
  }
  throw new DeclarationError(
    table,
    source.query === undefined
      ? 'it is read from one schema, and has tenants'
      : 'it is read from a query, whose names are not those of each tenant, and has tenants',
    "Write the table's name without a schema into from: each tenant's schema has one.",
  )
}

/**
 * Columns that are read, with that of the tenant ahead.
 * @param thing whose they are
 * @throws DeclarationError where one has its name, or two are read from one of the source
 */
export function withTenant(thing: string, { column }: Tenants, columns: Columns): Columns {
  const read = Object.entries(columns).map(([name, { source = name }]) => source)
  const twice = read.find((each, at) => read.indexOf(each) < at)
  if (twice !== undefined) {
    throw new DeclarationError(
      thing,
      `it reads ${twice} twice, and has tenants`,
      'Read it once, and derive the other.',
    )
  }
  if (Object.hasOwn(columns, column) || read.includes(column)) {
    throw new DeclarationError(
      thing,
      `${column} is both a column that it reads and that of its tenants`,
      `Give that another name: schemas(…, { column: 'tenant_schema' }).`,
    )
  }
  return { [column]: text, ...columns }
}

/**
 * Lookups that each tenant has in its own schema, found by whose row asks; those that say a schema are shared by all.
 * @throws DeclarationError for a query, and for a column that has the name of the tenants'
 */
function tenantLookups(
  table: string,
  tenants: Tenants,
  lookups: Readonly<Record<string, Lookup>>,
): Readonly<Record<string, Lookup>> {
  const of = ([name, lookup]: readonly [string, Lookup]): [string, Lookup] => {
    if (lookup.namesSchema) return [name, lookup]
    const thing = `${table}, lookup ${name}`
    const source = tenantSource(thing, tenants, lookup.source, false)
    const columns = Object.freeze(withTenant(thing, tenants, lookup.columns))
    const key = Object.freeze([tenants.column, ...lookup.key])
    return [name, Object.freeze({ ...lookup, source, columns, key })]
  }
  return Object.fromEntries(Object.entries(lookups).map(of))
}

/**
 * The options of an Iceberg table of tenants: each is a partition.
 * @throws DeclarationError for those that tell rows apart by something else, or write columns into the script
 */
function tenantFormat(
  table: string,
  { column }: Tenants,
  options: FormatOptions<Columns> & { readonly sliceBy?: string | undefined },
): FormatOptions<Columns> {
  const { format, partitionBy, incremental, evolve, sliceBy } = options
  const refused =
    (partitionBy !== undefined && (partitionBy.column !== column || partitionBy.transform !== 'identity')
      ? `partitionBy: ${callOf(partitionBy)}`
      : undefined) ??
    (sliceBy === undefined ? undefined : 'sliceBy') ??
    (evolve === undefined ? undefined : 'evolve')
  if (refused !== undefined) {
    throw new DeclarationError(
      table,
      `it has both tenants and ${refused}`,
      `Leave that out: with format: 'iceberg' each tenant is a partition, as value('${column}') makes one.`,
    )
  }
  const isIceberg = format === 'iceberg' || incremental !== undefined
  return isIceberg ? { ...options, partitionBy: value(column) } : options
}
