/** Loads through PgBouncer: what it lends is as good as a connection of one's own, or the load says why not. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openFanOut } from '../fan-out/fan-out.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { expectClearLine } from '../load/refusal.ts'
import { needsPostgres, since } from '../support/needs-postgres.ts'
import { type Pooler, pgbouncer, startPooler } from '../support/pooler.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

const args = ['--catalog', 'declared']

describe.skipIf(pgbouncer === undefined)('PgBouncer', () => {
  let lake: TestStandIn
  let scripts: OwnScripts
  /** What a pooler's user of the tests reads: a table, a view whose rows hang on settings, and one that takes its time. */
  let rows: string
  let meanings: string
  let slow: string

  beforeAll(async () => {
    ;[lake, scripts] = await Promise.all([
      openStandIn({ scale: 0.01, tables: ['currencies', 'invoices', 'shippings', 'events'] }),
      openScripts(),
    ])
    const [row] = await lake.sql`select quote_ident(current_database()) as name`
    await lake.sql.unsafe(`
      create table rows as select g as id, repeat('x', 100) as note from generate_series(1, 20000) g;
      create view slow as select id, case when id = 10000 then pg_sleep(200)::text end as slept from rows;
      create table others (id int); insert into others values (1), (2), (3);
      create table moments as select g as id, timestamptz '2024-03-01 00:00+00' + g * interval '7 hours' as at,
        g * 1.5 as price, null::int as nothing from generate_series(1, 20) g;
      create function find_null(int) returns bool language plpgsql stable as 'begin return $1 = null; end';
      create function count_others() returns bigint language sql stable as 'select count(*) from others';
      create view meanings as select id, at::date::text as day, at::text as written, (price / 7)::float8::text as ratio,
        to_char(price, 'FM999D0') as spelt, find_null(nothing) as is_null, '\\x00ff'::bytea::text as raw, xmlelement(name x, '\\x00ff'::bytea)::text as markup,
        interval '1 day 2 hours'::text as span, to_tsvector('the running dogs')::text as words, count_others() as others,
        current_setting('app.tenant') as tenant, current_user::text as whom from moments;
      create schema hostile; create table hostile.others (id int);
      create function hostile.count(int) returns bigint language sql immutable as 'select 7::bigint';
      create role pooled login password 'word';
      ${since(14, 'grant pg_read_all_data to pooled', 'grant select on all tables in schema public, hostile to pooled')};
      grant all on schema hostile to pooled; grant temporary on database ${row?.['name']} to pooled;
      create role weak; grant weak to pooled; create role fixed;
      alter role pooled set datestyle to 'SQL, DMY'; alter role pooled set app.tenant to 'acme';
      alter role pooled set timezone to 'Asia/Kathmandu'; alter role pooled set xmlbinary to 'hex'; analyze`)
    rows = await scripts.write('rows', 'id: nullable(integer), note: nullable(text)')
    slow = await scripts.write('slow', 'id: nullable(integer), slept: nullable(text)')
    const texts = 'day written ratio spelt raw markup span words tenant whom'.split(' ')
    meanings = await scripts.write(
      'meanings',
      `id: nullable(integer), is_null: nullable(boolean), others: nullable(bigint),
       ${texts.map((name) => `${name}: nullable(text)`).join(', ')}`,
    )
  })

  afterAll(async () => {
    await lake?.close()
    await scripts?.close()
  })

  const open = (settings: Readonly<Record<string, string | number>> = {}) =>
    startPooler(lake.env['DATABASE_URL'] ?? '', settings, { pooled: 'word' })

  const load = (pooler: Pooler, script: string, more: readonly string[] = [], user?: string) =>
    lake.run(script, [...args, ...more], {
      DATABASE_URL: user === undefined ? pooler.url : pooler.urlOf(user),
    })

  const checks = [
    ['checks/row-counts.ts', 'currencies', 'invoices', 'events'],
    ['checks/columns.ts', 'invoices'],
    ['checks/schema.ts', 'currencies', 'invoices', 'events'],
    ['checks/partitions.ts', 'events'],
    ['lib/commands/rollback.ts', 'currencies'],
    ['lib/commands/rollback.ts', 'currencies', '--unpin'],
    ['lib/commands/compare.ts', 'currencies', '--with', 'lake.currencies', '--key', 'id'],
  ]

  test('with pool_mode=transaction is good for loads, with lookups and of partitions, and for their checks', async () => {
    await using pooler = await open()
    const env = { DATABASE_URL: pooler.url }
    for (const script of ['currencies', 'currencies', 'invoices']) {
      expect((await load(pooler, script, ['--fingerprint'])).summary()).toMatchObject({ published: true })
    }
    await lake.run('events', [], env)
    await lake.sql`update events set updated_at = now() where id = 5`
    expect((await lake.run('events', ['--connections', '2'], env)).summary()).toMatchObject({
      partitions: { which: 'these' },
    })
    for (const [program = '', ...of] of checks) {
      const { exit, stderr } = await lake.run(program, of, env)
      expect({ program, exit, stderr }).toEqual({ program, exit: 0, stderr })
    }
    const { stdout } = await lake.run('lib/commands/doctor.ts', [], env)
    expect(JSON.parse(stdout).checks).toContainEqual(
      expect.objectContaining({ check: 'postgres', status: 'ok' }),
    )
    await expectNothingLeft(pooler)
  })

  test.each(['transaction', 'session'])(
    'with pool_mode=%s is good for slices, which join one snapshot over connections of the pool',
    async (pool_mode) => {
      await using pooler = await open({ pool_mode })
      const { rows: loaded, slicing } = (await load(pooler, rows, ['--connections', '2'])).summary()
      // Before PostgreSQL 14 no ranges of blocks can be shared out.
      expect({ loaded, slices: slicing.slices }).toEqual({ loaded: 20_000, slices: since(14, 2, 1) })
      expect((await lake.readersSee('rows'))?.counted).toBe(20_000)
      await load(pooler, 'currencies')
      const counted = await lake.run('checks/row-counts.ts', ['currencies'], { DATABASE_URL: pooler.url })
      expect(counted.exit).toBe(0)
    },
  )

  /** Others are lent the pool's connections next. */
  async function expectNothingLeft(pooler: Pooler): Promise<void> {
    const backends = await lake.sql`select from pg_stat_activity where application_name like 'dracula%'`
    expect(backends.length).toBeGreaterThan(0)
    const lent = Array.from(backends, () => pooler.client())
    await Promise.all(lent.map((client) => client.unsafe('begin')))
    for (const client of lent) {
      // What PgBouncer itself sets for each client, by what that says when it connects.
      const [left] = await client.unsafe(
        `select (select json_agg(name) from pg_settings where source = 'session' and name not in ('application_name', 'DateStyle',
             'client_encoding', 'TimeZone', 'standard_conforming_strings', 'transaction_isolation', 'transaction_read_only',
             'transaction_deferrable')) as settings,
           (select json_agg(statement) from pg_prepared_statements) as prepared,
           (select count(*)::int from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') as locks`,
      )
      expect({ ...left }).toEqual({ settings: null, prepared: null, locks: 0 })
    }
    await Promise.all(lent.map((client) => client.end()))
  }

  test('is good for a table that several machines read', async () => {
    await using pooler = await open()
    await using fanOut = await openFanOut(lake, 'invoices', 2, { DATABASE_URL: pooler.url })
    const holder = await fanOut.hold()
    await fanOut.read()
    const { rows: loaded } = (await fanOut.run('finish')).summary()
    expect(loaded).toBe((await lake.readersSee('invoices'))?.counted ?? 0)
    await fanOut.end(holder)
  })

  needsPostgres(14, 'client_connection_check_interval').test(
    'that dies in the middle of a load ends it with one line, and the server soon stops working for it',
    async () => {
      await using dying = await open()
      const running = lake.begin(slow, args, { DATABASE_URL: dying.url })
      while (!running.stderr().includes('"phase":"read"')) await Bun.sleep(20)
      const asleep = () => lake.sql`select from pg_stat_activity where wait_event = 'PgSleep'`
      while ((await asleep()).length === 0) await Bun.sleep(20)
      dying.kill()
      const finished = await running.finished
      expectClearLine(finished, 'slow', 1)
      expect(finished.message).toContain('Cannot read "public.slow": the connection broke')
      expect(await lake.readersSee('slow')).toBeUndefined()
      while ((await asleep()).length > 0) await Bun.sleep(100)
    },
  )

  /** Runs statements on both connections of a pool of two, each in a transaction of its own. */
  async function leave(pooler: Pooler, statements: string): Promise<void> {
    await using one = pooler.client('pooled')
    await using two = pooler.client('pooled')
    await Promise.all([one.unsafe('begin'), two.unsafe('begin')])
    for (const client of [one, two]) await client.unsafe(statements)
    await Promise.all([one.unsafe('commit'), two.unsafe('commit')])
  }

  /** What others leave: settings that change names, forms, meanings and patience, and a role that may read nothing. */
  const leftovers = `
    set search_path to hostile, public; set timezone to 'Pacific/Chatham'; set datestyle to 'German';
    set intervalstyle to 'iso_8601'; set extra_float_digits to -10; set bytea_output to 'escape'; set lc_monetary to 'C';
    set transform_null_equals to on; set xmlbinary to 'base64'; set default_text_search_config to 'pg_catalog.simple';
    set standard_conforming_strings to off; set quote_all_identifiers to on; set array_nulls to off; set row_security to off;
    set lock_timeout to 1; set default_transaction_isolation to 'serializable';
    set app.tenant to 'somebody else'; set role weak`

  async function meaningsInLake(): Promise<readonly unknown[]> {
    const { stdout } = await lake.run('lib/commands/query.ts', ['select * from meanings order by id'])
    return JSON.parse(stdout).rows
  }

  test('lends connections in which others have left settings and a role, and nothing of that shows', async () => {
    await using direct = await open({ pool_mode: 'session' })
    await using pooler = await open({ default_pool_size: 2 })
    expect((await load(direct, meanings, [], 'pooled')).summary()).toMatchObject({ rows: 20 })
    const expected = await meaningsInLake()
    expect(JSON.stringify(expected[0])).toContain('01/03/2024')
    expect(JSON.stringify(expected[0])).toContain('acme')
    await leave(pooler, leftovers)
    await using other = pooler.client('pooled')
    const [left] = await other.unsafe(
      `select current_user::text as role, current_setting('app.tenant') as tenant`,
    )
    expect({ ...left }).toEqual({ role: 'weak', tenant: 'somebody else' })
    for (const more of [[], ['--connections', '2']]) {
      expect((await load(pooler, meanings, more, 'pooled')).summary()).toMatchObject({ rows: 20 })
      expect(await meaningsInLake()).toEqual(expected)
    }
  })

  test('lends connections in which others have left tables, which are not read in the place of those of their names', async () => {
    await using pooler = await open({ default_pool_size: 2 })
    await leave(
      pooler,
      'create temporary table others (id int); create temporary table rows (id int, note text)',
    )
    expect((await load(pooler, rows, [], 'pooled')).summary()).toMatchObject({ rows: 20_000 })
    const refused = await load(pooler, meanings, [], 'pooled')
    expectClearLine(refused, 'meanings', 1)
    expect(refused.message).toContain(
      'another client of the pooler has left temporary tables in this connection',
    )
  })

  test('with one connection for all is enough for a load that needs one', async () => {
    await using pooler = await open({ default_pool_size: 1 })
    expect((await load(pooler, rows, ['--connections', '1'])).summary()).toMatchObject({ rows: 20_000 })
    expect((await load(pooler, meanings, [], 'pooled')).summary()).toMatchObject({ rows: 20 })
  })

  test.each([
    [
      'has no connection for the load to ask of settings by',
      { pool_mode: 'session', default_pool_size: 1, query_wait_timeout: 0 },
      1,
      'this connection was let in, and then had no answer for 10 s',
    ],
    ['lets too few in', { max_client_conn: 1 }, 1, 'a pooler has had no connection free'],
    [
      'lends a connection for one statement',
      { pool_mode: 'statement' },
      2,
      'pool_mode=statement is before the server',
    ],
    ['refuses simple queries', { disable_pqexec: 1 }, 2, 'Have the pooler allow simple queries'],
  ] as const)('that %s ends a load with what to do', async (_, settings, exit, says) => {
    await using pooler = await open(settings)
    const finished = await load(pooler, meanings, [], 'pooled')
    expectClearLine(finished, 'meanings', exit)
    expect(finished.message).toContain(says)
  })

  test('that has too few connections for all slices has a load read over fewer', async () => {
    await using pooler = await open({ default_pool_size: 1, query_wait_timeout: 1 })
    const { rows: loaded, slicing } = (await load(pooler, rows, ['--connections', '2'])).summary()
    expect({ loaded, connections: slicing.connections }).toEqual({ loaded: 20_000, connections: 1 })
  })
})
