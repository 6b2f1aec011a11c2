/** Snapshots that nobody is to read any more, and the objects that only they reach (Iceberg specification, "Snapshot Retention Policy"). */
import { inParallel } from '../concurrency/in-parallel.ts'
import { type Entry, readFileNames } from './manifest.ts'
import { type ManifestFile, readManifestList } from './manifest-list.ts'
import { nextUpdate, type Snapshot, schemasOf, specById, type TableMetadata } from './metadata.ts'
import { bindFields } from './partition.ts'
import { mayHold } from './prune.ts'
import type { ReadObject } from './read-object.ts'

export interface ExpireOptions {
  /** Which stay; the current one does, and what a branch or a tag names. */
  readonly keep: (snapshot: Snapshot) => boolean
  readonly read: ReadObject
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Expired {
  /** The same where nothing expires. */
  readonly metadata: TableMetadata
  readonly snapshots: readonly Snapshot[]
  /**
   * Paths that no snapshot which stays reaches: files, manifests, lists, old metadata. To be removed once the metadata is
   * published and queries that began before have ended.
   */
  readonly unreachable: readonly string[]
}

const readsAtOnce = 16

/**
 * @param read must find what the snapshots that stay consist of; what is gone of the others has been removed before
 * @throws Failure (4) where a manifest of a snapshot that stays is gone or broken; and what `read` throws
 */
export async function expireSnapshots(
  metadata: TableMetadata,
  { keep, read, now }: ExpireOptions,
): Promise<Expired> {
  const named = new Set(Object.values(metadata.refs ?? {}).map((ref) => ref['snapshot-id']))
  const stays = (snapshot: Snapshot) =>
    snapshot['snapshot-id'] === metadata['current-snapshot-id'] ||
    named.has(snapshot['snapshot-id']) ||
    keep(snapshot)
  const { kept = [], gone = [] } = Object.groupBy(metadata.snapshots ?? [], (each) =>
    stays(each) ? 'kept' : 'gone',
  )
  if (gone.length === 0) return { metadata, snapshots: [], unreachable: [] }
  const [keptLists, goneLists] = [kept, gone].map((each) => each.map((snapshot) => snapshot['manifest-list']))
  const [reached, left] = [
    await manifestsOf(keptLists!, (path, parse) => parse(read, path)),
    await manifestsOf(goneLists!, ifThere),
  ]
  const ownManifests = [...left.values()].filter(({ path }) => !reached.has(path))
  const candidates = await filesOf(metadata, ownManifests, ifThere)
  const among = [...reached.values()].filter(mayHoldAny(metadata, candidates))
  const needed = await filesOf(metadata, among, (path, parse) => parse(read, path))
  const live = new Set([...keptLists!, ...reached.keys(), ...needed.map(({ file }) => file.path)])
  const specIds = new Set([...reached.values()].map(({ specId }) => specId))
  const { metadata: next, files } = withoutSnapshots(metadata, kept, specIds, now)
  const paths = [
    ...candidates.map(({ file }) => file.path),
    ...ownManifests.map(({ path }) => path),
    ...goneLists!,
    ...files,
  ]
  const unreachable = [...new Set(paths)].filter((path) => !live.has(path))
  return { metadata: next, snapshots: gone, unreachable }

  /** What is gone has been removed by somebody before. */
  async function ifThere<T>(path: string, parse: Parse<T>): Promise<T[]> {
    const bytes = await read(path)
    return bytes === undefined ? [] : parse(async () => bytes, path)
  }
}

type Parse<T> = (read: ReadObject, path: string) => Promise<T[]>
type Open = <T>(path: string, parse: Parse<T>) => Promise<T[]>

async function manifestsOf(lists: readonly string[], open: Open): Promise<Map<string, ManifestFile>> {
  const listed = await inParallel(readsAtOnce, lists, (list) => open(list, readManifestList))
  return new Map(listed.flat().map((manifest) => [manifest.path, manifest]))
}

async function filesOf(
  metadata: TableMetadata,
  manifests: readonly ManifestFile[],
  open: Open,
): Promise<Entry[]> {
  const entries = await inParallel(readsAtOnce, manifests, (manifest) =>
    open(manifest.path, (read) => readFileNames(read, manifest, specById(metadata, manifest.specId))),
  )
  return entries.flat().filter(({ status }) => status !== 'deleted')
}

/** A file that a snapshot which stays has too is in a manifest of the file's own spec, whose bounds hold its partition. */
function mayHoldAny(metadata: TableMetadata, files: readonly Entry[]): (manifest: ManifestFile) => boolean {
  const bySpec = Map.groupBy(files, ({ specId }) => specId)
  return (manifest) => {
    const partitions = bySpec.get(manifest.specId)?.map(({ file }) => file.partition)
    if (partitions === undefined) return false
    const fields = bindFields(specById(metadata, manifest.specId), schemasOf(metadata))
    return mayHold(manifest, fields, partitions)
  }
}

/** Takes what only they needed from the metadata with them. */
function withoutSnapshots(
  metadata: TableMetadata,
  kept: readonly Snapshot[],
  specIds: ReadonlySet<number>,
  now: number,
): { readonly metadata: TableMetadata; readonly files: readonly string[] } {
  const ids = new Set(kept.map((snapshot) => snapshot['snapshot-id']))
  const isKept = (each: { readonly 'snapshot-id': bigint }) => ids.has(each['snapshot-id'])
  const { 'snapshot-log': log = [], 'metadata-log': versions = [] } = metadata
  const { statistics = [], 'partition-statistics': partitionStatistics = [] } = metadata
  const oldest = Math.min(...kept.map((snapshot) => snapshot['timestamp-ms']))
  const isOld = (version: (typeof versions)[number]) => version['timestamp-ms'] < oldest
  const schemaIds = new Set(kept.map((snapshot) => snapshot['schema-id']))
  return {
    metadata: {
      ...metadata,
      'last-updated-ms': nextUpdate(metadata, now),
      schemas: metadata.schemas.filter(
        ({ 'schema-id': id }) =>
          id === metadata['current-schema-id'] || schemaIds.has(id) || schemaIds.has(undefined),
      ),
      'partition-specs': metadata['partition-specs'].filter(
        ({ 'spec-id': id }) => id === metadata['default-spec-id'] || specIds.has(id),
      ),
      snapshots: kept,
      // What was current before one that is gone cannot be told in full, so nothing of it is.
      'snapshot-log': log.slice(log.findLastIndex((entry) => !isKept(entry)) + 1),
      'metadata-log': versions.filter((version) => !isOld(version)),
      ...(statistics.length > 0 && { statistics: statistics.filter(isKept) }),
      ...(partitionStatistics.length > 0 && { 'partition-statistics': partitionStatistics.filter(isKept) }),
    },
    files: [
      ...versions.filter(isOld).map((version) => version['metadata-file']),
      ...[...statistics, ...partitionStatistics]
        .filter((each) => !isKept(each))
        .map((each) => each['statistics-path']),
    ],
  }
}
