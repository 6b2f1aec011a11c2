import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { findTable } from '../../../lib/aws/glue.ts'
import { listObjects, listUploads, putNew } from '../../../lib/aws/objects.ts'
import { expireLoads } from '../../../lib/lake/hive/expire.ts'
import { type Publication, publish, publishAgain } from '../../../lib/lake/hive/publish.ts'
import { unpin } from '../../../lib/lake/hive/unpin.ts'
import { loadFolder, recordKey, rollbackKey } from '../../../lib/lake/layout.ts'
import { newLoadId } from '../../../lib/lake/load-id.ts'
import { createStaged } from '../../../lib/lake/staged-tables.ts'
import { never, openLake } from '../../support/aws.ts'
import { denied } from '../../support/denied.ts'

const hour = 3_600_000
const minutesAgo = (minutes: number) => newLoadId(new Date(Date.now() - minutes * 60_000))

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())
afterEach(() => lake.faults.clear())

const put = (key: string, body = 'x') =>
  putNew(lake.aws, { bucket: 'lake', key, body, contentType: 'text/plain', kmsKey: undefined })

async function putLoad(table: string, load: string, record?: { replaces: string | null }): Promise<void> {
  await put(`${loadFolder('tables', table, load)}${table}-00000.parquet`)
  if (record !== undefined) await put(recordKey('tables', table, load), JSON.stringify(record))
}

const publication = (table: string, load: string): Publication => ({
  database: 'lake',
  table,
  location: `s3://lake/${loadFolder('tables', table, load)}`,
  columns: [],
  signal: never,
  load: {
    load,
    rows: 1,
    lookups: {},
    rowsRead: 1,
    snapshotAt: load,
    schemaHash: '',
    crawledHash: undefined,
    bytes: 1,
    source: undefined,
  },
})

const publishLoad = (table: string, load: string) =>
  publish(lake.aws, { ...publication(table, load), adopt: false })

/** A table whose loads, oldest first, were each published after the one before. */
async function history(table: string, count: number): Promise<string[]> {
  const loads: string[] = []
  for (let i = 0; i < count; i++) {
    const load = minutesAgo(60 * (count - i))
    await putLoad(table, load, { replaces: loads.at(-1) ?? null })
    await publishLoad(table, load)
    loads.push(load)
  }
  return loads
}

const clear = (table: string, after: number, more: { readonly keep?: number; readonly now?: Date } = {}) =>
  expireLoads(lake.place(table), {
    keep: 3,
    deadlineMs: 6 * hour,
    signal: never,
    now: new Date(Date.now() + after),
    ...more,
  })

/** What it asks S3 for of records, whatever else it does. */
async function recordsReadBy(work: () => Promise<unknown>): Promise<string[]> {
  const from = lake.faults.log.length
  await work()
  const asked = lake.faults.log.slice(from).filter(({ operation }) => operation === 'GetObject')
  return asked.map(({ subject }) => subject)
}

/** When an object was written, as S3 has it. */
async function writtenAt(key: string): Promise<number> {
  const found = await listObjects(lake.aws, { bucket: 'lake', prefix: key })
  return found[0]?.modified.getTime() ?? Number.NaN
}

/** Until S3 writes the next object at another millisecond than this one. */
async function tick(key: string): Promise<void> {
  const at = await writtenAt(key)
  while (Date.now() <= at + 1) await Bun.sleep(1)
}

const keysOf = async (table: string) =>
  (await listObjects(lake.aws, { bucket: 'lake', prefix: `tables/${table}/` })).map(({ key }) => key)

