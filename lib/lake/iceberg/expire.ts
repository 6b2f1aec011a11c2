/** What goes of an Iceberg table's place once a load is published: what its metadata no longer reaches, and what killed loads left. */
import { type Call, onlyWhen } from '../../aws/calls.ts'
import {
  abortUpload,
  abortUploadCalls,
  deleteObjects,
  deleteObjectsCalls,
  type ListedObject,
  listCalls,
  listObjects,
  listUploads,
  listUploadsCalls,
} from '../../aws/objects.ts'
import type { TableVersion } from '../../iceberg/metadata.ts'
import { reachableObjects } from '../../iceberg/reachable.ts'
import type { ExpireOptions } from '../lake.ts'
import { ownerOf, recordKey, stagedName, tableFolder } from '../layout.ts'
import { loadTime } from '../load-id.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { isDayOld } from '../reader-grace.ts'
import { dropStaged, dropStagedCalls, stagedTables, stagedTablesCalls } from '../staged-tables.ts'
import { readBase, readBaseCalls } from './base.ts'
import {
  accountKey,
  dataFolder,
  icebergOwnerOf,
  metadataFolder,
  placesOfLoads,
  stagedFolder,
} from './layout.ts'
import { objectReader, readObjectsCalls } from './objects.ts'

export interface Expiring extends Pick<ExpireOptions, 'deadlineMs'> {
  /** The load that is published just now: it writes no more. */
  readonly done: string
  readonly signal: AbortSignal
  readonly now?: Date
}

/**
 * Removes objects of loads that are over (none works at a load longer than the deadline) which the published metadata, with
 * all snapshots it keeps, does not reach; nothing that Dracula has not written. Which snapshots it keeps, the commit has
 * decided. Never throws: the load is done.
 */
export async function expireLoads(
  place: TablePlace,
  { deadlineMs, done, signal, now = new Date() }: Expiring,
): Promise<{ readonly removed: readonly string[]; readonly warnings: readonly string[] }> {
  const { aws, config, table } = place
  const { bucket, prefix, stagingDatabase } = config
  const folder = tableFolder(prefix, table)
  const removed: string[] = []
  const warnings: string[] = []
  const isOld = (at: Date) => now.getTime() - at.getTime() > deadlineMs
  const isDead = (load: string) => {
    const began = loadTime(load)
    return began !== undefined && isOld(began)
  }
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      warnings.push(error instanceof Error ? error.message : String(error))
    }
  }

  await Promise.all([
    attempt(async () => {
      const listed = await listRemovable(place, { done, isDead, signal })
      // Read after the listing: whatever is published by now is kept.
      const { published, version } = await readBase(place, signal)
      if (published.kind !== 'managed' || version === undefined) return
      const { files, notes, staged } = candidates(listed, folder, { done, isDead, isOld })
      const keys = [
        ...staged,
        ...notes.filter((each) => isNoteOver(each, version, now)),
        ...plainFilesOver(listed, folder, version, now),
      ]
      if (files.length > 0) {
        const reached = await reachableObjects(version, objectReader(aws, signal))
        keys.push(...files.filter(({ key }) => !reached.has(`s3://${bucket}/${key}`)))
        warnings.push(...lostWarning(place, reached, { listed, isDead }))
      }
      await deleteObjects(aws, { bucket, keys: keys.map(({ key }) => key), signal })
      removed.push(...keys.map(({ key }) => key))
    }),
    attempt(async () => {
      for (const { key, id, initiated } of await listUploads(aws, { bucket, prefix: folder, signal })) {
        const owner = icebergOwnerOf(key, folder)
        if (owner === undefined) continue
        if (owner.load !== done && !(isDead(owner.load) && isOld(initiated))) continue
        await attempt(() => abortUpload(aws, { bucket, key, id, signal }))
      }
    }),
    attempt(async () => {
      for (const { name, stagedBy } of await stagedTables(place, signal)) {
        if (isDead(stagedBy))
          await attempt(() => dropStaged(aws, { database: stagingDatabase, name, signal }))
      }
    }),
  ])
  return { removed, warnings }
}

/**
 * What may go, and little else: names of loads are in the order of their times, so nothing that comes behind the first which
 * may be under way is over.
 */
async function listRemovable(
  { aws, config, table }: TablePlace,
  {
    done,
    isDead,
    signal,
  }: Pick<Expiring, 'done' | 'signal'> & { readonly isDead: (load: string) => boolean },
): Promise<ListedObject[]> {
  const { bucket, prefix } = config
  const folder = tableFolder(prefix, table)
  const goesOn = (key: string) => {
    const owner = icebergOwnerOf(key, folder)
    return owner === undefined || isDead(owner.load)
  }
  const listed = await Promise.all([
    ...placesOfLoads.map((each) => listObjects(aws, { bucket, prefix: folder + each, goesOn, signal })),
    listObjects(aws, { bucket, prefix: stagedFolder(prefix, table, done), signal }),
    // Files of plain loads, whose names begin with their year.
    listObjects(aws, { bucket, prefix: `${folder}2`, signal }),
  ])
  return listed.flat()
}

