/**
 * The one way that Dracula changes a table: whole partitions are replaced, in one snapshot (Iceberg specification,
 * "Snapshots", "Sequence Number Inheritance"). Nothing is published here: manifests are new objects, which only the new
 * metadata names.
 */
import { inParallel } from '../concurrency/in-parallel.ts'
import { Failure } from '../failure/failure.ts'
import type { DataFile } from './data-file.ts'
import { type Entry, readFileNames, readManifest, writeManifest } from './manifest.ts'
import { liveCount, type ManifestFile, readManifestList, writeManifestList } from './manifest-list.ts'
import {
  currentSchema,
  currentSnapshot,
  defaultSpec,
  makeCurrent,
  nextUpdate,
  type Snapshot,
  schemaOf,
  schemasOf,
  specById,
  type TableMetadata,
} from './metadata.ts'
import { bindFields, comparePartitions, type Partition, partitionKey } from './partition.ts'
import { mayHold } from './prune.ts'
import type { NewObject, ReadObject } from './read-object.ts'
import { describeType, type Field } from './schema.ts'
import { newSnapshotId } from './snapshot.ts'
import { summarise } from './snapshot-summary.ts'

export interface Replacement {
  /** The table's name for messages. */
  readonly table: string
  /** What the snapshot is made on top of, redeclared where the columns are others. */
  readonly metadata: TableMetadata
  /** Which are replaced, by the default spec: one that is not there yet is added, one without new files is gone. */
  readonly partitions: 'all' | readonly Partition[]
  /** What they hold from now on; each file is of one of them. */
  readonly files: readonly DataFile[]
  /** What the snapshot says beside its counts. */
  readonly summary?: Readonly<Record<string, string>>
  readonly read: ReadObject
  /** Where its manifests go, without a slash at its end; `metadata` of the table's location when absent. */
  readonly folder?: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface StagedSnapshot {
  readonly metadata: TableMetadata
  readonly snapshot: Snapshot
  /** To be written before the metadata: manifests, then their list. */
  readonly objects: readonly NewObject[]
  /** Files that are no longer in the table; earlier snapshots still have them. */
  readonly removed: readonly DataFile[]
}

/**
 * Columns of a manifest's entries at the most: they are all rewritten where one of its files goes. A manifest has 400 files
 * of 10 columns, 80 of 50.
 */
const manifestColumns = 4000
const leastEntries = 40
const mostEntries = 400
/** A manifest of fewer entries is small; so many small ones are made one, lest every load adds one that all readers read. */
const smallEntries = 40
const manySmall = 16
const readsAtOnce = 16

/**
 * @throws Failure (3) where files are partitioned otherwise, or have a column of another type, and not all are replaced, (4) where a manifest is gone or a
 * file is of a partition that is not replaced, whose rows would be there twice; and what `read` throws
 */
export async function replacePartitions(replacement: Replacement): Promise<StagedSnapshot> {
  const { table, metadata, partitions, files, now } = replacement
  const isReplaced = replacedBy(partitions)
  requireReplaced(table, files, isReplaced)
  const id = newSnapshotId(metadata)
  const sequence = metadata['last-sequence-number'] + 1
  const parent = currentSnapshot(metadata)
  const { kept, entries } = await openManifests(replacement, isReplaced)
  const { folder = `${metadata.location}/metadata` } = replacement
  const commit = crypto.randomUUID()
  const changed = [
    ...entries.map((entry) =>
      isReplaced(entry.file)
        ? { ...entry, status: 'deleted' as const, snapshot: id }
        : { ...entry, status: 'existing' as const },
    ),
    ...files.map((file) => addedEntry(file, id, metadata['default-spec-id'])),
  ]
  const written = chunksOf(changed, entriesOfManifest(metadata)).map((chunk, at) =>
    writeManifest({
      path: `${folder}/${commit}-m${at}.avro`,
      entries: chunk,
      spec: specById(metadata, chunk[0]!.specId),
      schemas: schemasOf(metadata),
      ...{ snapshot: id, sequence },
    }),
  )
  const manifests = [...written.map(({ manifest }) => manifest), ...kept]
  const list: NewObject = {
    path: `${folder}/snap-${id}-1-${commit}.avro`,
    bytes: writeManifestList(manifests, {
      'snapshot-id': String(id),
      'parent-snapshot-id': String(parent?.['snapshot-id'] ?? 'null'),
      'sequence-number': String(sequence),
    }),
  }
  const removed = entries.filter(({ file }) => isReplaced(file)).map(({ file }) => file)
  const snapshot: Snapshot = {
    'snapshot-id': id,
    ...(parent && { 'parent-snapshot-id': parent['snapshot-id'] }),
    'sequence-number': sequence,
    'timestamp-ms': nextUpdate(metadata, now),
    summary: { ...summarise({ parent, added: files, removed, manifests }), ...replacement.summary },
    'manifest-list': list.path,
    'schema-id': metadata['current-schema-id'],
  }
  const objects = [...written.map(({ manifest, bytes }) => ({ path: manifest.path, bytes })), list]
  return { metadata: addSnapshot(metadata, snapshot), snapshot, objects, removed }
}

type IsReplaced = (file: Pick<DataFile, 'partition'>) => boolean

function replacedBy(partitions: Replacement['partitions']): IsReplaced {
  if (partitions === 'all') return () => true
  const keys = new Set(partitions.map(partitionKey))
  return ({ partition }) => keys.has(partitionKey(partition))
}

function requireReplaced(table: string, files: readonly DataFile[], isReplaced: IsReplaced): void {
  const paths = new Set<string>()
  for (const file of files) {
    const isTwice = paths.has(file.path)
    paths.add(file.path)
    if (isReplaced(file) && !isTwice) continue
    throw new Failure({
      exit: 4,
      act: 'publish',
      thing: table,
      reason: isTwice
        ? `${file.path} would be in it twice`
        : `${file.path} is of a partition that is not replaced, so that its rows could be there twice`,
      advice: 'This is a fault of Dracula: load the table whole and report it.',
    })
  }
}

interface OpenedManifests {
  /** Manifests that stay as they are. */
  readonly kept: readonly ManifestFile[]
  /** Files in the table until now, of all manifests that are written anew. */
  readonly entries: readonly Entry[]
}

async function openManifests(
  { table, metadata, partitions, read }: Replacement,
  isReplaced: IsReplaced,
): Promise<OpenedManifests> {
  const parent = currentSnapshot(metadata)
  const listed = parent === undefined ? [] : await readManifestList(read, parent['manifest-list'])
  const live = listed.filter((manifest) => liveCount(manifest) > 0)
  const data = live.filter(({ content }) => content === 'data')
  // All that is told of a file that goes is its name, place and size.
  const readEntries = partitions === 'all' ? readFileNames : readManifest
  const open = (manifests: readonly ManifestFile[]) =>
    inParallel(readsAtOnce, manifests, async (manifest) => {
      const entries = await readEntries(read, manifest, specById(metadata, manifest.specId))
      const found = entries.filter(({ status }) => status !== 'deleted')
      // What was in files that go is most of what entries have, and is nothing to keep in memory.
      return {
        manifest,
        entries: found.map((entry) => (isReplaced(entry.file) ? withoutMetrics(entry) : entry)),
      }
    })
  if (partitions === 'all') {
    // What deletes rows of other files has nothing to delete once all are replaced.
    return { kept: [], entries: (await open(data)).flatMap(({ entries }) => entries) }
  }
  requireSpec(table, data, metadata['default-spec-id'])
  requireColumns(table, metadata)
  const fields = bindFields(defaultSpec(metadata), schemasOf(metadata))
  const opened = await open(data.filter((manifest) => mayHold(manifest, fields, partitions)))
  const touched = opened.filter(({ entries }) => entries.some(({ file }) => isReplaced(file)))
  const merged = await open(
    smallAmong(
      data,
      touched.map(({ manifest }) => manifest),
    ),
  )
  const rewritten = new Set([...touched, ...merged].map(({ manifest }) => manifest))
  return {
    kept: live.filter((manifest) => !rewritten.has(manifest)),
    entries: [...touched, ...merged].flatMap(({ entries }) => entries),
  }
}

function smallAmong(data: readonly ManifestFile[], touched: readonly ManifestFile[]): ManifestFile[] {
  const small = data.filter((manifest) => liveCount(manifest) < smallEntries && !touched.includes(manifest))
  return small.length < manySmall ? [] : small
}

function requireSpec(table: string, manifests: readonly ManifestFile[], specId: number): void {
  if (manifests.every((manifest) => manifest.specId === specId)) return
  throw new Failure({
    exit: 3,
    act: 'replace partitions of',
    thing: table,
    reason: 'it has files that are partitioned otherwise than the script declares',
    advice: 'Load it whole with --full, which partitions all of it anew.',
  })
}

/** A column that became another one of its name would be null in every file that stays. */
function requireColumns(table: string, metadata: TableMetadata): void {
  const parent = currentSnapshot(metadata)
  const before = parent === undefined ? [] : schemaOf(metadata, parent).fields
  const { fields } = currentSchema(metadata)
  const isGone = ({ id }: Field) => !fields.some((field) => field.id === id)
  const isNew = ({ id }: Field) => !before.some((field) => field.id === id)
  const made = new Set(fields.filter(isNew).map(({ name }) => name))
  const other = before.find((field) => isGone(field) && made.has(field.name))
  if (other === undefined) return
  throw new Failure({
    exit: 3,
    act: 'replace partitions of',
    thing: table,
    reason: `its column ${other.name} is no longer of the type ${describeType(other.type)}, and Iceberg cannot change the one to the other`,
    advice: 'Load it whole with --full, which writes the column anew in all partitions.',
  })
}

function addedEntry(file: DataFile, snapshot: bigint, specId: number): Entry {
  return { status: 'added', snapshot, sequence: undefined, fileSequence: undefined, specId, file }
}

/** All that is told of a file that went. */
function withoutMetrics({ file, ...entry }: Entry): Entry {
  const { path, format, partition, rows, bytes } = file
  return { ...entry, file: { path, format, partition, rows, bytes } }
}

function entriesOfManifest(metadata: TableMetadata): number {
  const columns = Math.max(1, currentSchema(metadata).fields.length)
  return Math.min(mostEntries, Math.max(leastEntries, Math.ceil(manifestColumns / columns)))
}

/** Entries for one manifest each: of one spec, in the order of their partitions, so that its bounds are narrow. */
function chunksOf(entries: readonly Entry[], most: number): Entry[][] {
  return Object.values(Object.groupBy(entries, ({ specId }) => specId)).flatMap((group = []) => {
    const sorted = group.toSorted((a, b) => comparePartitions(a.file.partition, b.file.partition))
    const each = Math.ceil(sorted.length / Math.ceil(sorted.length / most))
    return Array.from({ length: Math.ceil(sorted.length / each) }, (_, at) =>
      sorted.slice(at * each, (at + 1) * each),
    )
  })
}

function addSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
  const { 'snapshot-id': id, 'timestamp-ms': at, 'sequence-number': sequence } = snapshot
  return {
    ...makeCurrent(metadata, id, at),
    'last-sequence-number': sequence ?? metadata['last-sequence-number'],
    snapshots: [...(metadata.snapshots ?? []), snapshot],
  }
}
