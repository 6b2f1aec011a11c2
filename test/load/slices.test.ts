/** A table that is read over several connections: all of it, once, as it was at one moment. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { bigint, integer, lookup, lossy, nullable, numeric, table, text, timestamp } from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { expectSameAsWhole, loadSliced, needsRanges, sliced } from './sliced.ts'

setDefaultTimeout(300_000)
let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off', max_connections: '60' })
  await database.sql.unsafe(`
    create table plain (id int primary key, name text, n numeric(12, 2));
    insert into plain select g, 'name ' || g % 100, g / 4.0 from generate_series(1, 30000) g;
    create table parts (id int, day int) partition by range (day);
    create table parts_a partition of parts for values from (0) to (10);
    create table parts_b partition of parts for values from (10) to (20) partition by list (day);
    create table parts_b1 partition of parts_b for values in (10, 11, 12);
    create table parts_b2 partition of parts_b default;
    create table parts_empty partition of parts for values from (20) to (30);
    create table parts_c partition of parts default;
    insert into parts select g, g % 50 from generate_series(1, 40000) g;
    create table parent (id int, what text);
    create table child (more int) inherits (parent);
    insert into parent select g, 'parent' from generate_series(1, 5000) g;
    insert into child select g, 'child', 0 from generate_series(5001, 20000) g;
    create materialized view stored as select id, name from plain where id % 2 = 0;
    create table nothing (id int, name text);
    create table emptied (id int); insert into emptied select generate_series(1, 5000); delete from emptied;
    create view seen as select id, name, n from plain;
    create table keys (id bigint, day date, at timestamp, at_tz timestamptz);
    insert into keys select g, date '2020-01-01' + g % 400, timestamp '2020-01-01' + g * interval '1 minute',
      timestamptz '2020-01-01 00:00:00+00' + g * interval '1 minute' from generate_series(1, 3000) g;
    insert into keys values (null, null, null, null), (9223372036854775807, 'infinity', 'infinity', 'infinity'),
      (-9223372036854775808, '-infinity', '-infinity', '-infinity'),
      (-5, '4713-01-01 BC', '4713-01-01 00:00:00 BC', '4713-01-02 00:00:00+00 BC'),
      (7, '5874897-12-31', '294276-12-31 23:59:59', '294276-12-31 00:00:00+00');
    analyze`)
})

afterAll(() => database?.stop())

const plain = table({
  name: 'plain',
  columns: { id: integer, name: nullable(text), n: nullable(numeric(12, 2)) },
  ...sliced,
})
const parts = table({ name: 'parts', columns: { id: nullable(integer), day: nullable(integer) }, ...sliced })

const byWhat = 'sliceBy' in sliced ? { by: 'values', column: 'id' } : { by: 'blocks', column: null }

describe('the slices of', () => {
  test('a table have each row once, and are the same bytes each time', async () => {
    const first = await expectSameAsWhole(database, plain)
    expect(first.files).toEqual([0, 1, 2, 3].map((slice) => `plain-s0${slice}-00000.parquet`))
    expect(first.summary.slicing).toMatchObject({ slices: 4, ...byWhat, reason: null })
    const second = await loadSliced(database, plain)
    expect(second.bytes.map((each, at) => each.equals(first.bytes[at]!))).toEqual([true, true, true, true])
  })

  test('a table with partitions of partitions, an empty one and many rows in one', async () => {
    const { summary } = await expectSameAsWhole(database, parts)
    expect(summary.slicing.slices).toBe(4)
  })

  test('a table and those that inherit from it', async () => {
    const inherited = table({
      name: 'parent',
      columns: { id: nullable(integer), what: nullable(text) },
      ...sliced,
    })
    expect((await expectSameAsWhole(database, inherited)).summary.slicing.slices).toBe(4)
  })

  needsRanges.test('a materialised view', async () => {
    const stored = table({ name: 'stored', columns: { id: nullable(integer), name: nullable(text) } })
    expect((await expectSameAsWhole(database, stored)).summary.slicing.by).toBe('blocks')
  })

  test('a condition, a filter, a lookup and a derived column', async () => {
    const computed = table({
      name: 'plain',
      columns: { id: integer, name: nullable(text) },
      where: `id % 3 = 0 and id in (select id from parts) -- a comment`,
      lookups: {
        day: lookup({ from: 'parts', key: 'id', columns: { id: nullable(integer), day: nullable(integer) } }),
      },
      derive: { day: { type: nullable(integer), value: ({ id }, { day }) => day(id)?.day } },
      filter: ({ id }) => id % 5 !== 0,
      ...sliced,
    })
    const { summary } = await expectSameAsWhole(database, computed)
    expect(summary.rows).toBe(8000)
    expect(summary.slicing.slices).toBe(4)
  })

  test('a table without a row are one, with one file', async () => {
    const nothing = table({ name: 'nothing', columns: { id: nullable(integer) } })
    expect(await loadSliced(database, nothing)).toMatchObject({ files: ['nothing-00000.parquet'], rows: [] })
  })

  needsRanges.test('a table whose rows are deleted are one, with one file', async () => {
    const emptied = table({ name: 'emptied', columns: { id: nullable(integer) } })
    expect(await loadSliced(database, emptied)).toMatchObject({
      files: ['emptied-s00-00000.parquet'],
      rows: [],
    })
  })

  test('lossy values, added up', async () => {
    const at = lossy(timestamp, 'null')
    const kept = table({ name: 'keys', columns: { id: nullable(bigint), at: nullable(at) }, sliceBy: 'id' })
    const { summary } = await expectSameAsWhole(database, kept)
    expect(summary.softened).toEqual({ at: 4 })
  })

  test.each(['id', 'day', 'at', 'at_tz'])(
    'values of %s, with nulls, infinities and extremes',
    async (key) => {
      const keys = table({ name: 'keys', columns: { id: nullable(bigint) }, sliceBy: key })
      const { summary } = await expectSameAsWhole(database, keys)
      expect(summary.slicing).toMatchObject({ slices: 4, by: 'values', column: key })
    },
  )

  test('a view or a query by the values of a column that is not read', async () => {
    const seen = table({ name: 'seen', columns: { name: nullable(text) }, sliceBy: 'id' })
    expect((await expectSameAsWhole(database, seen)).summary.slicing.slices).toBe(4)
    const query = table({
      name: 'queried',
      from: 'select id, name from plain where id > 7 -- to the end',
      columns: { name: nullable(text) },
      sliceBy: 'id',
    })
    expect((await expectSameAsWhole(database, query)).summary.slicing.slices).toBe(4)
  })
})
