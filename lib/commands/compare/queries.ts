/**
 * What Athena is asked about two tables, in SQL that Trino and the stand-in read alike. A value is read as it is, `r0`, and
 * in its form, `f0`, where 0 is the place of its pair.
 */
import { quoteIdentifier } from '../../aws/athena.ts'
import { type Form, textOf } from './form.ts'
import type { Pair, TableColumn } from './match.ts'

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
}

/** No row of it, for the names and types of its columns. */
export function emptyQuery(table: SideTable): string {
  return `select * from ${fromOf(table)} limit 0`
}

/** Rows, and of each pair how many have a value, and what else `measuresOf` asks. */
export function measureQuery(side: Side, table: SideTable, pairs: readonly ComparedPair[]): string {
  const measures = pairs.flatMap((pair, at) => measuresOf(pair).map(({ sql }) => sql(`r${at}`, `f${at}`)))
  const read = ['1 as here', ...valuesOf(side, pairs)]
  return `select ${['count(*)', ...measures].join(', ')} from (select ${read.join(', ')} from ${fromOf(table)}) as s`
}

export interface Measure {
  readonly name: 'values' | 'least' | 'greatest' | 'sum' | 'length' | 'true'
  readonly sql: (raw: string, form: string) => string
}

/** Where values are not told, only how many there are is asked. */
export function measuresOf({ form: { kind }, told }: ComparedPair): readonly Measure[] {
  const values: Measure = { name: 'values', sql: (raw) => `count(${raw})` }
  if (!told || kind === 'bytes') return [values]
  if (kind === 'flag') {
    return [values, { name: 'true', sql: (_, form) => `count(case when ${form} then 1 end)` }]
  }
  if (kind === 'text') return [values, { name: 'length', sql: (_, form) => `sum(length(${form}))` }]
  const extremes: Measure[] = [
    { name: 'least', sql: (_, form) => `cast(min(${form}) as varchar)` },
    { name: 'greatest', sql: (_, form) => `cast(max(${form}) as varchar)` },
  ]
  if (kind === 'time') return [values, ...extremes]
  if (kind === 'float') {
    // Either of 0 and -0 may be the least.
    const positive = (which: 'min' | 'max') => (_: string, form: string) =>
      `cast(${which}(${form}) + 0E0 as varchar)`
    return [values, { name: 'least', sql: positive('min') }, { name: 'greatest', sql: positive('max') }]
  }
  const summed = (form: string) => (kind === 'integer' ? `cast(${form} as decimal(38, 0))` : form)
  return [values, ...extremes, { name: 'sum', sql: (_, form) => `cast(sum(${summed(form)}) as varchar)` }]
}

export interface ExampleOptions {
  /** The most examples of each difference. */
  readonly examples: number
}

/** Rows; those without a whole key; keys that several rows have, those rows, and examples of such keys. */
export function keyQuery(
  side: Side,
  table: SideTable,
  key: readonly ComparedPair[],
  options: ExampleOptions,
): string {
  const forms = key.map((pair) => formOf(pair, side))
  const names = key.map((_, at) => `k${at}`)
  const groups = `select ${forms.map((form, at) => `${form} as k${at}`).join(', ')}, count(*) as n from ${fromOf(table)} group by ${forms.map((_, at) => at + 1).join(', ')}`
  const filled = names.map((name) => `${name} is not null`).join(' and ')
  const repeated = `${filled} and n > 1`
  const shown = toldKey(key, names)
  return `select ${[
    'coalesce(sum(n), 0)',
    `coalesce(sum(n) filter (where not (${filled})), 0)`,
    `count(*) filter (where ${repeated})`,
    `coalesce(sum(n) filter (where ${repeated}), 0)`,
    examplesOf(shown, ordered(names), repeated, options),
  ].join(', ')} from (${groups}) as g`
}

/**
 * Rows of the same key; keys of ours alone, and of theirs; rows of the same key in which something differs; examples of the
 * former two; and of each pair how many rows differ, and examples: the key, and both values.
 */
