/** What stays of earlier loads once a new one is published, and what is cleared away. */
import { paginateGetTables } from '@aws-sdk/client-glue'
import type { Aws } from './clients.ts'
import { dropStaged, readPublished } from './glue.ts'
import { ownerOf, recordKey, stagedName, tableFolder } from './layout.ts'
import { loadTime } from './load-id.ts'
import {
  abortUpload,
  deleteObjects,
  getText,
  type ListedObject,
  listObjects,
  listUploads,
} from './objects.ts'

export interface RetainOptions {
  readonly bucket: string
  readonly prefix: string
  readonly database: string
  readonly stagingDatabase: string
  readonly table: string
  /** At least so many of the newest recorded loads stay, the published one among them. */
  readonly keep: number
  /** A load that has no record after this long was killed. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly now?: Date
}

export interface Retained {
  readonly removedLoads: string[]
  readonly abortedUploads: number
  readonly warnings: string[]
}

/** A query that began before the new load was published goes on reading the old one's files. */
const readersMs = 24 * 3_600_000

interface Found {
  readonly files: ListedObject[]
  record: ListedObject | undefined
}

/**
 * Clears away loads that nobody reads: superseded for a day and not among the newest `keep`; and what killed loads left:
 * files, uploads and staged tables. Whatever is published now stays; nothing is touched whose place in the bucket, or
 * whose name in the staging database, is not that of a load of this very table. Never throws: the load is done.
 */
export async function retain(aws: Aws, options: RetainOptions): Promise<Retained> {
  const { bucket, prefix, table, signal, now = new Date() } = options
  const folder = tableFolder(prefix, table)
  const warnings: string[] = []
  const removedLoads: string[] = []
  let abortedUploads = 0
  let readersLoad: string | undefined
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

  await attempt(async () => {
    const published = await readPublished(aws, { ...options, signal })
    if (published.kind !== 'ours') return
    readersLoad = published.load
    const loads = byLoad(await listObjects(aws, { bucket, prefix: folder, signal }), folder)
    const superseded = await whenSuperseded(aws, options, loads)
    const newest = [...superseded.keys()].sort().slice(-Math.max(options.keep, 1))
    for (const [load, { files, record }] of [...loads].sort()) {
      if (load === published.load || newest.includes(load)) continue
      const since = superseded.get(load)
      const over =
        since === undefined
          ? dead(load) &&
            files.every(({ modified }) => now.getTime() - modified.getTime() > options.deadlineMs)
          : now.getTime() - since.getTime() > readersMs
      if (!over) continue
      await attempt(async () => {
        // The record goes last: until then another try finds the load again.
        await deleteObjects(aws, { bucket, keys: files.map(({ key }) => key), signal })
        if (record !== undefined) await deleteObjects(aws, { bucket, keys: [record.key], signal })
        removedLoads.push(load)
      })
    }
  })

  await attempt(async () => {
    for (const { key, id, initiated } of await listUploads(aws, { bucket, prefix: folder, signal })) {
      const owner = ownerOf(key, folder)
      if (owner === undefined) continue
      const old = now.getTime() - initiated.getTime() > options.deadlineMs
      // A published load uploads no more: what is left of it is an upload whose beginning was not answered.
      if (owner.load !== readersLoad && !(dead(owner.load) && old)) continue
      await attempt(async () => {
        await abortUpload(aws, { bucket, key, id, signal })
        abortedUploads++
      })
    }
  })

  await attempt(async () => {
    const database = options.stagingDatabase
    const location = `s3://${bucket}/${folder}`
    const pages = paginateGetTables({ client: aws.glue }, { DatabaseName: database }, { abortSignal: signal })
    const stale: string[] = []
    for await (const { TableList = [] } of pages) {
      for (const { Name = '', StorageDescriptor } of TableList) {
        const load = Name.slice(stagedName(table, '').length)
        const ours = Name === stagedName(table, load) && StorageDescriptor?.Location?.startsWith(location)
        if (ours && dead(load)) stale.push(Name)
      }
    }
    for (const name of stale) await attempt(() => dropStaged(aws, { database, name, signal }))
  })

  return { removedLoads, abortedUploads, warnings }
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

/**
 * Since when each recorded load has not been the published one, as late as the records allow. A record is written
 * just before its load is published and names, as `replaces`, the load that was published then; so a load was still
 * read when the last record that names it was written. (The next record alone would not do: its load may never have
 * been published.) A load that no record names was replaced unseen by the next one, or never published.
 */
async function whenSuperseded(
  aws: Aws,
  { bucket, prefix, table, signal }: RetainOptions,
  loads: ReadonlyMap<string, Found>,
): Promise<Map<string, Date>> {
  const recorded: { load: string; at: Date }[] = []
  for (const [load, { record }] of loads) {
    if (record !== undefined) recorded.push({ load, at: record.modified })
  }
  recorded.sort((a, b) => (a.load < b.load ? -1 : 1))
  const seen = new Map<string, Date>()
  await Promise.all(
    recorded.map(async ({ load, at }) => {
      const replaced = replacedBy(await getText(aws, { bucket, key: recordKey(prefix, table, load), signal }))
      const last = replaced === undefined ? undefined : seen.get(replaced)
      if (replaced !== undefined && (last === undefined || last < at)) seen.set(replaced, at)
    }),
  )
  return new Map(
    recorded.map(({ load, at }, index) => {
      const next = recorded[index + 1]?.at
      return [load, seen.get(load) ?? next ?? at]
    }),
  )
}

/** A record that cannot be read as one names nothing. */
function replacedBy(text: string): string | undefined {
  try {
    const record: unknown = JSON.parse(text)
    if (typeof record !== 'object' || record === null || !('replaces' in record)) return undefined
    return typeof record.replaces === 'string' ? record.replaces : undefined
  } catch {
    return undefined
  }
}
