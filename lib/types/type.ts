/**
 * The contract of a type: all that Dracula knows of one of Postgres' own, and the column that a script declares of it.
 *
 * I want to…                                   → file
 * add a type of Postgres                       → one file like uuid.ts, one export in types.ts, one test
 * know which type reads a `pg_type.typname`    → native.ts
 * wrap a type: null, name, policy, list        → wrap.ts, lossy.ts, array.ts
 * hide values of a type                        → hashed.ts, masked.ts, hidden.ts, hash-key.ts
 * decode a column of a COPY                    → decoder.ts, list-decoder.ts
 * know which bytes are no value at all         → list-form.ts, and `malformed` of each type
 * read a field as a value, or tell it in words → field.ts, list-values.ts
 * append a value that a function gave          → append.ts, given.ts
 * see where dates and timestamps begin and end → calendar.ts, bounded.ts
 * share code between types of one form         → words.ts, bytes.ts, wire.ts
 */
import type { Physical, Vector } from '../batch/vector.ts'
import type { HashKey } from './hash-key.ts'
import type { KeyBytes } from './key-bytes.ts'

/** What a file says of a column's values (Parquet format, LogicalTypes.md). */
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

/** What can be measured of a column's values depends on this. */
export type Kind =
  | 'integer'
  | 'decimal'
  | 'real'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'text'
  | 'json'
  | 'binary'
  | 'hidden'

/**
 * Appends a column's fields of many rows to its vector. `offsets` say where fields begin in `wire`, −1 for null; a field's
 * length is in the 4 bytes before it. `at` is the column's place among `stride` fields a row.
 * @returns −1, or the first row whose value has no place in the column
 */
export type Decode = (
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
) => number

/** @returns −1, or the first row whose field, of any length, is no value of the type; parameters as {@link Decode} has them */
export type FindMalformed = (
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
) => number

/** `offset` is where the field begins, after its length. @throws RangeError for a value that does not fit the column */
export type ReadValue = (wire: Uint8Array, offset: number) => unknown

/** Appends one value that is not null, without its levels. @returns why it does not fit, and then appends nothing */
export type AppendValue = (vector: Vector, value: unknown) => string | undefined

/** How rows of a lookup are found by a value; equal values are equal bytes on the wire. */
export interface KeyForm {
  /** What a script has to ask with: `a number`. */
  readonly words: string
  readonly takes: (value: unknown) => boolean
  /** Writes a value behind those before it, as the wire has it. @returns false for what no row can have */
  readonly put: (key: KeyBytes, value: unknown) => boolean
  /** The value is a number, and the 32-bit word that the wire has for it. */
  readonly isWord?: true
}

/** −1: the value lies below all that have a place in the lake, 1: above; 0: it has one; 2: it has none, nor a nearest. */
export type Side = -1 | 0 | 1 | 2

/** Values that have no place in the lake. */
export interface Bounds {
  readonly side: (wire: Uint8Array, offset: number) => Side
  /** Makes the value the nearest that has a place, where it lies. */
  readonly clamp: (wire: Uint8Array, offset: number, side: -1 | 1) => void
}

/** One object a type. Its functions know all columns of it; what a declaration adds, as digits, they ask of the column. */
export interface Type {
  /**
   * Names of the Postgres types (`pg_type.typname`) that are sent in the form `decoder` reads. What is of another type is
   * cast to the first of them in the query.
   */
  readonly sentAs: readonly [string, ...string[]]
  /** Bytes of every value on the wire; 0: they differ. */
  readonly width: number
  readonly kind: Kind

  /** Absent: all bytes of its width are a value. Everything below sees none but values. */
  readonly malformed?: FindMalformed
  /** From a binary COPY to a file: a loop of its own, so that it stays small and sees values of one form only. */
  readonly decoder: (column: Column, key?: HashKey) => Decode
  /** From a binary COPY to functions of a script. */
  readonly reader: (column: Column) => ReadValue
  /** From a function of a script to a file. */
  readonly appender: (column: Column, key?: HashKey) => AppendValue
  /** From a binary COPY to a message, as Postgres prints it. */
  readonly describe: (wire: Uint8Array, offset: number) => string

  /** Absent: no lookup has it as a key. */
  readonly key?: KeyForm
  /** Whether its bytes are a number that tells the latest of a lookup's rows. */
  readonly order?: 'signed' | 'unsigned'
  /** Absent: every value has a place in the lake. */
  readonly bounds?: Bounds
  /** A value that a function has may be changed by it, so that the next one needs another. */
  readonly isChangeable?: true
  /** The type may have no order, or one that depends on the database: rows are sorted by its text. */
  readonly isSortedByText?: true

  /** SQL for `read`, of type `typname`, as the file has it: with what a lossy column lets pass already let pass. */
  readonly inLake?: (read: string, column: Column, typname: string) => string
  /** SQL that is true of the values that the column has no place for. */
  readonly outside?: (value: string, column: Column) => string
  /** A column like it that has a place for the values at these offsets too; undefined where there is none. */
  readonly widened?: (column: Column, wire: Uint8Array, offsets: readonly number[]) => Column | undefined
  /** The type, in a script's words, that takes all values there can be, where that is not `text`. */
  readonly widest?: string
}

/** How a column's values are hidden. */
export interface Protection {
  readonly by: 'hashed' | 'masked'
  /** What a script writes behind the type: `, { keepLast: 4 }`. */
  readonly after: string
}

declare const value: unique symbol

/** One column as a script declares it. `Value` is what a function of the script sees. */
export interface Column<Value = unknown> {
  /** In Postgres' own words: `integer`, `numeric(18,6)`. */
  readonly type: string
  /** The same in a script's words: `doublePrecision`, `numeric(18, 6)`. */
  readonly script: string
  /** What is known of its values; of its elements for an array. */
  readonly values: Type
  readonly nullable: boolean
  /** The type in Parquet; an array has that of its elements. */
  readonly parquet: ParquetType
  /** In Athena's words, which are Hive's: `int`, `decimal(18,6)`. */
  readonly athena: string
  /** Its name in Postgres where the lake has another. */
  readonly source?: string
  /** What becomes of a value that has no place in the lake; without it such a value stops the load. */
  readonly lossy?: 'null' | 'clamp'
  /** Values reach functions alone: the lake has others in their place, messages and records have none. */
  readonly protection?: Protection
  /** The column of an element, if this is a one-dimensional array. Elements may be null. */
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

type Declared = Pick<Column, 'type' | 'values' | 'parquet' | 'athena' | 'accepts'> & {
  readonly script?: string
}

/** A column that is NOT NULL; a script writes its type as Postgres does, unless told otherwise. */
export function column<Value>({ parquet, ...declared }: Declared): Column<Value> {
  return Object.freeze({
    script: declared.type,
    ...declared,
    nullable: false,
    parquet: Object.freeze(parquet),
  })
}

/** Makes a {@link column} of a type some of whose values have no place in the lake. */
export function unboundedColumn<Value>(declared: Declared): UnboundedColumn<Value> {
  return Object.freeze({ ...column<Value>(declared), unbounded: true as const })
}
