/** `checks/partitions.ts`: what has changed in a partition that no load has a reason to read again. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type ComparedPartitions, comparePartitions } from '../../checks/partitions/compare.ts'
import { repairOf } from '../../checks/partitions/repair.ts'
import { adviceFor, screen } from '../../checks/partitions/screen.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  day,
  doublePrecision,
  integer,
  jsonb,
  masked,
  nullable,
  numeric,
  real,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { never } from '../support/aws.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts

const columns = {
  id: bigint,
  at: nullable(timestamptz),
  changed: nullable(timestamptz),
  local: nullable(timestamp),
  on_day: nullable(date),
  kind: nullable(text),
  amount: nullable(numeric(12, 2)),
  few: nullable(integer),
  yes: nullable(boolean),
  raw: nullable(bytea),
  doc: nullable(jsonb),
  key: nullable(uuid),
  small: nullable(real),
  large: nullable(doublePrecision),
  tags: nullable(array(text)),
  phone: nullable(masked(text)),
}
const incremental = { changed: 'changed', overlap: '1h', key: 'id' } as const
const declared = table({ name: 'events', columns, partitionBy: day('at'), incremental })

const compare = (which?: string): Promise<ComparedPartitions> =>
  comparePartitions(declared, {
    ...{ aws: standIn.aws, lake: readLake(standIn.env), database: readDatabase(standIn.env) },
    ...{ which, signal: never },
  })

let load: (...flags: readonly string[]) => ReturnType<TestStandIn['run']>

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
  await standIn.sql.unsafe(`
    create table events (id bigint primary key, at timestamptz, changed timestamptz, local timestamp, on_day date, kind text,
      amount numeric(12,2), few integer, yes boolean, raw bytea, doc jsonb, key uuid, small real, large double precision, tags text[], phone text);
    insert into events select g, case when g % 5 > 0 then timestamptz '2026-03-01 12:00Z' + g % 5 * interval '1 day' end,
      now() - interval '3 days', timestamp '1969-12-31 23:59:59.987654' + g * interval '1 hour 1.001 seconds', '2026-01-01'::date - g,
      case when g % 4 > 0 then 'Größe ' || g end, g / 4.0 - 3, g - 10, g % 2 = 0, decode(md5(g::text), 'hex'),
      jsonb_build_object('a', g, 'b', null), md5(g::text)::uuid, g / 3.0, case when g % 3 = 0 then 'NaN' else g / 7.0 end,
      case when g % 2 = 0 then array['a', null] else '{}' end, '0171' from generate_series(1, 40) g`)
  const script = await scripts.write(
    'events',
    Object.entries(columns)
      .map(([name, { script, element, nullable: mayBeNull }]) => {
        const type = element === undefined ? script : `array(${element.script})`
        return `${name}: ${mayBeNull ? `nullable(${type})` : type}`
      })
      .join(', '),
    `partitionBy: day('at'), incremental: ${JSON.stringify(incremental)}`,
  )
  load = (...flags) => standIn.run(script, flags)
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
})

/** Each test begins with a lake that is what Postgres has. */
beforeEach(async () => {
  expect((await load('--full')).exit).toBe(0)
})

