/** What a view, a query or a condition means to the role that reads it, it means in the lake. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { compareColumns } from '../../checks/columns/compare.ts'
import { parseLimit } from '../../checks/limit.ts'
import { countRows } from '../../checks/row-counts/count.ts'
import { compareSchema } from '../../checks/schema/compare.ts'
import { type DatabaseConfig, readDatabase, readLake } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { load } from '../../lib/load/load.ts'
import type { LoadOptions } from '../../lib/load/options.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { countSource } from '../../lib/postgres/count.ts'
import { declarationLine, typeOfColumn } from '../../lib/postgres/declaration-of.ts'
import { describeColumns } from '../../lib/postgres/describe.ts'
import { beginStatements } from '../../lib/postgres/session-settings.ts'
import {
  array,
  boolean,
  bytea,
  date,
  doublePrecision,
  integer,
  lookup,
  nullable,
  type Table,
  table,
  text,
  timestamp,
  timestamptz,
} from '../../lib/table.ts'
import { dryRun } from '../support/load-options.ts'
import { needsPostgres, since } from '../support/needs-postgres.ts'
import { microsecondsOf } from '../support/postgres-words.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

/** What pg_read_all_data is since PostgreSQL 14. */
const readAllData = `alter default privileges in schema app, public grant select on tables to odd, plain;
  grant select on all tables in schema app, public to odd, plain`

let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  const [row] = await lake.sql`select current_database() as name`
  const database = `"${row?.['name']}"`
  await lake.sql.unsafe(`
    create schema app;
    create table app.users (id int, t timestamptz);
    insert into app.users values (1,'2024-03-01 02:00+00'),(2,'2024-03-01 12:00+00'),(3,'2024-06-01 03:30+00');
    create table public.users (id int, t timestamptz);
    insert into public.users values (100,'2020-01-01');
    create function app.all_users() returns setof app.users language sql stable as 'select id, t from users';
    create view app.some_users as select id from app.all_users();

    create type app.pair as (times timestamptz[], raw bytea);
    create table app.events (
      id int primary key, at timestamptz, note text, span interval, ratio float8, raw bytea, paid money, list text, words text,
      price numeric, tenant text, seen tstzrange, point point, pair app.pair, moods inet[]
    );
    insert into app.events
    select g, timestamptz '2024-03-01 00:00+00' + g * interval '7 hours', '0' || (1 + g % 9) || '/04/2024',
      interval '1 day' * g + interval '90 minutes', g / 3.0, '\\x00ff', g * 1.5, '{NULL,a}', 'the running dogs ' || g,
      case when g % 4 > 0 then g end, case when g % 2 = 0 then 'acme' else 'other' end,
      tstzrange('2024-03-01 00:00+00', '2024-03-02 00:00+00'), point(g / 3.0, 0),
      row(array[now()], '\\x00')::app.pair, array[null, '10.0.0.1'::inet]
    from generate_series(1, 20) g;
    create function app.has_no(numeric) returns boolean language plpgsql stable as 'begin return $1 = null; end';
    create function app.letter() returns text language plpgsql stable as $$ begin return 'a\\102'; end $$;
    -- A type and a function of names that Dracula's own SQL uses, found first by this role.
    create domain app.text as varchar(1);
    create function app.left(pg_catalog.text, int) returns pg_catalog.text language sql immutable as $$ select 'shadow' $$;
    create function app.count(int) returns bigint language sql immutable as $$ select 7::bigint $$;
    create view app.meanings as
      select id, at::date as day, at::timestamp as local, date_trunc('day', at) as day_start,
        to_char(at, 'YYYY-MM-DD HH24:MI OF') as written, note::date as noted, span::pg_catalog.text as spanned,
        ratio::pg_catalog.text as ratio_text, ratio, raw::pg_catalog.text as raw_text, raw, paid::pg_catalog.text as paid_text,
        (list::pg_catalog.text[])[1] is null as is_null, to_tsvector(words)::pg_catalog.text as vector,
        xmlelement(name x, raw)::pg_catalog.text as markup, app.has_no(price) as no_price, app.letter() as letter,
        current_setting('app.tenant') as tenant, list::pg_catalog.text[] as parts, words,
        quote_ident('plain') as quoted
      from app.events;
    create view app.forms as
      select id, at, seen, span, point, paid, pair, 'app.users'::regclass as named from app.events;

    create role odd login password 'word';
    create role plain login password 'word';
    ${since(14, 'grant pg_read_all_data to odd, plain', readAllData)};
    grant usage on schema app to odd, plain;
    alter database ${database} set timezone to 'Asia/Tokyo';
    alter database ${database} set app.tenant to 'nobody';
    alter role odd set search_path to app, public, pg_catalog;
    alter role odd set datestyle to 'SQL, DMY';
    alter role odd set intervalstyle to 'iso_8601';
    alter role odd set extra_float_digits to -3;
    alter role odd set bytea_output to 'escape';
    alter role odd set array_nulls to off;
    alter role odd set default_text_search_config to 'pg_catalog.simple';
    alter role odd set xmlbinary to 'hex';
    alter role odd set transform_null_equals to on;
    alter role odd set standard_conforming_strings to off;
    alter role odd set escape_string_warning to off;
    alter role odd set quote_all_identifiers to on;
    alter role odd in database ${database} set app.tenant to 'acme';
    alter role odd in database ${database} set timezone to 'America/New_York'`)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

