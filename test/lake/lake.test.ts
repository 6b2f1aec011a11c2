/** What every kind of lake does, tried through its interface alone: those with readers, and those of a dry run. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolder } from '../../lib/lake/folder.ts'
import { openHive } from '../../lib/lake/hive/hive.ts'
import { openIceberg } from '../../lib/lake/iceberg/iceberg.ts'
import { type Draft, type DryDraft, isReadable, type Lake } from '../../lib/lake/lake.ts'
import { newLoadId } from '../../lib/lake/load-id.ts'
import { openNowhere } from '../../lib/lake/nowhere.ts'
import type { Published, PublishedTable } from '../../lib/lake/published.ts'
import { failureOf, never, openLake } from '../support/aws.ts'
import { lakeTable } from './table.ts'

let standIn: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  standIn = await openLake()
})
afterAll(() => standIn?.close())

let tables = 0

describe.each([
  ['S3, Glue and Athena', (table: string): Lake => openHive(standIn.place(table)), {}],
  ['Iceberg tables', (table: string): Lake => openIceberg(standIn.place(table)), { format: 'iceberg' }],
] as const)('a lake of %s', (_, open, declared) => {
  let lake: Lake
  let made: ReturnType<typeof lakeTable>
  beforeEach(() => {
    const name = `t${++tables}`
    lake = open(name)
    made = lakeTable(name, declared)
  })

  /** @param second of its snapshot @param rows as many as that, unless told otherwise */
  async function draftOf(second: number, rows = second): Promise<Drafted> {
    const load = newLoadId(new Date(Date.UTC(2026, 0, 1, 0, 0, second)))
    const current = await lake.current(never)
    await lake.prepare(current, { adopt: false, signal: never })
    const draft = lake.draft({ load, table: made.table, current, signal: never })
    if (!isReadable(draft)) throw new Error('Nobody could read it.')
    const facts = await made.write(draft, { load, second, rows })
    const commit: Committing = (permit = () => {}) =>
      draft.commit(facts, { adopt: false, keep: 5, phases: { read: 1 }, permit })
    return { draft, stage: () => draft.stage({ facts, onWait() {} }), commit }
  }
  interface Drafted {
    readonly draft: Draft
    stage(): ReturnType<Draft['stage']>
    readonly commit: Committing
  }
  type Committing = (permit?: (now: { readonly load: string }) => void) => ReturnType<Draft['commit']>

  async function publish(second: number): Promise<PublishedTable> {
    const { draft, stage, commit } = await draftOf(second)
    await stage()
    expect(await commit()).toEqual({ outcome: 'published' })
    expect(await draft.expire({ keep: 5, deadlineMs: 3_600_000 })).toMatchObject({ warnings: [] })
    return oursOf(await lake.current(never))
  }

  const rollBack = async (load: string, published: PublishedTable) => {
    const { loads } = await lake.history({ signal: never })
    const found = loads.find((each) => each.load === load)
    if (found === undefined || 'wrong' in found) throw new Error(`No record of ${load}.`)
    const warn = (message: string) => expect(message).toBe('')
    const { record } = found
    return lake.rollBack({ record, published, reason: 'a test', signal: never, warn })
  }

  test('shows a load to readers at its commit, with all that is known of it, and not before', async () => {
    expect(await lake.current(never)).toEqual({ kind: 'absent' })
    const { draft, stage, commit } = await draftOf(3)
    expect(await stage()).toEqual({ crawled: false })
    expect(await draft.count()).toMatchObject({ rows: 3, differences: [] })
    expect(await lake.current(never)).toEqual({ kind: 'absent' })
    expect(await commit()).toEqual({ outcome: 'published' })
    expect(await lake.current(never)).toMatchObject({
      kind: 'managed',
      rows: 3,
      rowsRead: 4,
      lookups: { other: 2 },
      snapshotAt: '2026-01-01T00:00:03.000000Z',
      source: { relation: 'parts' },
      pin: undefined,
    })
    expect((await lake.history({ signal: never })).loads).toMatchObject([
      { state: 'published', damage: undefined, record: { rows: 3, rows_read: 4, phases: { read: 1 } } },
    ])
  })

  test('refuses a file that is not as it was written, before the load is recorded as published', async () => {
    const before = await publish(1)
    const { draft, commit } = await draftOf(2)
    const more = draft.openFile('more.parquet')
    await more.write(new Uint8Array(10))
    await more.finish()
    expect((await failureOf(commit())).exit).toBe(4)
    expect(await draft.discard()).toEqual([])
    expect(await lake.current(never)).toEqual(before)
    expect((await lake.history({ signal: never })).loads).toHaveLength(1)
  })

  test('keeps the newest snapshot of loads that commit at once, and tells the others by which they lost', async () => {
    await publish(1)
    const seconds = [5, 2, 9, 3, 7]
    const drafts = await Promise.all(seconds.map((second) => draftOf(second)))
    const outcomes = await Promise.all(drafts.map(({ commit }) => commit()))
    expect(oursOf(await lake.current(never)).rows).toBe(9)
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.outcome === 'published') continue
      expect(outcome).toMatchObject({ outcome: 'lost' })
      if (outcome.outcome === 'lost') expect(outcome.to.rows).toBeGreaterThan(seconds[at]!)
    }
    expect(outcomes[2]).toEqual({ outcome: 'published' })
  })

  test('asks what it replaces for leave, and replaces nothing where it is refused', async () => {
    const before = await publish(1)
    const { commit } = await draftOf(2)
    const asked: string[] = []
    const refuse = ({ load }: { readonly load: string }) => {
      asked.push(load)
      throw new Error('not this one')
    }
    await expect(commit(refuse)).rejects.toThrow('not this one')
    expect(asked).toEqual([before.load])
    expect(await lake.current(never)).toEqual(before)
  })

  test('goes back to an earlier load, stays there while it is pinned, and goes on when the pin is taken', async () => {
    const first = await publish(1)
    const second = await publish(2)
    const late = await draftOf(3)
    const pin = await rollBack(first.load, second)
    expect(oursOf(await lake.current(never))).toMatchObject({ load: first.load, rows: 1, pin })
    expect(await late.commit()).toMatchObject({ outcome: 'pinned', to: { load: first.load }, pin })
    const refused = lake.prepare(await lake.current(never), { adopt: false, signal: never })
    expect((await failureOf(refused)).exit).toBe(2)
    const { rollbacks, loads } = await lake.history({ signal: never })
    expect(rollbacks).toMatchObject([{ load: first.load, replaces: second.load, reason: 'a test' }])
    expect(loads.find(({ load }) => load === second.load)).toMatchObject({ state: 'rolled back' })
    expect(await lake.unpin(never)).toMatchObject({ pin, published: { load: first.load, pin: undefined } })
    expect((await lake.unpin(never)).pin).toBeUndefined()
    expect((await publish(4)).rows).toBe(4)
  })

  test('lets either a rollback or a load win, never both', async () => {
    const first = await publish(1)
    const second = await publish(2)
    const { commit } = await draftOf(3)
    const [back, forth] = await Promise.allSettled([rollBack(first.load, second), commit()])
    const now = oursOf(await lake.current(never))
    const won = back.status === 'fulfilled'
    expect(now.rows).toBe(won ? 1 : 3)
    expect(now.pin !== undefined).toBe(won)
    if (!won) expect(back.reason).toMatchObject({ exit: 1 })
    // A load that was published and rolled back a moment later is one that was published, but this names the second.
    expect(forth).toMatchObject({ status: 'fulfilled', value: { outcome: won ? 'pinned' : 'published' } })
  })

  test('keeps nothing of a load that is discarded, and all that readers see', async () => {
    const before = await publish(1)
    const { draft, stage } = await draftOf(2)
    await stage()
    expect(await draft.discard()).toEqual([])
    expect(await lake.current(never)).toEqual(before)
    expect((await lake.history({ signal: never })).loads).toMatchObject([
      { load: before.load, damage: undefined },
    ])
    await expect(draft.count()).rejects.toMatchObject({ exit: 1 })
  })
})