describe('partitions that loads keep', () => {
  test('are found to be what Postgres has, of every type', async () => {
    expect(await compare()).toMatchObject({
      ...{
        status: 'ok',
        partitions: 5,
        due: 0,
        rows: 40,
        stale: [],
        repair: null,
        findings: [],
        not_compared: ['phone'],
      },
      bytes_scanned: expect.any(Number),
    })
  })

  test.each([
    ["kind = 'Größe X' where id = 6", 'a text, to another of its length'],
    ['amount = 13 - amount where id in (1, 51)', 'a number'],
    ['few = case id when 1 then -4 else -9 end where id in (1, 6)', 'two numbers, the one to the other'],
    ["at = at + interval '1 minute' where id = 6", 'a time within its day'],
    ["local = local + interval '1 millisecond' where id = 6", 'a time, by a millisecond'],
    ['on_day = on_day + 1 where id = 6', 'a day'],
    ['yes = not yes where id = 6', 'a boolean'],
    ["raw = '\\x00' where id = 6", 'bytes'],
    ['doc = doc || \'{"c": 1}\' where id = 6', 'a document'],
    ["key = md5('x')::uuid where id = 6", 'a uuid'],
    ["small = 'NaN' where id = 6", 'a float, to none'],
    ['large = 1000 where id = 1', 'a float'],
    ['tags = null where id = 6', 'a list, to none'],
    ['kind = null where id = 6', 'a text, to none'],
    ['phone = null where id = 6', 'a hidden value, to none'],
  ])('are stale after update events set %s, which changes %s', async (set) => {
    await standIn.sql.unsafe(`update events set ${set}`)
    expect((await load()).summary().partitions).toMatchObject({ which: 'these', kept: 5 })
    expect(await compare()).toMatchObject({
      status: 'differs',
      stale: ['2026-03-02'],
      findings: [
        '1 of 5 partitions that loads keep is not what Postgres has: bun scripts/events.ts --partitions 2026-03-02',
      ],
      repair: 'bun scripts/events.ts --partitions 2026-03-02',
    })
    expect((await load('--partitions', '2026-03-02')).exit).toBe(0)
    expect(await compare()).toMatchObject({ status: 'ok' })
  })

  test('are looked at where they are asked for, and nowhere else', async () => {
    await standIn.sql.unsafe("update events set kind = 'x' where at is null or id in (6, 7)")
    const whole = await compare()
    expect(whole.stale).toEqual(expect.arrayContaining(['2026-03-02', '2026-03-03', null]))
    expect(whole.repair).toMatch(/--partitions .*null/)
    const some = await compare('2026-03-02..2026-03-03')
    expect(some).toMatchObject({ partitions: 2, rows: 16, stale: ['2026-03-02', '2026-03-03'] })
    expect(some.bytes_scanned).toBeGreaterThan(0)
    expect(await compare('2026-03-03,2026-03-05')).toMatchObject({
      partitions: 2,
      rows: 16,
      stale: ['2026-03-03'],
    })
    await expect(compare('yesterday')).rejects.toMatchObject({ exit: 2 })
  })

  test('are not those that the next load reads by itself', async () => {
    await standIn.sql.unsafe(`
      update events set kind = 'changed', changed = now() where id = 6;
      insert into events (id, at, changed) values (1000, '2026-03-03 12:00Z', now() - interval '3 days'), (1001, '2026-05-01Z', null);
      delete from events where at >= '2026-03-04Z' and at < '2026-03-05Z'`)
    expect(await compare()).toMatchObject({ status: 'ok', partitions: 2, due: 4, stale: [] })
  })
})

test('the check says of each table what it has found, and how to mend it', async () => {
  expect((await load('--full')).exit).toBe(0)
  await standIn.sql.unsafe("update events set kind = 'y' where id in (7, 9)")
  const stale = await compare('2026-03-03,2026-03-05')
  expect(screen([stale], [])).toMatch(
    /^ *table +partitions +due +rows +scanned *\n *events +2 +0 +\d+ +[\d.]+ kB +DIFFERS\n\n {2}events: 2 of 2 partitions that loads keep are not/,
  )
  expect(adviceFor([stale])).toBe('Load them again: bun scripts/events.ts --partitions 2026-03-03,2026-03-05')
})

test('tables that no load reads in part, or whose rows a function chooses, are told apart', async () => {
  const plain = { aws: standIn.aws, lake: readLake(standIn.env), database: readDatabase(standIn.env) }
  const whole = table({ name: 'events', columns, partitionBy: day('at') })
  const filtered = table({ name: 'events', columns, partitionBy: day('at'), incremental, filter: () => true })
  const other = table({ name: 'events', columns, where: 'id > 1', partitionBy: day('at'), incremental })
  const statusOf = async (each: typeof whole) =>
    (await comparePartitions(each, { ...plain, which: undefined, signal: never })).status
  expect(await statusOf(whole)).toBe('not incremental')
  expect(await statusOf(filtered)).toBe('has a filter')
  expect(await statusOf(other)).toBe('script changed')
  expect(await statusOf(table({ name: 'unloaded', columns, partitionBy: day('at'), incremental }))).toBe(
    'not published',
  )
})

test.each([
  [['2026-03-01', null], '--partitions 2026-03-01,null'],
  [["it's"], "--partitions 'it'\\''s'"],
  [['a,b', 'c'], `--partitions '"a,b",c'`],
  [['null', null, ''], `--partitions '"null",null,""'`],
  [['say "no"', ' x..y'], `--partitions '"say ""no"""," x..y"'`],
])('%j is loaded again by %s', (partitions, flags) => {
  expect(repairOf('events', partitions)).toBe(`bun scripts/events.ts ${flags}`)
})
