import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { DatabaseConfig } from '../../lib/config/config.ts'
import { copyQuery } from '../../lib/copy/query.ts'
import { describeSource } from '../../lib/postgres/describe.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import {
  array,
  bigint,
  bytea,
  type Columns,
  doublePrecision,
  integer,
  json,
  jsonb,
  numeric,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create type mood as enum ('fine');
    create table kinds (
      small int2, whole int4, big int8, reference oid, single float4, double float8, amount numeric(18, 6),
      at timestamp, at_zone timestamptz, key uuid, doc json, docb jsonb, raw bytea, words text, name varchar(9),
      padded char(4), feeling mood, address inet, tags int[], markup xml, flag bool, id name
    );
    insert into kinds values (
      -2, 3, 4, 5, 0.1, 0.2, 1.5, '2026-01-02 03:04:05', '2026-01-02 03:04:05+00', '6f1e1b5a-0000-4000-8000-000000000000',
      '{"a" : 1}', '{"a" : 1}', '\\x00ff', 'größe', 'name', 'ab', 'fine', '10.0.0.1', '{1,NULL}', '<a/>', true, 'id'
    );
    create type pair as (a int, b int);
    create schema apart;
    create type apart.cents;
    create function apart.cents_in(cstring) returns apart.cents language internal immutable strict as 'int4in';
    create function apart.cents_out(apart.cents) returns cstring language internal immutable strict as 'int4out';
    create type apart.cents (input = apart.cents_in, output = apart.cents_out, like = int4);
    create function shout(pair) returns text language sql immutable as $$ select 'not what it prints' $$;
    create function shout(mood) returns text language sql immutable as $$ select 'not what it prints' $$;
    create function shout(apart.cents) returns text language sql immutable as $$ select 'not what it prints' $$;
    create cast (pair as text) with function shout(pair);
    create cast (mood as text) with function shout(mood);
    create cast (apart.cents as text) with function shout(apart.cents);
    create table own_casts (
      pair pair, mood mood, cents apart.cents, moods mood[], all_cents apart.cents[], nothing apart.cents, no_pair pair,
      no_moods mood[]
    );
    insert into own_casts values (row(null, null), 'fine', '250', '{fine,null}', '{1,null}', null, null, null);
    create role outsider login password 'word';
    grant select on own_casts to outsider;
    create schema "odd ""schema";
    create table "odd ""schema"."select" (id int);
    insert into "odd ""schema"."select" values (1), (2), (3);
    create table days (day int) partition by range (day);
    create table days_1 partition of days for values from (0) to (10);
    insert into days values (1), (2);
    create view days_view as select * from days;
  `)
}, 30_000)

afterAll(() => database?.stop())

interface Read {
  readonly query: string
  /** Fields of each row as the server sent them; undefined: null. */
  readonly rows: (Uint8Array | undefined)[][]
}

async function read(
  from: { readonly schema?: string; readonly name: string },
  columns: Columns,
  where?: string,
  config?: DatabaseConfig,
): Promise<Read> {
  const declared = {
    ...table({ name: 'declared', columns, ...(where !== undefined && { where }) }),
    source: { schema: 'public', ...from },
  }
  await using reader = await database.open(undefined, config)
  await openSnapshot(reader, { relations: [declared.source], deadlineMs: 60_000 })
  const query = copyQuery(declared, await describeSource(reader, declared.source))
  return { query, rows: parse(await new Response(reader.copy(query).stream).bytes()) }
}

/** PostgreSQL manual, COPY, "Binary Format": 19 bytes, then per row a field count and each field after its length. */
function parse(bytes: Uint8Array): Read['rows'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows: Read['rows'] = []
  let at = 19
  for (let fields = view.getInt16(at); fields >= 0; fields = view.getInt16(at)) {
    at += 2
    rows.push(
      Array.from({ length: fields }, () => {
        const length = view.getInt32(at)
        at += 4 + Math.max(0, length)
        return length < 0 ? undefined : bytes.subarray(at - length, at)
      }),
    )
  }
  return rows
}

async function sent(columns: Columns): Promise<{ query: string; fields: (Buffer | undefined)[] }> {
  const { query, rows } = await read({ name: 'kinds' }, columns)
  return { query, fields: (rows[0] ?? []).map((field) => field && Buffer.from(field)) }
}

describe('a column comes in the wire form that its declaration names', () => {
  test('as it stands where the source sends just that', async () => {
    const { query } = await sent({
      whole: integer,
      amount: numeric(20, 6),
      at: timestamp,
      at_zone: timestamptz,
      key: uuid,
      doc: json,
      docb: jsonb,
      raw: bytea,
      words: text,
      name: text,
      padded: text,
      id: text,
    })
    expect(query).not.toContain('::')
  })

  test('widened where the declaration is wider', async () => {
    const { query, fields } = await sent({
      small: bigint,
      whole: bigint,
      reference: bigint,
      single: doublePrecision,
    })
    expect(query).toContain(
      '"small"::pg_catalog.int8, "whole"::pg_catalog.int8, "reference"::pg_catalog.int8, "single"::pg_catalog.float8',
    )
    expect(fields.slice(0, 3).map((field) => field?.readBigInt64BE())).toEqual([-2n, 3n, 5n])
    expect(fields[3]?.readDoubleBE()).toBe(Math.fround(0.1))
  })

  test('as json or jsonb, whichever is declared', async () => {
    const { fields } = await sent({ docb: json, doc: jsonb })
    expect(fields[0]?.toString()).toBe('{"a": 1}')
    expect([fields[1]?.[0], fields[1]?.subarray(1).toString()]).toEqual([1, '{"a": 1}'])
  })

  test('as text, from any type', async () => {
    const names = [
      'words',
      'padded',
      'feeling',
      'address',
      'tags',
      'markup',
      'raw',
      'docb',
      'amount',
      'at_zone',
      'double',
      'flag',
    ]
    const { fields } = await sent(Object.fromEntries(names.map((name) => [name, text])))
    expect(fields.map(String)).toEqual([
      'größe',
      'ab  ',
      'fine',
      '10.0.0.1',
      '{1,NULL}',
      '<a/>',
      '\\x00ff',
      '{"a": 1}',
      '1.500000',
      '2026-01-02 03:04:05+00',
      '0.2',
      't',
    ])
  })
})

test('text is what the type prints, whatever a cast to text would say, and needs no right to its schema', async () => {
  const names = ['pair', 'mood', 'cents', 'nothing', 'no_pair']
  const lists = ['moods', 'all_cents', 'no_moods']
  const columns = Object.fromEntries([
    ...names.map((name) => [name, text] as const),
    ...lists.map((name) => [name, array(text)] as const),
  ])
  const { rows } = await read({ name: 'own_casts' }, columns, undefined, database.as('outsider'))
  const fields = (rows[0] ?? []).map((field) => field && Buffer.from(field))
  expect(fields.slice(0, names.length).map((field) => field?.toString())).toEqual([
    '(,)',
    'fine',
    '250',
    undefined,
    undefined,
  ])
  // Elements as fields, each after its length: of four bytes, and of one; −1 is null.
  expect(fields.slice(names.length).map((field) => field?.subarray(20).toString('hex'))).toEqual([
    '0000000466696e65ffffffff',
    '0000000131ffffffff',
    undefined,
  ])
})

describe('rows', () => {
  test('come from names that need quotes', async () => {
    expect((await read({ schema: 'odd "schema', name: 'select' }, { id: integer })).rows).toHaveLength(3)
  })

  test('come from partitioned tables and views', async () => {
    expect((await read({ name: 'days' }, { day: integer })).rows).toHaveLength(2)
    expect((await read({ name: 'days_view' }, { day: integer })).rows).toHaveLength(2)
  })

  test('are those of the condition, whatever it ends with', async () => {
    const from = { schema: 'odd "schema', name: 'select' }
    expect((await read(from, { id: integer }, 'id = 1 or id = 2')).rows).toHaveLength(2)
    expect((await read(from, { id: integer }, 'id > 1 -- the rest')).rows).toHaveLength(2)
  })

  test('are the first only where a limit says so', () => {
    const declared = table({ name: 'items', columns: { id: integer }, where: 'true' })
    const source = { kind: 'table', columns: [], estimatedRows: 0, estimatedBytes: 0 } as const
    expect(copyQuery(declared, source, { limit: 10 })).toBe(
      'copy (select "id"::pg_catalog.int4 from "public"."items" where (\ntrue\n) limit 10) to stdout (format binary)',
    )
  })
})
