/** A value that has no place in its column: which it is, in which row, and the line that gives it one. */

import type { Columns, SourceName } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import { quoteName, quoteRelation } from '../postgres/relation.ts'
import { wideLine } from '../postgres/wide-line.ts'
import { describeField } from '../types/field.ts'
import type { Column } from '../types/type.ts'
import { describeStream, everyPart, keyOf, type Part, tenantOf, type WireRow } from './row-identity.ts'

export interface ReadTable {
  readonly name: string
  readonly columns: Columns
  /** Where it is read from, for a query that finds such rows. */
  readonly source?: SourceName
  /** Columns of the source's primary key. */
  readonly primaryKey?: readonly string[]
  /** Which of the rows there; all when absent. */
  readonly slice?: Part
}

/** @param at the column's place among the fields of the row */
export function outOfRange(table: ReadTable, row: WireRow, at: number): Failure {
  const name = Object.keys(table.columns)[at] ?? ''
  const column = Object.values(table.columns)[at]!
  const offset = row.offsets[row.first + at] ?? -1
  const key = keyOf(table.columns, table.primaryKey ?? [], row)
  const tenant = tenantOf(table.columns, table.source ?? {}, row)
  const where =
    key === undefined
      ? `row ${row.number} of ${describeStream(table.slice ?? everyPart)}${tenant === undefined ? '' : `, of ${tenant},`}`
      : `the row with ${key}`
  const query = key === undefined ? findingQuery(table, tenant, name, column, offset < 0) : undefined
  const find = query === undefined ? 'C' : `Find such rows with: ${query}; then c`
  const value = offset < 0 ? 'null' : describeField(column, row.wire, offset)
  return new Failure({
    exit: 3,
    act: 'read',
    thing: `${table.name}.${name}`,
    reason:
      offset < 0
        ? `${where} has null where ${column.type} NOT NULL is declared`
        : `the value ${value} in ${where} does not fit ${column.type}`,
    advice: `${find}orrect the value, or write in scripts/${table.name}.ts: ${wideLine(name, column, row.wire, offset)}`,
  })
}

/** `select * from …`, of all such rows; undefined where no condition tells them. */
function findingQuery(
  { source }: ReadTable,
  tenant: string | undefined,
  name: string,
  column: Column,
  isNull: boolean,
): string | undefined {
  const read = quoteName(column.source ?? name)
  const condition = isNull ? `${read} is null` : conditionOf(column, read)
  if (source === undefined || condition === undefined) return undefined
  return `select * from ${findingFrom(source, tenant)} where ${condition}`
}

function findingFrom(source: SourceName, tenant: string | undefined): string {
  if (source.schema !== undefined) return quoteRelation(source)
  return source.tenants === undefined || tenant === undefined
    ? '(the query in from) as source'
    : quoteRelation({ schema: tenant, name: source.tenants.name })
}

function conditionOf(column: Column, read: string): string | undefined {
  const { element } = column
  if (element === undefined) return column.values.outside?.(read, column)
  const inside = element.values.outside?.('each', element)
  const dimensions = `array_ndims(${read}) > 1`
  return inside === undefined
    ? dimensions
    : `${dimensions} or exists (select from unnest(${read}) as each where ${inside})`
}
