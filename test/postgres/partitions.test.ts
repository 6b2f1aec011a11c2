/** Partitions as Postgres computes them: the values are those of the lake's format, and their rows are exactly theirs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { PartitionBy } from '../../lib/declare/partition-by.ts'
import { day, month, ranges, value, year } from '../../lib/declare/partition-by.ts'
import { primitiveType } from '../../lib/iceberg/schema.ts'
import { transformOf } from '../../lib/iceberg/transform.ts'
import type { Reader } from '../../lib/postgres/connect.ts'
import { type CountedPartition, countPartitions } from '../../lib/postgres/count-partitions.ts'
import { describeSource } from '../../lib/postgres/describe.ts'
import { partitionForm } from '../../lib/postgres/partition-form.ts'
import type { Source } from '../../lib/postgres/source.ts'
import {
  bigint,
  boolean,
  type Column,
  date,
  integer,
  nullable,
  numeric,
  smallint,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { since } from '../support/needs-postgres.ts'

setDefaultTimeout(300_000)
let database: TestDatabase
let reader: Reader

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create type mood as enum ('glad', 'it''s sad');
    create domain moment as timestamptz;
    create table extremes (id bigint, d date, t timestamp, tz timestamptz, s smallint, i integer, b bigint, n numeric,
      x text, c char(3), u uuid, y boolean, m mood, blind text collate blind, o oid, mo moment);
    insert into extremes (id, d, t, tz, mo)
      select row_number() over (), at::date, at, at at time zone 'UTC', at at time zone 'UTC' from (
        select unnest('{0001-01-01 00:00:00,0001-12-31 23:59:59.999999,0099-02-28 23:59:59,1582-10-04,1582-10-15,1600-02-29,1899-12-31 23:59:59.999999,1900-02-28,1900-03-01,
          1969-12-31 23:59:59.999999,1970-01-01,1970-01-31 23:59:59,1972-02-29 12:00,2000-02-29,2024-02-29 23:59:59.999999,
          2024-03-01,2026-12-31 23:59:59,9999-12-01,9999-12-31 23:59:59.999999}'::timestamp[]) as at
        union all select timestamp '1950-01-01' + g * interval '17 days 5 hours 3 minutes' from generate_series(0, 2000) g) every;
    insert into extremes (id, s, i, b, n, x, c, u, y, m, blind, o) values
      (-1, -32768, -2147483000, -9223372036854775000, -99999999999.99, '', 'a', '00000000-0000-0000-0000-000000000000', true, 'glad', 'a', 0),
      (-2, 32767, 2147483647, 9223372036854775807, 0.00, 'a', 'a ', 'ffffffff-ffff-ffff-ffff-ffffffffffff', false, 'it''s sad', 'A', 4294967295),
      (-3, -1, -1, -1, 1.5, 'A', 'b', null, null, null, 'a', 1),
      (-4, 0, 0, 0, 1.50, 'é\\''"', null, null, true, 'glad', null, null),
      (-5, 1, 999, 1000, -0.01, 'a ', 'a', null, null, null, 'á', 5),
      (-6, -1000, -1000, -1001, null, null, null, null, null, null, null, null);
    create table endless (id int, d date, t timestamp, tz timestamptz, b bigint, n numeric, x text);
    insert into endless values (1, 'infinity', 'infinity', 'infinity', -9223372036854775808, 'NaN', repeat('x', 61)),
      (2, '-infinity', '-infinity', '-infinity', 1, 1.234, 'x'),
      (3, '0001-12-31 BC', '0001-12-31 23:59:59 BC', '0001-12-31 23:59:59+00 BC', 1, 1, 'x'),
      (4, '10000-01-01', '10000-01-01', '10000-01-01 00:00:00+00', 1, 1, 'x'), (5, null, null, null, null, null, null);
    create table changes (id bigint, name text, code uuid, at timestamptz, on_day date, updated timestamptz, local timestamp, changed_on date);
    create table long as select g as id, timestamptz '2020-01-01 00:00+00' + g * interval '1 minute' as at, now() as updated from generate_series(1, 30000) g;
    create index on long (at, id); create index on long (updated)`)
  await database.sql`vacuum analyze long`
  reader = await database.open()
  // Whatever the role's zone is, the days are those of UTC.
  await reader.query(`set TimeZone to 'Pacific/Kiritimati'`)
})

afterAll(async () => {
  await reader?.close()
  await database?.stop()
})

const columns: Readonly<Record<string, Column>> = {
  id: nullable(bigint),
  d: nullable(date),
  t: nullable(timestamp),
  tz: nullable(timestamptz),
  mo: nullable(timestamptz),
  s: nullable(smallint),
  i: nullable(integer),
  b: nullable(bigint),
  n: nullable(numeric(20, 2)),
  x: nullable(text),
  c: nullable(text),
  u: nullable(uuid),
  y: nullable(boolean),
  m: nullable(text),
  blind: nullable(text),
  o: nullable(bigint),
}

async function formOf(from: string, by: PartitionBy) {
  const declared = table({ name: 'extremes', from, columns: { [by.column]: columns[by.column]! } })
  const source: Source = await describeSource(reader, declared.source)
  const column = columns[by.column]!
  return {
    declared,
    source,
    form: partitionForm(by, column, source.columns.find(({ name }) => name === by.column)!),
  }
}

async function countOf(from: string, by: PartitionBy) {
  const { declared, source, form } = await formOf(from, by)
  const options = { table: declared, source, form, keys: false, since: undefined }
  const found = await countPartitions(reader, { ...options, serverVersion: since(14, 140_000, 120_000) })
  // Older servers have no function that is as quick.
  expect(await countPartitions(reader, { ...options, serverVersion: 130_000 })).toEqual(found)
  return { form, found }
}

/** A value as the lake's files have it, from a text of Postgres. */
const inFile: Readonly<Record<string, (text: string) => number | bigint | string | boolean>> = {
  date: (text) => Date.parse(`${text}T00:00:00Z`) / 86_400_000,
  timestamp: micros,
  timestamptz: micros,
  int: Number,
  long: BigInt,
  boolean: (text) => text === 'true',
  string: (text) => text,
  'decimal(20, 2)': (text) => BigInt(Number(text).toFixed(2).replace('.', '')),
}

