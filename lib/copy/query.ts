/** The statement of a load: the declared columns of its rows, as a binary COPY. */
import type { Selection } from '../declare/selection.ts'
import { columnExpression, rowsClause } from '../postgres/select.ts'
import type { Source } from '../postgres/source.ts'
import type { Column } from '../types/type.ts'

/**
 * `copy (select "id", "mood"::text from "public"."currencies" where (…)) to stdout (format binary)`;
 * `limit` for the first rows only, `sorted` for an order that depends on nothing but the values.
 */
export function copyQuery(
  selection: Selection,
  source: Pick<Source, 'columns'>,
  { limit, sorted = false }: { readonly limit?: number | undefined; readonly sorted?: boolean } = {},
): string {
  const found = new Map(source.columns.map((each) => [each.name, each]))
  const columns = Object.entries(selection.columns).map(([name, column]) => ({
    column,
    expression: columnExpression(name, column, found.get(column.source ?? name)),
  }))
  const order = sorted ? ` order by ${columns.map(sortExpression).join(', ')}` : ''
  const rows = `select ${columns.map(({ expression }) => expression).join(', ')} ${rowsClause(selection)}${order}`
  return `copy (${rows}${limit === undefined ? '' : ` limit ${limit}`}) to stdout (format binary)`
}

/** A type may have no order, as json: its text has one, the same everywhere. */
function sortExpression({ column, expression }: { column: Column; expression: string }): string {
  return column.values.isSortedByText ? `(${expression})::pg_catalog.text collate pg_catalog."C"` : expression
}
