/** What a load reads: its lookups and its table, one like the other. */
import type { Selection } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import type { PlannedQuery } from '../postgres/read-relations.ts'
import type { Relation } from '../postgres/relation.ts'
import { rowsQuery, wholeQueries } from '../postgres/select.ts'
import { ofTenant, tenantRowsAlone } from '../postgres/tenant-rows.ts'

export interface Input {
  readonly selection: Selection
  /** Where it is declared, in words: `scripts/invoices.ts`, `the lookup currency of scripts/invoices.ts`. */
  readonly place: string
  /** Name of the lookup; undefined: it is the table itself. */
  readonly lookup?: string
}

/** The table is the last. @param table as it is declared, or with its tenants' tables */
export function inputsOf(table: Table): Input[] {
  const lookups = Object.entries(table.lookups).map(
    ([lookup, selection]): Input => ({ selection, place: describeLookup(lookup, table), lookup }),
  )
  return [...lookups, { selection: table, place: `scripts/${table.name}.ts` }]
}

export function describeLookup(name: string, table: Table): string {
  return `the lookup ${name} of scripts/${table.name}.ts`
}

/** Those that have a name, of tenants that of each; each once. */
export function relationsOf(inputs: readonly Input[], tenants: readonly string[] = []): Relation[] {
  const relations = inputs.flatMap(({ selection: { source } }): Relation[] => {
    if (source.tenants === undefined) return source.schema === undefined ? [] : [source]
    const { name } = source.tenants
    return tenants.map((schema) => ({ schema, name }))
  })
  return [...new Map(relations.map((each) => [JSON.stringify(each), each])).values()]
}

export function queriesOf(inputs: readonly Input[], tenants: readonly string[] = []): PlannedQuery[] {
  return inputs.map(({ selection, place }) => ({
    name: place,
    sql: rowsQuery(tenantRowsAlone(selection, tenants)),
    // A condition that is whole for one tenant is so for all.
    whole: wholeQueries(oneOf(selection, tenants)),
    isExpression: selection.where !== undefined || selection.source.query !== undefined,
  }))
}

/** For what is of one relation: the first tenant's. */
export function oneOf(selection: Selection, [first]: readonly string[]): Selection {
  const { source } = selection
  return source.tenants === undefined || first === undefined ? selection : ofTenant(selection, source, first)
}
