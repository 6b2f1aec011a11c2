/** What a snapshot says it changed, and what the table holds with it (Iceberg specification, Appendix F, "Optional Snapshot Summary Fields"). */
import type { DataFile } from './data-file.ts'
import { liveCount, type ManifestFile } from './manifest-list.ts'
import type { Snapshot } from './metadata.ts'
import { partitionKey } from './partition.ts'

export interface Change {
  readonly parent: Snapshot | undefined
  readonly added: readonly DataFile[]
  readonly removed: readonly DataFile[]
  /** All of the new snapshot's. */
  readonly manifests: readonly ManifestFile[]
}

/** Numbers as digits, as all values of a summary are texts; what is not known is left out. */
export function summarise({ parent, added, removed, manifests }: Change): Record<string, string> {
  const changed = new Set([...added, ...removed].map(({ partition }) => partitionKey(partition)))
  const data = manifests.filter(({ content }) => content === 'data')
  const deletes = manifests.filter(({ content }) => content === 'deletes')
  const rows = data.reduce((sum, manifest) => sum + manifest.added.rows + manifest.existing.rows, 0)
  const bytesBefore = parent === undefined ? 0 : knownNumber(parent, 'total-files-size')
  const deleteRows = (kind: string) => (deletes.length === 0 ? 0 : parent && knownNumber(parent, kind))
  return {
    operation: removed.length === 0 ? 'append' : added.length === 0 ? 'delete' : 'overwrite',
    ...digits({
      'added-data-files': added.length || undefined,
      'deleted-data-files': removed.length || undefined,
      'added-records': sumOf(added, 'rows') || undefined,
      'deleted-records': sumOf(removed, 'rows') || undefined,
      'added-files-size': sumOf(added, 'bytes') || undefined,
      'removed-files-size': sumOf(removed, 'bytes') || undefined,
      'changed-partition-count': changed.size,
      'total-records': rows,
      'total-files-size':
        bytesBefore === undefined ? undefined : bytesBefore + sumOf(added, 'bytes') - sumOf(removed, 'bytes'),
      'total-data-files': data.reduce((sum, manifest) => sum + liveCount(manifest), 0),
      'total-delete-files': deletes.reduce((sum, manifest) => sum + liveCount(manifest), 0),
      'total-position-deletes': deleteRows('total-position-deletes'),
      'total-equality-deletes': deleteRows('total-equality-deletes'),
    }),
  }
}

function knownNumber({ summary }: Snapshot, name: string): number | undefined {
  const value = Number(summary[name])
  return Number.isSafeInteger(value) ? value : undefined
}

function sumOf(files: readonly DataFile[], what: 'rows' | 'bytes'): number {
  return files.reduce((sum, file) => sum + file[what], 0)
}

function digits(counts: Readonly<Record<string, number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [[name, String(count)]])),
  )
}
