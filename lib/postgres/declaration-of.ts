/** What a script should write for a column of the source, in the vocabulary of lib/columns.ts. */
import type { Column } from '../columns.ts'
import type { SourceColumn } from './describe.ts'

/** `created_at: nullable(timestamp),` */
export function declarationLine(name: string, type: string, nullable: boolean): string {
  return `${name}: ${nullable ? `nullable(${type})` : type},`
}

/** The expression that made this column, less its `nullable()`: `numeric(18, 6)`. */
export function typeOfColumn({ type }: Column): string {
  return type === 'double precision' ? 'doublePrecision' : type.replace(',', ', ')
}

const native: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  oid: 'oid',
  float4: 'real',
  float8: 'doublePrecision',
  bool: 'boolean',
  uuid: 'uuid',
  json: 'json',
  jsonb: 'jsonb',
  bytea: 'bytea',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
}

/** `text` for a type without a form of its own. */
export function typeOfSource(column: SourceColumn): string {
  return column.typname === 'numeric' ? numericOf(column) : (native[column.typname] ?? 'text')
}

/** For a bare numeric a proposal with room on both sides; a value that does not fit stops the load. */
function numericOf(column: SourceColumn): string {
  const digits = numericDigits(column)
  if (digits === undefined) return 'numeric(38, 9)'
  if (digits.integer + digits.scale > 38) return 'text'
  return `numeric(${Math.max(1, digits.integer + digits.scale)}, ${digits.scale})`
}

/**
 * Digits before and after the point; undefined for a bare numeric. A negative scale rounds before the point,
 * one above the precision leaves zeros after it (PostgreSQL manual, "Arbitrary Precision Numbers").
 */
export function numericDigits({ precision, scale }: SourceColumn) {
  if (precision === undefined || scale === undefined) return undefined
  return { integer: Math.max(0, precision - scale), scale: Math.max(0, scale) }
}
