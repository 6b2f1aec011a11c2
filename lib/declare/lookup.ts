/** `lookup()`: a small table that functions of a script look rows up in, by key. */
import type { Column, Type } from '../types/type.ts'
import { DeclarationError, refusePrototypes } from './declaration.ts'
import { describeNearest } from './nearest.ts'
import {
  aBoolean,
  aNameOrMore,
  anObject,
  aString,
  checkedByItself,
  describeValue,
  type OptionsOf,
  requireOptions,
} from './options.ts'
import { namesSchema } from './relation-name.ts'
import { requireColumns } from './require-columns.ts'
import { type Columns, type Selection, sourceNamed, type ValuesOf } from './selection.ts'
import { declaredShrink, type Share } from './shrink.ts'

export interface LookupOptions<C extends Columns, K extends Name<C> | readonly Name<C>[], M extends boolean> {
  /**
   * The table it is read from, `name` or `schema.name`, or a query in SQL. Read in the snapshot of the load. In a table that has
   * tenants, a name alone is the table of each tenant: a row finds those of its own.
   */
  readonly from: string
  /**
   * `partition`: of a table with `partitionBy`, from its own source. The lookup has the rows of one partition at a time, of
   * which the table's `where` holds too: a row finds those of its own partition alone. It need not be small.
   */
  readonly within?: 'partition'
  /** SQL condition on its rows: the fewer there are, the less memory they take. */
  readonly where?: string
  /** The column a row is found by, or several. A row with a null in its key is never found, as in a join. */
  readonly key: K
  /**
   * Among rows with one key the one with the greatest value here is kept; without it a second one stops the load. Where
   * columns are several, a later one decides if those before it have the same value. A null is less than any value.
   */
  readonly latestBy?: NoInfer<Name<C> | readonly Name<C>[]>
  /** The same with the least value. */
  readonly firstBy?: NoInfer<Name<C> | readonly Name<C>[]>
  /** Keeps all rows of a key, in the order of their columns' values. */
  readonly many?: M
  /** The columns read, keys included. */
  readonly columns: C
  /** The share of its rows that it may lose from one published load to the next; `'50%'` when absent. */
  readonly shrink?: Share
}

type Name<C> = keyof C & string

/** A declared lookup; immutable. */
export interface Lookup extends Selection {
  readonly key: readonly string[]
  /** Which of several rows with one key is kept: the last or the first in the order of these; undefined: none may be there. */
  readonly kept: { readonly option: 'latestBy' | 'firstBy'; readonly by: readonly string[] } | undefined
  readonly many: boolean
  /** Read with each partition of the table, and of its rows alone; undefined: it is read whole, before all of them. */
  readonly within: 'partition' | undefined
  /** Percent of its rows in the load that readers see which it may lose. */
  readonly shrink: number
  /** Whether its `from` says in which schema: then all tenants share it. */
  readonly namesSchema: boolean
}

declare const types: unique symbol

/** With the types its function has in a script. */
export interface TypedLookup<C extends Columns, K extends string | readonly string[], M extends boolean>
  extends Lookup {
  readonly [types]?: { readonly columns: C; readonly key: K; readonly many: M }
}

/** The function a script looks rows up by: `currency(id)`; a null in the key finds nothing. */
export type LookupFunctionOf<L> =
  L extends TypedLookup<infer C, infer K, infer M>
    ? (...key: KeyValues<C, K>) => M extends true ? readonly ValuesOf<C>[] : ValuesOf<C> | undefined
    : never

type KeyValues<C extends Columns, K> = K extends readonly (keyof C)[]
  ? { [At in keyof K]: ValuesOf<C>[K[At] & keyof C] | null }
  : K extends keyof C
    ? [key: ValuesOf<C>[K] | null]
    : never

const options: Pick<
  OptionsOf<LookupOptions<Columns, string | string[], boolean>>,
  'required' | 'requirements'
> = {
  required: ['from', 'key', 'columns'],
  requirements: {
    from: aString,
    within: checkedByItself,
    where: aString,
    key: aNameOrMore,
    latestBy: aNameOrMore,
    firstBy: aNameOrMore,
    many: aBoolean,
    columns: anObject,
    shrink: checkedByItself,
  },
}

/**
 * Declares a small table that functions of a script look rows up in: `lookup({ from: 'providers', key: 'id', columns })`.
 * It is read whole before the table's own rows, in the same snapshot, and held in memory; `within: 'partition'` reads it
 * partition by partition.
 * @returns the declaration, for `lookups` of `table()`; there its name is a function that takes the key's values, and gives
 *   the row or undefined, with `many` all rows
 * @throws DeclarationError for a key that nothing can be found by, an order there is none of, or an unknown option
 */
