/**
 * What a column's values are measured by in Postgres, and how its answers become a fingerprint. Functions, operators and
 * types bear their schema, as a source is read under its role's search_path.
 */
import type { Column } from '../types/type.ts'
import {
  type Fingerprint,
  type Kind,
  kindOf,
  type Measure,
  normalForm,
  prefixLength,
} from './fingerprint-form.ts'

type Expression = (value: string) => string

export type Measures = Readonly<Partial<Record<Measure, Expression>>>

/** An expression whose answer is that of all measures. */
export function measuresText(measures: Measures, value: string, alias: string): string {
  const texts = Object.values(measures).map((measure) => `(${measure(value)})::pg_catalog.text`)
  return `pg_catalog.json_build_array(${texts.join(', ')})::pg_catalog.text as ${alias}`
}

const counts = {
  values: (v: string) => `pg_catalog.count(${v})`,
  nulls: (v: string) => `pg_catalog.count(*) operator(pg_catalog.-) pg_catalog.count(${v})`,
}
const minMax = { min: (v: string) => `pg_catalog.min(${v})`, max: (v: string) => `pg_catalog.max(${v})` }
const exact = { ...counts, ...minMax, sum: (v: string) => `pg_catalog.sum(${v})` }
const moment = (format: string) => ({
  ...counts,
  min: (v: string) => `pg_catalog.to_char(pg_catalog.min(${v}), '${format}')`,
  max: (v: string) => `pg_catalog.to_char(pg_catalog.max(${v}), '${format}')`,
})
/** The bytes that are sent, as how many digits the text has is the role's to say. */
const floating = (send: string) => {
  const extreme = (measure: 'min' | 'max') => (v: string) =>
    `pg_catalog.encode(pg_catalog.${send}(pg_catalog.${measure}(${v}) filter (where ${v} operator(pg_catalog.<>) 'NaN')), 'hex')`
  return {
    ...counts,
    nan: (v: string) => `pg_catalog.count(*) filter (where ${v} operator(pg_catalog.=) 'NaN')`,
    min: extreme('min'),
    max: extreme('max'),
  }
}

export interface MeasuresForm {
  /** In one order, as the answers come. */
  readonly measures: Readonly<Record<Kind, Measures>>
  parse(column: Column, answer: unknown): Fingerprint
}

interface TextForm {
  /** The beginning of a text, in the lake's order of strings: that of their bytes in UTF-8. */
  readonly ordered: Expression
  /** What was ordered, from how it is answered. */
  readonly parse: (answer: string) => string
  /** In characters of UTF-8. */
  readonly length: Expression
}

const prefix: Expression = (v) => `pg_catalog.left(${v}, ${prefixLength})`

const inUtf8 = formOf({
  ordered: (v) => `${prefix(v)} collate pg_catalog."C"`,
  parse: (text) => text,
  length: (v) => `pg_catalog.char_length(${v})`,
})

/** In other encodings bytes have another order, and of some a character becomes two. */
const converted = formOf({
  ordered: (v) =>
    `pg_catalog.encode(pg_catalog.convert_to(${prefix(v)}, 'UTF8'), 'hex') collate pg_catalog."C"`,
  parse: (hex) => Array.from(Buffer.from(hex, 'hex').toString()).slice(0, prefixLength).join(''),
  length: (v) => `pg_catalog.length(pg_catalog.convert_to(${v}, 'UTF8'), 'UTF8')`,
})

/** @param encoding of the database */
export function measuresIn(encoding: string): MeasuresForm {
  return encoding === 'UTF8' ? inUtf8 : converted
}

function formOf(text: TextForm): MeasuresForm {
  const length = { length: (v: string) => `pg_catalog.sum(${text.length(v)})` }
  const measures: MeasuresForm['measures'] = {
    integer: exact,
    decimal: exact,
    real: floating('float4send'),
    double: floating('float8send'),
    boolean: { ...counts, true: (v) => `pg_catalog.count(*) filter (where ${v})` },
    date: moment('YYYY-MM-DD'),
    timestamp: moment('YYYY-MM-DD HH24:MI:SS.US'),
    text: {
      ...counts,
      min: (v) => `pg_catalog.min(${text.ordered(v)})`,
      max: (v) => `pg_catalog.max(${text.ordered(v)})`,
      ...length,
    },
    json: { ...counts, ...length },
    binary: { ...counts, length: (v) => `pg_catalog.sum(pg_catalog.octet_length(${v}))` },
    array: counts,
    hidden: counts,
  }

  function plain(kind: Kind, measure: Measure, answer: string): string {
    if (measure !== 'min' && measure !== 'max') return answer
    if (kind === 'text') return text.parse(answer)
    if (kind === 'real') return String(Buffer.from(answer, 'hex').readFloatBE())
    return kind === 'double' ? String(Buffer.from(answer, 'hex').readDoubleBE()) : answer
  }

  return {
    measures,
    parse(column, answer) {
      const kind = kindOf(column)
      const { logical } = column.parquet
      const names = Object.keys(measures[kind]) as Measure[]
      const texts = JSON.parse(String(answer)) as (string | null)[]
      const found = names.map((name, index) => {
        const text = texts[index] ?? null
        return [name, normalForm(kind, name, text === null ? null : plain(kind, name, text))] as const
      })
      const scale = kind === 'decimal' && logical.kind === 'decimal' ? { scale: logical.scale } : {}
      return { kind, ...scale, measures: Object.fromEntries(found) }
    },
  }
}
