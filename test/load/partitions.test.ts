/** Tables that are read partition by partition: each row once, in a file of its partition alone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  bigint,
  boolean,
  date,
  day,
  lookup,
  month,
  nullable,
  numeric,
  type PartitionBy,
  ranges,
  table,
  text,
  timestamp,
  timestamptz,
  value,
  year,
} from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { expectFailure, loadSliced } from './sliced.ts'

setDefaultTimeout(300_000)
let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off', max_connections: '60', max_prepared_transactions: '2' })
  await database.sql.unsafe(`
    create table events (id bigint primary key, at timestamptz, local timestamp, on_day date, kind text, n numeric(9,2), yes boolean, padding text);
    insert into events select g, case when g % 50 > 0 then at end, case when g % 50 > 0 then at at time zone 'UTC' end, (at at time zone 'UTC')::date,
      case when g % 7 > 0 then 'it''s ' || g % 5 end, (g % 3) / 4.0, g % 2 = 0, repeat('x', 50)
      from (select (g * 7919) % 20000 as g, timestamptz '2026-01-25 00:00+00' + ((g * 7919) % 20000) * interval '1 minute' as at
        from generate_series(1, 20000) g) each;
    create table indexed (like events); insert into indexed select * from events order by at; create index on indexed (at);
    create table leaves (id bigint, at timestamptz) partition by range (at);
    create table leaves_1 partition of leaves for values from ('2026-01-01') to ('2026-01-30');
    create table leaves_2 partition of leaves default;
    insert into leaves select id, at from events;
    create view seen as select id, at, kind from events where id > 100;
    create view dice as select id, at, random() as drawn from events;
    create table changing (id bigint primary key, at timestamptz);
    create table nothing (id bigint, at timestamptz);
    create table odd (id bigint primary key, kind text);
    insert into odd values (1, 'a,b'), (2, 'null'), (3, null), (4, ''), (5, 'say "no"'), (6, ' x..y '), (7, 'a'), (8, 'b');
    analyze`)
})
afterAll(() => database?.stop())

const columns = {
  id: bigint,
  at: nullable(timestamptz),
  local: nullable(timestamp),
  on_day: nullable(date),
  kind: nullable(text),
  n: nullable(numeric(9, 2)),
  yes: nullable(boolean),
}

/** The partition's part of each file's name. */
function labels(files: readonly string[]): string[] {
  return files.map((file) => /^[a-z]+-(.*)-\d{5}\.parquet$/.exec(file)?.[1] ?? file)
}

/** In the form of a load's moments. */
function inUtc(moment: string, from = ''): string {
  return `select to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at ${from}`
}

describe.each(['events', 'indexed'])('%s is read', (name) => {
  test.each([
    [day('at'), 15],
    [month('local'), 3],
    [year('on_day'), 1],
    [ranges('id', 3000), 7],
    [value('kind'), 6],
    [value('n'), 3],
    [value('yes'), 2],
    [value('on_day'), 14],
  ] as const)('by %o: each row once, and each file is of one partition', async (partitionBy, count) => {
    const whole = await loadSliced(database, table({ name, columns }))
    const options = { columns, name, partitionBy: partitionBy as PartitionBy<'at', 'day'> }
    const parted = await loadSliced(database, table(options), { options: { connections: 3 } })
    expect(parted.rows).toEqual(whole.rows)
    expect(parted.files).toHaveLength(count)
    expect(parted.summary.plan?.partitions?.wanted).toHaveLength(count)
  })
})

test('files are named by days, months and numbers, and by a place where a value is a text', async () => {
  const named = async (partitionBy: PartitionBy<'at', 'day' | 'month'>) =>
    labels((await loadSliced(database, table({ name: 'events', columns, partitionBy }))).files)
  expect((await named(day('at'))).slice(-3)).toEqual(['2026-02-06', '2026-02-07', 'null'])
  expect(await named(month('at'))).toEqual(['2026-01', '2026-02', 'null'])
  expect((await named(ranges('id', 10_000) as never)).toSorted()).toEqual(['0', '10000'])
  expect(await named(value('kind') as never)).toEqual(['null', ...[0, 1, 2, 3, 4].map((at) => `p0000${at}`)])
})

