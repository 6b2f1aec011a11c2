/** `bun run loads`: what the records tell of a table's loads, and how fresh every table is. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { freshnessReport } from '../../lib/commands/loads/freshness.ts'
import { historyReport, type ListedLoad } from '../../lib/commands/loads/history.ts'
import { sparkline } from '../../lib/commands/loads/sparkline.ts'
import type { History } from '../../lib/lake/history.ts'
import type { Published } from '../../lib/lake/published.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { openScripts } from '../load/own-scripts.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

const command = 'lib/commands/loads.ts'
const rollback = 'lib/commands/rollback.ts'
const args = ['--catalog', 'declared']

let lake: TestStandIn
const loads: LoadSummary[] = []

async function load(): Promise<LoadSummary> {
  await lake.sql`insert into taxes (id, amount, percent_rate) select max(id) + 1, 1, 1 from taxes`
  const summary = (await lake.run('taxes', args)).summary()
  loads.push(summary)
  return summary
}

beforeAll(async () => {
  lake = await openStandIn({ scale: 0.001, tables: ['taxes', 'notes'] })
  for (let at = 0; at < 3; at++) await load()
})

afterAll(() => lake?.close())

async function listed(...flags: string[]) {
  const { exit, stdout } = await lake.run(command, ['taxes', ...flags])
  const json: { loads: ListedLoad[]; more: number; pinned: object | null; rollbacks: object[] } =
    JSON.parse(stdout)
  return {
    exit,
    ...json,
    states: json.loads.map(({ state, pinned }) => (pinned ? `${state}, pinned` : state)),
  }
}

describe('bun run loads of one table', () => {
  test('lists its loads with what each measured, newest first', async () => {
    const { exit, loads: shown, states, more, rollbacks } = await listed()
    expect(exit).toBe(0)
    expect({ states, more, rollbacks }).toEqual({
      states: ['published', 'superseded', 'superseded'],
      more: 0,
      rollbacks: [],
    })
    for (const [at, each] of loads.toReversed().entries()) {
      expect(shown[at]).toMatchObject({
        load: each.load,
        snapshot_at: each.snapshot_at,
        rows: each.rows,
        bytes: each.bytes,
        xmin_held_s: each.xmin_held_s,
        damage: null,
      })
      const { open = 0, read = 0, count = 0, crawl = 0, audit = 0 } = each.phases
      expect(shown[at]?.seconds).toBeCloseTo(open + read + count + crawl + audit, 5)
    }
    const two = await listed('--limit', '2')
    expect([two.states, two.more]).toEqual([['published', 'superseded'], 1])
  })

  test('says which was rolled back, which is pinned, why, and what became of it later', async () => {
    const [, middle, last] = loads
    expect((await lake.run(rollback, ['taxes', '--reason', 'wrong rates'])).exit).toBe(0)
    const pinned = await listed()
    expect(pinned.states).toEqual(['rolled back', 'published, pinned', 'superseded'])
    expect(pinned.pinned).toMatchObject({ replaces: last?.load, reason: 'wrong rates' })
    expect(pinned.rollbacks).toMatchObject([
      { load: middle?.load, replaces: last?.load, reason: 'wrong rates' },
    ])
    expect((await lake.run(rollback, ['taxes', '--unpin'])).exit).toBe(0)
    await load()
    const { states, pinned: pin } = await listed()
    expect(pin).toBeNull()
    expect(states).toEqual(['published', 'rolled back', 'superseded', 'superseded'])
  })

  test.each(['', 'x'.repeat(256), 'a\nb'])(
    'a name that nothing in Glue can have is one that no script has: %j',
    async (name) => {
      for (const each of [command, rollback]) {
        const { exit, message } = await lake.run(each, [name])
        expect([exit, message]).toEqual([2, expect.stringContaining('no script has that name')])
      }
    },
  )

  test('a record that is damaged, and a load whose objects are gone, are lines that say so', async () => {
    const [first, second] = loads
    const Key = `tables/taxes/_loads/${first?.load}.json`
    await lake.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: '{"version":1}' }))
    const file = `tables/taxes/${second?.load}/taxes-00000.parquet`
    await lake.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: file }))
    const { exit, loads: shown } = await listed()
    expect(exit).toBe(0)
    expect(shown.slice(2)).toMatchObject([
      { load: second?.load, state: 'superseded', rows: second?.rows, damage: `${file} is gone` },
      {
        load: first?.load,
        state: 'damaged record',
        rows: null,
        damage: 'its "table" is not what a load writes',
      },
    ])
  })
})

describe('bun run loads of all tables', () => {
  test('shows the stalest first, those without a script too, and those that are not published last', async () => {
    await lake.run('notes', args)
    const scripts = await openScripts()
    const ledger = await scripts.write('ledger', 'id: integer', "from: 'taxes', ignore: ['amount']")
    expect((await lake.run(ledger, args)).exit).toBe(0)
    await scripts.close()
    await lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'users' } }))
    await lake.aws.glue.send(
      new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'nobodys' } }),
    )
    const { exit, stdout } = await lake.run(command)
    expect(exit).toBe(0)
    const { tables } = JSON.parse(stdout)
    const last = loads.at(-1)
    expect(tables.slice(0, 3)).toMatchObject([
      { table: 'taxes', status: 'published', script: true, load: last?.load, rows: last?.rows, pinned: null },
      { table: 'notes', status: 'published' },
      { table: 'ledger', status: 'published', script: false },
    ])
    expect(tables[0].age_s).toBeGreaterThan(tables[1].age_s)
    const rest: { table: string; status: string; script: boolean }[] = tables.slice(3)
    expect(rest.find(({ table }) => table === 'users')).toMatchObject({ status: 'not ours', script: true })
    expect(rest.filter(({ status }) => status === 'not published').length).toBeGreaterThan(5)
    expect(rest.some(({ table }) => table === 'nobodys')).toBe(false)
  })

  test('ends with 4 where a table with a script is older than --max-age, or not published, and prints which', async () => {
    const { exit, stdout, message } = await lake.run(command, ['--max-age', '1ms'])
    expect(exit).toBe(4)
    expect(message).toMatch(
      /^loads: \d+ of \d+ tables are stale\. Cause: Older than 0\.0 s: taxes \(\d[^)]*\), notes \(\d[^)]*\), .*\busers \(not ours\)[^.]*\. Do: Load them, for example: bun scripts\/taxes\.ts\. Retry: no\.$/,
    )
    // Nobody loads what has no script.
    expect(message).not.toContain('ledger')
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { exit: 4 } })
    const fresh = { kind: 'managed', load: 'a', snapshotAt: '2026-11-26T10:00:00.000000Z', rows: 1, bytes: 1 }
    const lakes = new Map([['orders', fresh as unknown as Published]])
    const at = (time: string) =>
      freshnessReport(['orders'], lakes, { maxAge: 3_600_000, now: Date.parse(time) })
    expect([at('2026-11-26T11:00:00Z').exit, at('2026-11-26T11:00:00.001Z').exit]).toEqual([0, 4])
    // Whoever is told of tables is told of this too.
    expect(at('2026-11-26T11:00:00Z').outcomes).toEqual([{ table: 'orders', check: 'max-age' }])
    expect(at('2026-11-26T11:00:00.001Z').outcomes).toMatchObject([
      { table: 'orders', check: 'max-age', trouble: { exit: 4, cause: 'Older than 1 h: orders (1 h)' } },
    ])
    expect(freshnessReport(['orders'], lakes).outcomes).toBeUndefined()
  })

  test('shows them all as not published before there is a database', async () => {
    const { exit, stdout } = await (await lake.beside()).run(command)
    expect(exit).toBe(0)
    const { tables } = JSON.parse(stdout)
    expect(new Set(tables.map(({ status }: { status: string }) => status))).toEqual(
      new Set(['not published']),
    )
  })

  test.each([
    [['taxis'], '"taxis": no script has that name'],
    [['currencies'], 'nothing of it is published'],
    [['users'], 'an unmanaged table of that name: Dracula has not made it'],
    [['--limit', '3'], 'it is of the loads of one table'],
    [['taxes', '--max-age', '2h'], 'it is of all tables'],
    [['--max-age', 'old'], 'It is a time such as 90s'],
    [['taxes', '--limit', '0'], 'greater than 0'],
  ])('%p is refused in one line', async (flags, message) => {
    const { exit, stdout, stderr, message: said } = await lake.run(command, flags)
    expect([exit, said]).toEqual([2, expect.stringContaining(message)])
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { exit: 2 } })
  })

  test('without access it says so', async () => {
    lake.faults.add({ operation: 'GetTables', action: { kind: 'error', code: 'AccessDeniedException' } })
    const { exit, message } = await lake.run(command)
    lake.faults.clear()
    expect([exit, message]).toEqual([2, expect.stringContaining('Cannot list the tables of "lake"')])
  })
})

describe('on a terminal', () => {
  const at = (rows: number, load: string): History['loads'][number] => ({
    load,
    state: 'superseded',
    damage: undefined,
    record: {
      load,
      snapshot_at: '2026-11-22T04:12:00.000001Z',
      rows,
      rows_read: rows,
      bytes: 1_000,
      lookups: {},
      location: '',
      objects: [],
      columns: [],
      schema_hash: '',
      replaces: null,
      source_identity: null,
      hash_key: null,
      dracula_version: null,
      expectations: null,
      estimated_usd: null,
      earlier: [],
      xmin_held_s: 1,
      phases: { read: 1, audit: 0.5 },
    },
  })
  const history: History = {
    published: { kind: 'absent' },
    loads: [at(1_600, 'c'), at(400, 'b'), at(800, 'a')],
    more: 0,
    rollbacks: [],
  }

  test('it draws how rows, sizes and times went on, oldest first', () => {
    const text = historyReport('taxes', history, true).text ?? ''
    expect(text).toMatch(/^ {2}c +2026-11-22 04:12:00Z +1,600 +1\.0 kB +1\.5 s +1\.0 s +superseded$/m)
    expect(text).toContain('  rows   ▅▃█   800 → 1,600\n')
    expect(text).toContain('  time   ███   1.5 s → 1.5 s')
    expect(historyReport('taxes', history, false).text).not.toContain('█')
  })

  test('a line is drawn from nothing to the greatest', () => {
    expect(sparkline([0, 1, 4, 8])).toBe('▁▂▅█')
    expect(sparkline([0, 0])).toBe('▁▁')
    expect(sparkline([])).toBe('')
  })
})
