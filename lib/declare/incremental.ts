/** How a load finds the partitions that have changed since the one before it. */
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import { refuseHidden } from './hidden-columns.ts'
import { describeNearest } from './nearest.ts'
import { aString, checkedByItself, describeValue, type OptionsOf, requireOptions } from './options.ts'
import type { Columns } from './selection.ts'

/** A time: `90s`, `30m`, `2h`, `1d`. */
export type Time = `${number}${'s' | 'm' | 'h' | 'd'}`

export interface IncrementalOptions<Changed extends string, Key extends string> {
  /**
   * A date or a timestamp of each row's last change. A partition is read again once one of its rows has changed since the
   * load before.
   */
  readonly changed: Changed
  /**
   * How much earlier than the load before a change may be dated that it did not see: the longest transaction that writes,
   * what clocks that set `changed` are slow by, and how far a subscription is behind that fills the table.
   */
  readonly overlap: Time
  /**
   * What tells one row from another, as the primary key: an integer, a uuid or a text, and a column of the lake. A
   * partition is read again whose count, sum and hash of keys are not what they were: rows that came late, moved or are gone.
   */
  readonly key: Key
  /**
   * When keys are compared; `always` when absent. `every('1d')`: where even that is dear. Until then rows that were deleted are
   * still there, and one that moved to another partition is in both.
   */
  readonly reconcile?: 'always' | Every
  /** Said by a table with lookups: a change in what they read makes no partition be read again. */
  readonly staleLookups?: 'accepted'
}

export interface Every {
  readonly everyMs: number
}

export interface Incremental {
  readonly changed: string
  readonly overlapMs: number
  readonly key: string
  readonly reconcile: 'always' | Every
  readonly staleLookups: 'accepted' | undefined
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * For `reconcile`: no more often than this.
 * @throws DeclarationError for what is no time
 */
export function every(time: Time): Every {
  return Object.freeze({ everyMs: milliseconds(`every('${time}')`, 'its time', time) })
}

const known: Pick<OptionsOf<IncrementalOptions<string, string>>, 'required' | 'requirements'> = {
  required: ['changed', 'overlap', 'key'],
  requirements: {
    changed: aString,
    overlap: checkedByItself,
    key: aString,
    reconcile: checkedByItself,
    staleLookups: checkedByItself,
  },
}

const changedTypes = ['date', 'timestamp', 'timestamptz']
const keyTypes = ['smallint', 'integer', 'bigint', 'uuid', 'text']

export interface IncrementalOf {
  /** Those that are read. */
  readonly columns: Columns
  readonly internal: readonly string[]
  readonly hasLookups: boolean
}

/** @throws DeclarationError for what changes cannot be found by */
export function declaredIncremental(
  table: string,
  given: unknown,
  { columns, internal, hasLookups }: IncrementalOf,
): Incremental {
  requireOptions<IncrementalOptions<string, string>>([given], {
    ...{ thing: table, place: 'incremental', ...known },
  })
  const {
    changed,
    overlap,
    key,
    reconcile = 'always',
    staleLookups,
  } = given as IncrementalOptions<string, string>
  const wordsOfChanged = 'a date, timestamp or timestamptz'
  requireTyped(table, 'changed', changed, columns, changedTypes, wordsOfChanged)
  const keyColumn = requireTyped(table, 'key', key, columns, keyTypes, 'an integer, uuid or text')
  refuseHidden(table, 'its key is', key, keyColumn)
  const { lossy } = keyColumn
  if (internal.includes(key) || lossy !== undefined) {
    throw new DeclarationError(
      table,
      `its key ${key} is ${lossy === undefined ? 'internal' : 'lossy'}`,
      'Keys are compared in the lake too: take a column that it has, as it is in Postgres.',
    )
  }
  if (reconcile !== 'always' && !isEvery(reconcile)) {
    throw new DeclarationError(
      table,
      `its reconcile is ${describeValue(reconcile)}`,
      "Write reconcile: 'always' or reconcile: every('1d').",
    )
  }
  if (staleLookups !== undefined && staleLookups !== 'accepted') {
    throw new DeclarationError(
      table,
      `its staleLookups is ${describeValue(staleLookups)}`,
      "Write staleLookups: 'accepted', or leave it out.",
    )
  }
  if (hasLookups && staleLookups === undefined) {
    throw new DeclarationError(
      table,
      'it is incremental and has lookups: rows of partitions that are not read again keep what was found before',
      "Write staleLookups: 'accepted' into incremental where that is right; --full reads all again.",
    )
  }
  const overlapMs = milliseconds(table, 'its overlap', overlap)
  return Object.freeze({ changed, overlapMs, key, reconcile, staleLookups })
}

function requireTyped(
  table: string,
  option: string,
  name: string,
  columns: Columns,
  types: readonly string[],
  words: string,
): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (column === undefined) {
    const near = describeNearest(name, Object.keys(columns))
    throw new DeclarationError(
      table,
      `its ${option} ${name} is no column that it reads${near}`,
      'Declare it under columns; what only functions need may be internal.',
    )
  }
  if (column.element !== undefined || !types.includes(column.type)) {
    throw new DeclarationError(table, `its ${option} ${name} is ${column.script}`, `Take ${words}.`)
  }
  return column
}

function isEvery(value: unknown): value is Every {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'everyMs') === 'number'
}

/** @param what is a time, for the message @throws DeclarationError for what is none */
export function milliseconds(thing: string, what: string, time: unknown): number {
  const [, number, unit = ''] = (typeof time === 'string' && /^(\d+(?:\.\d+)?)([smhd])$/.exec(time)) || []
  const ms = Math.round(Number(number) * (unitMs[unit] ?? 0))
  if (number !== undefined && Number.isSafeInteger(ms)) return ms
  throw new DeclarationError(
    thing,
    `${what} is ${describeValue(time)}`,
    "Write a time, as '90s', '30m', '2h' or '1d'.",
  )
}
