/** What the machines of a fan-out find of each other in S3, and what of it goes when. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { listObjects, listUploads, putNew } from '../../../lib/aws/objects.ts'
import type { FanOut, UnfinishedFile } from '../../../lib/lake/fan-out.ts'
import { expireLoads } from '../../../lib/lake/hive/expire.ts'
import { openHive } from '../../../lib/lake/hive/hive.ts'
import { publish } from '../../../lib/lake/hive/publish.ts'
import type { Draft, Lake } from '../../../lib/lake/lake.ts'
import { recordKey } from '../../../lib/lake/layout.ts'
import { newLoadId } from '../../../lib/lake/load-id.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { lakeTable } from '../table.ts'

const hour = 3_600_000

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())
afterEach(() => standIn.faults.clear())

let tables = 0
let table: string
let lake: Lake
let fanOut: FanOut
let load: string
beforeEach(() => {
  table = `t${++tables}`
  lake = openHive(standIn.place(table))
  fanOut = lake.fanOut('workflow-1', never)
  load = newLoadId()
})

function draftOf(of = load): Draft {
  return lake.draft({ load: of, table: lakeTable(table).table, current: { kind: 'absent' }, signal: never })
}

async function leave(name: string, of = load): Promise<UnfinishedFile> {
  const file = draftOf(of).openUnfinished(name)
  await file.write(new TextEncoder().encode(`what ${name} holds`))
  return file.leave()
}

/** Keys under the table's folder, and of uploads, without it. */
async function kept(): Promise<string[]> {
  const prefix = `tables/${table}/`
  const objects = await listObjects(standIn.aws, { bucket: 'lake', prefix })
  const uploads = await listUploads(standIn.aws, { bucket: 'lake', prefix })
  return [...objects, ...uploads.map(({ key }) => ({ key: `${key} (upload)` }))].map(({ key }) =>
    key.slice(prefix.length).replaceAll(load, 'load'),
  )
}

describe('a fan-out', () => {
  test('has one plan and one note of a name, whoever writes it first', async () => {
    expect(await fanOut.readPlan()).toBeUndefined()
    const texts = Array.from({ length: 5 }, (_, at) => `{"load":"${load}","by":${at}}`)
    const won = await Promise.all(texts.map((text) => fanOut.writePlan(text)))
    expect(won.filter(Boolean)).toEqual([true])
    expect(await lake.fanOut('workflow-1', never).readPlan()).toBe(texts[won.indexOf(true)])
    expect(await lake.fanOut('workflow-2', never).readPlan()).toBeUndefined()

    expect(await fanOut.writeNote(load, 'slice-3', 'mine')).toBe(true)
    expect(await fanOut.writeNote(load, 'slice-3', 'too late')).toBe(false)
    expect(await fanOut.readNote(load, 'slice-3')).toBe('mine')
    expect(await fanOut.readNote(load, 'slice-4')).toBeUndefined()
    expect(await fanOut.writeNote(load, 'commit', '{}')).toBe(true)
    expect(await fanOut.listNotes(load)).toEqual(['commit', 'slice-3'])
    await fanOut.removeNote(load, 'commit')
    await fanOut.removeNotes(load)
    expect(await kept()).toEqual([])
  })

  test('writes a note once though the answer is lost', async () => {
    standIn.faults.add({ operation: 'PutObject', times: 1, action: { kind: 'lost answer' } })
    expect(await fanOut.writeNote(load, 'commit', '{}')).toBe(true)
  })

  test('has files that are of the load once they are completed, by whomever, and not before', async () => {
    const left = JSON.parse(JSON.stringify(await leave('a.parquet')))
    const draft = draftOf()
    await draft.requireWritten([])
    const written = await draft.complete(left)
    await draft.requireWritten([{ name: 'a.parquet', rows: 1, ...written }])
    expect((await failureOf(draft.requireWritten([]))).exit).toBe(4)
    expect(await draft.discard()).toEqual([])
    expect(await kept()).toEqual([])
  })

  test('leaves nothing of a load that it discards: files, uploads, record', async () => {
    await draftOf().complete(await leave('a.parquet'))
    await leave('b.parquet')
    const record = { bucket: 'lake', key: recordKey('tables', table, load), body: '{}', kmsKey: undefined }
    await putNew(standIn.aws, { ...record, contentType: 'application/json' })
    await fanOut.writeNote(load, 'slice-0', '{}')
    await fanOut.discard(load)
    expect(await kept()).toEqual(['_slices/load/slice-0.json'])
  })
})

describe('a load that is published later', () => {
  const expire = (after = 0) => {
    const now = new Date(Date.now() + after)
    return expireLoads(standIn.place(table), { keep: 1, deadlineMs: 6 * hour, signal: never, now })
  }

  /** Another load, which began this much later. */
  async function publishLater(ms = 1_000): Promise<void> {
    const later = newLoadId(new Date(Date.now() + ms))
    const location = `s3://lake/tables/${table}/${later}/`
    const counts = { rows: 1, rowsRead: 1, lookups: {}, bytes: 1, source: undefined }
    const of = { load: later, snapshotAt: later, schemaHash: '', crawledHash: undefined, ...counts }
    const publication = { database: 'lake', table, location, columns: [], load: of, adopt: false }
    await publish(standIn.aws, { ...publication, signal: never })
  }

  const recordIt = () =>
    putNew(standIn.aws, {
      ...{ bucket: 'lake', key: recordKey('tables', table, load), body: '{"replaces":null}' },
      ...{ contentType: 'application/json', kmsKey: undefined },
    })

  test('leaves a fan-out that is under way all it has', async () => {
    await fanOut.writePlan(JSON.stringify({ load }))
    await fanOut.writeNote(load, 'slice-0', '{}')
    await leave('a.parquet')
    await publishLater()
    const before = await kept()
    expect(await expire()).toEqual({ removedLoads: [], abortedUploads: 0, warnings: [] })
    expect(await kept()).toEqual(before)
  })

  test('takes what a machine adds to a load that was published: notes, and uploads', async () => {
    await recordIt()
    await fanOut.writeNote(load, 'slice-0', '{}')
    await leave('a.parquet')
    await publishLater()
    expect(await expire()).toEqual({ removedLoads: [], abortedUploads: 1, warnings: [] })
    expect(await kept()).toEqual(['_loads/load.json'])
  })

  test('takes plan and notes of one that was published, and whose machines are gone', async () => {
    await fanOut.writePlan(JSON.stringify({ load }))
    await fanOut.writeNote(load, 'slice-0', '{}')
    await recordIt()
    await publishLater()
    await expire()
    expect(await kept()).toEqual(['_loads/load.json'])
  })

  test('takes notes of one that is cleared away, as no plan names it', async () => {
    await lake.fanOut('workflow-2', never).writePlan(JSON.stringify({ load: newLoadId() }))
    await fanOut.writeNote(load, 'slice-0', '{}')
    await publishLater()
    await expire()
    expect(await kept()).toEqual(['_slices/workflow-2.json'])
  })

  test('takes all of one that was killed, once its deadline is over', async () => {
    await fanOut.writePlan(JSON.stringify({ load }))
    await fanOut.writeNote(load, 'slice-0', '{}')
    await leave('a.parquet')
    await publishLater()
    expect(await expire(6.1 * hour)).toMatchObject({ abortedUploads: 1, warnings: [] })
    expect(await kept()).toEqual([])
  })
})
