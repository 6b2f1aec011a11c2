/** Whose a table is by its own metadata: which load readers see, and what others have done to it since. */
import { currentSnapshot, type Snapshot, snapshotById, type TableMetadata } from '../../iceberg/metadata.ts'
import { operationOf } from '../../iceberg/snapshot.ts'
import { fromParameters } from '../parameters.ts'
import type { PublishedLoad } from '../published.ts'

export interface Lineage {
  /** The load whose rows readers see, but for what others changed. */
  readonly load: PublishedLoad
  /**
   * What others have done on top of it that may have changed rows, oldest first, in Iceberg's words: `append`, `delete`,
   * `overwrite`; `unknown` for snapshots that have expired. A `replace` writes the same rows to other files.
   */
  readonly changes: readonly string[]
}

/** @returns undefined: no load of Dracula has made what readers see */
export function lineageOf(metadata: TableMetadata): Lineage | undefined {
  const changes: string[] = []
  const seen = new Set<Snapshot>()
  let snapshot = currentSnapshot(metadata)
  while (snapshot !== undefined && !seen.has(snapshot)) {
    const load = fromParameters(snapshot.summary)
    if (load !== undefined) return { load, changes }
    seen.add(snapshot)
    if (operationOf(snapshot) !== 'replace') changes.unshift(operationOf(snapshot))
    const parent = snapshot['parent-snapshot-id']
    snapshot = parent === undefined ? undefined : snapshotById(metadata, parent)
  }
  // The load's own snapshot has expired under what others made of it, or was rolled back by others.
  const load = fromParameters(metadata.properties ?? {})
  return load && { load, changes: ['unknown', ...changes] }
}

/** The snapshot that a load has made; its newest, where there are several. */
export function snapshotOfLoad({ snapshots = [] }: TableMetadata, load: string): Snapshot | undefined {
  return snapshots.findLast(({ summary }) => summary['dracula.load'] === load)
}
