/** What is said of an Iceberg table: in its own metadata, which engines read, and in Glue, which people do. */
import type { Documentation } from '../../declare/documentation.ts'
import { docsOf, withDocs } from '../../iceberg/document.ts'
import type { TableMetadata, TableVersion } from '../../iceberg/metadata.ts'
import { mergedDocumentation, saidOf } from '../documentation.ts'

/** @param version what the metadata is made of; undefined: nothing */
export function documentedOn(
  version: TableVersion | undefined,
  metadata: TableMetadata,
  ours: Documentation,
): TableMetadata {
  const nothing = { owner: undefined, tags: {} }
  const before = version?.metadata.properties ?? {}
  const merged = mergedDocumentation(before, { ...ours, ...nothing }, { ...docsOf(metadata), ...nothing })
  const documented = withDocs(metadata, merged, version?.metadata.schemas ?? [])
  return { ...documented, properties: { ...documented.properties, ...saidOf(ours) } }
}

/** An earlier state of a table with the words that it has now. */
export function withDocumentationOf(now: TableMetadata, earlier: TableMetadata): TableMetadata {
  return withDocs(earlier, docsOf(now), earlier.schemas)
}
