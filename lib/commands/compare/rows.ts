/** What is asked of keys, and of the rows of the same key. */
import { textOf } from './form.ts'
import type { TableColumn } from './match.ts'
import {
  type ComparedPair,
  cut,
  type ExampleOptions,
  examplesOf,
  formOf,
  fromOf,
  type Side,
  type SideTable,
  valuesOf,
} from './sql.ts'

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

function ordered(key: readonly string[]): string {
  return key.length === 1 ? `${key[0]}` : `row(${key.join(', ')})`
}

/** Nothing where a part of the key is not told. */
function toldKey(key: readonly ComparedPair[], values: readonly string[]): string[] {
  return key.every(({ told }) => told)
    ? key.map(({ form }, at) =>
        cut(form.kind === 'bytes' ? `to_hex(${values[at]})` : `cast(${values[at]} as varchar)`),
      )
    : []
}

function shown(column: TableColumn, value: string): string {
  return cut(textOf(column, value))
}