export function lookup<
  const C extends Columns,
  const K extends Name<C> | readonly Name<C>[],
  const M extends boolean = false,
>(declared: LookupOptions<C, K, M>, ...more: readonly never[]): TypedLookup<C, K, M> {
  const named: unknown = declared?.from
  const thing = typeof named === 'string' ? `lookup of ${named}` : 'lookup()'
  requireOptions([declared, ...more], { thing, place: 'lookup()', ...options })
  const { from, within, where, latestBy, firstBy, many = false, columns } = declared
  refusePrototypes(thing, columns)
  requireColumns(thing, 'columns', columns)
  const key: readonly string[] = typeof declared.key === 'string' ? [declared.key] : declared.key
  requireKnown(thing, 'key', key, columns)
  const kept = keptBy(thing, latestBy, firstBy)
  if (kept !== undefined) requireKnown(thing, kept.option, kept.by, columns)
  if (within !== undefined && within !== 'partition') {
    throw new DeclarationError(
      thing,
      `its within is ${describeValue(within)}`,
      "Write within: 'partition', or leave it out.",
    )
  }
  // What a lossy column lets pass is another value in the row than the one it is found by.
  const unfit = key.find(
    (name) => scalar(columns[name])?.key === undefined || columns[name]?.lossy !== undefined,
  )
  if (key.length === 0 || unfit !== undefined) {
    throw new DeclarationError(
      thing,
      unfit === undefined ? 'it has no key' : `${unfit} is no column that rows can be found by`,
      'Keys are declared columns of integers, text, uuid, boolean, date or timestamp.',
    )
  }
  const orderless = kept?.by.find((name) => scalar(columns[name])?.order === undefined)
  if (kept !== undefined && (many || orderless !== undefined)) {
    const which = kept.option === 'latestBy' ? 'latest' : 'first'
    throw new DeclarationError(
      thing,
      many
        ? `it keeps many rows a key and only the ${which}`
        : `${orderless} has no order to find the ${which} by`,
      many ? 'Say either.' : 'Take a declared column of integers, date or timestamp.',
    )
  }
  return Object.freeze({
    columns: Object.freeze(columns),
    source: sourceNamed(from),
    where,
    ignore: [],
    key: Object.freeze([...key]),
    kept,
    many,
    within,
    shrink: declaredShrink(thing, declared.shrink),
    namesSchema: namesSchema(from),
  })
}

function keptBy(
  thing: string,
  latestBy: string | readonly string[] | undefined,
  firstBy: string | readonly string[] | undefined,
): Lookup['kept'] {
  if (latestBy !== undefined && firstBy !== undefined) {
    throw new DeclarationError(thing, 'it has both latestBy and firstBy', 'Say either.')
  }
  const given = latestBy ?? firstBy
  if (given === undefined) return undefined
  const by = typeof given === 'string' ? [given] : [...given]
  const option = firstBy === undefined ? 'latestBy' : 'firstBy'
  if (by.length === 0) throw new DeclarationError(thing, `its ${option} names no column`, 'Name one or more.')
  return Object.freeze({ option, by: Object.freeze(by) })
}

function requireKnown(thing: string, option: string, names: readonly string[], columns: Columns): void {
  const unknown = names.find((name) => !Object.hasOwn(columns, name))
  if (unknown === undefined) return
  const near = describeNearest(unknown, Object.keys(columns))
  throw new DeclarationError(
    thing,
    `its ${option} ${unknown} is no column of it${near}`,
    'Declare it under columns, or correct its name.',
  )
}

/** Undefined for a list, which is no key and has no order, whatever its elements have. */
function scalar(column: Column | undefined): Type | undefined {
  return column?.element === undefined ? column?.values : undefined
}

/** Those that are read whole, before the table's own rows. */
export function wholeLookups<L extends Lookup>(table: {
  readonly lookups: Readonly<Record<string, L>>
}): [string, L][] {
  return Object.entries(table.lookups).filter(([, { within }]) => within === undefined)
}

/** Those that are read with each partition. */
export function partitionLookups<L extends Lookup>(table: {
  readonly lookups: Readonly<Record<string, L>>
}): [string, L][] {
  return Object.entries(table.lookups).filter(([, { within }]) => within === 'partition')
}