test('the same rows make the same files, by however many connections', async () => {
  const declared = table({ name: 'indexed', columns, partitionBy: day('at') })
  const first = await loadSliced(database, declared, { options: { connections: 3 } })
  const second = await loadSliced(database, declared, { options: { connections: 1 } })
  expect(second.files).toEqual(first.files)
  expect(second.bytes.every((each, at) => each.equals(first.bytes[at]!))).toBe(true)
})

test('what is cheaper by the planner is chosen, and the plan says what it costs', async () => {
  const planned = async (name: string, partitions?: string) => {
    const declared = table({ name, columns, partitionBy: day('at') })
    return (await loadSliced(database, declared, { options: { partitions } })).summary
  }
  const one = await planned('events')
  expect(one.plan?.partitions).toMatchObject({ which: 'all', way: 'order', kept: 0 })
  expect(one.slicing).toMatchObject({ slices: 1, reason: 'one query that sorts them is cheaper' })
  expect(one.plan!.partitions!.cost.ranges).toBeGreaterThan(one.plan!.partitions!.cost.order!)
  const few = await planned('indexed', '2026-01-26,2026-01-28')
  expect(few.plan?.partitions).toMatchObject({ which: 'these', way: 'ranges', kept: null })
  expect(few.slicing).toMatchObject({ slices: 2, by: 'values', column: 'at' })
  expect(few.plan!.partitions!.wanted).toMatchObject([
    { values: ['2026-01-26'], reason: 'asked', rows: 1411 },
    { values: ['2026-01-28'], reason: 'asked', rows: 1411 },
  ])
})

test('leaves of a table that Postgres partitions, a view, a query and a condition are read so', async () => {
  const some = { id: nullable(bigint), at: columns.at }
  const sources = [
    { name: 'leaves', columns: some },
    { name: 'seen', columns: some },
    { name: 'seen', from: 'select * from events -- all', columns: some },
    { name: 'events', where: 'id % 3 = 0 or id is null -- some', columns: some },
  ]
  for (const source of sources) {
    const whole = await loadSliced(database, table(source))
    const parted = await loadSliced(database, table({ ...source, partitionBy: day('at') }))
    expect(parted.rows).toEqual(whole.rows)
    expect(parted.files).toHaveLength(15)
  }
})

test('a filter may keep nothing of a partition, which then has no file', async () => {
  const kept = table({
    name: 'events',
    columns,
    partitionBy: day('at'),
    filter: ({ at }) => at !== null && at >= 1_770_163_200_000_000n,
  })
  const { files, summary } = await loadSliced(database, kept)
  expect(labels(files)).toEqual(['2026-02-04', '2026-02-05', '2026-02-06', '2026-02-07'])
  expect(summary.rows_read).toBe(20_000)
})

test('a table without rows has no partitions, and no files', async () => {
  const nothing = table({
    name: 'nothing',
    columns: { id: nullable(bigint), at: columns.at },
    partitionBy: day('at'),
  })
  expect(await loadSliced(database, nothing)).toMatchObject({ files: [], rows: [] })
})

test('--partitions reads those alone', async () => {
  const read = async (partitionBy: PartitionBy<'at', 'day' | 'month'>, partitions: string) => {
    const { files, summary } = await loadSliced(database, table({ name: 'indexed', columns, partitionBy }), {
      options: { partitions },
    })
    expect(summary.plan?.partitions?.which).toBe('these')
    return labels(files)
  }
  expect(await read(day('at'), '2026-01-26..2026-01-28,null, 2026-02-01')).toEqual([
    '2026-01-26',
    '2026-01-27',
    '2026-01-28',
    '2026-02-01',
    'null',
  ])
  expect(await read(month('at'), '2026-02..2030-01')).toEqual(['2026-02'])
  expect(await read(ranges('id', 3000) as never, '-5..3001')).toEqual(['0', '3000'])
  expect(await read(value('kind') as never, `it's 3`)).toHaveLength(1)
})