function micros(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(.*:\d\d)(?:\.(\d+))?$/.exec(text) ?? []
  return BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

/** What each is as a text, where that is not a cast; a moment in UTC. */
const sent: Readonly<Record<string, string>> = {
  tz: `(tz at time zone 'UTC')::text`,
  mo: `(mo at time zone 'UTC')::text`,
  c: 'bpcharout(c)::text',
}

describe.each([
  ...[day, month, year].flatMap((make) => ['d', 't', 'tz', 'mo'].map((each) => make(each))),
  ...[1, 7, 1000].flatMap((width) => ['i', 's', 'o', 'b'].map((each) => ranges(each, width))),
  ...['d', 's', 'i', 'b', 'o', 'n', 'x', 'c', 'u', 'y', 'm', 'blind'].map((each) => value(each)),
])('partitions by %o', (by) => {
  test('are the values that the format computes, and their conditions find exactly their rows', async () => {
    const { form, found } = await countOf('extremes', by)
    const type = primitiveType(columns[by.column]!)
    const apply = transformOf(by.transform, type)!
    const rows = await database.sql.unsafe(
      `select id::text, (${sent[by.column] ?? `${by.column}::text`}) collate "C" as value from extremes`,
    )
    const expected = new Map<string, string[]>()
    for (const { id, value: text } of rows) {
      const key = text === null ? 'null' : String(apply(inFile[type]!(text)))
      expected.set(key, [...(expected.get(key) ?? []), id])
    }
    expect(found.map((each) => [String(each.value), each.rows]).toSorted()).toEqual(
      [...expected].map(([key, ids]) => [key, ids.length] as const).toSorted() as never,
    )
    const looked = found.length > 300 ? found.filter((_, at) => at % 20 === 0) : found
    for (const each of looked) {
      const of = await reader.query(
        `select id::text as id from extremes where ${form.condition(each.value, each.value)}`,
      )
      expect(of.map(({ id }) => String(id)).toSorted()).toEqual(expected.get(String(each.value))!.toSorted())
    }
    const some = looked.filter((each, at) => each.value !== null && at % 2 === 0)
    const among = await reader.query(
      `select id::text as id from extremes where ${form.among(some.map((each) => each.value))}`,
    )
    expect(among.map(({ id }) => String(id)).toSorted()).toEqual(
      some.flatMap((each) => expected.get(String(each.value))!).toSorted(),
    )
    if (!form.isRange) return
    const values = found
      .flatMap(({ value: each }) => (each === null ? [] : [each]))
      .toSorted((a, b) => (a < b ? -1 : 1))
    const [all] = await reader.query(
      `select count(*)::int4 as rows from extremes where ${form.condition(values[0]!, values.at(-1)!)}`,
    )
    expect(Number(all?.['rows'])).toBe(rows.filter(({ value: text }) => text !== null).length)
  })
})

test.each([
  [day('d'), '4 rows have a "d" outside the years 0001 to 9999. Leave them out'],
  [day('t'), '4 rows have a "t" outside the years'],
  [day('tz'), '4 rows have a "tz" outside the years'],
  [month('t'), '4 rows have a "t" outside the years'],
  [year('tz'), '4 rows have a "tz" outside the years'],
  [ranges('b', 1000), 'the partition of 1 rows by "b" has no place in the lake'],
  [value('n'), 'by "n" has no place in the lake'],
  [value('x'), '"x" has a value of more than 60 bytes, "xxx'],
])('what has no place in a partition by %o is said before a row is read', async (by, told) => {
  expect(countOf('endless', by)).rejects.toThrow(told)
})

const times = {
  name: 'changes',
  columns: {
    id: nullable(bigint),
    name: nullable(text),
    code: nullable(uuid),
    at: nullable(timestamptz),
    updated: nullable(timestamptz),
    local: nullable(timestamp),
    changed_on: nullable(date),
  },
  partitionBy: day('at'),
} as const

/** By day of `at`: what of `key` is counted, and of what changed since noon in UTC of 2026-01-10 less two hours. */
async function changesBy(key: 'id' | 'name' | 'code', changed: 'updated' | 'local' | 'changed_on') {
  const incremental = { changed, overlap: '2h', key } as const
  const declared = table({ ...times, incremental })
  const source = await describeSource(reader, declared.source)
  const form = partitionForm(
    declared.partitionBy!,
    declared.columns.at,
    source.columns.find(({ name }) => name === 'at')!,
  )
  const found = await countPartitions(reader, {
    ...{ table: declared, source, form, keys: true, since: '2026-01-10T12:00:00.000000Z' },
    serverVersion: since(14, 140_000, 120_000),
  })
  return Object.fromEntries(found.map(({ value: each, ...facts }) => [String(each), facts]))
}

describe('keys and changes', () => {
  test('are those of the partition, whatever the order of its rows', async () => {
    await database.sql.unsafe(`truncate changes; insert into changes (id, name, code, at) values
      (1, 'a', '00000000-0000-0000-0000-000000000001', '1970-01-02 00:00+00'), (9223372036854775807, 'b', null, '1970-01-02 23:59+00'),
      (9223372036854775806, null, null, '1970-01-02 12:00+00'), (null, null, null, '1970-01-03 00:00+00'), (-5, 'c', null, null)`)
    const before = await changesBy('id', 'updated')
    expect(before).toMatchObject({
      1: { rows: 3, key: { count: 3, sum: '18446744073709551614' }, changed: 0 },
      2: { rows: 1, key: { count: 0, sum: null, hash: null } },
      null: { rows: 1, key: { count: 1, sum: '-5' } },
    })
    expect((await changesBy('name', 'updated'))[1]).toMatchObject({ key: { count: 2, sum: null } })
    expect((await changesBy('code', 'updated'))[1]).toMatchObject({ key: { count: 1, sum: null } })
    await database.sql.unsafe(`create table again as select * from changes order by id desc; truncate changes;
      insert into changes select * from again; drop table again`)
    expect(await changesBy('id', 'updated')).toEqual(before)
    // The same sum of other keys has another hash.
    await database.sql.unsafe(
      `update changes set id = id + 1 where id = 1; update changes set id = id - 1 where id = 9223372036854775807`,
    )
    const after = await changesBy('id', 'updated')
    expect(after[1]!.key!.sum).toBe(before[1]!.key!.sum)
    expect(after[1]!.key!.hash).not.toBe(before[1]!.key!.hash)
  })

  test('tell keys apart whose halves are the same once Postgres has folded one into the other', async () => {
    const keysOf = async (...ids: bigint[]) => {
      const rows = ids.map((id) => `(${id}, '1970-01-02 00:00+00')`)
      await database.sql.unsafe(`truncate changes; insert into changes (id, at) values ${rows}`)
      return (await changesBy('id', 'updated'))[1]!.key!
    }
    const one = await keysOf(2000n, (3n << 32n) + 3001n)
    const other = await keysOf((1n << 32n) + 2001n, (2n << 32n) + 3000n)
    expect(other.sum).toBe(one.sum)
    expect(other.hash).not.toBe(one.hash)
  })

  test('count from the overlap on, and half a day earlier where no zone is known', async () => {
    await database.sql.unsafe(`truncate changes; insert into changes (at, updated, local, changed_on) values
      ('1970-01-02', '2026-01-10 09:59:59.999+00', '2026-01-09 21:59:59.999', '2026-01-08'),
      ('1970-01-03', '2026-01-10 10:00+00', '2026-01-09 22:00', '2026-01-09'),
      ('1970-01-04', 'infinity', 'infinity', 'infinity'), ('1970-01-05', null, null, null)`)
    for (const changed of ['updated', 'local', 'changed_on'] as const) {
      const found = await changesBy('id', changed)
      expect(Object.values(found).map((each) => each.changed)).toEqual([0, 1, 1, 0])
    }
  })

  test('are asked by two indexes where those are cheaper than a scan', async () => {
    const declared = table({
      name: 'long',
      columns: { id: nullable(integer), at: nullable(timestamptz), updated: nullable(timestamptz) },
      partitionBy: day('at'),
      incremental: { changed: 'updated', overlap: '0s', key: 'id' },
    })
    const source = await describeSource(reader, declared.source)
    const form = partitionForm(
      declared.partitionBy!,
      declared.columns.at,
      source.columns.find(({ name }) => name === 'at')!,
    )
    const queries: string[] = []
    const noting = {
      ...reader,
      query(sql: string) {
        if (!sql.startsWith('explain')) queries.push(sql)
        return reader.query(sql)
      },
    }
    const options = {
      ...{ table: declared, source, form, keys: true, since: '2200-01-01T00:00:00Z' },
      serverVersion: since(14, 140_000, 120_000),
    }
    const found = await countPartitions(noting, options)
    expect(queries).toHaveLength(2)
    expect(found).toHaveLength(21)
    await database.sql`drop index long_updated_idx, long_at_id_idx`
    const everything = await countPartitions(noting, { ...options, since: '2000-01-01T00:00:00Z' })
    expect(queries).toHaveLength(3)
    const byValue = (a: CountedPartition, b: CountedPartition) => Number(a.value) - Number(b.value)
    const unchanged = everything.map((each): CountedPartition => ({ ...each, changed: 0 }))
    expect(unchanged.toSorted(byValue)).toEqual(found.toSorted(byValue))
    expect(everything.every(({ changed, rows }) => changed === rows)).toBe(true)
    // However little memory there is, neither sorts the rows.
    const ofAll = [queries[0]!, queries[2]!]
    const settings = ['work_mem', 'parallel_setup_cost', 'min_parallel_table_scan_size']
    const plans = await reader.query(
      [
        `set work_mem to '64kB'; set parallel_setup_cost to 0; set min_parallel_table_scan_size to 0`,
        ...ofAll.map((query) => `explain ${query}`),
        ...settings.map((name) => `reset ${name}`),
      ].join('; '),
    )
    const lines = plans.map((row) => String(row['QUERY PLAN']))
    expect(lines.filter((line) => line.includes('Partial HashAggregate '))).toHaveLength(ofAll.length)
    expect(lines.join('\n')).toContain('Parallel Seq Scan')
  })
})
