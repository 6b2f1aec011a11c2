/** What stays of earlier loads once a new one is published, and what is cleared away. */
import { type Call, onlyWhen } from '../../aws/calls.ts'
import { readTableCalls } from '../../aws/glue.ts'
import {
  abortUpload,
  abortUploadCalls,
  deleteObjects,
  deleteObjectsCalls,
  getTextCalls,
  type ListedObject,
  listCalls,
  listObjects,
  listUploads,
  listUploadsCalls,
} from '../../aws/objects.ts'
import type { ExpireOptions } from '../lake.ts'
import {
  loadFolder,
  ownerOf,
  recordKey,
  rollbackKey,
  rollbacksFolder,
  stagedName,
  tableFolder,
} from '../layout.ts'
import { loadTime } from '../load-id.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { isDayOld } from '../reader-grace.ts'
import { dropStaged, dropStagedCalls, stagedTables, stagedTablesCalls } from '../staged-tables.ts'
import { expireNotes, expireNotesCalls } from './expire-notes.ts'
import { readPublished } from './published.ts'
import { type Found, recentRollbacks, whenSuperseded } from './superseded.ts'

/** When it clears away, and until when. */
interface Clearing extends ExpireOptions {
  readonly signal: AbortSignal
  readonly now: Date
}

export interface Expired {
  readonly removedLoads: string[]
  readonly abortedUploads: number
  readonly warnings: string[]
}

/**
 * Clears away loads that nobody reads: superseded for a day and not among the newest `keep`; and what killed loads left:
 * files, uploads and staged tables. Whatever is published now stays, and while a rollback has pinned it every recorded
 * load after it, which the table may return to; so does what a rollback is just about to publish. Nothing is touched
 * whose place in the bucket, or whose name in the staging database, is not that of a load of this very table. Never throws: the load is done.
 */
export async function expireLoads(
  place: TablePlace,
  { now = new Date(), ...rest }: ExpireOptions & { readonly signal: AbortSignal; readonly now?: Date },
): Promise<Expired> {
  const options: Clearing = { ...rest, now }
  const { aws, config, table } = place
  const { bucket, prefix, stagingDatabase } = config
  const { signal } = options
  const folder = tableFolder(prefix, table)
  const warnings: string[] = []
  const removedLoads: string[] = []
  let abortedUploads = 0
  let readersLoad: string | undefined
  const recorded = new Set<string>()
  const dead = (load: string): boolean => {
    const began = loadTime(load)
    return began !== undefined && now.getTime() - began.getTime() > options.deadlineMs
  }
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      warnings.push(error instanceof Error ? error.message : String(error))
    }
  }

  const clearLoads = attempt(async () => {
    const listing = listObjects(aws, { bucket, prefix: folder, signal })
    listing.catch(() => {})
    const published = await readPublished(aws, { database: config.glueDatabase, table, signal })
    if (published.kind !== 'managed') return
    readersLoad = published.load
    const listed = await listing
    const loads = byLoad(listed, folder)
    for (const [load, { record }] of loads) if (record !== undefined) recorded.add(load)
    const isOver = (load: string) => dead(load) || (recorded.has(load) && load < published.load)
    await attempt(() => expireNotes(place, { listed, signal, isOver }))
    const kept = new Set([published.load, ...[...recorded].sort().slice(-Math.max(options.keep, 1))])
    const others = [...loads].filter(([load]) => !kept.has(load)).sort()
    // Readers leave a load after it was recorded, so of younger ones nothing need be known.
    const mayBeOver = others.some(([, { record }]) => record !== undefined && isDayOld(record.modified, now))
    const superseded = mayBeOver
      ? await whenSuperseded(place, options, loads, await recentRollbacks(place, options, listed))
      : new Map<string, Date>()
    for (const [load, { files, record }] of others) {
      const since = superseded.get(load)
      const killed = record === undefined && dead(load)
      const over =
        since === undefined
          ? killed && files.every(({ modified }) => now.getTime() - modified.getTime() > options.deadlineMs)
          : isDayOld(since, now)
      if (!over) continue
      await attempt(async () => {
        if (since !== undefined && (await isWanted(place, options, load))) return
        // The record goes last: until then another try finds the load again.
        await deleteObjects(aws, { bucket, keys: files.map(({ key }) => key), signal })
        if (record !== undefined) await deleteObjects(aws, { bucket, keys: [record.key], signal })
        removedLoads.push(load)
      })
    }
  })

  const clearUploads = attempt(async () => {
    const uploads = await listUploads(aws, { bucket, prefix: folder, signal })
    // Which loads are done is known by then.
    if (uploads.length > 0) await clearLoads
    for (const { key, id, initiated } of uploads) {
      const owner = ownerOf(key, folder)
      if (owner === undefined) continue
      const old = now.getTime() - initiated.getTime() > options.deadlineMs
      // A load with a record uploads no more: what is left of it is an upload whose beginning was not answered, or one of
      // a machine that read a slice a second time.
      const isDone = owner.load === readersLoad || recorded.has(owner.load)
      if (!isDone && !(dead(owner.load) && old)) continue
      await attempt(async () => {
        await abortUpload(aws, { bucket, key, id, signal })
        abortedUploads++
      })
    }
  })

  const clearStaged = attempt(async () => {
    for (const { name, stagedBy } of await stagedTables(place, signal)) {
      if (dead(stagedBy)) await attempt(() => dropStaged(aws, { database: stagingDatabase, name, signal }))
    }
  })

  await Promise.all([clearLoads, clearUploads, clearStaged])
  return { removedLoads, abortedUploads, warnings }
}

