/** The files that are a snapshot's rows: what a reader reads, and what an audit counts. */
import { inParallel } from '../concurrency/in-parallel.ts'
import { Failure } from '../failure/failure.ts'
import { type Entry, readManifest } from './manifest.ts'
import { liveCount, readManifestList } from './manifest-list.ts'
import { type Snapshot, specById, type TableMetadata } from './metadata.ts'
import { type Partition, partitionKey } from './partition.ts'
import type { ReadObject } from './read-object.ts'

const readsAtOnce = 16

/**
 * @param table its name for messages
 * @throws Failure (4) where rows are deleted one by one, by files that only engines can apply, where a file is no Parquet
 * file, and where a manifest is gone or broken
 */
export async function liveFiles(
  table: string,
  metadata: TableMetadata,
  snapshot: Snapshot,
  read: ReadObject,
): Promise<Entry[]> {
  const manifests = (await readManifestList(read, snapshot['manifest-list'])).filter(
    (manifest) => liveCount(manifest) > 0,
  )
  const deletes = manifests.filter(({ content }) => content === 'deletes')
  if (deletes.length > 0) {
    const count = deletes.reduce((sum, manifest) => sum + liveCount(manifest), 0)
    throw unreadable(
      table,
      `its snapshot ${snapshot['snapshot-id']} has ${count} delete ${count === 1 ? 'file' : 'files'}, which mark single rows as deleted`,
      'Let the engine that wrote them rewrite the files (in Athena: OPTIMIZE), or load the table whole.',
    )
  }
  const opened = await inParallel(readsAtOnce, manifests, (manifest) =>
    readManifest(read, manifest, specById(metadata, manifest.specId)),
  )
  const live = opened.flat().filter(({ status }) => status !== 'deleted')
  const other = live.find(({ file }) => file.format !== 'PARQUET')?.file
  if (other === undefined) return live
  throw unreadable(table, `${other.path} is of the format ${other.format}`, 'Load the table whole.')
}

function unreadable(thing: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 4, act: 'read', thing, reason, advice })
}

export interface PartitionTotal {
  readonly specId: number
  readonly partition: Partition
  readonly files: number
  readonly rows: number
  readonly bytes: number
}

/** What each partition holds, by its spec and its key (`partitionKey`). */
export function partitionTotals(
  entries: readonly Pick<Entry, 'specId' | 'file'>[],
): Map<string, PartitionTotal> {
  const totals = new Map<string, PartitionTotal>()
  for (const { specId, file } of entries) {
    const { partition, rows, bytes } = file
    const key = `${specId} ${partitionKey(partition)}`
    const { files = 0, ...sum } = totals.get(key) ?? { rows: 0, bytes: 0 }
    totals.set(key, { specId, partition, files: files + 1, rows: sum.rows + rows, bytes: sum.bytes + bytes })
  }
  return totals
}
