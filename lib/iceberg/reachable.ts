/** All objects that a version of a table needs: its snapshots' lists, manifests and files, and the metadata it names. */
import { inParallel } from '../concurrency/in-parallel.ts'
import { readFileNames } from './manifest.ts'
import { readManifestList } from './manifest-list.ts'
import { specById, type TableVersion } from './metadata.ts'
import type { ReadObject } from './read-object.ts'

const readsAtOnce = 16

/**
 * @returns their paths, the version's own file among them
 * @throws Failure (4) where a list or a manifest is gone or broken, and what `read` throws
 */
export async function reachableObjects(
  { file, metadata }: TableVersion,
  read: ReadObject,
): Promise<Set<string>> {
  const { snapshots = [], statistics = [], 'partition-statistics': partitionStatistics = [] } = metadata
  const lists = [...new Set(snapshots.map((snapshot) => snapshot['manifest-list']))]
  const listed = await inParallel(readsAtOnce, lists, (list) => readManifestList(read, list))
  const manifests = new Map(listed.flat().map((manifest) => [manifest.path, manifest]))
  const entries = await inParallel(readsAtOnce, [...manifests.values()], (manifest) =>
    readFileNames(read, manifest, specById(metadata, manifest.specId)),
  )
  return new Set([
    file,
    ...(metadata['metadata-log'] ?? []).map((version) => version['metadata-file']),
    ...lists,
    ...manifests.keys(),
    ...entries.flat().flatMap(({ status, file: { path } }) => (status === 'deleted' ? [] : [path])),
    ...[...statistics, ...partitionStatistics].map((each) => each['statistics-path']),
  ])
}
