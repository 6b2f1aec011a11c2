/** Tables that the version before has published go on: they are read, replaced, rolled back, retained and unpinned. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readLake } from '../../../lib/config/config.ts'
import { expireLoads } from '../../../lib/lake/hive/expire.ts'
import { openHive } from '../../../lib/lake/hive/hive.ts'
import type { PublishedTable } from '../../../lib/lake/published.ts'
import { rollbackTarget } from '../../../lib/lake/rollback-target.ts'
import { type OwnScripts, openScripts } from '../../load/own-scripts.ts'
import { never } from '../../support/aws.ts'
import { openStandIn, type TestStandIn } from '../../support/stand-in.ts'
import { loadsBefore, scriptBefore, writeBefore } from './written-before.ts'

setDefaultTimeout(300_000)

const { table, columns, more, sql } = scriptBefore
const { first, second } = loadsBefore

let standIn: TestStandIn
let scripts: OwnScripts
let script: string

beforeAll(async () => {
  standIn = await openStandIn()
  scripts = await openScripts()
  script = await scripts.write(table, columns, more)
  await standIn.sql.unsafe(sql)
})

afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
})

async function lakeOfBefore(state: Parameters<typeof writeBefore>[1]) {
  const beside = await standIn.beside()
  await writeBefore(beside.aws, state)
  const config = readLake(beside.env)
  return {
    beside,
    place: { aws: beside.aws, config, table },
    lake: openHive({ aws: beside.aws, config, table }),
  }
}

test('what it says of its load is read, and its loads are whole', async () => {
  const { beside, lake } = await lakeOfBefore('published')
  expect(await lake.current(never)).toMatchObject({
    kind: 'managed',
    load: second,
    rows: 7,
    rowsRead: 7,
    lookups: { unit_of: 2 },
    snapshotAt: '2025-01-26T09:48:09.973302Z',
    bytes: 1056,
    crawledHash: '63fa674b8b82febb',
    source: undefined,
    pin: undefined,
  })
  expect(await beside.readersSee(table)).toMatchObject({ load: second, rows: 7, counted: 7 })
  const { loads, rollbacks } = await lake.history({ signal: never })
  expect(rollbacks).toEqual([])
  expect(loads).toMatchObject([
    { load: second, state: 'published', damage: undefined, record: { rows: 7, source_identity: null } },
    { load: first, state: 'superseded', damage: undefined, record: { rows: 6, source_identity: null } },
  ])
})

test('a load replaces it without a crawl, as its schema was crawled, and is rolled back to it', async () => {
  const { beside, lake } = await lakeOfBefore('published')
  const next = (await beside.run(script)).summary()
  expect(next).toMatchObject({ rows: 8, published: true, crawled: false, warnings: [] })
  expect(await lake.current(never)).toMatchObject({ load: next.load, source: { relation: 'parts' } })
  const { loads } = await lake.history({ signal: never })
  expect(loads).toMatchObject([
    { load: next.load, state: 'published' },
    { load: second, state: 'superseded' },
    { load: first, state: 'superseded' },
  ])
  const { exit } = await beside.run('lib/commands/rollback.ts', [table, second])
  expect(exit).toBe(0)
  const seen = await beside.readersSee(table)
  expect(seen).toMatchObject({ load: second, rows: 7, counted: 7 })
  // It kept neither, so none is made up for it.
  expect(seen?.parameters).not.toHaveProperty(['dracula.source'])
  expect(seen?.parameters).not.toHaveProperty(['dracula.version'])
  expect(seen?.parameters).toMatchObject({ 'dracula.lookups': 'unit_of=2', 'dracula.rows_read': '7' })
})

test('a load that loses most of its rows is stopped as one of this version is', async () => {
  const { beside } = await lakeOfBefore('published')
  const fewer = await scripts.write(table, columns, `${more}, where: 'id < 3'`)
  const stopped = await beside.run(fewer)
  script = await scripts.write(table, columns, more)
  expect(stopped.exit).toBe(4)
  expect(stopped.message).toContain('2 rows would replace the 7 that readers see now')
  expect(await beside.readersSee(table)).toMatchObject({ load: second, counted: 7 })
})

test('its earlier load is published again, and pinned', async () => {
  const { beside, lake } = await lakeOfBefore('published')
  const published = (await lake.current(never)) as PublishedTable
  const history = await lake.history({ signal: never })
  const { record } = rollbackTarget(table, history, { published: published.load, named: undefined })
  const warn = (message: string) => expect(message).toBeUndefined()
  const pin = await lake.rollBack({ record, published, reason: undefined, signal: never, warn })
  expect(pin).toMatchObject({ replaces: second })
  expect(await beside.readersSee(table)).toMatchObject({ load: first, rows: 6, counted: 6 })
})

test('its pin holds, with its reason, and goes when it is taken away', async () => {
  const { beside, lake } = await lakeOfBefore('rolledBack')
  const stopped = await beside.run(script)
  expect(stopped.exit).toBe(2)
  expect(stopped.message).toContain(`it is pinned to load ${first} since 2025-01-26T09:48:10`)
  expect(stopped.message).toContain('("wrong units")')
  const { loads, rollbacks } = await lake.history({ signal: never })
  expect(loads).toMatchObject([
    { load: second, state: 'rolled back' },
    { load: first, state: 'published' },
  ])
  expect(rollbacks).toMatchObject([{ load: first, replaces: second, reason: 'wrong units' }])
  const { published, pin } = await lake.unpin(never)
  expect(pin).toMatchObject({ replaces: second, reason: 'wrong units' })
  expect(published).toMatchObject({ load: first, pin: undefined })
  const next = (await beside.run(script)).summary()
  expect(await beside.readersSee(table)).toMatchObject({ load: next.load, counted: 8 })
})

test('its loads go once readers had a day to leave them, and not before', async () => {
  const { beside, place } = await lakeOfBefore('published')
  const { load } = (await beside.run(script)).summary()
  const clear = (hours: number) =>
    expireLoads(place, {
      keep: 1,
      deadlineMs: 6 * 3_600_000,
      signal: never,
      now: new Date(Date.now() + hours * 3_600_000),
    })
  expect(await clear(23.9)).toMatchObject({ removedLoads: [], warnings: [] })
  expect(await clear(24.1)).toMatchObject({ removedLoads: [first, second], warnings: [] })
  expect((await beside.remains(table)).objects.toSorted()).toEqual([
    `${load}/parts-00000.parquet`,
    `_loads/${load}.json`,
  ])
})
