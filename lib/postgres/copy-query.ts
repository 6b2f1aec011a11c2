/** The statement of a load: the declared columns, each in the wire form its decoder reads. */
import type { Column } from '../columns.ts'
import type { Table } from '../table.ts'
import type { Source } from './describe.ts'
import { quoteName, quoteRelation } from './relation.ts'

/**
 * `copy (select "id", "mood"::text from "public"."currencies" where (…)) to stdout (format binary)`;
 * `limit` for the first rows only.
 */
export function copyQuery(table: Table, source: Source, limit?: number): string {
  const found = new Map(source.columns.map((each) => [each.name, each]))
  const columns = Object.entries(table.columns).map(([name, column]) => {
    const read = column.source ?? name
    const type = found.get(read)
    const { element } = column
    if (element === undefined) {
      return isSentAsDeclared(column, type?.typname ?? '')
        ? quoteName(read)
        : `${quoteName(read)}::${castTarget(column)}`
    }
    const sent = type?.element?.typname ?? ''
    return isSentAsDeclared(element, sent) ? quoteName(read) : `${quoteName(read)}::${castTarget(element)}[]`
  })
  const rows = `select ${columns.join(', ')} from ${quoteRelation(table.source)}${whereClause(table)}`
  return `copy (${rows}${limit === undefined ? '' : ` limit ${limit}`}) to stdout (format binary)`
}

/** The rows of a load without their columns, to ask what it reads before anything is known of it. */
export function rowsQuery(table: Table): string {
  return `select from ${quoteRelation(table.source)}${whereClause(table)}`
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
