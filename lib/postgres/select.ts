/** What a load selects: its rows, and the declared columns, each in the wire form its decoder reads. */

import { formatSource, type Selection, type TenantSource } from '../declare/selection.ts'
import type { Column, Type } from '../types/type.ts'
import { quoteName, quoteRelation } from './relation.ts'
import type { SourceColumn } from './source.ts'

/** The rows of a load without their columns, to ask what it reads before anything is known of it. */
export function rowsQuery(selection: Selection): string {
  return `select ${rowsClause(selection)}`
}

/**
 * Queries that can be planned only where the condition, and the query in `from`, are each one whole: of `a) or (b` for a
 * condition, what a slice adds to it would hold for some of the rows. No parenthesis in it can close a bracket.
 */
export function wholeQueries(selection: Selection): string[] {
  const { source, where } = selection
  const from = rowsClause({ ...selection, where: undefined })
  return [
    ...(source.query === undefined ? [] : [`select array[exists(\n${source.query}\n)]`]),
    ...(where === undefined ? [] : [`select array[\n${where}\n] ${from}`]),
  ]
}

/**
 * `from "public"."currencies" where (…)`. Lines of their own for a query: a comment at its end swallows nothing.
 * @param part in SQL, which of the rows; all when absent
 */
export function rowsClause(selection: Selection, part?: string): string {
  const { source, where } = selection
  if (source.schema !== undefined) return `from ${quoteRelation(source)}${whereClause(where, part)}`
  if (source.query !== undefined) return `from (\n${source.query}\n) as source${whereClause(where, part)}`
  return `from (\n${allTenants(source)}\n) as source${whereClause(undefined, part)}`
}

/** Their rows in the order of the tenants: none is sorted, and one process of the server reads them one after the other. */
function allTenants(source: TenantSource): string {
  const { branches = [] } = source
  // A selection of no rows would be read as if all were well.
  if (branches.length === 0) throw new Error(`Nobody has looked for the tenants of ${formatSource(source)}.`)
  return branches.map(({ select }) => select).join('\nunion all\n')
}

/**
 * `"id"`, `"mood"::pg_catalog.text`, or `pg_catalog.textin(pg_catalog.inet_out("address"))` where the type is not sent in
 * the form that the declaration has. Types and functions bear their schema: a source is read under its role's search_path.
 */
export function columnExpression(name: string, column: Column, type: SourceColumn | undefined): string {
  const { element } = column
  const read = quoteName(column.source ?? name)
  if (type !== undefined && isReadAsText(column, type)) return textExpression(read, column, type)
  if (column.values.sentAs.includes(sentType(column, type))) return read
  return `${read}::${castTarget(column.values)}${element === undefined ? '' : '[]'}`
}

/** Whether its values come in the text form of their type, which is not how they are sent by themselves. */
export function isReadAsText(column: Column, type: SourceColumn): boolean {
  const { type: declared, values } = column.element ?? column
  return declared === 'text' && !values.sentAs.includes(sentType(column, type))
}

function sentType({ element }: Column, type: SourceColumn | undefined): string {
  return (element === undefined ? type : type?.element)?.typname ?? ''
}

/**
 * A value in the form that psql and COPY print: that of its type's output function, which a cast to text may differ
 * from. A list of such values goes through the text form of the array, whose elements are printed by that function.
 * @param read what is to be text, or a list of texts
 */
export function textExpression(read: string, { element }: Column, type: SourceColumn): string {
  if (element !== undefined)
    return type.element?.output === undefined
      ? `${read}::pg_catalog.text[]`
      : `${read}::pg_catalog.text::pg_catalog.text[]`
  const { output } = type
  if (output === undefined) return `${read}::pg_catalog.text`
  if (output.startsWith('pg_catalog.')) return `pg_catalog.textin(${output}(${read}))`
  // Needs no right to the schema of the function, and is a little slower. `is null` would be true of a row of nulls.
  return `case when pg_catalog.num_nulls(${read}) = 0 then pg_catalog.format('%s', ${read}) end`
}

/** Parentheses of its own lines: a comment at the condition's end swallows nothing. */
function whereClause(where: string | undefined, part: string | undefined): string {
  const conditions = [
    ...(where === undefined ? [] : [`(\n${where}\n)`]),
    ...(part === undefined ? [] : [part]),
  ]
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
}

/** `numeric` without its modifier: a cast to `numeric(p,s)` would round, and rounding is for nobody to do unseen. */
function castTarget({ sentAs: [typname] }: Type): string {
  return `pg_catalog.${typname}`
}