export function expireCalls(names: LoadNames): Call[] {
  const { lake, table, load } = names
  const { bucket, prefix, glueDatabase: database, stagingDatabase } = lake
  const old = '<old load>'
  const folder = tableFolder(prefix, table)
  const files = loadFolder(prefix, table, old)
  const aged = 'a load beside those it retains is older than a day'
  const late = 'the table was rolled back within a day'
  const superseded = 'readers had a day to leave it, or a killed load left it'
  const killed = 'a killed load left it'
  return [
    ...dropStagedCalls({ database: stagingDatabase, table: stagedName(table, load) }),
    ...readTableCalls({ database, table }),
    ...listCalls(bucket, folder),
    ...onlyWhen(aged, getTextCalls(bucket, recordKey(prefix, table, '<load of the last day>'))),
    ...expireNotesCalls(names),
    ...onlyWhen(late, getTextCalls(bucket, rollbackKey(prefix, table, '<late rollback>'))),
    ...onlyWhen(superseded, listCalls(bucket, rollbacksFolder(prefix, table))),
    ...onlyWhen(superseded, deleteObjectsCalls(bucket, files)),
    ...onlyWhen(superseded, deleteObjectsCalls(bucket, recordKey(prefix, table, old))),
    ...listUploadsCalls(bucket, folder),
    ...onlyWhen(killed, abortUploadCalls(bucket, files)),
    ...stagedTablesCalls(stagingDatabase),
    ...onlyWhen(killed, dropStagedCalls({ database: stagingDatabase, table: stagedName(table, old) })),
  ]
}

/**
 * Asked just before a recorded load goes: whether it is published, may be again when the table is unpinned, or was
 * chosen by a rollback of the last day, whose record comes before its publish.
 */
async function isWanted(place: TablePlace, options: Clearing, load: string): Promise<boolean> {
  const { aws, config, table } = place
  const { bucket, prefix } = config
  const { signal } = options
  const listed = await listObjects(aws, { bucket, prefix: rollbacksFolder(prefix, table), signal })
  if ((await recentRollbacks(place, options, listed)).some((each) => each.load === load)) return true
  const published = await readPublished(aws, { database: config.glueDatabase, table, signal })
  if (published.kind !== 'managed' || published.load === load) return true
  return published.pin !== undefined && load > published.load
}

function byLoad(objects: readonly ListedObject[], folder: string): Map<string, Found> {
  const loads = new Map<string, Found>()
  for (const object of objects) {
    const owner = ownerOf(object.key, folder)
    if (owner === undefined) continue
    const found = loads.get(owner.load) ?? { files: [], record: undefined }
    if (owner.kind === 'record') found.record = object
    else found.files.push(object)
    loads.set(owner.load, found)
  }
  return loads
}
