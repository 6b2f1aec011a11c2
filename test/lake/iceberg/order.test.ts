/**
 * The order of effects of an Iceberg load: wherever it is cut off, readers see the old rows or the new ones, whole, and
 * what it leaves behind is removed by a later load, once it is older than the deadline.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { listObjects, listUploads } from '../../../lib/aws/objects.ts'
import { reachableObjects } from '../../../lib/iceberg/reachable.ts'
import { readBase } from '../../../lib/lake/iceberg/base.ts'
import { expireLoads } from '../../../lib/lake/iceberg/expire.ts'
import { objectReader } from '../../../lib/lake/iceberg/objects.ts'
import { stagedTables } from '../../../lib/lake/staged-tables.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { denied } from '../../support/denied.ts'
import { type DaysLoad, tableOfDays } from './days.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5] }

/** All its steps, as a load takes them. */
async function run(load: Promise<DaysLoad>): Promise<void> {
  const { draft, facts, stage, commit } = await load
  await draft.requireWritten(facts.files)
  await stage()
  await draft.count()
  await commit()
  await draft.expire({ keep: 2, deadlineMs: 3_600_000 })
}

async function leftBehind(place: ReturnType<typeof standIn.place>) {
  const { version } = await readBase(place, never)
  const reached = await reachableObjects(version!, objectReader(standIn.aws, never))
  const { metadata } = version!
  const notes = new Set(
    metadata.snapshots?.flatMap(({ summary: { 'dracula.load': load } }) => [
      `_loads/${load}.json`,
      `_accounts/${load}.json.gz`,
    ]),
  )
  const folder = `tables/${place.table}/`
  const listed = await listObjects(standIn.aws, { bucket: 'lake', prefix: folder })
  const objects = listed.map(({ key }) => key.slice(folder.length))
  return {
    objects: objects.filter((key) => !notes.has(key) && !reached.has(`s3://lake/${folder}${key}`)),
    missing: [...reached].filter((path) => !objects.includes(path.slice(`s3://lake/${folder}`.length))),
    uploads: await listUploads(standIn.aws, { bucket: 'lake', prefix: folder }),
    staged: (await stagedTables(place, never)).map(({ name }) => name),
  }
}

/** Who is killed changes nothing more: from then on every call that would is refused. What is only asked makes no difference. */
function refuseAfter(writes: readonly string[]): void {
  for (const operation of changing) {
    const after = writes.filter((each) => each === operation).length
    standIn.faults.add({ operation, after, action: denied(operation) })
  }
}

const changing = ['PutObject', 'CreateTable', 'UpdateTable', 'DeleteTable', 'DeleteObjects']

test('Killed after any change it has made, a load has shown readers all of its rows or none', async () => {
  const place = standIn.place('killed')
  const made = tableOfDays(place)
  await made.publish({ second: 1, days: whole })
  const { log } = standIn.faults
  const days = (second: number) => ({
    '2026-03-02': [1000 + second],
    '2026-03-03': [2000 + second, 3000 + second],
  })
  const load = (second: number) =>
    run(made.open({ second, days: days(second), which: 'these', begins: new Date() }))
  const from = log.length
  await load(2)
  const calls = log.slice(from).filter(({ operation }) => changing.includes(operation))
  const publish = calls.findIndex(
    (call) => call.operation === 'UpdateTable' && call.subject === 'lake.killed',
  )
  expect(calls.length).toBeGreaterThan(10)
  let seen: Record<string, readonly number[]> = { ...whole, ...days(2) }
  for (let done = 0; done < calls.length; done++) {
    const before = await readBase(place, never)
    refuseAfter(calls.slice(0, done).map(({ operation }) => operation))
    const [outcome] = await Promise.allSettled([load(3 + done)])
    standIn.faults.clear()
    const now = await readBase(place, never)
    const isPublished = done > publish
    expect(outcome.status).toBe(isPublished ? 'fulfilled' : 'rejected')
    expect(now.version?.file === before.version?.file).toBe(!isPublished)
    if (isPublished) {
      seen = { ...seen, ...days(3 + done) }
      expect(await made.rows()).toEqual(seen)
    }
  }
  expect(await made.rows()).toEqual(seen)
  const left = await leftBehind(place)
  expect(left.missing).toEqual([])
  for (const kind of ['iceberg/data/', 'iceberg/metadata/', '_staged/', '_accounts/', '_loads/']) {
    expect(left.objects.join()).toContain(kind)
  }
  expect(left.staged.length).toBeGreaterThan(0)

  const now = new Date(Date.now() + 25 * 3_600_000)
  const { warnings } = await expireLoads(place, { deadlineMs: 3_600_000, done: '', signal: never, now })
  expect(warnings).toEqual([])
  expect(await leftBehind(place)).toEqual({ objects: [], missing: [], uploads: [], staged: [] })
  expect(await made.rows()).toEqual(seen)
})

