/**
 * `table()`: what a script may declare, and the types inferred from it. Scripts import it from `lib/table.ts`.
 *
 * I want to…                            → file
 * add an option of tables or lookups    → table.ts, lookup.ts
 * change what an option may be          → options.ts, require-columns.ts, schedule.ts
 * know how a source may be written      → selection.ts, relation-name.ts, tenants.ts
 * change how a table may be partitioned → partition-by.ts, incremental.ts, format.ts
 * know what the lake may not have       → legal-names.ts, hidden-columns.ts
 * say what rows are to be, and may lose → expect.ts, expectations-in.ts, shrink.ts
 * change what the lake says of a table  → documentation.ts, doc-comments.ts
 * find the tables that scripts declare  → find-tables.ts, project.ts
 * change how a broken script is told of → examine.ts, unusable.ts
 * know a source, and tell two apart     → connection.ts, source-identity.ts
 */
import type { Column } from '../types/type.ts'
import { type Connected, declaredConnection } from './connection.ts'
import { DeclarationError, refusePrototypes } from './declaration.ts'
import {
  type DeclaredDocumentation,
  type DocumentationOptions,
  declaredDocumentation,
} from './documentation.ts'
import { declaredExpectations, type ExpectOptions, shrinkGiven } from './expect.ts'
import type { Expectation } from './expectation.ts'
import { declaredFormat, type Format, type FormatOptions } from './format.ts'
import { refuseSlicing } from './hidden-columns.ts'
import { requireLegalNames } from './legal-names.ts'
import type { Lookup, LookupFunctionOf } from './lookup.ts'
import { describeNearest } from './nearest.ts'
import {
  aFunction,
  aListOfNames,
  anObject,
  aString,
  checkedByItself,
  describeValue,
  type OptionsOf,
  requireOptions,
  textsByName,
} from './options.ts'
import { requireColumn, requireColumns } from './require-columns.ts'
import { type Cron, declaredSchedule } from './schedule.ts'
import {
  type Columns,
  formatSource,
  type Selection,
  sourceNamed,
  type Tenants,
  type ValuesOf,
} from './selection.ts'
import { declaredShrink, type Share, type ShrinkOption } from './shrink.ts'
import { declaredSources, requireTenants, type WithTenant, withTenant } from './tenants.ts'

export type Lookups = Readonly<Record<string, Lookup>>

type Flat<T> = { readonly [Name in keyof T]: T[Name] }

export interface TableOptions<
  C extends Columns,
  L extends Lookups,
  D extends object,
  N extends string = never,
> extends FormatOptions<WithTenant<C, N>>,
    DocumentationOptions<NoInfer<(keyof WithTenant<C, N> | keyof D) & string>> {
  /** Its name in the lake, and the script's file name. */
  readonly name: string
  /** The columns read, in the order they have in the lake. */
  readonly columns: C
  /** The source where its name is another one: `name`, `schema.name`, `"my.schema"."my.table"`, or a query in SQL. */
  readonly from?: string
  /**
   * The database it is read from, lookups too, by a name: that of `DATABASE_URL_BILLING` is `billing`. The one of
   * `DATABASE_URL` when absent.
   */
  readonly source?: string
  /**
   * Reads the table of every schema whose name is LIKE the pattern, `schemas('tenant_%')`, in one snapshot, as one table with
   * a column `tenant` ahead, the schema's name. An Iceberg table has a partition for each.
   */
  readonly tenants?: Tenants<N>
  /**
   * SQL condition on the source's rows. Tables its subqueries name are held against TRUNCATE and ALTER like the
   * source; what a function reads in its body cannot be.
   */
  readonly where?: string
  /** Small tables, read first and in the same snapshot, in which functions look rows up by key. */
  readonly lookups?: L
  /**
   * Columns computed from the row and the lookups, after those that are read. A function is pure; it sees the other
   * derived columns as well, and must give a value of exactly its column's type: whoever needs rounding rounds. To a
   * nullable column it may give the undefined of a lookup that found nothing, which becomes null.
   */
  readonly derive?: {
    readonly [Name in keyof D]: {
      readonly type: Column<D[Name]>
      readonly value: (
        row: NoInfer<Flat<ValuesOf<WithTenant<C, N>> & D>>,
        lookups: NoInfer<{ readonly [Each in keyof L]: LookupFunctionOf<L[Each]> }>,
      ) => NoInfer<D[Name]> | NotFound<D[Name]>
    }
  }
  /** Which rows to keep; all when absent. */
  readonly filter?: (
    row: NoInfer<Flat<ValuesOf<WithTenant<C, N>> & D>>,
    lookups: NoInfer<{ readonly [Each in keyof L]: LookupFunctionOf<L[Each]> }>,
  ) => boolean
  /** Columns that functions see and the lake does not. */
  readonly internal?: readonly NoInfer<(keyof WithTenant<C, N> | keyof D) & string>[]
  /** Source columns that exist and are deliberately not read. */
  readonly ignore?: readonly string[]
  /**
   * The share of its rows that a load may lose against what readers see, `'50%'` when absent; one that loses more stops
   * before it is published. A load that loses all of them has a rule of its own. `maxShrink` of `expect.rows` is the same.
   */
  readonly shrink?: Share
  /**
   * What the rows are expected to be that readers would see. Athena is asked before they see them; a load that breaks it
   * is not published, and what stands under `warn` is only told.
   */
  readonly expect?: NoInfer<ExpectOptions<Flat<ValuesOf<WithTenant<C, N>> & D>>>
  /**
   * Column of the source, by its name there, by whose values a load over several connections slices it: an integer, a
   * date or a timestamp, evenly spread at best. Without it tables are sliced by where their rows are stored, and views and
   * queries are read over one connection.
   */
  readonly sliceBy?: string
  /**
   * When it is to be loaded, as cron writes it: `'0 6 * * *'`. The workflows of `bun run argo` go by it, and no load does;
   * a table that says nothing is loaded when most are.
   */
  readonly schedule?: Cron
}

