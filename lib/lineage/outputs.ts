/** What a load publishes, as the output of an OpenLineage event. */
import type { Config } from '../config/config.ts'
import { columnComment, tableComment } from '../declare/documentation.ts'
import type { Table } from '../declare/table.ts'
import type { CatalogPlace } from '../lake/catalog-place.ts'
import type { LoadFacts } from '../lake/facts.ts'
import { columnLineage } from './column-lineage.ts'
import { type DatasetName, glueName, objectsName } from './datasets.ts'
import { type Facets, facets } from './facets.ts'

export interface OutputDataset extends DatasetName {
  readonly facets: Facets
  readonly outputFacets?: Facets
}

export interface Publishing {
  readonly table: Table
  readonly config: Config
  /** undefined: it is not known yet where the catalog is. */
  readonly catalog: CatalogPlace | undefined
  /** undefined: nothing is written yet. */
  readonly facts: LoadFacts | undefined
  /** Whether readers see it. */
  readonly published: boolean
}

/** The table of Glue, with its folder in S3 as another name of it; where Glue does not say whose it is, the folder. */
export function outputDataset({ table, config, catalog, facts, published }: Publishing): OutputDataset {
  const objects = objectsName(config.lake, table.name)
  const glue = glueName(config.lake, table.name, catalog)
  const { comment, owner, columns, tags } = facts?.documentation ?? declared(table)
  const comments = new Map(Object.entries(columns))
  const fields = Object.entries(table.output).map(([name, { athena }]) => ({
    ...{ name, type: athena, description: comments.get(name) },
  }))
  const { namespace } = glue ?? objects
  const known = facets({
    dataSource: { name: namespace, uri: namespace },
    schema: { fields },
    columnLineage: columnLineage(config.database, table, facts?.source.tenants ?? []),
    symlinks: glue && { identifiers: [{ ...objects, type: 'LOCATION' }] },
    storage: table.format === 'iceberg' ? { storageLayer: 'iceberg', fileFormat: 'parquet' } : undefined,
    documentation: comment === undefined ? undefined : { description: comment },
    ownership: owner === undefined ? undefined : { owners: [{ name: owner, type: 'OWNER' }] },
    tags: tagsOf(tags),
    version: published && facts !== undefined ? { datasetVersion: facts.load } : undefined,
  })
  if (!published || facts === undefined) return { ...(glue ?? objects), facets: known }
  const { rows: rowCount, bytes: size, files } = facts
  const outputFacets = facets({ outputStatistics: { rowCount, size, fileCount: files.length } })
  return { ...(glue ?? objects), facets: known, outputFacets }
}

/** What options say; what stands in comments is known once the script is read. */
function declared({ comment, owner, comments, tags }: Table) {
  const columns = Object.entries(comments).flatMap(([name, text]) => {
    const line = columnComment(text)
    return line === undefined ? [] : [[name, line]]
  })
  return { comment: tableComment(comment), owner, columns: Object.fromEntries(columns), tags }
}

function tagsOf(tags: Readonly<Record<string, string>>): object | undefined {
  const list = Object.entries(tags).map(([key, value]) => ({ key, value, source: 'USER' }))
  return list.length === 0 ? undefined : { tags: list }
}