const databaseOf = (user: string): DatabaseConfig => ({
  ...readDatabase(lake.env),
  user,
  password: 'word',
})

function loadAs(user: string, declared: Table, more: Partial<LoadOptions> = {}): Promise<LoadSummary> {
  const config = { database: databaseOf(user), lake: readLake(lake.env) }
  return load(declared, config, { ...dryRun, ...more }, () => {}, new AbortController().signal)
}

/** What a session of the role says, by a client that sets nothing: each row's columns as they are, in order. */
async function askAs(user: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = connectPostgres(databaseOf(user), { max: 1 })
  try {
    return (await client.unsafe(sql)).map((row) => ({ ...row }))
  } finally {
    await client.end()
  }
}

/** Columns of what a load of this role makes, as DuckDB reads them. */
async function loadedAs(user: string, declared: Table): Promise<Record<string, (string | null)[]>> {
  await using folder = await temporaryFolder()
  const { files } = await loadAs(user, declared, { out: folder.path })
  return { ...(await readers['DuckDB']!(files[0] ?? '', declared.output)) }
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}

const meanings = table({
  name: 'meanings',
  from: 'app.meanings',
  columns: {
    id: integer,
    day: date,
    local: timestamp,
    day_start: timestamptz,
    written: text,
    noted: date,
    spanned: text,
    ratio_text: text,
    ratio: doublePrecision,
    raw_text: text,
    raw: bytea,
    paid_text: text,
    is_null: boolean,
    vector: text,
    markup: text,
    no_price: nullable(boolean),
    letter: text,
    tenant: text,
    parts: array(text),
    words: text,
    quoted: text,
  },
})

/** Every column of it in the words of readers.ts, which no setting shows in. */
const describeMeanings = `
  select id::pg_catalog.text as id, (day - '1970-01-01'::date)::pg_catalog.text as day, ${micros('local')} as local,
    ${micros('day_start')} as day_start, written, (noted - '1970-01-01'::date)::pg_catalog.text as noted, spanned,
    ratio_text, encode(float8send(ratio), 'hex') as ratio, raw_text, encode(raw, 'hex') as raw, paid_text,
    is_null::pg_catalog.text as is_null, vector, markup, no_price::pg_catalog.text as no_price, letter, tenant,
    to_json(parts)::pg_catalog.text as parts, words, quoted
  from app.meanings order by meanings.id`

function micros(name: string): string {
  return `(${microsecondsOf(name)})::pg_catalog.text`
}

function floatsInHex(words: readonly (string | null)[] = []): string[] {
  return words.map((each) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(Number(each))
    return bytes.toString('hex')
  })
}

