/** The statement of a load: the declared columns, each in the wire form its decoder reads. */
import type { Column } from '../columns.ts'
import type { Table } from '../table.ts'
import type { Source, SourceColumn } from './describe.ts'
import { quoteName, quoteRelation } from './relation.ts'

/**
 * `copy (select "id", "mood"::text from "public"."currencies" where (…)) to stdout (format binary)`;
 * `limit` for the first rows only.
 */
export function copyQuery(table: Table, source: Source, limit?: number): string {
  const found = new Map(source.columns.map((each) => [each.name, each]))
  const columns = Object.entries(table.columns).map(([name, column]) =>
    columnExpression(name, column, found.get(column.source ?? name)),
  )
  const rows = `select ${columns.join(', ')} from ${quoteRelation(table.source)}${whereClause(table)}`
  return `copy (${rows}${limit === undefined ? '' : ` limit ${limit}`}) to stdout (format binary)`
}

/** The rows of a load without their columns, to ask what it reads before anything is known of it. */
export function rowsQuery(table: Table): string {
  return `select from ${quoteRelation(table.source)}${whereClause(table)}`
}

/** `"id"`, or `"mood"::text` where the type is not sent in the form that the declaration has. */
export function columnExpression(name: string, column: Column, type: SourceColumn | undefined): string {
  const { element } = column
  const read = quoteName(column.source ?? name)
  const sent = (element === undefined ? type : type?.element)?.typname ?? ''
  if (isSentAsDeclared(element ?? column, sent)) return read
  return element === undefined ? `${read}::${castTarget(column)}` : `${read}::${castTarget(element)}[]`
}

/** Parentheses of its own lines: a comment at the condition's end swallows nothing. */
export function whereClause({ where }: Table): string {
  return where === undefined ? '' : ` where (\n${where}\n)`
}

/**
 * Types whose binary form is their text. char(n) is one: a cast would strip the padding that belongs to it.
 * xml is not: its binary form may differ from its text by the declaration of an encoding.
 */
const sentAsText = new Set(['text', 'varchar', 'bpchar', 'name', 'json'])

function isSentAsDeclared({ type, wire }: Column, typname: string): boolean {
  if (wire === 'bytes')
    return type === 'bytea'
      ? typname === 'bytea'
      : type === typname || (type === 'text' && sentAsText.has(typname))
  if (wire === 'timestamp') return typname === type
  return typname === wire
}

/** `numeric` without its modifier: a cast to `numeric(p,s)` would round, and rounding is for nobody to do unseen. */
function castTarget({ type, wire }: Column): string {
  return wire === 'numeric' ? 'numeric' : type
}
