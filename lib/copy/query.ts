/** The statements of a load: the declared columns of its rows, and those as a binary COPY. */
import type { Selection } from '../declare/selection.ts'
import { columnExpression, rowsClause } from '../postgres/select.ts'
import type { Source } from '../postgres/source.ts'
import type { Column } from '../types/type.ts'

export interface SelectOptions {
  /** For the first rows only. */
  readonly limit?: number | undefined
  /** For an order that depends on nothing but the values. */
  readonly sorted?: boolean
  /** In SQL, what rows come in the order of, nulls last. */
  readonly order?: string
  /** In SQL, which rows to take of those that the selection has. */
  readonly part?: string | undefined
}

/** `copy (select …) to stdout (format binary)` */
export function copyQuery(
  selection: Selection,
  source: Pick<Source, 'columns'>,
  options?: SelectOptions,
): string {
  return copyOf(selectQuery(selection, source, options))
}

export function copyOf(select: string): string {
  return `copy (${select}) to stdout (format binary)`
}

/** `select "id", "mood"::text from "public"."currencies" where (…)` */
export function selectQuery(
  selection: Selection,
  source: Pick<Source, 'columns'>,
  { limit, sorted = false, order: by, part }: SelectOptions = {},
): string {
  const found = new Map(source.columns.map((each) => [each.name, each]))
  const columns = Object.entries(selection.columns).map(([name, column]) => ({
    column,
    expression: columnExpression(name, column, found.get(column.source ?? name)),
  }))
  const keys = sorted ? columns.map(sortExpression) : by === undefined ? [] : [by]
  const order = keys.length === 0 ? '' : ` order by ${keys.join(', ')}`
  const rows = `select ${columns.map(({ expression }) => expression).join(', ')} ${rowsClause(selection, part)}${order}`
  return limit === undefined ? rows : `${rows} limit ${limit}`
}

/** A type may have no order, as json: its text has one, the same everywhere. */
function sortExpression({ column, expression }: { column: Column; expression: string }): string {
  return column.values.isSortedByText ? `(${expression})::pg_catalog.text collate pg_catalog."C"` : expression
}