describe.each(['odd', 'plain'])('for the role %s', (user) => {
  test('a view gives what it gives to any session of the role, whatever its settings change', async () => {
    const rows = await askAs(user, describeMeanings)
    const names = Object.keys(meanings.columns)
    const expected = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]))
    const loaded = await loadedAs(user, meanings)
    expect({ ...loaded, ratio: floatsInHex(loaded['ratio']) }).toEqual(expected as never)
  })

  test('its fingerprint and both checks agree', async () => {
    const name = `meanings_${user}`
    const lines = Object.entries(meanings.columns).map(([column, type]) =>
      declarationLine(column, typeOfColumn(type), type.nullable && type.element === undefined),
    )
    const script = await scripts.write(name, lines.join(' '), `from: 'app.meanings'`)
    const { user: _, ...database } = databaseOf(user)
    const url = `postgres://${user}:word@${database.host}:${database.port}/${database.database}`
    const run = await lake.run(script, ['--catalog', 'declared', '--fingerprint'], { DATABASE_URL: url })
    expect(run.summary()).toMatchObject({ published: true, rows: 20 })
    const { signal } = new AbortController()
    const [aws, config] = [lake.aws, readLake(lake.env)]
    expect(await compareColumns(name, { aws, lake: config, signal })).toMatchObject({
      status: 'ok',
      findings: [],
      columns: 21,
    })
    const sql = connectPostgres(databaseOf(user), { max: 1 })
    const counting = {
      aws,
      lake: config,
      source: { sql, database: databaseOf(user), mode: 'exact' as const },
      limit: parseLimit('0'),
      signal,
    }
    expect(await countRows({ ...meanings, name }, counting)).toMatchObject({ status: 'ok', source: 20 })
    await sql.end()
  })

  test.each([
    [`at >= '2024-03-02'::timestamptz`],
    [`at::date = '2024-03-02'`],
    [`note::date >= '04/05/2024'`],
    ['price = null'],
    [`tenant = current_setting('app.tenant')`],
    [`id in (select id from users)`],
    [`'a\\\\102' = letter()`],
    [`(list::text[])[1] is null`],
    [`ratio::pg_catalog.text = '0.333'`],
  ])('the condition %s keeps the rows that it keeps for any session of the role', async (where) => {
    const declared = table({ name: 'events', from: 'app.events', where, columns: { id: integer } })
    const expected = await askAs(user, `select id from app.events where ${where} order by id`).catch(String)
    if (typeof expected === 'string') {
      expect((await failureOf(loadAs(user, declared))).exit).toBe(3)
      return
    }
    const ids = expected.map(({ id }) => String(id))
    expect((await loadedAs(user, declared))['id']).toEqual(ids)
    const sql = connectPostgres(databaseOf(user), { max: 1 })
    expect(await countSource(sql, declared, 'exact')).toBe(ids.length)
    await sql.end()
  })
})

needsPostgres(18, 'virtual columns').test(
  'a column that the server computes as it is read is read as the role reads it',
  async () => {
    await lake.sql.unsafe(`
    create table app.computed (ratio float8, short pg_catalog.text generated always as (ratio::pg_catalog.text) virtual);
    insert into app.computed (ratio) values (1 / 3.0)`)
    const [row] = await askAs('odd', 'select short from app.computed')
    const computed = table({
      name: 'computed',
      from: 'app.computed',
      columns: { short: nullable(text) },
      ignore: ['ratio'],
    })
    expect((await loadedAs('odd', computed))['short']).toEqual([String(row?.['short'])])
    await using reader = await readerOf('odd')
    const { evaluated } = await describeColumns(reader, { schema: 'app', name: 'computed' })
    expect(evaluated).toBe(true)
  },
)

test('a foreign table and a view are read as the role reads them, and so is what has a foreign partition', async () => {
  await lake.sql.unsafe(`
    create foreign data wrapper nothing;
    create server nowhere foreign data wrapper nothing;
    create table app.parted (id int) partition by list (id);
    create foreign table app.parted_1 partition of app.parted for values in (1) server nowhere`)
  await using reader = await readerOf('odd')
  const kinds = ['parted', 'parted_1', 'events', 'forms'].map(async (name) => {
    const { evaluated } = await describeColumns(reader, { schema: 'app', name })
    return [name, evaluated]
  })
  expect(Object.fromEntries(await Promise.all(kinds))).toEqual({
    parted: true,
    parted_1: true,
    events: false,
    forms: true,
  })
})

test('a function finds the tables that the role finds', async () => {
  const some = table({ name: 'some_users', from: 'app.some_users', columns: { id: integer } })
  expect((await loadedAs('odd', some))['id']).toEqual(['1', '2', '3'])
  expect((await loadedAs('plain', some))['id']).toEqual(['100'])
})

test('a query and a lookup find the tables that the role finds', async () => {
  const joined = table({
    name: 'joined',
    from: 'select id from users',
    columns: { id: integer },
    lookups: {
      user: lookup({
        from: 'select id, t::date::pg_catalog.text as day from users',
        key: 'id',
        columns: { id: integer, day: text },
      }),
    },
    derive: { day: { type: nullable(text), value: ({ id }, { user }) => user(id)?.day ?? null } },
  })
  expect(await loadedAs('odd', joined)).toEqual({
    id: ['1', '2', '3'],
    day: ['29/02/2024', '01/03/2024', '31/05/2024'],
  })
  expect(await loadedAs('plain', joined)).toEqual({ id: ['100'], day: ['2020-01-01'] })
})