test.each([
  ['"a,b"', [1]],
  ['"null"', [2]],
  ['null, a', [3, 7]],
  ['""', [4]],
  ['"say ""no""",b', [5, 8]],
  ['" x..y "', [6]],
])('--partitions %s names values that have what stands between others', async (partitions, ids) => {
  const odd = table({
    ...{ name: 'odd', columns: { id: bigint, kind: nullable(text) }, partitionBy: value('kind') },
  })
  const { rows } = await loadSliced(database, odd, { options: { partitions } })
  expect(rows.map((row) => Number(/\d+/.exec(row)))).toEqual(ids)
})

test.each(['', 'a,', '"a', '"a"b'])(
  '--partitions %j is refused, as it says less than it seems',
  async (partitions) => {
    const odd = table({
      ...{ name: 'odd', columns: { id: bigint, kind: nullable(text) }, partitionBy: value('kind') },
    })
    expect((await expectFailure(database, odd, { options: { partitions } })).exit).toBe(2)
  },
)

test.each([
  ['2026-02-30', 'names none. Write 2026-03-01 or 2026-03-01..2026-03-07, or null'],
  ['2026-01-07..2026-01-05', 'names none'],
  ['2026-01-05..', 'names none'],
  ['a..b..c', 'names none'],
])('--partitions %s is refused before a row is read', async (partitions, told) => {
  const declared = table({ name: 'events', columns, partitionBy: day('at') })
  const failure = await expectFailure(database, declared, { options: { partitions } })
  expect(failure.exit).toBe(2)
  expect(failure.message).toContain(told)
})

test('--partitions of a table without partitions is refused', async () => {
  const failure = await expectFailure(database, table({ name: 'events', columns }), {
    options: { partitions: '2026-01-01' },
  })
  expect(failure).toMatchObject({ exit: 2 })
  expect(failure.message).toContain('it is declared without partitionBy')
})

test('what an open or prepared transaction has changed is read by the next load, however old it is', async () => {
  const declared = table({
    ...{ name: 'changing', columns: { id: bigint, at: nullable(timestamptz) }, partitionBy: day('at') },
    incremental: { changed: 'at', overlap: '1s', key: 'id' },
  })
  const watermark = async () => {
    const { summary } = await loadSliced(database, declared)
    return [summary.plan?.partitions?.increment?.watermark, summary.snapshot_at]
  }
  const writer = await database.sql.reserve()
  await writer.unsafe(`begin; insert into changing values (1, now() - interval '1 day')`)
  const [begun] = await writer.unsafe(inUtc('now()'))
  expect((await watermark())[0]).toBe(begun?.['at'])
  await writer.unsafe(`prepare transaction 'late'`)
  writer.release()
  const [prepared] = await database.sql.unsafe(inUtc('prepared', 'from pg_prepared_xacts'))
  expect((await watermark())[0]).toBe(prepared?.['at'])
  await database.sql.unsafe(`commit prepared 'late'`)
  const [seen, snapshotAt] = await watermark()
  expect(seen).toBe(snapshotAt)
})

test('what may give other rows each time is read by one query', async () => {
  const dice = table({ name: 'dice', columns: { id: bigint, at: columns.at }, partitionBy: day('at') })
  const { summary, rows } = await loadSliced(database, dice)
  expect(summary.slicing.slices).toBe(1)
  expect(rows).toHaveLength(20_000)
})

const sibling = {
  within: 'partition',
  columns: { id: bigint, kind: nullable(text), at: columns.at },
} as const
const within = {
  name: 'indexed',
  where: 'id < 19000',
  columns: { id: bigint, at: columns.at, kind: columns.kind },
  lookups: {
    first: lookup({ ...sibling, from: 'indexed', where: 'id % 3 > 0', key: 'kind', firstBy: ['at', 'id'] }),
    all: lookup({ ...sibling, from: 'indexed', key: 'kind', many: true }),
  },
}
const derived = {
  first: {
    type: nullable(bigint),
    value: (
      { kind }: { kind: string | null },
      { first }: { first: (kind: string | null) => { id: bigint } | undefined },
    ) => first(kind)?.id,
  },
  alike: {
    type: bigint,
    value: (
      { kind }: { kind: string | null },
      { all }: { all: (kind: string | null) => readonly object[] },
    ) => BigInt(all(kind).length),
  },
}

