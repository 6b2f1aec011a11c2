/** What the machines of a fan-out keep in S3: notes that are written once, beside the loads and never among their files. */
import { type Call, inTrouble, onlyWhen } from '../../aws/calls.ts'
import {
  abortUpload,
  abortUploadCalls,
  deleteObjects,
  deleteObjectsCalls,
  findText,
  getTextCalls,
  listCalls,
  listObjects,
  listUploads,
  listUploadsCalls,
  putNew,
  putNewCalls,
} from '../../aws/objects.ts'
import { completeUploadCalls } from '../../aws/unfinished-upload.ts'
import { leftUploadCalls } from '../../aws/upload.ts'
import { Failure } from '../../failure/failure.ts'
import type { FanOut } from '../fan-out.ts'
import { loadFolder, noteKey, noteOf, planKey, recordKey, stagedName, tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { dropStaged } from '../staged-tables.ts'

export function openFanOut(place: TablePlace, name: string, signal: AbortSignal): FanOut {
  const { aws, config, table } = place
  const { bucket, prefix, kmsKey, stagingDatabase } = config
  const folder = tableFolder(prefix, table)
  const plan = planKey(prefix, table, name)
  const keyOf = (load: string, note: string) => noteKey(prefix, table, { load, note })
  const files = (load: string) => loadFolder(prefix, table, load)

  const read = (key: string) => findText(aws, { bucket, key, signal })

  async function write(key: string, body: string): Promise<boolean> {
    try {
      await putNew(aws, { bucket, key, body, contentType: 'application/json', kmsKey, signal })
      return true
    } catch (error) {
      if (taken.includes(causeOf(error)) && (await read(key)) !== undefined) return false
      throw error
    }
  }

  async function listNotes(load: string): Promise<string[]> {
    const listed = await listObjects(aws, {
      bucket,
      prefix: keyOf(load, '').slice(0, -'.json'.length),
      signal,
    })
    return listed.flatMap(({ key }) => {
      const found = noteOf(key, folder)
      return found !== undefined && 'note' in found ? [found.note] : []
    })
  }

  async function dropUnfinished(load: string): Promise<void> {
    for (const { key, id } of await listUploads(aws, { bucket, prefix: files(load), signal }))
      await abortUpload(aws, { bucket, key, id, signal })
  }

  return {
    readPlan: () => read(plan),
    writePlan: (text) => write(plan, text),
    listNotes,
    readNote: (load, note) => read(keyOf(load, note)),
    writeNote: (load, note, text) => write(keyOf(load, note), text),
    removeNote: (load, note) => deleteObjects(aws, { bucket, keys: [keyOf(load, note)], signal }),
    dropUnfinished,
    async discard(load) {
      // An upload that is completed while it is aborted has made a file, which is listed after it.
      await dropUnfinished(load)
      const made = await listObjects(aws, { bucket, prefix: files(load), signal })
      const keys = [...made.map(({ key }) => key), recordKey(prefix, table, load)]
      await deleteObjects(aws, { bucket, keys, signal })
      await dropStaged(aws, { database: stagingDatabase, name: stagedName(table, load), signal })
    },
    async removeNotes(load) {
      await deleteObjects(aws, { bucket, keys: [plan], signal })
      const keys = (await listNotes(load)).map((note) => keyOf(load, note))
      await deleteObjects(aws, { bucket, keys, signal })
    },
  }
}

/** S3 API, PutObject, "If-None-Match": the second is for two that are under way at once. */
const taken: readonly string[] = ['PreconditionFailed', 'ConditionalRequestConflict']

function causeOf(error: unknown): string {
  return error instanceof Failure && error.cause instanceof Error ? error.cause.name : ''
}

export function fanOutCalls({ lake, table, load }: LoadNames): Call[] {
  const { bucket, prefix } = lake
  const plan = planKey(prefix, table, '<fan-out>')
  const note = noteKey(prefix, table, { load, note: '<note>' })
  const files = loadFolder(prefix, table, load)
  return [plan, note]
    .flatMap((key) => [
      ...putNewCalls(bucket, key),
      ...getTextCalls(bucket, key),
      ...deleteObjectsCalls(bucket, key),
    ])
    .concat(listCalls(bucket, noteKey(prefix, table, { load, note: '' })), listUploadsCalls(bucket, files))
    .concat(onlyWhen('a machine was lost', abortUploadCalls(bucket, files)))
    .concat(inTrouble(deleteObjectsCalls(bucket, files)))
}

export function openUnfinishedCalls({ lake, table, load }: LoadNames): Call[] {
  return leftUploadCalls(lake.bucket, loadFolder(lake.prefix, table, load))
}

export function completeCalls({ lake, table, load }: LoadNames): Call[] {
  return completeUploadCalls(lake.bucket, loadFolder(lake.prefix, table, load))
}
