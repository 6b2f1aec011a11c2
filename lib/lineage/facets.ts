/** Facets of OpenLineage's events: which form each has (OpenLineage specification, "Facets"), and who says so. */
import packageFile from '../../package.json' with { type: 'json' }

/** A package URL, as there is no page of this version. */
export const producer = `pkg:npm/${packageFile.name}@${packageFile.version}`

/** The form of each facet, by the name that it has in an event. */
const forms = {
  columnLineage: '1-2-0/ColumnLineageDatasetFacet',
  dataSource: '1-0-1/DatasourceDatasetFacet',
  documentation: '1-1-0/DocumentationDatasetFacet',
  errorMessage: '1-0-1/ErrorMessageRunFacet',
  jobType: '2-0-4/JobTypeJobFacet',
  outputStatistics: '1-0-2/OutputStatisticsOutputDatasetFacet',
  ownership: '1-0-1/OwnershipDatasetFacet',
  parent: '1-2-0/ParentRunFacet',
  processing_engine: '1-1-1/ProcessingEngineRunFacet',
  schema: '1-2-0/SchemaDatasetFacet',
  storage: '1-0-1/StorageDatasetFacet',
  symlinks: '1-0-1/SymlinksDatasetFacet',
  tags: '1-0-0/TagsDatasetFacet',
  version: '1-0-1/DatasetVersionDatasetFacet',
} as const satisfies Readonly<Record<string, string>>

export type Facets = Readonly<Record<string, object>>

/** @param contents what each facet says; undefined: nothing */
export function facets(contents: { readonly [Name in keyof typeof forms]?: object | undefined }): Facets {
  return Object.fromEntries(
    Object.entries(forms).flatMap(([name, form]) => {
      const content = contents[name as keyof typeof forms]
      const [, definition] = form.split('/')
      const schema = `https://openlineage.io/spec/facets/${form}.json#/$defs/${definition}`
      return content === undefined ? [] : [[name, { _producer: producer, _schemaURL: schema, ...content }]]
    }),
  )
}