/** What a function may give to a column that may be null: `provider(id)?.name` of a provider that is not there. */
type NotFound<Value> = null extends Value ? undefined : never

/** A derived column; what its function sees, only the script knows. */
export interface Derivation {
  readonly type: Column
  readonly value: (row: never, lookups: never) => unknown
}

declare const derived: unique symbol

/** A declared table; immutable. `columns` are those that are read. */
export interface Table<C extends Columns = Columns, D extends object = object>
  extends Connected,
    Selection,
    Format,
    DeclaredDocumentation {
  readonly columns: C
  readonly lookups: Lookups
  readonly derive: Readonly<Record<string, Derivation>>
  readonly filter: ((row: never, lookups: never) => boolean) | undefined
  readonly internal: readonly string[]
  /** Percent of the rows that readers see which a load may lose. */
  readonly shrink: number
  /** The option by which the script says so, or would. */
  readonly shrinkOption: ShrinkOption
  /** What its rows in the lake are to be, and how old. */
  readonly expectations: readonly Expectation[]
  /** Column of the source by whose values it is sliced; undefined: by where its rows are stored, if at all. */
  readonly sliceBy: string | undefined
  /** When it is to be loaded, in the five fields of cron; undefined: when most tables are. */
  readonly schedule: string | undefined
  /** The columns of the lake, in its order: those read and those derived, without the internal ones. */
  readonly output: Columns
  readonly [derived]?: D
}

/** The row a function of the script sees: `RowOf<typeof currencies>`. */
export type RowOf<T> = T extends Table<infer C, infer D> ? Flat<ValuesOf<C> & D> : never

const known: Pick<OptionsOf<TableOptions<Columns, Lookups, object, string>>, 'required' | 'requirements'> = {
  required: ['name', 'columns'],
  requirements: {
    name: aString,
    columns: anObject,
    from: aString,
    source: aString,
    tenants: anObject,
    where: aString,
    lookups: anObject,
    derive: anObject,
    filter: aFunction,
    internal: aListOfNames,
    ignore: aListOfNames,
    shrink: checkedByItself,
    expect: checkedByItself,
    sliceBy: aString,
    schedule: aString,
    format: aString,
    partitionBy: anObject,
    incremental: anObject,
    evolve: aString,
    comment: aString,
    comments: textsByName,
    owner: aString,
    tags: textsByName,
  },
}

/**
 * Declares a table of the lake: what is read of which source, and what is made of it. Nothing is read yet; `run` does that.
 * @returns the declaration, immutable, to be the script's default export
 * @throws DeclarationError for an option there is none of, for a name Athena does not take, for columns that are none, or
 *   are two things at once
 */
export function table<
  const C extends Columns,
  L extends Lookups = Record<never, never>,
  D extends object = Record<never, never>,
  const N extends string = never,