export function rowQuery(
  { ours, theirs }: Readonly<Record<Side, SideTable>>,
  key: readonly ComparedPair[],
  pairs: readonly ComparedPair[],
  { tolerance, ...options }: ExampleOptions & { readonly tolerance: string | undefined },
): string {
  const both = 'o.here = 1 and t.here = 1'
  const joined = key.map((_, at) => `o.k${at} = t.k${at}`).join(' and ')
  const keyOf = (table: 'o' | 't') => key.map((_, at) => `${table}.k${at}`)
  const differences = pairs.map((pair, at) => difference(pair, at, tolerance))
  const examples = (table: 'o' | 't', condition: string) =>
    examplesOf(toldKey(key, keyOf(table)), ordered(keyOf(table)), condition, options)
  const ofPairs = pairs.flatMap((pair, at) => {
    const condition = `${both} and ${differences[at]}`
    const values = pair.told ? [shown(pair.ours, `o.r${at}`), shown(pair.theirs, `t.r${at}`)] : []
    return [
      `count(*) filter (where ${condition})`,
      examplesOf([...toldKey(key, keyOf('o')), ...values], ordered(keyOf('o')), condition, options),
    ]
  })
  const any = differences.length === 0 ? 'false' : `(${differences.join(' or ')})`
  const asked = [
    `count(*) filter (where ${both})`,
    'count(*) filter (where t.here is null)',
    'count(*) filter (where o.here is null)',
    `count(*) filter (where ${both} and ${any})`,
    examples('o', 't.here is null'),
    examples('t', 'o.here is null'),
    ...ofPairs,
  ]
  return `with o as (${sideSelect('ours', ours, key, pairs)}), t as (${sideSelect('theirs', theirs, key, pairs)}) select ${asked.join(', ')} from o full outer join t on ${joined}`
}

/** The rows that have a whole key: no other row is joined to those that have none. */
function sideSelect(
  side: Side,
  table: SideTable,
  key: readonly ComparedPair[],
  pairs: readonly ComparedPair[],
): string {
  const columns = [
    '1 as here',
    ...key.map((pair, at) => `${formOf(pair, side)} as k${at}`),
    ...valuesOf(side, pairs),
  ]
  const filled = key.map((_, at) => `k${at} is not null`).join(' and ')
  return `select * from (select ${columns.join(', ')} from ${fromOf(table)}) as s where ${filled}`
}

function valuesOf(side: Side, pairs: readonly ComparedPair[]): string[] {
  return pairs.flatMap((pair, at) => [`${columnOf(pair, side)} as r${at}`, `${formOf(pair, side)} as f${at}`])
}

/** Null is null only, and what has no place in the form is like nothing else: the form of it is null, and it is not. */
export function difference(
  { form: { kind } }: ComparedPair,
  at: number,
  tolerance: string | undefined,
): string {
  const [own, other] = [`o.f${at}`, `t.f${at}`]
  const differs = `(${own} is distinct from ${other} or (o.r${at} is null) <> (t.r${at} is null))`
  const isNumber = kind === 'integer' || kind === 'decimal' || kind === 'float'
  if (tolerance === undefined || !isNumber) return differs
  const most = kind === 'float' ? `cast('${tolerance}' as double)` : tolerance
  return `(${differs} and not coalesce(abs(${own} - ${other}) <= ${most}, false))`
}

/** JSON of an array of arrays of text, in the order of keys; null where there is nothing to show. */
function examplesOf(
  texts: readonly string[],
  order: string,
  condition: string,
  { examples }: ExampleOptions,
): string {
  if (texts.length === 0 || examples === 0) return 'cast(null as varchar)'
  return `json_format(cast(min_by(array[${texts.join(', ')}], ${order}, ${examples}) filter (where ${condition}) as json))`
}

function ordered(key: readonly string[]): string {
  return key.length === 1 ? `${key[0]}` : `row(${key.join(', ')})`
}

/** Nothing where a part of the key is not told. */
function toldKey(key: readonly ComparedPair[], values: readonly string[]): string[] {
  return key.every(({ told }) => told)
    ? key.map(({ form, ours }, at) =>
        cut(form.kind === 'bytes' ? textOf(ours, values[at]!) : `cast(${values[at]} as varchar)`),
      )
    : []
}

function shown(column: TableColumn, value: string): string {
  return cut(textOf(column, value))
}

/** Letters of a value that are shown. */
export const mostLetters = 120

function cut(text: string): string {
  return `substr(${text}, 1, ${mostLetters + 1})`
}

function columnOf(pair: Pair, side: Side): string {
  return quoteIdentifier(pair[side].name)
}

function formOf(pair: ComparedPair, side: Side): string {
  return pair.form[side](columnOf(pair, side))
}

/** The condition has a line of its own, so that a comment at its end ends there. */
function fromOf({ database, table, where }: SideTable): string {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  return where === undefined ? name : `${name} where (\n${where}\n)`
}
