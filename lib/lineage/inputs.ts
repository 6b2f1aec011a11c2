/** What a load reads, as the inputs of an OpenLineage event. */
import type { SourceName } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import type { Reads } from '../load/events.ts'
import type { Relation } from '../postgres/relation.ts'
import type { Source } from '../postgres/source.ts'
import { type DatasetName, relationName, type Server, serverUrl } from './datasets.ts'
import { type Facets, facets } from './facets.ts'

export interface InputDataset extends DatasetName {
  readonly facets: Facets
}

/** An event has no more; those left out are tables of tenants, one like the other. */
const mostInputs = 1_000

/** The table's source first, each once. @param reads undefined: the source has not been looked at */
export function inputDatasets(server: Server, table: Table, reads: Reads | undefined): InputDataset[] {
  const own = [
    described(table.source, reads?.source),
    ...Object.entries(table.lookups).map(([name, { source }]) => described(source, reads?.lookups[name])),
  ].flatMap((each) => each ?? [])
  const others = (reads?.relations ?? []).map((relation) => ({ relation, source: undefined }))
  const inputs = new Map<string, InputDataset>()
  for (const { relation, source } of [...own, ...others]) {
    const name = relationName(server, relation)
    if (inputs.has(name.name) || inputs.size >= mostInputs) continue
    inputs.set(name.name, { ...name, facets: inputFacets(server, source) })
  }
  return [...inputs.values()]
}

/** @returns undefined: it has no name of its own, as a query, or many, as what tenants have */
function described(
  source: SourceName,
  found: Source | undefined,
): { readonly relation: Relation; readonly source: Source | undefined } | undefined {
  if (source.schema === undefined) return undefined
  return { relation: { schema: source.schema, name: source.name }, source: found }
}

function inputFacets(server: Server, source: Source | undefined): Facets {
  const comments = new Map(Object.entries(source?.comments?.columns ?? {}))
  const fields = source?.columns.map(({ name, type }) => ({ name, type, description: comments.get(name) }))
  const description = source?.comments?.table
  return facets({
    dataSource: {
      name: serverUrl(server),
      uri: `${serverUrl(server)}/${encodeURIComponent(server.database)}`,
    },
    schema: fields && { fields },
    documentation: description === undefined ? undefined : { description },
  })
}
