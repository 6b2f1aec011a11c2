/** What is wrong with a load of an Iceberg table, and is known before readers could see it. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { LoadFacts } from '../../../lib/lake/facts.ts'
import { accountKey, dataFolder } from '../../../lib/lake/iceberg/layout.ts'
import { failureOf, never, openLake } from '../../support/aws.ts'
import { type LoadOfDays, tableOfDays } from './days.ts'

setDefaultTimeout(300_000)

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0
let name: string
let made: ReturnType<typeof tableOfDays>
beforeEach(async () => {
  name = `days${++tables}`
  made = tableOfDays(standIn.place(name))
})

const whole = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5] }
const next: LoadOfDays = { second: 2, days: { '2026-03-01': [9, 10] }, which: 'these' }

/** Counts it as a load does, then goes on although it knows better. */
async function refusedBy(work: () => Promise<unknown>): Promise<{ exit: number; message: string }> {
  const before = await made.rows()
  const { exit, message } = await failureOf(work())
  expect(await made.rows()).toEqual(before)
  return { exit, message }
}

const lying = (facts: LoadFacts, by: number): LoadFacts => ({
  ...facts,
  rows: facts.rows + by,
  files: facts.files.map((file) => ({ ...file, rows: file.rows + by })),
  partitions: {
    ...facts.partitions!,
    list: facts.partitions!.list.map((each) => ({
      ...each,
      rows: each.rows + by,
      rowsRead: each.rowsRead + by,
    })),
  },
})

describe('nothing of it is published:', () => {
  beforeEach(async () => {
    await made.publish({ second: 1, days: whole })
  })

  test('a file that is gone, after it was staged', async () => {
    const { draft, facts, stage, commit } = await made.open(next)
    await stage()
    await draft.count()
    const Key = dataFolder('tables', name, facts.load) + facts.files[0]!.name
    await standIn.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key }))
    expect(await refusedBy(commit)).toEqual({ exit: 4, message: expect.stringContaining('is gone') })
    expect(await refusedBy(() => draft.requireWritten(facts.files))).toMatchObject({ exit: 4 })
    await expect(draft.count()).rejects.toThrow('query Athena')
  })

  test.each([1, -1])('a manifest that counts %i rows more than the file has', async (by) => {
    const { draft, facts } = await made.open(next)
    const told = lying(facts, by)
    await draft.stage({ facts: told, onWait() {} })
    const { rows, differences } = await draft.count()
    expect(rows).toBe(2)
    expect(differences).toContainEqual(`Athena reads 2 rows of at_day 2026-03-01, but ${2 + by} were written`)
    const commit = () => draft.commit(told, { adopt: false, keep: 5, phases: {}, permit() {} })
    expect(await refusedBy(commit)).toMatchObject({ exit: 4 })
  })

  test('a file of another day than it was read for', async () => {
    const { stage } = await made.open({ ...next, misroute: () => '2026-03-02' })
    const { exit, message } = await refusedBy(stage)
    expect(exit).toBe(4)
    expect(message).toContain('0 rows are in files of at_day 2026-03-01, but 2 were read of it')
  })

  test('a file of a day that was not read at all', async () => {
    const { draft, facts } = await made.open({
      second: 2,
      days: { '2026-03-02': [7], '2026-03-03': [8] },
      which: 'these',
    })
    const [first] = facts.partitions!.list
    const told = { ...facts, rows: 1, rowsRead: 1, partitions: { which: 'these', list: [first!] } } as const
    const { exit, message } = await refusedBy(() => draft.stage({ facts: told, onWait() {} }))
    expect([exit, message]).toEqual([
      4,
      expect.stringContaining('is of at_day 2026-03-03, of which nothing was read'),
    ])
  })

  test('keys whose sum is not that of the source', async () => {
    const { draft, facts } = await made.open(next)
    const list = facts.partitions!.list.map((each) => ({ ...each, key: { ...each.key!, sum: '20' } }))
    await draft.stage({ facts: { ...facts, partitions: { which: 'these', list } }, onWait() {} })
    expect((await draft.count()).differences).toEqual([
      'Athena reads the sum of id in at_day 2026-03-01 as 19, but 20 was written',
    ])
  })

  test('a day that a load keeps, and that has other rows than it was read with', async () => {
    const before = await made.publish({ second: 2, days: { '2026-03-03': [6] }, which: 'these' })
    const Key = accountKey('tables', name, before.load)
    const { Body } = await standIn.aws.s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))
    const text = gunzipSync(await Body!.transformToByteArray()).toString()
    const changed = text.replace('"rows":3', '"rows":4')
    expect(changed).not.toBe(text)
    await standIn.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: gzipSync(changed) }))
    const { draft, stage } = await made.open({ second: 3, days: { '2026-03-02': [7] }, which: 'these' })
    await stage()
    expect((await draft.count()).differences).toEqual([
      'Athena knows 3 rows of at_day 2026-03-01, but 4 are accounted for',
    ])
  })

  test('some days of a table of which there is no account', async () => {
    const { load } = await made.publish({ second: 2, days: whole })
    const Key = accountKey('tables', name, load)
    await standIn.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key }))
    const { stage } = await made.open({ ...next, second: 3 })
    const { exit, message } = await refusedBy(stage)
    expect([exit, message]).toEqual([3, expect.stringContaining('--full')])
    expect(await made.publish({ second: 4, days: whole })).toMatchObject({ rows: 5 })
  })
})

test('A file whose bytes are those of another is refused, by Athena and by the list of what is there', async () => {
  const { draft, facts, stage, commit } = await made.open({ second: 1, days: whole })
  const [a, b] = facts.files.map(({ name: file }) => dataFolder('tables', name, facts.load) + file)
  const { Body } = await standIn.aws.s3.send(new GetObjectCommand({ Bucket: 'lake', Key: a! }))
  await stage()
  const body = await Body!.transformToByteArray()
  await standIn.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key: b!, Body: body }))
  await expect(draft.count()).rejects.toThrow('query Athena')
  expect((await failureOf(draft.requireWritten(facts.files))).exit).toBe(4)
  await expect(commit()).rejects.toThrow('query Athena')
  expect(await made.lake.current(never)).toEqual({ kind: 'absent' })
})
