/** Which snapshots stay when a load is published: readers and rollbacks may want them. */
import type { Snapshot, TableMetadata } from '../../iceberg/metadata.ts'
import { isDayOld } from '../reader-grace.ts'

/**
 * The newest loads, so many, and what readers have left less than a day ago: their queries may still be reading it.
 * @param metadata with the new snapshot as the current one
 */
export function isRetained(
  metadata: TableMetadata,
  { keep, now }: { readonly keep: number; readonly now: Date },
): (snapshot: Snapshot) => boolean {
  const { snapshots = [] } = metadata
  const loads = new Set<string>()
  const newest = new Set<Snapshot>()
  for (const snapshot of snapshots.toReversed()) {
    const load = snapshot.summary['dracula.load']
    if (load === undefined || loads.has(load)) continue
    loads.add(load)
    newest.add(snapshot)
    if (loads.size >= Math.max(keep, 1)) break
  }
  return (snapshot) => newest.has(snapshot) || !isDayOld(leftAt(metadata, snapshot), now)
}

/** Since when it has not been what readers see; of one that is: since it came. */
function leftAt({ 'snapshot-log': log = [] }: TableMetadata, snapshot: Snapshot): Date {
  const last = log.findLastIndex((entry) => entry['snapshot-id'] === snapshot['snapshot-id'])
  const next = last < 0 ? undefined : log[last + 1]
  return new Date(next?.['timestamp-ms'] ?? snapshot['timestamp-ms'])
}
