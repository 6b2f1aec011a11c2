/** Ranges of blocks: each row in one of them, as many blocks in each, and none of the others looked at. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { blockRanges, readBlocks } from '../../lib/postgres/block-ranges.ts'
import type { Reader } from '../../lib/postgres/connect.ts'
import { beginStatements, underSettingsOf } from '../../lib/postgres/session-settings.ts'
import type { SourceKind } from '../../lib/postgres/source.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { needsPostgres } from '../support/needs-postgres.ts'

let database: TestDatabase
let reader: Reader & AsyncDisposable

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off', max_parallel_workers: '8', enable_tidscan: 'off' })
  await database.sql.unsafe(`
    create table plain (id int primary key, name text);
    insert into plain select g, 'name ' || g from generate_series(1, 50000) g;
    create table parts (id int, day int) partition by range (day);
    create table parts_small partition of parts for values from (0) to (10);
    create table parts_large partition of parts for values from (10) to (100);
    create table parts_empty partition of parts for values from (100) to (200);
    insert into parts select g, g % 100 from generate_series(1, 50000) g;
    create materialized view stored as select * from plain;
    create index on stored (id);
    create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere;
    create table mixed (id int, day int) partition by range (day);
    create table mixed_a partition of mixed for values from (0) to (10);
    create foreign table mixed_b partition of mixed for values from (10) to (20) server nowhere;
    create role blind login password 'word'; grant select (id) on plain to blind;
    analyze plain, parts, stored`)
  // Without this it has blocks at its end that nothing is in yet.
  await database.sql.unsafe('vacuum stored')
  reader = await database.open()
  await reader.query(beginStatements({ isolation: 'repeatable read', deadlineMs: 60_000 }))
})

afterAll(async () => {
  await reader?.close()
  await database?.stop()
})

const version = 180_000
const relation = (name: string) => ({ schema: 'public', name })

async function rangesOf(name: string, wanted: number): Promise<string[]> {
  const blocks = await readBlocks(reader, relation(name), version)
  if (typeof blocks === 'string') throw new Error(blocks)
  return blockRanges(blocks, wanted)
}

test.each(['plain', 'parts', 'stored'])('of %s have each row once, in parts of one size', async (name) => {
  for (const wanted of [2, 3, 7]) {
    const ranges = await rangesOf(name, wanted)
    expect(ranges.length).toBe(wanted)
    const counts: number[] = []
    for (const range of ranges) {
      const [row] = await reader.query(`select count(*)::int as count from public.${name} where ${range}`)
      counts.push(Number(row?.['count']))
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(50_000)
    // A block is some hundred rows, and each of the partitions has a range of its own.
    for (const count of counts) expect(Math.abs(count - 50_000 / wanted)).toBeLessThan(700)
  }
})

needsPostgres(14, 'TID range scans').describe('by a plan', () => {
  test.each<[string, SourceKind]>([
    ['plain', 'table'],
    ['parts', 'partitioned'],
    ['stored', 'materialised view'],
  ])(
    'of %s are found by their place, even where the server would not do so by itself',
    async (name, kind) => {
      const [, range = ''] = await rangesOf(name, 3)
      const plan = await underSettingsOf(
        reader,
        { where: undefined },
        { kind, evaluated: false },
        () => reader.query(`explain select id from public.${name} where ${range}`),
        { ordered: true, by: 'blocks' },
      )
      const lines = plan.map((row) => String(row['QUERY PLAN'])).filter((line) => line.includes('Scan'))
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expect(line).toContain('Tid Range Scan')
    },
  )
})

test('are one where there is no more than a block, or none', async () => {
  expect(blockRanges([], 4)).toEqual([''])
  expect(blockRanges([{ blocks: 1, relations: 400 }], 4)).toEqual([''])
  expect(blockRanges([{ blocks: 2, relations: 1 }], 4)).toHaveLength(2)
  expect(blockRanges([{ blocks: 4_000_000_000, relations: 1 }], 2)[1]).toContain('(2000000000,0)')
})

test('are those of all relations together: many small ones, and a large one', () => {
  const ranges = blockRanges(
    [
      { blocks: 10, relations: 300 },
      { blocks: 1_000, relations: 1 },
    ],
    2,
  )
  // Below block 7 there are 7 × 301 blocks of 4,000.
  expect(ranges[0]).toContain('(7,0)')
})

test('there are none where a part is foreign, on an old server, or without the right to see places', async () => {
  expect(await readBlocks(reader, relation('mixed'), version)).toBe(
    'public.mixed_b is not stored as an ordinary table is',
  )
  expect(await readBlocks(reader, relation('plain'), 130_010)).toMatch(
    /^PostgreSQL 13 has no TID range scans, which 14 has: sliceBy/,
  )
  await using blind = await database.open(undefined, database.as('blind'))
  expect(await readBlocks(blind, relation('plain'), version)).toMatch(/grant select \(ctid\) on public.plain/)
})