/** Files of partitions that stay are read by no load, and removed by others' rules all the same, as the bucket's own. */
function lostWarning(
  { config: { bucket, prefix }, table }: TablePlace,
  reached: ReadonlySet<string>,
  {
    listed,
    isDead,
  }: { readonly listed: readonly ListedObject[]; readonly isDead: (load: string) => boolean },
): string[] {
  const there = new Set(listed.map(({ key }) => `s3://${bucket}/${key}`))
  const lost = [...reached].filter((path) => {
    const owner = icebergOwnerOf(path.slice(`s3://${bucket}/`.length), tableFolder(prefix, table))
    // Younger ones are not listed.
    return !there.has(path) && owner?.kind === 'data' && isDead(owner.load)
  })
  if (lost.length === 0) return []
  return [
    `somebody has removed files that readers need, ${lost.length} of them, as ${lost[0]}: find out who (no lifecycle rule may look at them), and load all with bun scripts/${table}.ts --full`,
  ]
}

interface Note extends ListedObject {
  readonly load: string
}

interface Candidates {
  /** They go unless the published metadata reaches them. */
  readonly files: readonly ListedObject[]
  /** Records and accounts, which go unless their load's snapshot stays. */
  readonly notes: readonly Note[]
  /** No published metadata has ever named them. */
  readonly staged: readonly ListedObject[]
}

function candidates(
  listed: readonly ListedObject[],
  folder: string,
  {
    done,
    isDead,
    isOld,
  }: {
    readonly done: string
    readonly isDead: (load: string) => boolean
    readonly isOld: (at: Date) => boolean
  },
): Candidates {
  const files: ListedObject[] = []
  const staged: ListedObject[] = []
  const notes: Note[] = []
  for (const object of listed) {
    const owner = icebergOwnerOf(object.key, folder)
    if (owner === undefined) continue
    const { load, kind } = owner
    const isOver = isDead(load) && isOld(object.modified)
    if (kind === 'staged') {
      if (isOver || load === done) staged.push(object)
    } else if (!isOver) continue
    else if (kind === 'data' || kind === 'metadata') files.push(object)
    else notes.push({ ...object, load })
  }
  return { files, notes, staged }
}

/** A record stays as long as its load can be gone back to, and a day at the least. */
function isNoteOver({ load, modified }: Note, { metadata }: TableVersion, now: Date): boolean {
  if (!isDayOld(modified, now) || metadata.properties?.['dracula.load'] === load) return false
  return !(metadata.snapshots ?? []).some(({ summary }) => summary['dracula.load'] === load)
}

/** Files of plain loads, from before the table was one of Iceberg: readers have had a day to leave them. */
function plainFilesOver(
  listed: readonly ListedObject[],
  folder: string,
  { metadata }: TableVersion,
  now: Date,
): ListedObject[] {
  const since = (metadata.snapshots ?? []).find(({ summary }) => summary['dracula.load'] !== undefined)
  if (since === undefined || !isDayOld(new Date(since['timestamp-ms']), now)) return []
  return listed.filter(({ key }) => ownerOf(key, folder)?.kind === 'file')
}

export function expireCalls(names: LoadNames): Call[] {
  const { lake, table, load } = names
  const { bucket, prefix, stagingDatabase: database } = lake
  const old = '<old load>'
  const over = 'nobody can go back to it any more, or a killed load left it'
  const killed = 'a killed load left it'
  const files = dataFolder(prefix, table, old)
  return [
    ...dropStagedCalls({ database, table: stagedName(table, load) }),
    ...listCalls(bucket, tableFolder(prefix, table)),
    ...readBaseCalls(names),
    ...onlyWhen(
      'a load is older than the deadline',
      readObjectsCalls(bucket, metadataFolder(prefix, table, old)),
    ),
    ...deleteObjectsCalls(bucket, stagedFolder(prefix, table, load)),
    ...onlyWhen(
      over,
      [
        files,
        metadataFolder(prefix, table, old),
        accountKey(prefix, table, old),
        recordKey(prefix, table, old),
      ].flatMap((key) => deleteObjectsCalls(bucket, key)),
    ),
    ...listUploadsCalls(bucket, tableFolder(prefix, table)),
    ...onlyWhen(killed, abortUploadCalls(bucket, files)),
    ...stagedTablesCalls(database),
    ...onlyWhen(killed, dropStagedCalls({ database, table: stagedName(table, old) })),
  ]
}
