/** What a load reads: its lookups and its table, one like the other. */
import type { Selection } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import type { PlannedQuery } from '../postgres/read-relations.ts'
import type { Relation } from '../postgres/relation.ts'
import { rowsQuery, wholeQueries } from '../postgres/select.ts'

export interface Input {
  readonly selection: Selection
  /** Where it is declared, in words: `scripts/invoices.ts`, `the lookup currency of scripts/invoices.ts`. */
  readonly place: string
  /** Name of the lookup; undefined: it is the table itself. */
  readonly lookup?: string
}

/** The table is the last. */
export function inputsOf(table: Table): Input[] {
  const lookups = Object.entries(table.lookups).map(
    ([lookup, selection]): Input => ({ selection, place: describeLookup(lookup, table), lookup }),
  )
  return [...lookups, { selection: table, place: `scripts/${table.name}.ts` }]
}

export function describeLookup(name: string, table: Table): string {
  return `the lookup ${name} of scripts/${table.name}.ts`
}

/** Those that have a name; each once. */
export function relationsOf(inputs: readonly Input[]): Relation[] {
  const relations = inputs.flatMap(({ selection: { source } }) =>
    source.query === undefined ? [source] : [],
  )
  return [...new Map(relations.map((each) => [JSON.stringify(each), each])).values()]
}

export function queriesOf(inputs: readonly Input[]): PlannedQuery[] {
  return inputs.map(({ selection, place }) => ({
    name: place,
    sql: rowsQuery(selection),
    whole: wholeQueries(selection),
    isExpression: selection.where !== undefined || selection.source.query !== undefined,
  }))
}