describe('retention', () => {
  test('keeps every load for a day after it was superseded', async () => {
    await history('day', 5)
    const before = await keysOf('day')
    expect(await clear('day', 23.9 * hour)).toEqual({ removedLoads: [], abortedUploads: 0, warnings: [] })
    expect(await keysOf('day')).toEqual(before)
  })

  test('reads no record while none of the loads it may remove is a day old', async () => {
    await history('young', 5)
    expect(await recordsReadBy(() => clear('young', 23.9 * hour))).toEqual([])
    expect(await recordsReadBy(() => clear('young', 24.1 * hour, { keep: 5 }))).toEqual([])
  })

  test('reads no record that is older than a day, as its load was left before that', async () => {
    const table = 'aged'
    const old = await history(table, 4)
    const dayLater = new Date((await writtenAt(recordKey('tables', table, old.at(-1)!))) + 24 * hour + 1)
    await tick(recordKey('tables', table, old.at(-1)!))
    const young = minutesAgo(0)
    await putLoad(table, young, { replaces: old.at(-1)! })
    await publishLoad(table, young)
    let removed: readonly string[] = []
    const read = await recordsReadBy(async () => {
      removed = (await clear(table, 0, { keep: 1, now: dayLater })).removedLoads
    })
    expect(read).toEqual([`lake/${recordKey('tables', table, young)}`])
    expect(removed).toEqual(old.slice(0, 3))
  })

  // Found by `bun run torture`: a load by a clock that was wrong, the next one, and a third a day later (seed 2026).
  test('takes a load for replaced by the next that was recorded, though a clock that was ahead has named it later', async () => {
    const table = 'ahead'
    const named = minutesAgo(-6)
    await putLoad(table, named, { replaces: null })
    await tick(recordKey('tables', table, named))
    const next = minutesAgo(0)
    await putLoad(table, next, { replaces: named })
    const recorded = recordKey('tables', table, next)
    await tick(recorded)
    const young = minutesAgo(-60)
    await putLoad(table, young, { replaces: next })
    await publishLoad(table, young)
    const now = new Date((await writtenAt(recorded)) + 24 * hour + 1)
    expect((await clear(table, 0, { keep: 1, now })).removedLoads).toEqual([named])
  })

  test('then keeps the newest, and removes files and records of the others', async () => {
    const loads = await history('newest', 5)
    expect(await clear('newest', 24.1 * hour)).toEqual({
      removedLoads: loads.slice(0, 2),
      abortedUploads: 0,
      warnings: [],
    })
    const kept = loads.slice(2)
    expect(await keysOf('newest')).toEqual(
      [
        ...kept.map((load) => `${loadFolder('tables', 'newest', load)}newest-00000.parquet`),
        ...kept.map((load) => recordKey('tables', 'newest', load)),
      ].sort(),
    )
  })

  test('never removes what is published, be it the oldest of all', async () => {
    const table = 'rolledback'
    const loads = await history(table, 1)
    for (let i = 0; i < 4; i++) await putLoad(table, minutesAgo(30 - i), { replaces: loads[0] ?? null })
    const { removedLoads } = await clear(table, 100 * 24 * hour, { keep: 1 })
    expect(removedLoads).toHaveLength(3)
    expect(removedLoads).not.toContain(loads[0])
  })

  test('counts the day from when readers really left a load, not from a record that was never published', async () => {
    const table = 'stuck'
    const [old = ''] = await history(table, 1)
    const failed = minutesAgo(30)
    await putLoad(table, failed, { replaces: old })
    await tick(recordKey('tables', table, failed))
    const next = minutesAgo(1)
    await putLoad(table, next, { replaces: old })
    await publishLoad(table, next)
    const left = await writtenAt(recordKey('tables', table, next))
    const dayLater = (ms: number) => ({ keep: 1, now: new Date(left + 24 * hour + ms) })
    expect((await clear(table, 0, dayLater(0))).removedLoads).toEqual([])
    expect((await clear(table, 0, dayLater(1))).removedLoads).toEqual([old, failed])
  })

  /** Publishes it again over the other, and says so first, as a rollback does. */
  async function rollBack(table: string, load: string, over: string): Promise<void> {
    const rollback = newLoadId()
    await put(rollbackKey('tables', table, rollback), JSON.stringify({ load, replaces: over }))
    const pin = { at: new Date().toISOString(), rollback, replaces: over, reason: undefined }
    const outcome = await publishAgain(lake.aws, { ...publication(table, load), over, pin })
    expect(outcome).toEqual({ outcome: 'published' })
  }
  const rollbacksOf = async (table: string) =>
    (await keysOf(table)).filter((key) => key.includes('/_rollbacks/')).length

  test('keeps what a rollback published, and the loads after it for as long as it is pinned', async () => {
    const table = 'pinned'
    const loads = await history(table, 6)
    const [, second = '', third = '', , , last = ''] = loads
    await rollBack(table, third, last)
    const { removedLoads } = await clear(table, 100 * 24 * hour, { keep: 1 })
    expect(removedLoads).toEqual(loads.slice(0, 2))
    expect(removedLoads).toContain(second)
    await unpin(lake.place(table), never)
    expect((await clear(table, 100 * 24 * hour, { keep: 1 })).removedLoads).toEqual(loads.slice(3, 5))
    expect(await rollbacksOf(table)).toBe(1)
  })

  test('counts the day of a load that was rolled back from the rollback', async () => {
    const table = 'later'
    const [first = '', second = '', third = ''] = await history(table, 3)
    // Told to be replaced by one that was killed then.
    const killed = minutesAgo(30)
    await putLoad(table, killed, { replaces: third })
    await tick(recordKey('tables', table, killed))
    const rolledBack = Date.now()
    await rollBack(table, second, third)
    await unpin(lake.place(table), never)
    const next = minutesAgo(1)
    await putLoad(table, next, { replaces: second })
    await publishLoad(table, next)
    const soon = new Date(rolledBack + 24 * hour)
    expect((await clear(table, 0, { keep: 1, now: soon })).removedLoads).toEqual([first])
    expect((await clear(table, 24 * hour + 300, { keep: 1 })).removedLoads).toEqual([second, third, killed])
  })

  test('keeps what a rollback published for a day more, though it was replaced unseen', async () => {
    const table = 'unseen'
    const [first = '', last = ''] = await history(table, 2)
    await tick(recordKey('tables', table, last))
    const rolledBack = Date.now()
    await rollBack(table, first, last)
    await unpin(lake.place(table), never)
    const next = minutesAgo(1)
    await putLoad(table, next, { replaces: last })
    await publishLoad(table, next)
    const soon = new Date(rolledBack + 24 * hour)
    expect((await clear(table, 0, { keep: 1, now: soon })).removedLoads).toEqual([])
  })

  test('asks once more before a load goes, for a rollback that has come since', async () => {
    const table = 'chosen'
    const [first = '', second = '', last = ''] = await history(table, 3)
    // The second listing is that of rollbacks, just before a load goes.
    const action = { kind: 'hold' } as const
    lake.faults.add({ operation: 'ListObjectsV2', after: 1, times: 1, action })
    const clearing = clear(table, 25 * hour, { keep: 1 })
    await lake.faults.held('ListObjectsV2')
    await rollBack(table, first, last)
    lake.faults.release()
    expect(await clearing).toEqual({ removedLoads: [], abortedUploads: 0, warnings: [] })
    expect(await keysOf(table)).toContain(recordKey('tables', table, second))
  })

  test('removes what killed loads left once it is older than the deadline, and no sooner', async () => {
    const table = 'killed'
    const [published = ''] = await history(table, 1)
    const killed = minutesAgo(3)
    await putLoad(table, killed)
    const Key = `${loadFolder('tables', table, killed)}killed-00001.parquet`
    await lake.aws.s3.send(new CreateMultipartUploadCommand({ Bucket: 'lake', Key }))
    const name = `${table}__${killed}`
    const location = `s3://lake/${loadFolder('tables', table, killed)}`
    await createStaged(lake.aws, { database: 'lake_staging', name, location, columns: [] })
    const there = () => findTable(lake.aws, { database: 'lake_staging', table: name })

    expect(await clear(table, 5.8 * hour)).toEqual({ removedLoads: [], abortedUploads: 0, warnings: [] })
    expect(await there()).toBeDefined()
    expect(await clear(table, 6.2 * hour)).toEqual({
      removedLoads: [killed],
      abortedUploads: 1,
      warnings: [],
    })
    expect(await there()).toBeUndefined()
    expect((await keysOf(table)).every((key) => key.includes(published))).toBe(true)
  })

  test('touches nothing that is not of a load of this very table', async () => {
    await history('orders', 1)
    const old = '20200101t000000000z_aaaaaa'
    const keys = [
      `tables/orders_old/${old}/orders-00000.parquet`,
      `tables/orders/${old}`,
      `tables/orders/notes/${old}.txt`,
      'tables/orders/readme.md',
      'tables/orders/20201301t000000000z_aaaaaa/month-13.parquet',
      `tables/orders/_loads/${old}.json.bak`,
      'tables/orders/_loads/latest.json',
      `tables/orders/_loads/${old}/x.json`,
      `orders/${old}/x.parquet`,
    ]
    for (const key of keys) await put(key)
    const uploads = [`tables/orders_old/${old}/x`, 'tables/orders/mine']
    for (const Key of uploads)
      await lake.aws.s3.send(new CreateMultipartUploadCommand({ Bucket: 'lake', Key }))
    const foreign: [string, string][] = [
      [`orders_old__${old}`, `s3://lake/tables/orders_old/${old}/`],
      [`orders__${old}`, 's3://elsewhere/orders/'],
      ['orders__mine', 's3://lake/tables/orders/mine/'],
    ]
    for (const [name, location] of foreign) {
      await createStaged(lake.aws, { database: 'lake_staging', name, location, columns: [] })
    }
    expect(await clear('orders', 1_000 * hour)).toEqual({ removedLoads: [], abortedUploads: 0, warnings: [] })
    const left = await listObjects(lake.aws, { bucket: 'lake', prefix: '' })
    expect(left.map(({ key }) => key)).toEqual(expect.arrayContaining(keys))
    const begun = await listUploads(lake.aws, { bucket: 'lake', prefix: '' })
    expect(begun.map(({ key }) => key)).toEqual(expect.arrayContaining(uploads))
    for (const [table] of foreign) {
      expect(await findTable(lake.aws, { database: 'lake_staging', table })).toBeDefined()
    }
  })

  test('removes no load while nobody can say which one is published', async () => {
    await history('unread', 5)
    lake.faults.add({ operation: 'GetTable', action: { kind: 'error', code: 'AccessDeniedException' } })
    const { removedLoads, warnings } = await clear('unread', 100 * hour)
    expect(removedLoads).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('lake.unread')])
  })

  test('only warns when it is refused', async () => {
    await history('refused', 4)
    for (const operation of ['DeleteObjects', 'ListMultipartUploads', 'GetTables']) {
      lake.faults.add({ operation, action: denied(operation) })
    }
    const { removedLoads, warnings } = await clear('refused', 100 * hour)
    expect(removedLoads).toEqual([])
    expect(warnings).toHaveLength(3)
  })
})
