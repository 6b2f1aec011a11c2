/** The next version of a table's metadata as an object: what a catalog points at once it is published. */
import type { TableMetadata, TableVersion } from './metadata.ts'
import { formatMetadata } from './metadata-json.ts'
import type { NewObject } from './read-object.ts'

export interface MetadataFile extends NewObject, TableVersion {}

/** Earlier files that metadata names at the most (Iceberg's `write.metadata.previous-versions-max`). */
const loggedFiles = 100

/**
 * @param previous what the metadata was made of; undefined for a table that is not there yet
 * @param folder where it goes, without a slash at its end
 * @returns the file to write, under a name that no other has; nobody sees it before the catalog is told
 */
export function metadataFile(
  metadata: TableMetadata,
  previous: TableVersion | undefined,
  folder = `${metadata.location}/metadata`,
): MetadataFile {
  const version = previous === undefined ? 0 : versionOf(previous.file) + 1
  const file = `${folder}/${String(version).padStart(5, '0')}-${crypto.randomUUID()}.metadata.json`
  const log = metadata['metadata-log'] ?? []
  const added = previous && {
    'timestamp-ms': previous.metadata['last-updated-ms'],
    'metadata-file': previous.file,
  }
  const logged = { ...metadata, 'metadata-log': added ? [...log, added].slice(-loggedFiles) : log }
  return { file, path: file, metadata: logged, bytes: new TextEncoder().encode(formatMetadata(logged)) }
}

/** `00012-….metadata.json`, or `v12.metadata.json` of a table that others made. */
function versionOf(file: string): number {
  return Number(/^v?(\d+)/.exec(file.slice(file.lastIndexOf('/') + 1))?.[1] ?? 0)
}

/**
 * The same state of a table as another table's, at a location of its own: who looks for what nobody needs, as orphan
 * removal does, finds nothing of the first there.
 */
export function copyOfTable(metadata: TableMetadata, location: string): TableMetadata {
  return { ...metadata, location, 'table-uuid': crypto.randomUUID(), 'metadata-log': [] }
}
