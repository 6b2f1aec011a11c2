import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import { describeSource } from '../../lib/postgres/describe.ts'
import type { Source, SourceColumn } from '../../lib/postgres/source.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { needsPostgres, since } from '../support/needs-postgres.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create type mood as enum ('fine');
    create schema apart;
    create type apart.json as enum ('not what it seems');
    create domain price as numeric(12, 3) not null;
    create domain net_price as price;
    create domain price_list as net_price[];
    create table kinds (
      id bigint generated always as identity primary key,
      dropped int,
      rate numeric,
      amount numeric(18, 6) not null,
      net net_price,
      name varchar(20),
      code char(3),
      host inet,
      hosts inet[],
      feeling mood,
      odd apart.json,
      tags text[],
      prices numeric(10, 2)[],
      moods mood[],
      nets net_price[],
      lists price_list[] not null,
      "Quoted "" name" timestamptz,
      doubled int generated always as (2) stored
    );
    alter table kinds drop column dropped;
    create view kinds_view as select id, amount from kinds;
    create materialized view kinds_stored as select id from kinds;
    create table days (day date not null, note text) partition by range (day);
    create table days_1 partition of days for values from ('2026-01-01') to ('2026-07-01');
    create table days_2 partition of days for values from ('2026-07-01') to ('2027-01-01');
    insert into days select date '2026-01-01' + g % 365, repeat('x', 100) from generate_series(0, 9999) g;
    analyze days;
    create table unknown_size as select 1 as id;
    alter table unknown_size set (autovacuum_enabled = off);
  `)
}, 30_000)

afterAll(() => database?.stop())

async function described(name: string): Promise<Source> {
  await using reader = await database.open()
  return await describeSource(reader, { schema: 'public', name })
}

async function columns(name: string): Promise<Record<string, Omit<SourceColumn, 'name'>>> {
  return Object.fromEntries((await described(name)).columns.map(({ name, ...rest }) => [name, rest]))
}

test('columns have their types as Postgres spells them, the name of the base type, and nullability', async () => {
  expect(await columns('kinds')).toEqual({
    id: { type: 'bigint', typname: 'int8', notNull: true },
    rate: { type: 'numeric', typname: 'numeric', notNull: false },
    amount: { type: 'numeric(18,6)', typname: 'numeric', notNull: true, precision: 18, scale: 6 },
    net: { type: 'net_price', typname: 'numeric', notNull: true, precision: 12, scale: 3 },
    name: { type: 'character varying(20)', typname: 'varchar', notNull: false },
    code: { type: 'character(3)', typname: 'bpchar', notNull: false, output: 'pg_catalog.bpcharout' },
    host: { type: 'inet', typname: 'inet', notNull: false, output: 'pg_catalog.inet_out' },
    hosts: {
      type: 'inet[]',
      typname: '_inet',
      notNull: false,
      element: { typname: 'inet', output: 'pg_catalog.inet_out' },
    },
    feeling: { type: 'mood', typname: 'public.mood', notNull: false },
    odd: { type: since(16, 'apart."json"', 'apart.json'), typname: 'apart.json', notNull: false },
    tags: { type: 'text[]', typname: '_text', notNull: false, element: { typname: 'text' } },
    prices: {
      type: 'numeric(10,2)[]',
      typname: '_numeric',
      notNull: false,
      element: { typname: 'numeric' },
      precision: 10,
      scale: 2,
    },
    moods: { type: 'mood[]', typname: 'public._mood', notNull: false, element: { typname: 'public.mood' } },
    nets: {
      type: 'net_price[]',
      typname: 'public._net_price',
      notNull: false,
      element: { typname: 'numeric' },
      precision: 12,
      scale: 3,
    },
    lists: {
      type: 'price_list[]',
      typname: 'public._price_list',
      notNull: true,
      element: { typname: 'public._net_price' },
    },
    'Quoted " name': { type: 'timestamp with time zone', typname: 'timestamptz', notNull: false },
    doubled: { type: 'integer', typname: 'int4', notNull: false },
  })
})

test('columns of a query have the same base types, elements and output functions', async () => {
  await using reader = await database.open()
  const query = 'select net, host, hosts, nets, lists from kinds'
  const { columns } = await describeSource(reader, { query })
  expect(columns.map(({ name, typname, element, output }) => ({ name, typname, element, output }))).toEqual([
    { name: 'net', typname: 'numeric', element: undefined, output: undefined },
    { name: 'host', typname: 'inet', element: undefined, output: 'pg_catalog.inet_out' },
    {
      name: 'hosts',
      typname: '_inet',
      element: { typname: 'inet', output: 'pg_catalog.inet_out' },
      output: undefined,
    },
    { name: 'nets', typname: 'public._net_price', element: { typname: 'numeric' }, output: undefined },
    {
      name: 'lists',
      typname: 'public._price_list',
      element: { typname: 'public._net_price' },
      output: undefined,
    },
  ])
})

test('columns come in the order of the table, without the dropped ones', async () => {
  const { columns } = await described('kinds')
  expect(columns.map(({ name }) => name).slice(0, 3)).toEqual(['id', 'rate', 'amount'])
})

test('nobody knows the nullability of a view', async () => {
  expect(await described('kinds_view')).toMatchObject({
    kind: 'view',
    columns: [
      { name: 'id', notNull: undefined },
      { name: 'amount', notNull: undefined, precision: 18, scale: 6 },
    ],
    estimatedRows: undefined,
    estimatedBytes: undefined,
  })
  expect(await described('kinds_stored')).toMatchObject({
    kind: 'materialised view',
    columns: [{ notNull: undefined }],
  })
})

needsPostgres(15, 'scales beyond a number’s digits').test(
  'a scale is below zero or above the precision',
  async () => {
    await database.sql.unsafe('create table scaled (rounded numeric(5, -2), tiny numeric(3, 5))')
    expect(await columns('scaled')).toEqual({
      rounded: { type: 'numeric(5,-2)', typname: 'numeric', notNull: false, precision: 5, scale: -2 },
      tiny: { type: 'numeric(3,5)', typname: 'numeric', notNull: false, precision: 3, scale: 5 },
    })
  },
)

needsPostgres(18, 'NOT NULL that is not valid').test(
  'a NOT NULL that was never validated promises nothing',
  async () => {
    await database.sql.unsafe(`
    create table unchecked (id int);
    insert into unchecked values (null);
    alter table unchecked add constraint later not null id not valid`)
    expect(await columns('unchecked')).toMatchObject({ id: { notNull: false } })
  },
)

test('a partitioned table is as big as its partitions', async () => {
  const { kind, estimatedRows, estimatedBytes } = await described('days')
  expect({ kind, estimatedRows }).toEqual({ kind: 'partitioned', estimatedRows: 10_000 })
  expect(estimatedBytes).toBeGreaterThan(1_000_000)
})

test('an empty table has no rows, and one that was never analysed an unknown number', async () => {
  expect((await described('kinds')).estimatedRows).toBe(0)
  expect((await described('unknown_size')).estimatedRows).toBeUndefined()
})

test('what is missing or has no rows to read is a failure of the declaration', async () => {
  for (const [name, reason] of [
    ['none', 'the database has no such table'],
    ['kinds_pkey', 'it is neither a table nor a view'],
  ] as const) {
    const error = await described(name).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ exit: 3 })
    expect(String(error)).toContain(`public.${name}": ${reason}`)
  }
})