>(options: TableOptions<C, L, D, N>, ...more: readonly never[]): Table<WithTenant<C, NoInfer<N>>, D>
export function table(
  options: TableOptions<Columns, Lookups, Readonly<Record<string, unknown>>, string>,
  ...more: readonly never[]
): Table {
  const named: unknown = options?.name
  requireOptions([options, ...more], {
    thing: typeof named === 'string' ? named : 'table()',
    place: 'table()',
    ...known,
  })
  const { name, from = name, tenants, where, filter, internal = [], ignore = [], sliceBy } = options
  const declaredLookups: Lookups = options.lookups ?? {}
  const derive: Readonly<Record<string, Derivation>> = options.derive ?? {}
  refusePrototypes(name, options.columns, declaredLookups, derive)
  requireColumns(name, 'columns', options.columns)
  requireLookups(name, declaredLookups)
  requireDerivations(name, derive)
  if (tenants !== undefined) requireTenants(name, tenants)
  const columns = tenants === undefined ? options.columns : withTenant(name, tenants, options.columns)
  const types = Object.entries(derive).map(([each, { type }]) => [each, type] as const)
  const all = { ...columns, ...Object.fromEntries(types) }
  const kept = Object.entries(all).filter(([each]) => !internal.some((hidden) => hidden === each))

  requireLegalNames(name, Object.keys(all))
  const twice = Object.keys(derive).find((each) => Object.hasOwn(columns, each))
  if (twice !== undefined) {
    throw new DeclarationError(
      name,
      `${twice} is both read and derived`,
      `Read it by another name, as own_${twice}: named('${twice}', …), or derive it by another.`,
    )
  }
  const unknown = internal.find((each) => !Object.hasOwn(all, each))
  if (unknown !== undefined) {
    const near = describeNearest(unknown, Object.keys(all))
    throw new DeclarationError(name, `${unknown} is internal and no column${near}`, 'Correct its name.')
  }
  const read = Object.entries(options.columns).map(([each, { source = each }]) => source)
  const ignored = ignore.find((each) => read.includes(each))
  if (ignored !== undefined) {
    throw new DeclarationError(name, `${ignored} is both read and ignored`, 'Do either.')
  }
  if (Object.keys(options.columns).length === 0 || kept.length === 0) {
    throw new DeclarationError(name, 'it has no columns', 'List at least one.')
  }
  refuseSlicing(name, sliceBy, columns)
  const output: Columns = Object.freeze(Object.fromEntries(kept))
  const { source, lookups: found, format } = declaredSources(options, sourceNamed(from), declaredLookups)
  const isPartitioned = format.partitionBy !== undefined
  const lookups = boundLookups(name, found, { source, where, isPartitioned })
  const shrink = shrinkGiven(name, options.shrink, options.expect)
  return Object.freeze({
    name,
    columns: Object.freeze(columns),
    connection: declaredConnection(name, options.source),
    source,
    where,
    lookups: Object.freeze(lookups),
    derive: Object.freeze(derive),
    filter,
    internal: Object.freeze([...internal]),
    ignore: Object.freeze([...ignore]),
    shrink: declaredShrink(name, shrink.value, shrink.option),
    shrinkOption: shrink.option,
    expectations: declaredExpectations(name, options.expect, { output, internal }),
    sliceBy,
    schedule: declaredSchedule(name, options.schedule),
    ...declaredDocumentation(
      name,
      options,
      kept.map(([each]) => each),
    ),
    ...declaredFormat(name, format, { columns, internal, lookups, query: source.query }),
    output,
  })
}

/** @throws DeclarationError for one that `lookup()` has not made */
function requireLookups(name: string, lookups: object): void {
  for (const [each, value] of Object.entries(lookups)) {
    const isLookup =
      anObject(value) === undefined &&
      Object.isFrozen(value) &&
      Array.isArray(value.key) &&
      anObject(value.source) === undefined
    if (isLookup) continue
    throw new DeclarationError(
      name,
      `lookups.${each} is ${describeValue(value)}, which is no lookup`,
      'Make it by a call, as in lookup({ from, key, columns }).',
    )
  }
}

/**
 * What is read with each partition has the table's own rows: where the table leaves out a row, so does it.
 * @throws DeclarationError where that has no partitions, or other rows
 */
function boundLookups(
  name: string,
  lookups: Lookups,
  { source, where, isPartitioned }: Pick<Selection, 'source' | 'where'> & { readonly isPartitioned: boolean },
): Lookups {
  const bound = Object.entries(lookups).map(([each, lookup]): [string, Lookup] => {
    if (lookup.within === undefined) return [each, lookup]
    if (!isPartitioned) {
      throw new DeclarationError(
        name,
        `its lookup ${each} is read within partitions, and it has none`,
        "Add partitionBy: day('created_at'), or leave within out.",
      )
    }
    if (!Bun.deepEquals(lookup.source, source)) {
      throw new DeclarationError(
        name,
        `its lookup ${each} is read within partitions, and from ${formatSource(lookup.source)}`,
        `Only its own rows, from ${formatSource(source)}, have its partitions: take these, or leave within out.`,
      )
    }
    const conditions = [where, lookup.where].flatMap((condition) => condition ?? [])
    const both =
      conditions.length < 2 ? conditions[0] : conditions.map((each) => `(\n${each}\n)`).join(' and ')
    return [each, Object.freeze({ ...lookup, where: both })]
  })
  return Object.fromEntries(bound)
}

/** @throws DeclarationError for what is not a type and the function of its values */
function requireDerivations(name: string, derive: object): void {
  for (const [each, value] of Object.entries(derive)) {
    const place = `derive.${each}`
    requireOptions<Derivation>([value], {
      thing: name,
      place,
      required: ['type', 'value'],
      requirements: { type: checkedByItself, value: aFunction },
    })
    requireColumn(name, `type of ${place}`, value.type)
  }
}