test('Discarded wherever it fails, a load leaves nothing', async () => {
  const place = standIn.place('discarded')
  const made = tableOfDays(place)
  await made.publish({ second: 1, days: whole })
  const before = await leftBehind(place)
  for (const operation of ['CreateTable', 'StartQueryExecution', 'UpdateTable', 'PutObject']) {
    const opening = made.open({ second: 2, days: { '2026-03-02': [6] }, which: 'these' })
    const load = await opening
    standIn.faults.add({ operation, action: denied(operation) })
    await expect(run(Promise.resolve(load))).rejects.toThrow()
    standIn.faults.clear()
    expect(await load.draft.discard()).toEqual([])
    expect(await leftBehind(place)).toEqual(before)
  }
  expect(await made.rows()).toEqual(whole)
})

test('A publish whose answer is lost is known by what the snapshot says', async () => {
  const made = tableOfDays(standIn.place('lost'))
  await made.publish({ second: 1, days: whole })
  standIn.faults.add({
    operation: 'UpdateTable',
    match: 'lake.lost',
    times: 1,
    action: { kind: 'lost answer' },
  })
  await run(made.open({ second: 2, days: { '2026-03-02': [6] }, which: 'these' }))
  standIn.faults.clear()
  expect(await made.rows()).toEqual({ ...whole, '2026-03-02': [6] })
})

test('A publish that never gets an answer is told as unknown, and leaves all there is', async () => {
  const place = standIn.place('unknown')
  const made = tableOfDays(place)
  await made.publish({ second: 1, days: whole })
  standIn.faults.add({ operation: 'UpdateTable', match: 'lake.unknown', action: { kind: 'drop' } })
  const failure = await failureOf(run(made.open({ second: 2, days: { '2026-03-02': [6] }, which: 'these' })))
  standIn.faults.clear()
  expect([failure.exit, failure.message]).toEqual([
    5,
    expect.stringContaining('as dracula.load means published'),
  ])
  expect(await made.rows()).toEqual(whole)
})

test('A publish whose answer is lost while the load is told to stop is known all the same', async () => {
  const made = tableOfDays(standIn.place('stopped'))
  await made.publish({ second: 1, days: whole })
  const stopping = new AbortController()
  const { signal } = stopping
  const rule = { operation: 'UpdateTable', match: 'lake.stopped', times: 1 } as const
  standIn.faults.add({ ...rule, action: { kind: 'hold' } }, { ...rule, action: { kind: 'lost answer' } })
  const { stage, commit } = await made.open({
    second: 2,
    days: { '2026-03-02': [6] },
    which: 'these',
    signal,
  })
  await stage()
  const committing = commit()
  await standIn.faults.held('UpdateTable')
  stopping.abort(new Error('told to stop'))
  standIn.faults.release()
  expect(await committing).toEqual({ outcome: 'published' })
  standIn.faults.clear()
  expect(await made.rows()).toEqual({ ...whole, '2026-03-02': [6] })
})
