/**
 * The vocabulary: each Postgres type and what it is in TypeScript, on the wire, in Parquet and in Athena.
 * Pure data; nothing here reads or writes.
 */

import type { Physical } from '../batch/vector.ts'
import type { Decimal } from '../decimal/decimal.ts'
import { requireType } from './is-column.ts'

/**
 * How a value arrives in a binary COPY, named after the Postgres send function that made it
 * (`bytes` is any that sends its text as it stands). What has no form of its own is cast to text in the query.
 */
export type Wire =
  | 'int2'
  | 'int4'
  | 'int8'
  | 'oid'
  | 'float4'
  | 'float8'
  | 'bool'
  | 'numeric'
  | 'date'
  | 'timestamp'
  | 'uuid'
  | 'jsonb'
  | 'bytes'

export type Logical =
  | { readonly kind: 'none' }
  | { readonly kind: 'string' }
  | { readonly kind: 'date' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly utc: boolean }

export interface ParquetType {
  readonly physical: Physical
  readonly logical: Logical
  /** Bytes of a FIXED_LEN_BYTE_ARRAY value. */
  readonly length?: number
}

declare const value: unique symbol

/** One column as a script declares it. `Value` is what a function of the script sees. */
export interface Column<Value = unknown> {
  /** In Postgres' own words: `integer`, `numeric(18,6)`. */
  readonly type: string
  readonly nullable: boolean
  readonly wire: Wire
  readonly parquet: ParquetType
  /** In Athena's words, which are Hive's: `int`, `decimal(18,6)`. */
  readonly athena: string
  /** Its name in Postgres where the lake has another. */
  readonly source?: string
  /** What becomes of a value that has no place in the lake; without it such a value stops the load. */
  readonly lossy?: 'null' | 'clamp'
  /** Of a one-dimensional array; `wire` and `parquet` are then those of an element. Elements may be null. */
  readonly element?: Column
  /** Names of the Postgres types (`pg_type.typname`) whose every value this column can hold; `any`: by its text. */
  readonly accepts: readonly string[] | 'any'
  readonly [value]?: Value
}

/** A type with values that have no place in the lake: NaN, ±infinity, years outside 0001–9999. */
export interface UnboundedColumn<Value = unknown> extends Column<Value> {
  readonly unbounded: true
}

export type ValueOf<C> = C extends Column<infer Value> ? Value : never

const none = { kind: 'none' } as const
const string = { kind: 'string' } as const

function column<Value>(
  type: string,
  wire: Wire,
  parquet: ParquetType,
  athena: string,
  accepts: Column['accepts'],
): Column<Value> {
  return Object.freeze({ type, nullable: false, wire, parquet: Object.freeze(parquet), athena, accepts })
}

const int32: ParquetType = { physical: 'INT32', logical: none }
const int64: ParquetType = { physical: 'INT64', logical: none }
const utf8: ParquetType = { physical: 'BYTE_ARRAY', logical: string }

function unbounded<Value>(column: Column<Value>): UnboundedColumn<Value> {
  return Object.freeze({ ...column, unbounded: true as const })
}

export const smallint = column<number>('smallint', 'int2', int32, 'int', ['int2'])
export const integer = column<number>('integer', 'int4', int32, 'int', ['int2', 'int4'])
export const bigint = column<bigint>('bigint', 'int8', int64, 'bigint', ['int2', 'int4', 'int8', 'oid'])
export const oid = column<bigint>('oid', 'oid', int64, 'bigint', ['oid'])
export const real = column<number>('real', 'float4', { physical: 'FLOAT', logical: none }, 'float', [
  'float4',
])
export const doublePrecision = column<number>(
  'double precision',
  'float8',
  { physical: 'DOUBLE', logical: none },
  'double',
  ['float4', 'float8'],
)
export const boolean = column<boolean>('boolean', 'bool', { physical: 'BOOLEAN', logical: none }, 'boolean', [
  'bool',
])
/**
 * Any type of Postgres, in the form that its output function gives, as psql and `COPY` print it: a boolean is `t` or
 * `f`, an inet `10.0.0.1` without `/32`, a char(n) padded. (A cast to text may differ.) Elements of an array likewise.
 */
