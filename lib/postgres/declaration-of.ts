/** What a script should write for a column of the source, in the vocabulary of lib/table.ts. */
import { nativeType } from '../types/native.ts'
import type { Column } from '../types/type.ts'
import type { SourceColumn } from './source.ts'

/** `created_at: nullable(timestamp),` */
export function declarationLine(name: string, type: string, nullable: boolean): string {
  return `${name}: ${nullable ? `nullable(${type})` : type},`
}

/** The expression that made this column, less its `nullable()`: `numeric(18, 6)`. */
export function typeOfColumn({ script, element, lossy, source }: Column): string {
  const written = element === undefined ? script : `array(${typeOfColumn(element)})`
  return renamed(
    lossy === undefined || element !== undefined ? written : `lossy(${written}, '${lossy}')`,
    source,
  )
}

/** With the name it has in Postgres, where that is another. */
export function renamed(type: string, source: string | undefined): string {
  return source === undefined ? type : `named(${stringLiteral(source)}, ${type})`
}

/** A name as it stands in `ignore`, formatted as scripts are: `'updated_at'`. */
export function ignoreEntry(name: string): string {
  const literal = stringLiteral(name)
  return /['\\]/.test(literal) ? literal : `'${literal.slice(1, -1)}'`
}

/** What a reader, or a linter, would take for something else is escaped: ends of lines, turned writing, placeholders. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029\u202a-\u202e\u2066-\u2069]|\$(?=\{)/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `text` for a type without a form of its own. */
export function typeOfSource(column: SourceColumn): string {
  const { element } = column
  return element === undefined
    ? valueType(column.typname, column)
    : `array(${valueType(element.typname, column)})`
}

function valueType(typname: string, column: SourceColumn): string {
  return typname === 'numeric' ? numericOf(column) : (nativeType(typname)?.script ?? 'text')
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
