/**
 * What Postgres computes a partition's value by, and which rows are of one. The values are those of the lake's format,
 * whose own functions compute them from files. All names bear their schema, as a source is read under its role's search_path.
 */
import type { PartitionBy } from '../declare/partition-by.ts'
import type { Column } from '../types/type.ts'
import { quoteName, quoteText } from './relation.ts'
import { columnExpression } from './select.ts'
import type { SourceColumn } from './source.ts'

/** A number of days, months or years since 1970, the start of a range, or the value itself; null: the column is null. */
export type PartitionValue = number | bigint | string | boolean | null

export interface PartitionForm {
  /** The column. */
  readonly column: string
  /**
   * What rows of one partition have in common. It is null where the column is, and where its value has no place in the lake.
   */
  readonly group: string
  /** What takes less time to compute of each row; absent: there is nothing. */
  readonly bin?: PartitionBin
  /** By which rows come partition by partition, those without a value last; true of several at once only where `isRange`. */
  readonly order: string
  /** Whether partitions that are neighbours by their values are so by the column's as well, so that one range has both. */
  readonly isRange: boolean
  /** @param answer to `group`, not null @returns undefined: the partition would begin below all values of the type */
  readonly valueOf: (answer: unknown) => PartitionValue | undefined
  /** Which rows are of the partitions from the first to the last. Several only where `isRange`, and neither is null. */
  readonly condition: (first: PartitionValue, last: PartitionValue) => string
  /** Which rows are of any of these, none of them null: looked up in a table, not compared one by one. */
  readonly among: (values: readonly PartitionValue[]) => string
}

/** Rows that have it in common are of one partition. It is null only where the column is. */
export interface PartitionBin {
  /** `server_version_num` from which on there is such a function. */
  readonly since: number
  readonly of: string
  /** The same as `group`, of a bin. */
  readonly group: (bin: string) => string
}

/** @param source the column in Postgres */
export function partitionForm(
  { column: name, transform }: PartitionBy,
  column: Column,
  source: SourceColumn,
): PartitionForm {
  const read = quoteName(column.source ?? name)
  if (transform === 'identity') {
    return column.type === 'date'
      ? calendarForm(read, 'date', units.day)
      : valueForm(name, read, column, source)
  }
  const [, width] = /^truncate\[(\d+)\]$/.exec(transform) ?? []
  if (width !== undefined) return rangeForm(read, column, source, BigInt(width))
  return calendarForm(read, column.type, units[transform as keyof typeof units])
}

interface Unit {
  /** @param day a date in SQL @param at the same, or a timestamp */
  readonly group: (day: string, at: string) => string
  /** The first day of a partition, in days since 1970. */
  readonly start: (value: number) => number
}

const part = (of: 'year' | 'month', at: string) => `pg_catalog.date_part('${of}', ${at})`

const units = {
  day: {
    group: (day) => `(${day} operator(pg_catalog.-) '1970-01-01'::pg_catalog.date)`,
    start: (value) => value,
  },
  month: {
    group: (_, at) =>
      `(${part('year', at)} operator(pg_catalog.*) 12 operator(pg_catalog.+) ${part('month', at)} operator(pg_catalog.-) 23641)::pg_catalog.int4`,
    start: (value) => dayOf(1970, value),
  },
  year: {
    group: (_, at) => `(${part('year', at)} operator(pg_catalog.-) 1970)::pg_catalog.int4`,
    start: (value) => dayOf(1970 + value, 0),
  },
} satisfies Record<string, Unit>

/** Date.UTC takes years before 100 for those of the last century. */
function dayOf(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1) / 86_400_000
}

/** `0001-01-01` and `10000-01-01` are the first day that has a place in the lake, and the first after them that has none. */
function calendarForm(read: string, type: string, unit: Unit): PartitionForm {
  const { group, start } = unit
  const hasBins = unit === units.day && type !== 'date'
  const zone = type === 'timestamptz' ? '+00' : ''
  const literal = (day: string) => `'${day}${type === 'date' ? '' : ` 00:00:00${zone}`}'::pg_catalog.${type}`
  const between = (value: string, from: string, to: string) =>
    `${value} operator(pg_catalog.>=) ${literal(from)} and ${value} operator(pg_catalog.<) ${literal(to)}`
  const groupOf = (value: string) => {
    // UTC by its distance from itself: its name would be looked up for each row.
    const at = type === 'timestamptz' ? `pg_catalog.timezone('0'::pg_catalog.interval, ${value})` : value
    const day = type === 'date' ? value : `${at}::pg_catalog.date`
    return `case when ${between(value, '0001-01-01', '10000-01-01')} then ${group(day, at)} end`
  }
  const grouped = groupOf(read)
  // Some versions put midnight before the origin into the day before, so it is the first that has a place in the lake.
  const startOfDay = `pg_catalog.date_bin('1 day'::pg_catalog.interval, ${read}, ${literal('0001-01-01')})`
  // The only year of five digits that is the end of a partition.
  const text = (days: number) => {
    const [, sign = '', year = '', rest = ''] =
      /^([+-]?)0*(\d{4,5})(-\d\d-\d\d)/.exec(new Date(days * 86_400_000).toISOString()) ?? []
    return sign === '-' ? '0001-01-01' : `${year}${rest}`
  }
  return {
    column: read,
    group: grouped,
    ...(hasBins && { bin: { since: 140_000, of: startOfDay, group: groupOf } }),
    order: read,
    isRange: true,
    valueOf: Number,
    condition: (first, last) =>
      first === null
        ? `${read} is null`
        : between(read, text(start(Number(first))), text(start(Number(last) + 1))),
    among: (values) => amongIntegers(grouped, values.map(String)),
  }
}