test('a lookup within partitions finds rows of the same partition alone, and of none that the table leaves out', async () => {
  const expected = await database.sql.unsafe(`
    select id::text, first_value(case when id % 3 > 0 then id end) over (partition by kind, day order by id % 3 = 0, at, id)::text as first,
      count(kind) over (partition by kind, day)::text as alike
    from (select *, (at at time zone 'UTC')::date as day from indexed where id < 19000) each order by each.id`)
  const [largest] = await database.sql.unsafe(
    "select max(n)::int as rows from (select count(kind) as n from indexed where id < 19000 group by (at at time zone 'UTC')::date) each",
  )
  const wanted = expected.map(({ id, first, alike }) => [id, alike === '0' ? '∅' : (first ?? '∅'), alike])
  for (const connections of [1, 3]) {
    const declared = table({ ...within, derive: derived, partitionBy: day('at') })
    const { summary, rows } = await loadSliced(database, declared, { options: { connections } })
    expect(summary.slicing).toMatchObject({ connections, slices: 15 })
    expect(summary.lookups).toEqual({
      first: { rows: 5, bytes: expect.any(Number) },
      all: { rows: Number(largest?.['rows']), bytes: expect.any(Number) },
    })
    const found = rows.map((row) => row.split('|').toSpliced(1, 2))
    expect(found.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual(wanted)
  }
})

test('of a lookup within partitions --limit reads whole partitions', async () => {
  const declared = table({ ...within, derive: derived, partitionBy: day('at') })
  const whole = await loadSliced(database, declared)
  const { summary, rows } = await loadSliced(database, declared, { options: { limit: 2_000 } })
  expect(summary.rows).toBe(2_000)
  expect(new Set(rows).difference(new Set(whole.rows)).size).toBe(0)
})

test('a lookup within partitions that may be another by each connection is read over one', async () => {
  const lookups = {
    ...within.lookups,
    first: lookup({ ...sibling, from: 'indexed', where: 'at < now()', key: 'kind', firstBy: ['at', 'id'] }),
  }
  const declared = table({ ...within, lookups, derive: derived, partitionBy: day('at') })
  const { summary } = await loadSliced(database, declared, { options: { connections: 3 } })
  expect(summary.slicing).toMatchObject({ connections: 1, slices: 15 })
  expect(summary.slicing.reason).toContain(
    'now() of the lookup first may give each connection something else',
  )
})

test('a lookup within partitions is refused where no partition can be read apart', async () => {
  const declared = table({
    ...{ name: 'dice', columns: { id: bigint, at: columns.at }, partitionBy: day('at') },
    lookups: { one: lookup({ from: 'dice', within: 'partition', key: 'id', columns: { id: bigint } }) },
  })
  const { exit, message } = await expectFailure(database, declared)
  expect(exit).toBe(3)
  expect(message).toContain(
    'it has lookups within partitions, and only one query gives all of its rows alike',
  )
})

test('a lookup within partitions may take no more memory than --max-lookup-size', async () => {
  const declared = table({ ...within, derive: derived, partitionBy: day('at') })
  const { exit, message } = await expectFailure(database, declared, { options: { maxLookupBytes: 1_000 } })
  expect(exit).toBe(3)
  expect(message).toContain('the lookup first of scripts/indexed.ts')
})

test('lookups and derived columns see the rows of all partitions', async () => {
  const computed = {
    name: 'indexed',
    columns: { id: bigint, at: columns.at },
    lookups: { other: lookup({ from: 'events', key: 'id', columns: { id: bigint, kind: nullable(text) } }) },
    derive: {
      kind: {
        type: nullable(text),
        value: (
          { id }: { id: bigint },
          { other }: { other: (id: bigint) => { kind: string | null } | undefined },
        ) => other(id)?.kind,
      },
    },
  }
  const whole = await loadSliced(database, table(computed))
  const parted = await loadSliced(database, table({ ...computed, partitionBy: day('at') }))
  expect(parted.rows).toEqual(whole.rows)
})