export const text = column<string>('text', 'bytes', utf8, 'string', 'any')
export const uuid = column<string>('uuid', 'uuid', utf8, 'string', ['uuid'])
export const json = column<string>('json', 'bytes', utf8, 'string', ['json', 'jsonb'])
/** Not of a json: the cast drops repeated keys and refuses some escapes. */
export const jsonb = column<string>('jsonb', 'jsonb', utf8, 'string', ['jsonb'])
export const bytea = column<Uint8Array>(
  'bytea',
  'bytes',
  { physical: 'BYTE_ARRAY', logical: none },
  'binary',
  ['bytea'],
)
/** Days since 1970-01-01 in functions. */
export const date = unbounded(
  column<number>('date', 'date', { physical: 'INT32', logical: { kind: 'date' } }, 'date', ['date']),
)
/** Microseconds since 1970-01-01 00:00 in functions. */
export const timestamp = unbounded(
  column<bigint>(
    'timestamp',
    'timestamp',
    { physical: 'INT64', logical: { kind: 'timestamp', utc: false } },
    'timestamp',
    ['timestamp'],
  ),
)
/** Microseconds since 1970-01-01 00:00 UTC in functions. */
export const timestamptz = unbounded(
  column<bigint>(
    'timestamptz',
    'timestamp',
    { physical: 'INT64', logical: { kind: 'timestamp', utc: true } },
    'timestamp',
    ['timestamptz'],
  ),
)

/**
 * Exact decimal of at most 38 digits, `scale` of them after the point; may be wider than the source's.
 * @throws RangeError for a precision or scale Athena has no decimal for
 */
export function numeric(precision: number, scale = 0): UnboundedColumn<Decimal> {
  const sound = Number.isInteger(precision) && Number.isInteger(scale) && precision >= 1 && precision <= 38
  if (!sound || scale < 0 || scale > precision) {
    throw new RangeError(
      `Cannot declare "numeric(${precision}, ${scale})": Athena's decimals have 1 to 38 digits and a scale of 0 to the precision. Declare it as text to keep more.`,
    )
  }
  return unbounded(
    column<Decimal>(
      `numeric(${precision},${scale})`,
      'numeric',
      decimal(precision, scale),
      `decimal(${precision},${scale})`,
      ['numeric'],
    ),
  )
}

/** Smallest storage the Parquet format has for it (LogicalTypes.md, DECIMAL). */
function decimal(precision: number, scale: number): ParquetType {
  const logical = { kind: 'decimal', precision, scale } as const
  if (precision <= 9) return { physical: 'INT32', logical }
  if (precision <= 18) return { physical: 'INT64', logical }
  const length = Math.ceil((precision * Math.log2(10) + 1) / 8)
  return { physical: 'FIXED_LEN_BYTE_ARRAY', length, logical }
}

/** A numeric of any size as Postgres prints it: exact, NaN and infinities included, and no number to Athena. */
export const numericText = column<string>('text', 'bytes', utf8, 'string', ['numeric'])

/**
 * Lets values that have no place in the lake pass all the same: `null` in their stead, or `clamp`ed to the nearest that
 * has one (a NaN has none and stops the load still). Each load reports how many.
 */
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'null'): Column<Value | null>
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'clamp'): Column<Value>
/** `text`: the whole column as Postgres prints it. */
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'text'): Column<string>
export function lossy(of: UnboundedColumn, policy: 'null' | 'clamp' | 'text'): Column {
  requireType('lossy', of)
  if (!('unbounded' in of)) {
    throw new TypeError(
      `Cannot declare "lossy(${(of as Column).type}, …)": every value of it has a place in the lake. Take it as it is.`,
    )
  }
  if (!['null', 'clamp', 'text'].includes(policy)) {
    throw new TypeError(
      `Cannot declare "lossy(${of.type}, …)": ${JSON.stringify(policy)} is no policy. Write 'null', 'clamp' or 'text'.`,
    )
  }
  if (policy === 'text') return column<string>('text', 'bytes', utf8, 'string', of.accepts)
  return Object.freeze({ ...of, nullable: policy === 'null' || of.nullable, lossy: policy })
}

/** A column whose name in Postgres is not one Athena takes, or not the one wanted: `order_id: named('Order Id', integer)`. */
export function named<Value>(source: string, of: Column<Value>): Column<Value> {
  if (typeof source !== 'string' || source === '') {
    throw new TypeError(
      `Cannot declare "named(…)": its first argument is no name. Write the column's name in Postgres first, then its type.`,
    )
  }
  requireType('named', of)
  return Object.freeze({ ...of, source })
}

/** One-dimensional; elements may be null. An array of more dimensions has its place in `text`. */
export function array<Value>(of: Column<Value>): Column<readonly (Value | null)[]> {
  requireType('array', of)
  // Of a lossy element that becomes null there is nothing to refuse.
  if (of.element !== undefined || (of.nullable && of.lossy !== 'null')) {
    throw new TypeError(
      `Cannot declare "array(${of.type})": its elements may be null anyway, and cannot be arrays. Name the elements' plain type.`,
    )
  }
  const { wire, parquet, accepts } = of
  return Object.freeze({
    type: `${of.type}[]`,
    nullable: false,
    wire,
    parquet,
    athena: `array<${of.athena}>`,
    accepts,
    element: of,
  })
}

export function nullable<Value>(of: Column<Value>): Column<Value | null> {
  requireType('nullable', of)
  return Object.freeze({ ...of, nullable: true }) as Column<Value | null>
}