describe('a text that the settings of a role would change', () => {
  const timeZone = `TimeZone ('America/New_York' for this role, 'UTC' in the lake)`
  const dateStyle = `DateStyle ('SQL, DMY' for this role, 'ISO, MDY' in the lake)`
  test.each([
    ['at', 'timestamp with time zone', `${timeZone} and ${dateStyle}`],
    ['seen', 'tstzrange', `${timeZone} and ${dateStyle}`],
    ['span', 'interval', `IntervalStyle ('iso_8601' for this role, 'postgres' in the lake)`],
    ['point', 'point', `extra_float_digits ('-3' for this role, '1' in the lake)`],
    [
      'pair',
      'app.pair',
      `${timeZone}, ${dateStyle} and bytea_output ('escape' for this role, 'hex' in the lake)`,
    ],
    [
      'named',
      'regclass',
      `search_path ('app, public, pg_catalog' for this role, 'pg_catalog, public' in the lake)`,
    ],
  ])('is refused: %s, of type %s', async (column, type, settings) => {
    const forms = table({
      name: 'forms',
      from: 'app.forms',
      columns: { id: integer, [column]: nullable(text) },
    })
    const failure = await failureOf(loadAs('odd', forms))
    expect(failure.exit).toBe(3)
    expect(failure.message).toContain(
      `Cannot read "app.forms": ${column} is read as text, and that of ${type} depends on ${settings}`,
    )
  })

  test('is refused of a row that may have anything in it', async () => {
    const rows = table({
      name: 'rows',
      from: 'select id, row(at, 1) as line from app.events',
      columns: { id: integer, line: text },
    })
    expect((await failureOf(loadAs('odd', rows))).message).toContain(
      `line is read as text, and that of record depends on ${timeZone}, ${dateStyle}, `,
    )
  })

  test('is refused with what to run, and the line to paste', async () => {
    const forms = table({ name: 'forms', from: 'app.forms', columns: { id: integer, at: nullable(text) } })
    const { message } = await failureOf(loadAs('plain', forms))
    const [row] = await lake.sql`select quote_ident(current_database()) as name`
    expect(message).toEndWith(
      `Write the text itself in a query in from, or run, if the source may then mean something else: alter role plain in database ${row?.['name']} set TimeZone to 'UTC';, or write in scripts/forms.ts: at: nullable(timestamptz),`,
    )
  })

  test('is refused of a list whose elements would be read as nulls, or not', async () => {
    const events = table({
      name: 'events',
      from: 'app.events',
      where: 'id > 1',
      columns: { id: integer, moods: nullable(array(text)) },
    })
    expect((await failureOf(loadAs('odd', events))).message).toContain('depends on array_nulls')
    expect((await loadedAs('plain', events))['moods']?.[0]).toBe('[null,"10.0.0.1"]')
  })

  test('is told by the schema check, with the line to paste', async () => {
    await using reader = await readerOf('plain')
    const forms = table({ name: 'forms', from: 'app.forms', columns: { id: integer, at: text } })
    const declared = { ...forms, ignore: ['seen', 'span', 'point', 'paid', 'pair', 'named'] }
    expect(await compareSchema(reader, declared)).toMatchObject({
      status: 'differs',
      differences: [{ column: 'at', paste: 'at: timestamptz,' }],
      findings: [expect.stringContaining("TimeZone ('Asia/Tokyo' for this role")],
    })
  })

  test('is of the same form for everybody where it is of a table without a condition', async () => {
    const events = table({
      name: 'events',
      from: 'app.events',
      columns: { id: integer, at: nullable(text), seen: nullable(text), span: nullable(text) },
    })
    const [odd, plain] = [await loadedAs('odd', events), await loadedAs('plain', events)]
    expect(odd).toEqual(plain)
    expect(odd['at']?.[0]).toBe('2024-03-01 07:00:00+00')
  })

  test('passes where what differs is another name of the same, or the order in which dates are read', async () => {
    await lake.sql.unsafe(`create role near login password 'word' in role plain;
      alter role near set timezone to 'Etc/UTC'; alter role near set datestyle to 'ISO, DMY';
      alter role near set extra_float_digits to 3; alter role near set search_path to '$user', public`)
    const forms = table({
      name: 'forms',
      from: 'app.forms',
      columns: { id: integer, at: text, seen: text, point: text, paid: text },
    })
    const near = await loadedAs('near', forms)
    expect(near['at']?.[0]).toBe('2024-03-01 07:00:00+00')
  })
})

async function readerOf(user: string) {
  const { signal } = new AbortController()
  const reader = await openReader(databaseOf(user), { applicationName: 'dracula/test', signal })
  await reader.query(beginStatements({ isolation: 'repeatable read', deadlineMs: 60_000 }))
  return { ...reader, [Symbol.asyncDispose]: () => reader.close() }
}
