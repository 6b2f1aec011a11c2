import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'
import type { Relation } from '../../lib/postgres/relation.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { postgresMajor, since } from '../support/needs-postgres.ts'
import { until } from '../support/until.ts'

let database: TestDatabase

/** Until somebody waits for a lock on it. */
async function waitedFor(table: string): Promise<void> {
  const waiting = () => database.sql`select from pg_locks where relation = ${table}::regclass and not granted`
  await until(async () => (await waiting()).length > 0)
}

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create role plain login password 'word';
    alter role plain set timezone to 'Asia/Tokyo';
    alter role plain set datestyle to 'SQL, DMY';
    alter role plain set extra_float_digits to 0;
    alter role plain set intervalstyle to 'iso_8601';
    alter role plain set bytea_output to 'escape';
    alter role plain set search_path to nowhere;
    alter role plain set client_encoding to 'latin1';
    alter role plain set statement_timeout to '1h';
    alter role plain set gin_fuzzy_search_limit to 1;
    alter role plain set quote_all_identifiers to on;
    alter role plain set array_nulls to off;
    create role hasty login password 'word';
    ${since(17, "alter role hasty set transaction_timeout to '1s'", '')};
    alter role hasty set idle_in_transaction_session_timeout to '1s';
    alter role hasty set statement_timeout to '1s';
    alter role hasty set lock_timeout to '1s';
    create table items (id int primary key, name text);
    insert into items select g, 'item ' || g from generate_series(1, 100) g;
    create view items_view as select * from items;
    create materialized view items_stored as select * from items;
    create table days (day date) partition by range (day);
    create table days_2026 partition of days for values from ('2026-01-01') to ('2027-01-01');
    create table secrets (id int);
    create table policed (id int);
    alter table policed enable row level security;
    create policy few on policed using (id < 10);
    grant select on items, items_view, items_stored, days, policed to plain;
    create role modest login password 'word';
    grant select on items to hasty, modest;
    grant select on items_view to hasty;
  `)
}, 30_000)

afterAll(() => database?.stop())

const relation = (name: string): Relation => ({ schema: 'public', name })
const deadlineMs = 60_000

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}

describe('a snapshot', () => {
  test('sees nothing that is committed after it', async () => {
    await using reader = await database.open()
    await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    await database.sql`insert into items values (101, 'late')`
    expect(await reader.query('select count(*)::int as count from public.items')).toMatchObject([
      { count: 100 },
    ])
    await database.sql`delete from items where id = 101`
  })

  test('bears a time that grows from one to the next, to the microsecond', async () => {
    const times: string[] = []
    for (let n = 0; n < 5; n++) {
      await using reader = await database.open()
      times.push((await openSnapshot(reader, { relations: [relation('items')], deadlineMs })).at)
    }
    for (const at of times) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect(times).toEqual([...new Set(times)].sort())
  })

  test('bears a time that is not before anything it sees', async () => {
    const [row] =
      await database.sql`insert into items values (102, 'early') returning (clock_timestamp() at time zone 'UTC')::text as at`
    await using reader = await database.open()
    const { at } = await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    expect(at > String(row?.['at']).replace(' ', 'T')).toBe(true)
    await database.sql`delete from items where id = 102`
  })

  test("lasts as long as the deadline allows, whatever the role's own timeouts", async () => {
    await using reader = await database.open(undefined, database.as('hasty'))
    await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    await reader.query('select pg_sleep(1.1)')
    await Bun.sleep(1_100)
    expect(await reader.query('select count(*)::int as count from public.items')).toMatchObject([
      { count: 100 },
    ])
  })

  test("waits for a lock as long as it is told to, whatever the role's own timeouts", async () => {
    const holder = await database.sql.reserve()
    await holder`begin`
    await holder`lock table items in access exclusive mode`
    await using reader = await database.open(undefined, database.as('hasty'))
    const opening = openSnapshot(reader, {
      relations: [relation('items_view')],
      queries: [{ name: 'the view', sql: 'select from public.items_view', isExpression: false }],
      deadlineMs,
    })
    const settled = opening.catch((error: unknown) => error)
    // Longer than all of its timeouts.
    const waits = async () => {
      const [row] = await database.sql`
        select from pg_locks join pg_stat_activity using (pid)
        where not granted and query_start < clock_timestamp() - interval '1.2 s'`
      return row !== undefined
    }
    await until(() => Promise.race([waits(), settled.then(() => true)]))
    await holder`commit`
    holder.release()
    expect(await settled).toMatchObject({ replica: false })
  })

  test('knows its server', async () => {
    await using reader = await database.open()
    const before = performance.now()
    const snapshot = await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    expect(snapshot).toMatchObject({ replica: false, warnings: [] })
    expect(Math.floor(snapshot.serverVersion / 10_000)).toBe(postgresMajor)
    expect(snapshot.openedMs).toBeWithin(before, performance.now())
  })

  test('says which transactions it sees: none that was open when it was taken, and none after it', async () => {
    const xid = async (session: Pick<typeof database.sql, 'unsafe'>) => {
      const [row] = await session.unsafe('select txid_current()::text as xid')
      return String(row?.['xid'])
    }
    const over = await xid(database.sql)
    const session = await database.sql.reserve()
    await session`begin`
    const open = await xid(session)
    await using reader = await database.open()
    const { transactions } = await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    await session`commit`
    session.release()
    const later = await xid(database.sql)
    const seen = await database.sql<{ xid: string; visible: boolean }[]>`
      select xid, txid_visible_in_snapshot(xid::bigint, ${transactions}::txid_snapshot) as visible
      from unnest(${[over, open, later]}::text[]) xid`
    expect([...seen]).toEqual([
      { xid: over, visible: true },
      { xid: open, visible: false },
      { xid: later, visible: false },
    ])
  })

  test('asks its own questions under settings that no role has changed', async () => {
    await using reader = await database.open(undefined, database.as('plain'))
    await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    const [row] = await reader.query(`
      select '2026-01-01 00:00+00'::timestamptz::text as time, '03/04/2026'::date::text as day, (0.1::float8 + 0.2)::text as float,
        interval '1 day 2 hours'::text as span, '\\x00ff'::bytea::text as bytes, '€'::text as euro,
        (select count(*)::int from public.items) as found, current_setting('statement_timeout') as timeout,
        current_setting('gin_fuzzy_search_limit') as fuzzy, 'public.items'::regclass::text as named,
        '{NULL}'::text[] = array[null::text] as nulls`)
    expect({ ...row }).toEqual({
      time: '2026-01-01 00:00:00+00',
      day: '2026-03-04',
      float: '0.30000000000000004',
      span: '1 day 02:00:00',
      bytes: '\\x00ff',
      euro: '€',
      found: 100,
      timeout: '1min',
      fuzzy: '0',
      named: 'public.items',
      nulls: true,
    })
  })

  test('cannot write', async () => {
    await using reader = await database.open()
    await openSnapshot(reader, { relations: [relation('items')], deadlineMs })
    const error = await reader.query('delete from public.items').catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('read-only transaction')
  })

  test('ends with the deadline', async () => {
    await using reader = await database.open()
    await openSnapshot(reader, { relations: [relation('items')], deadlineMs: 300 })
    const error = await reader.query('select pg_sleep(30)').catch((thrown: unknown) => thrown)
    const failure = postgresFailure(error, 'read', 'items')
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('--deadline')
  })
})

describe('locks', () => {
  async function isLocked(name: string): Promise<boolean> {
    const attempt = database.sql.begin(async (transaction) => {
      await transaction.unsafe(`set local lock_timeout to '50ms'; truncate ${name} cascade`)
      await transaction.unsafe('select 1/0')
    })
    return String(await attempt.catch((error: unknown) => error)).includes('lock timeout')
  }

  for (const [what, named, held] of [
    ['a table', 'items', 'items'],
    ['what a view names', 'items_view', 'items'],
    ['the partitions of a table', 'days', 'days_2026'],
  ] as const) {
    test(`keep TRUNCATE off ${what} until the reader is closed`, async () => {
      {
        await using reader = await database.open()
        await openSnapshot(reader, { relations: [relation(named)], deadlineMs })
        expect(await isLocked(held)).toBe(true)
      }
      expect(await isLocked(held)).toBe(false)
    })
  }

  test('come before the snapshot: a TRUNCATE waited for is seen', async () => {
    await database.sql`create table emptied as select 1 as id`
    const truncating = await database.sql.reserve()
    await truncating`begin`
    await truncating`truncate emptied`
    await truncating`insert into emptied values (2), (3)`
    await using reader = await database.open()
    const opening = openSnapshot(reader, { relations: [relation('emptied')], deadlineMs })
    await waitedFor('emptied')
    await truncating`commit`
    truncating.release()
    await opening
    expect(await reader.query('select id from public.emptied')).toMatchObject([{ id: 2 }, { id: 3 }])
  })

  test('keep TRUNCATE off what a condition names, so that one waited for is seen', async () => {
    await database.sql`create table denied as select 1 as id`
    await database.sql`create view denials as select id from denied`
    const truncating = await database.sql.reserve()
    await truncating`begin`
    await truncating`truncate denied`
    await truncating`insert into denied values (2), (3)`
    await using reader = await database.open()
    const query = 'select from items where id not in (select id from denials)'
    const opening = openSnapshot(reader, {
      relations: [relation('items')],
      queries: [{ name: 'items', sql: query, isExpression: true }],
      deadlineMs,
    })
    await waitedFor('denied')
    await truncating`commit`
    truncating.release()
    await opening
    expect(await reader.query('select id from public.denied')).toMatchObject([{ id: 2 }, { id: 3 }])
  })

  test('cover what a condition names as far as this user may read it, and a warning tells of the rest', async () => {
    await database.sql`create view behind as select id from secrets union select id from items_stored`
    await database.sql`grant select on behind to plain`
    await using reader = await database.open(undefined, database.as('plain'))
    const query = 'select from public.items where id not in (select id from public.behind)'
    const { warnings } = await openSnapshot(reader, {
      relations: [relation('items')],
      queries: [{ name: 'items', sql: query, isExpression: true }],
      deadlineMs,
    })
    expect(warnings).toEqual([expect.stringContaining('public.items_stored is a materialised view')])
  })

  test('are given up in time, naming who holds them', async () => {
    const altering = await database.sql.reserve()
    await altering`begin`
    const [own] = await altering`select pg_backend_pid() as pid`
    await altering`lock table items in access exclusive mode`
    await using reader = await database.open()
    const failure = await failureOf(
      openSnapshot(reader, { relations: [relation('items')], deadlineMs, lockTimeoutMs: 100 }),
    )
    await altering`rollback`
    altering.release()
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain(`process ${own?.['pid']} (dracula, dracula, idle in transaction since`)
  })

  test('are given up in time, also by a role that may not see what others do', async () => {
    const altering = await database.sql.reserve()
    await altering`begin`
    const [own] = await altering`select pg_backend_pid() as pid`
    await altering`lock table items in access exclusive mode`
    await using reader = await database.open(undefined, database.as('modest'))
    const failure = await failureOf(
      openSnapshot(reader, { relations: [relation('items')], deadlineMs, lockTimeoutMs: 100 }),
    )
    await altering`rollback`
    altering.release()
    expect(failure.summary).toBe(
      `Cannot lock "items": process ${own?.['pid']} (dracula, dracula), which this role may not look at, holds it exclusively`,
    )
  })

  test('cannot be had on a materialised view, and a warning says so', async () => {
    await using reader = await database.open()
    const { warnings } = await openSnapshot(reader, { relations: [relation('items_stored')], deadlineMs })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('public.items_stored is a materialised view')
  })

  test('are taken on several tables at once', async () => {
    await using reader = await database.open()
    await openSnapshot(reader, { relations: [relation('items'), relation('days')], deadlineMs })
    expect([await isLocked('items'), await isLocked('days')]).toEqual([true, true])
  })
})

describe('no snapshot', () => {
  test('of a table that is missing', async () => {
    await using reader = await database.open()
    const failure = await failureOf(openSnapshot(reader, { relations: [relation(`no"such's`)], deadlineMs }))
    expect(failure.exit).toBe(3)
    expect(failure.message).toContain(`"public.no"such's": the database has no such table`)
  })

  test('of a table this user may not read', async () => {
    await using reader = await database.open(undefined, database.as('plain'))
    const failure = await failureOf(openSnapshot(reader, { relations: [relation('secrets')], deadlineMs }))
    expect(failure.exit).toBe(2)
    expect(failure.message).toContain('permission denied for table secrets')
  })

  test('of a database that is not in UTF8', async () => {
    await database.sql.unsafe(
      `create database bytes encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0`,
    )
    await using reader = await database.open(undefined, { ...database.config, database: 'bytes' })
    const failure = await failureOf(openSnapshot(reader, { relations: [relation('items')], deadlineMs }))
    expect(failure.exit).toBe(3)
    expect(failure.message).toContain('its encoding is SQL_ASCII')
  })
})

test('a table whose policy would hide rows cannot be read', async () => {
  await using reader = await database.open(undefined, database.as('plain'))
  await openSnapshot(reader, { relations: [relation('policed')], deadlineMs })
  const { stream } = reader.copy('copy (select * from public.policed) to stdout (format binary)')
  const error = await new Response(stream).bytes().catch((thrown: unknown) => thrown)
  const failure = postgresFailure(error, 'read the table', 'public.policed')
  expect(failure.exit).toBe(2)
  expect(failure.message).toContain('BYPASSRLS')
})
