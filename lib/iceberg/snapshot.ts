/** The states of a table one after the other: which came since, and which one readers saw when. */
import type { Snapshot, TableMetadata } from './metadata.ts'

/** `append`, `replace` (other files, the same rows), `overwrite`, `delete`. */
export function operationOf({ summary }: Snapshot): string {
  return summary['operation'] ?? 'overwrite'
}

/**
 * What happened since a snapshot, oldest first: a lineage of parents, which a rollback leaves.
 * @returns undefined where the current snapshot does not descend from it
 */
export function snapshotsSince(metadata: TableMetadata, id: bigint): Snapshot[] | undefined {
  const byId = new Map(metadata.snapshots?.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
  const since: Snapshot[] = []
  let at = metadata['current-snapshot-id'] ?? undefined
  while (at !== undefined && at !== id) {
    const snapshot = byId.get(at)
    if (snapshot === undefined || since.length > byId.size) return undefined
    since.unshift(snapshot)
    at = snapshot['parent-snapshot-id']
  }
  return at === undefined ? undefined : since
}

/**
 * What readers saw at a moment, in milliseconds since 1970: the last that had become current until then.
 * @returns undefined where there was none, or it has expired
 */
export function snapshotAsOf(metadata: TableMetadata, moment: number): Snapshot | undefined {
  const log = metadata['snapshot-log'] ?? []
  const entry = log.findLast(({ 'timestamp-ms': from }) => from <= moment)
  return metadata.snapshots?.find((snapshot) => snapshot['snapshot-id'] === entry?.['snapshot-id'])
}

/** 63 random bits that no snapshot has yet. */
export function newSnapshotId({ snapshots = [] }: TableMetadata): bigint {
  const id = crypto.getRandomValues(new BigUint64Array(1))[0]! & 0x7fff_ffff_ffff_ffffn
  const isTaken = id === 0n || snapshots.some((snapshot) => snapshot['snapshot-id'] === id)
  return isTaken ? newSnapshotId({ snapshots } as TableMetadata) : id
}