function oursOf(published: Published): PublishedTable {
  if (published.kind !== 'managed') throw new Error(`It is ${published.kind}.`)
  return published
}

describe('the lake of a dry run', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const describeIt = async () => 'nowhere'
  const { table, write } = lakeTable('parts')
  const facts = { load: newLoadId(), second: 1, rows: 2 }

  test.each([
    ['nowhere', () => openNowhere(describeIt)],
    ['a folder', () => openFolder(folder, 'parts', describeIt)],
  ] as const)('takes files %s, and has nothing that readers could see', async (name, open) => {
    const lake = open()
    const current = await lake.current(never)
    expect(current).toEqual({ kind: 'absent' })
    await lake.prepare(current, { adopt: false, signal: never })
    const draft: DryDraft = lake.draft({ load: facts.load, table, current, signal: never })
    expect(isReadable(draft)).toBe(false)
    const { files, bytes } = await write(draft, facts)
    expect(files.map((each) => each.bytes)).toEqual([bytes])
    expect(bytes).toBeGreaterThan(100)
    await draft.requireWritten(files)
    const uri = name === 'nowhere' ? undefined : join(folder, 'parts-00000.parquet')
    expect(files.map((each) => each.uri)).toEqual([uri])
    expect(await readdir(folder)).toEqual(uri === undefined ? [] : ['parts-00000.parquet'])
    expect(await draft.discard()).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })
})
