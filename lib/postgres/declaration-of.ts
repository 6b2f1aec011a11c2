/** What a script should write for a column of the source, in the vocabulary of lib/table.ts. */
import { hiddenScript } from '../types/hidden.ts'
import { nativeType } from '../types/native.ts'
import { numericScript } from '../types/numeric-modifier.ts'
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

/** Adds the name that the column has in Postgres, where that is another. */
export function renamed(type: string, source: string | undefined): string {
  return source === undefined ? type : `named(${stringLiteral(source)}, ${type})`
}

/** Another type in place of the column's own, under the same name, and as hidden as that is. */
export function typeInstead({ source, protection }: Column, type: string): string {
  return renamed(protection === undefined ? type : hiddenScript(protection, type), source)
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
  return typname === 'numeric' ? numericScript(column) : (nativeType(typname)?.script ?? 'text')
}
