/** How a table is partitioned: `partitionBy: day('created_at')`. In Iceberg's words, as plain data. */
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import { refuseHidden } from './hidden-columns.ts'
import { describeNearest } from './nearest.ts'
import { describeValue } from './options.ts'
import type { Columns } from './selection.ts'

/** What makes a partition's value of a column's. */
export type Transform = 'day' | 'month' | 'year' | 'identity' | `truncate[${number}]`

/** Rows whose column is null are a partition of their own. */
export interface PartitionBy<Name extends string = string, T extends Transform = Transform> {
  /** In the lake's name; one that is read. */
  readonly column: Name
  readonly transform: T
}

/** By the day of a date or a timestamp; of a timestamptz, by the day in UTC. */
export function day<const Name extends string>(column: Name): PartitionBy<Name, 'day'> {
  return made(column, 'day')
}

/** By the month of a date or a timestamp; of a timestamptz, by the month in UTC. */
export function month<const Name extends string>(column: Name): PartitionBy<Name, 'month'> {
  return made(column, 'month')
}

/** By the year of a date or a timestamp; of a timestamptz, by the year in UTC. */
export function year<const Name extends string>(column: Name): PartitionBy<Name, 'year'> {
  return made(column, 'year')
}

/**
 * By ranges of an integer: `ranges('id', 1_000_000)` has one from 0 to 999999, one from 1000000, and so on below 0.
 * @throws DeclarationError for a width that is no whole number of 1 or more
 */
export function ranges<const Name extends string>(
  column: Name,
  width: number,
): PartitionBy<Name, `truncate[${number}]`> {
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new DeclarationError(
      `ranges('${column}', …)`,
      `its width is ${describeValue(width)}`,
      "Write a whole number of 1 or more, as in ranges('id', 1_000_000).",
    )
  }
  return made(column, `truncate[${width}]`)
}

/** By the value itself, of a column that has few: each is a partition. */
export function value<const Name extends string>(column: Name): PartitionBy<Name, 'identity'> {
  return made(column, 'identity')
}

function made<Name extends string, T extends Transform>(column: Name, transform: T): PartitionBy<Name, T> {
  return Object.freeze({ column, transform })
}

/** Names of columns whose values are of a kind, null or not. */
export type NamesOf<C extends Columns, Value> = {
  [Name in keyof C & string]: C[Name] extends Column<Value | null> ? Name : never
}[keyof C & string]

/** What a table of these columns may be partitioned by, as far as the compiler sees it. */
export type PartitionOf<C extends Columns> =
  | PartitionBy<NamesOf<C, number | bigint>, 'day' | 'month' | 'year' | `truncate[${number}]`>
  | PartitionBy<keyof C & string, 'identity'>

/** By transform: what a column may be, and how that is said. */
const kinds: Readonly<Record<string, { readonly words: string; readonly types: readonly string[] }>> = {
  calendar: { words: 'a date or a timestamp', types: ['date', 'timestamp', 'timestamptz'] },
  range: { words: 'a smallint, integer or bigint', types: ['smallint', 'integer', 'bigint'] },
  value: {
    words: 'text, an integer, a numeric, a boolean, a date, a uuid or another short text',
    types: [
      ...['text', 'smallint', 'integer', 'bigint', 'boolean', 'date', 'uuid'],
      ...['time', 'timetz', 'macaddr', 'macaddr8', 'numeric'],
    ],
  },
}

/**
 * @param columns those that are read
 * @param internal those of them that the lake does not have
 * @throws DeclarationError for what no partitions can be made of
 */
export function requirePartition(
  table: string,
  by: unknown,
  columns: Columns,
  internal: readonly string[],
): PartitionBy {
  if (!isPartitionBy(by)) {
    throw new DeclarationError(
      table,
      `its partitionBy is ${describeValue(by)}, which says no partition`,
      "Write day('created_at'), month(…), year(…), ranges('id', 1_000_000) or value('kind').",
    )
  }
  const { column: name, transform } = by
  const column = columns[name]
  if (column === undefined || !Object.hasOwn(columns, name)) {
    const near = describeNearest(name, Object.keys(columns))
    throw new DeclarationError(
      table,
      `it is partitioned by ${name}, which is no column that it reads${near}`,
      'Name one of its columns; a derived one is known too late.',
    )
  }
  if (internal.includes(name)) {
    throw new DeclarationError(
      table,
      `it is partitioned by ${name}, which is internal`,
      'Leave it out of internal: readers find partitions by it.',
    )
  }
  if (column.lossy !== undefined) {
    throw new DeclarationError(
      table,
      `it is partitioned by ${name}, whose values may be changed by lossy()`,
      'Declare it without lossy(), or leave the rows that have no place out by a where.',
    )
  }
  refuseHidden(table, 'it is partitioned by', name, column)
  const { words, types } = kinds[kindOf(transform)]!
  const type = column.element === undefined ? typeOf(column) : 'array'
  if (!types.includes(type)) {
    throw new DeclarationError(
      table,
      `it is partitioned by ${callOf(by)}, and ${name} is ${column.script}`,
      `Take ${words}.`,
    )
  }
  return by
}

function isPartitionBy(by: unknown): by is PartitionBy {
  if (typeof by !== 'object' || by === null || !Object.isFrozen(by)) return false
  const { column, transform } = by as Partial<Record<keyof PartitionBy, unknown>>
  return (
    typeof column === 'string' &&
    typeof transform === 'string' &&
    /^(?:day|month|year|identity|truncate\[\d+\])$/.test(transform)
  )
}

function kindOf(transform: Transform): string {
  if (transform === 'identity') return 'value'
  return transform.startsWith('truncate') ? 'range' : 'calendar'
}

/** Without digits: `numeric` of `numeric(14,2)`. */
function typeOf({ type }: Column): string {
  return type.replace(/\(.*$/, '')
}

/** What a script writes: `day('created_at')`. */
export function callOf({ column, transform }: PartitionBy): string {
  const [, width] = /^truncate\[(\d+)\]$/.exec(transform) ?? []
  if (width !== undefined) return `ranges('${column}', ${width})`
  return `${transform === 'identity' ? 'value' : transform}('${column}')`
}