function amongIntegers(group: string, values: readonly string[]): string {
  return `(${group})::pg_catalog.int8 operator(pg_catalog.=) any ('{${values.join(',')}}'::pg_catalog.int8[])`
}

const mostLong = 2n ** 63n

function rangeForm(read: string, { type }: Column, { typname }: SourceColumn, width: bigint): PartitionForm {
  const bits = type === 'bigint' ? 64 : 32
  // An oid is compared as one, and has no order among negative numbers.
  const value = typname === 'oid' ? `${read}::pg_catalog.int8` : read
  const long = `${read}::pg_catalog.int8`
  const at = (number: bigint) => `'${number}'::pg_catalog.int8`
  const quotient = `${long} operator(pg_catalog./) ${at(width)}`
  const isBelow = `${long} operator(pg_catalog.%) ${at(width)} operator(pg_catalog.<) 0`
  // Rounded down: a division drops what is left of a negative number, too.
  const group = `(${quotient} operator(pg_catalog.-) case when ${isBelow} then 1 else 0 end)`
  return {
    column: read,
    group,
    order: value,
    isRange: true,
    valueOf(answer) {
      const start = BigInt(answer as number | bigint) * width
      if (BigInt.asIntN(bits, start) !== start) return undefined
      return bits === 64 ? start : Number(start)
    },
    condition(first, last) {
      if (first === null) return `${read} is null`
      const end = BigInt(last as number | bigint) + width
      const above = `${value} operator(pg_catalog.>=) ${at(BigInt(first as number | bigint))}`
      return end >= mostLong ? above : `${above} and ${value} operator(pg_catalog.<) ${at(end)}`
    },
    among: (values) =>
      amongIntegers(
        group,
        values.map((each) => String(BigInt(each as number | bigint) / width)),
      ),
  }
}

/** Types whose values equal those of the same text, under collations of every kind once they are compared by bytes. */
const isPlainText: ReadonlySet<string> = new Set(['text', 'varchar'])

function valueForm(name: string, read: string, column: Column, source: SourceColumn): PartitionForm {
  const { type } = column
  const expression = columnExpression(name, column, source)
  if (type === 'boolean') return equalForm(read, read, Boolean, (value) => `${value}::pg_catalog.bool`)
  if (type === 'smallint' || type === 'integer' || type === 'bigint') {
    const value = source.typname === 'oid' ? `${read}::pg_catalog.int8` : read
    const parse = (answer: unknown) => (type === 'bigint' ? BigInt(answer as bigint) : Number(answer))
    return equalForm(read, value, parse, (each) => `'${each}'::pg_catalog.int8`)
  }
  const { logical } = column.parquet
  if (logical.kind === 'decimal') {
    const { scale } = logical
    return equalForm(
      read,
      read,
      (answer) => unscaled(String(answer), scale),
      (each) => `'${each}e-${scale}'::pg_catalog.numeric`,
    )
  }
  const text = isPlainText.has(source.typname) ? read : `(${expression})::pg_catalog.text`
  // char(n) is printed padded, and loses that as it becomes text.
  const exact = source.typname === 'bpchar' ? `pg_catalog.textin(pg_catalog.bpcharout(${read}))` : text
  const form = equalForm(read, `${exact} collate pg_catalog."C"`, String, (each) => quoteText(String(each)))
  if (!isPlainText.has(source.typname)) return form
  return {
    ...form,
    // An index is of the column's own collation, in which what is equal by its bytes is equal too.
    condition: (value) =>
      value === null
        ? form.condition(value, value)
        : `${read} operator(pg_catalog.=) ${quoteText(String(value))} and ${form.condition(value, value)}`,
  }
}

function equalForm(
  read: string,
  value: string,
  parse: PartitionForm['valueOf'],
  literal: (value: PartitionValue) => string,
): PartitionForm {
  return {
    column: read,
    group: value,
    order: value,
    isRange: false,
    valueOf: parse,
    condition: (each) =>
      each === null ? `${read} is null` : `${value} operator(pg_catalog.=) ${literal(each)}`,
    among: (values) => `${value} operator(pg_catalog.=) any (array[${values.map(literal).join(', ')}])`,
  }
}

/** @returns undefined: it has more digits after the point, or is no number */
function unscaled(text: string, scale: number): bigint | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  if (whole === '' || fraction.length > scale) return undefined
  return BigInt(`${sign}${whole}${fraction.padEnd(scale, '0')}`)
}
