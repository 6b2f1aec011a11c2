/**
 * What Postgres says of all values in each partition, for a check to compare with what the lake says. One digest stands for
 * the rows whose columns have a text that both print alike; floats and lists are measured as in a fingerprint. Names bear
 * their schema, as a source is read under its role's search_path.
 */
import type { Table } from '../declare/table.ts'
import type { Column } from '../types/type.ts'
import type { Reader } from './connect.ts'
import { type Fingerprint, type Kind, kindOf } from './fingerprint-form.ts'
import { measuresIn, measuresText } from './fingerprint-measures.ts'
import type { PartitionForm, PartitionValue } from './partition-form.ts'
import { columnExpression, rowsClause } from './select.ts'
import type { Source } from './source.ts'

export interface PartitionDigest {
  readonly value: PartitionValue
  readonly rows: number
  /** The sum of 60 bits of each row's MD5, in digits. */
  readonly digest: string
  /** Those of the columns that are measured beside it, in their order. */
  readonly measured: readonly Fingerprint[]
}

export interface DigestOptions {
  readonly table: Table
  readonly source: Source
  readonly form: PartitionForm
  /** In SQL, which rows to look at. */
  readonly part: string
  /** The database's, as `server_encoding` has it. */
  readonly encoding: string
}

export interface DigestedColumns {
  /** Those whose texts are in the digest, in this order. */
  readonly inDigest: readonly (readonly [string, Column])[]
  readonly measured: readonly (readonly [string, Column])[]
}

/** Those that Postgres knows and the lake has. A derived column is compared with nothing. */
export function digestedColumns({ columns, internal }: Pick<Table, 'columns' | 'internal'>): DigestedColumns {
  const read = Object.entries(columns).filter(([name]) => !internal.includes(name))
  const isInDigest = ([, column]: readonly [string, Column]) => kindOf(column) in texts
  return { inDigest: read.filter(isInDigest), measured: read.filter((each) => !isInDigest(each)) }
}

/** To be called under the settings that the source is read under: one scan. @throws the driver's error */
export async function digestPartitions(
  reader: Reader,
  { table, source, form, part, encoding }: DigestOptions,
): Promise<PartitionDigest[]> {
  const { inDigest, measured } = digestedColumns(table)
  const { measures, parse } = measuresIn(encoding)
  const found = new Map(source.columns.map((column) => [column.name, column]))
  const inLake = (name: string, column: Column): string => {
    const type = found.get(column.source ?? name)
    const read = columnExpression(name, column, type)
    if (column.element !== undefined) return read
    return column.values.inLake?.(read, column, type?.typname ?? '') ?? read
  }
  const row = inDigest.map(([name, column]) => {
    const text = texts[kindOf(column)]!(`(${inLake(name, column)})`, column)
    return `coalesce('v' operator(pg_catalog.||) ${text}, 'n')`
  })
  const values = measured.map(([name, column], at) => `${inLake(name, column)} as m${at}`)
  const inner = [`${form.group} as p`, `${joined(row)} as t`, ...values]
  const others = measured.map(([, column], at) =>
    measuresText(measures[kindOf(column)], `s.m${at}`, `m${at}`),
  )
  const outer = ['s.p as value', 'pg_catalog.count(*)::pg_catalog.float8 as rows', digestSql, ...others]
  const query = `select ${outer.join(', ')} from (select ${inner.join(', ')} ${rowsClause(table, `(${part})`)}) as s group by 1`
  // The groups are few: see countPartitions.
  const answers = await reader.query(
    `set local enable_sort to 'off'; ${query}; set local enable_sort to default`,
  )
  const digests = answers.map((answer): PartitionDigest => {
    const value = answer['value'] === null ? null : form.valueOf(answer['value'])
    if (value === undefined) throw new Error('A partition without a place in the lake was looked for.')
    return {
      value,
      rows: Number(answer['rows']),
      digest: String(answer['digest']),
      measured: measured.map(([, column], at) => parse(column, answer[`m${at}`])),
    }
  })
  // Groups that are hashed come in any order.
  return digests.sort((a, b) => inOrder(a.value, b.value))
}

/** Null is the last. */
function inOrder(a: PartitionDigest['value'], b: PartitionDigest['value']): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return a < b ? -1 : Number(a > b)
}

/** Numbers of 60 bits fit a bigint; their sum is a numeric. */
const digestSql = `pg_catalog.sum((('x' operator(pg_catalog.||) pg_catalog.substr(pg_catalog.md5(pg_catalog.convert_to(s.t, 'UTF8')), 1, 15))::pg_catalog.bit(60))::pg_catalog.int8)::pg_catalog.text as digest`

function joined(texts: readonly string[]): string {
  const between = ' operator(pg_catalog.||) pg_catalog.chr(31) operator(pg_catalog.||) '
  return texts.length === 0 ? "''" : texts.join(between)
}

/** A value that is in the lake's form already, as the text that the lake's engine has of it. */
const texts: Readonly<Partial<Record<Kind, (value: string, column: Column) => string>>> = {
  integer: asText,
  boolean: asText,
  text: asText,
  json: asText,
  decimal: (value, { parquet: { logical } }) =>
    logical.kind === 'decimal'
      ? `(${value}::pg_catalog.numeric(${logical.precision},${logical.scale}))::pg_catalog.text`
      : asText(value),
  date: (value) => `pg_catalog.to_char(${value}, 'YYYY-MM-DD')`,
  // A number, as engines print timestamps each in their way; they tell milliseconds.
  timestamp: (value) =>
    `pg_catalog.to_char(${value}, 'YYYYMMDDHH24MISSMS')::pg_catalog.int8::pg_catalog.text`,
  binary: (value) => `pg_catalog.encode(${value}, 'hex')`,
}

function asText(value: string): string {
  return `${value}::pg_catalog.text`
}
