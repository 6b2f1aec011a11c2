/**
 * What a column's values are like, where its type does not say: one pass over the table, in Postgres. Functions,
 * operators and types bear their schema, as a view is read under its role's search_path.
 */

import { nativeType } from '../types/native.ts'
import type { Reader } from './connect.ts'
import { postgresFailure } from './failure.ts'
import { quoteName, quoteRelation, type Relation } from './relation.ts'
import type { SourceColumn } from './source.ts'

/** Measures of the values that are not null; the values of an array are its elements. */
export interface Measured {
  /** Most digits before and after the point; undefined without a finite value, or if it is no numeric. */
  readonly digits: { readonly integer: number; readonly scale: number } | undefined
  /** How many have no place in the lake: NaN, ±infinity, years outside 0001–9999. */
  readonly placeless: number
  /** Most dimensions of an array; 0 if it is none, or all are empty. */
  readonly dimensions: number
}

/** The server takes 1,664 expressions in a select (PostgreSQL manual, "PostgreSQL Limits"), and a column has four. */
const columnsPerPass = 400

/**
 * By column; only those whose values say more than their type.
 * @throws Failure (2) if they may not be read, else as Postgres fails
 */
export async function measure(
  reader: Reader,
  relation: Relation,
  of: readonly SourceColumn[],
): Promise<ReadonlyMap<string, Measured>> {
  const columns = of.filter(measurable)
  const measured = new Map<string, Measured>()
  try {
    for (let at = 0; at < columns.length; at += columnsPerPass) {
      const some = columns.slice(at, at + columnsPerPass)
      const list = some.flatMap((column, index) =>
        Object.entries(aggregates(column)).map(([what, sql]) => `${sql} as ${what}_${index}`),
      )
      const [row = {}] = await reader.query(`select ${list.join(',\n')} from ${quoteRelation(relation)}`)
      for (const [index, { name }] of some.entries()) measured.set(name, toMeasured(row, index))
    }
    return measured
  } catch (error) {
    throw postgresFailure(error, 'measure', `${relation.schema}.${relation.name}`)
  }
}

function measurable(column: SourceColumn): boolean {
  const typname = valueType(column)
  return column.element !== undefined || typname === 'numeric' || isTemporal(typname)
}

/** A date or a timestamp: the types beside numeric that have values without a place in the lake. */
function isTemporal(typname: string): boolean {
  return nativeType(typname)?.values.bounds !== undefined
}

function valueType({ typname, element }: SourceColumn): string {
  return element?.typname ?? typname
}

type Sql = (value: string) => string

function aggregates(column: SourceColumn): Record<string, string> {
  const of = quoteName(column.name)
  const array = column.element !== undefined
  const perArray = (result: string, where: string) =>
    `(select ${result} from pg_catalog.unnest(${of}) as each (v) where ${where})`
  const most = (result: Sql, where: Sql) =>
    array
      ? `pg_catalog.max(${perArray(`pg_catalog.max(${result('v')})`, where('v'))})`
      : `pg_catalog.max(${result(of)}) filter (where ${where(of)})`
  const count = (where: Sql) =>
    `${array ? `pg_catalog.sum(${perArray('pg_catalog.count(*)', where('v'))})` : `(pg_catalog.count(*) filter (where ${where(of)}))`}::pg_catalog.float8`

  const typname = valueType(column)
  return {
    ...(array && { dimensions: `pg_catalog.max(pg_catalog.array_ndims(${of}))` }),
    ...(typname === 'numeric' && {
      integer: most((v) => digits(`pg_catalog.ltrim(${part(v, 1)}, '-0')`), hasDigits),
      scale: most((v) => digits(`pg_catalog.rtrim(${part(v, 2)}, '0')`), hasDigits),
      placeless: count((v) => `not ${hasDigits(v)}`),
    }),
    ...(isTemporal(typname) && { placeless: count((v) => `not ${hasPlace(v)}`) }),
  }
}

/** Its digits before the point, or after it. */
const part = (v: string, which: 1 | 2) => `pg_catalog.split_part(${v}::pg_catalog.text, '.', ${which})`

const digits: Sql = (text) => `pg_catalog.length(${text})`

/** Looks at the text: before PostgreSQL 14 there was no infinite numeric to compare with. */
const hasDigits: Sql = (v) => `(${v}::pg_catalog.text operator(pg_catalog.!~) '[a-zA-Z]')`

/** For a date or a timestamp without a zone, Postgres ignores the zone in these bounds. */
const hasPlace: Sql = (v) =>
  `(${v} operator(pg_catalog.>=) '0001-01-01 00:00:00+00' and ${v} operator(pg_catalog.<) '10000-01-01 00:00:00+00')`

function toMeasured(row: Record<string, unknown>, index: number): Measured {
  const [integer, scale] = [row[`integer_${index}`], row[`scale_${index}`]]
  return {
    digits: typeof integer === 'number' && typeof scale === 'number' ? { integer, scale } : undefined,
    placeless: Number(row[`placeless_${index}`] ?? 0),
    dimensions: Number(row[`dimensions_${index}`] ?? 0),
  }
}
