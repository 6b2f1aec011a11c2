import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { type ComparedTable, compareColumns } from '../../checks/columns/compare.ts'
import { adviceFor } from '../../checks/columns/screen.ts'
import { agrees } from '../../checks/measures/agree.ts'
import { measureQueries, whatIsNotCompared } from '../../checks/measures/measure.ts'
import { readLake } from '../../lib/config/config.ts'
import type { Fingerprint, Kind } from '../../lib/postgres/fingerprint-form.ts'
import { everyTypeSql } from '../load/every-type.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { since } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const seeded =
  `addresses currencies embedded_dynamic_forms inventories inventory_groups milestones notes organizations
  shippings taxes wares wpcs`.split(/\s+/)

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01 }), openScripts()])
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

/** Loads with a fingerprint; the file it made. */
async function load(script: string): Promise<string> {
  const { files } = (await standIn.run(script, ['--catalog', 'declared', '--fingerprint'])).summary()
  return files[0] ?? ''
}

interface Checked {
  readonly exit: number | null
  readonly message: string
  readonly tables: readonly ComparedTable[]
}

async function check(...args: string[]): Promise<Checked> {
  const { exit, message, stdout } = await standIn.run('checks/columns.ts', args)
  return { exit, message, tables: JSON.parse(stdout).tables }
}

const compare = (table: string) =>
  compareColumns(table, {
    aws: standIn.aws,
    lake: readLake(standIn.env),
    signal: new AbortController().signal,
  })

/** The files that tests change, as they were loaded. */
const originals = new Map<string, Uint8Array>()

async function originalOf(uri: string): Promise<Uint8Array> {
  const known = originals.get(uri)
  if (known !== undefined) return known
  const { hostname: Bucket, pathname } = new URL(uri)
  const { Body } = await standIn.aws.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
  originals.set(uri, bytes)
  return bytes
}

/** Writes the stored file as it was loaded, but for one value of it. */
async function corrupt(uri: string, column: string, value: string, where: string): Promise<void> {
  await using folder = await temporaryFolder()
  const [before, after] = [join(folder.path, 'before.parquet'), join(folder.path, 'after.parquet')]
  const { hostname: Bucket, pathname } = new URL(uri)
  const Key = pathname.slice(1)
  await Bun.write(before, await originalOf(uri))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = `from read_parquet('${before}')`
  const [changed] = (await connection.runAndReadAll(`select count(*) ${rows} where ${where}`)).getRowsJson()
  expect(changed).toEqual(['1'])
  await connection.run(
    `copy (select * replace (case when ${where} then ${value} else ${column} end as ${column}) ${rows}) to '${after}' (format parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
  const bytes = await Bun.file(after).bytes()
  await standIn.aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes }))
}

test('all seeded tables, awkward rows included, are in the lake as they were in Postgres', async () => {
  await Promise.all(seeded.map(load))
  const { exit, tables } = await check(...seeded)
  expect(tables.map(({ table, status, findings }) => ({ table, status, findings }))).toEqual(
    seeded.map((table) => ({ table, status: 'ok', findings: [] })),
  )
  expect(tables.every(({ columns, bytes_scanned }) => columns >= 7 && bytes_scanned > 0)).toBe(true)
  expect(exit).toBe(0)
})

test('every kind of column agrees: arrays, NaN, zeros of both signs, padded char, what was let pass', async () => {
  await standIn.sql.unsafe(`
    create type temper as enum ('sad', 'Ok', 'happy');
    create table kinds (
      id bigint, small smallint, flag boolean, amount numeric(38, 10), bare numeric, wide numeric(5, 1), f4 real, f8 float8,
      born date, at timestamp, atz timestamptz, code char(5), mood temper, data bytea, doc jsonb, uid uuid, big_oid oid,
      tags text[], numbers integer[], prices numeric(8, 2)[], days date[], codes char(3)[], floats float8[]);
    insert into kinds values
      (9223372036854775807, -1, true, 9999999999999999999999999999.9999999999, 1.50, 1.0, 1.1, 0.1, '0001-01-01',
        '9999-12-31 23:59:59.9994', '1969-12-31 23:59:59.9995+00', 'b', 'sad', '\\x00ff', '{"a": "𝔇"}', md5('a')::uuid, 4294967295,
        '{a,NULL,""}', '{1,2147483647,NULL}', '{1.10,NULL}', '{infinity,2000-01-01}', '{a,bc}', '{NaN,-0,1e-320}'),
      (9223372036854775807, 0, false, -0.0000000001, 'NaN', -0.5, 'NaN', '-Infinity', 'infinity',
        '0001-01-01 00:00:00.0005', '2020-06-01 12:00:00.001499+02', 'é', 'happy', '', '[]', md5('b')::uuid, 0,
        '{}', '{}', '{}', '{}', '{}', '{}'),
      (-9223372036854775808, null, true, 0, '${since(14, '-Infinity', 'NaN')}', 99.9, '-0', 1e-320, '-infinity',
        '-infinity', '1883-11-18 12:03:58.5+00', '', 'Ok', repeat('x', 1000)::bytea, '"x"', null, 5, null, null, null, null, null, null),
      (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)`)
  const file = await load(
    await scripts.write(
      'kinds',
      `id: nullable(bigint), small: nullable(smallint), flag: nullable(boolean), amount: nullable(numeric(38, 10)),
       bare: nullable(lossy(numeric(10, 4), 'null')), wide: nullable(numeric(20, 6)), f4: nullable(real), f8: nullable(doublePrecision),
       born: nullable(lossy(date, 'clamp')), moment: nullable(named('at', lossy(timestamp, 'null'))), atz: nullable(timestamptz),
       code: nullable(text), mood: nullable(text), data: nullable(bytea), doc: nullable(jsonb), uid: nullable(uuid), big_oid: nullable(oid),
       tags: nullable(array(text)), numbers: nullable(array(integer)), prices: nullable(array(numeric(10, 4))),
       days: nullable(array(lossy(date, 'clamp'))), codes: nullable(array(text)), floats: nullable(array(doublePrecision))`,
    ),
  )
  expect(await compare('kinds')).toMatchObject({
    findings: [],
    status: 'ok',
    columns: 23,
    not_compared: ['sum of amount'],
  })

  await corrupt(file, 'numbers', '[1, 2147483646, null]', 'small = -1')
  expect((await compare('kinds')).findings).toEqual([
    "the greatest value of numbers's elements was 2147483647 in Postgres and is 2147483646 in the lake",
    "the sum of numbers's elements was 2147483648 in Postgres and is 2147483647 in the lake",
  ])
})

test('values that engines show or order in their own ways agree all the same', async () => {
  await standIn.sql.unsafe(`
    create domain code as char(5);
    create table odd (id integer not null, domained code, long text, spaced text, amount numeric(38, 0), wide bigint,
      f4 real, f8 float8, doc json, docb jsonb, atz timestamptz);
    insert into odd values
      (1, 'ab', repeat('👨‍👩‍👧', 60) || 'é' || repeat('e\u0301', 120), ' a ', 99999999999999999999999999999999999999, 9223372036854775807,
        16777216, 1e308, '{"b":  1, "a": 2, "b": 3}', '{"b":  1, "a": 2}', '1969-12-31 23:59:59.999500+00'),
      (2, '', repeat(U&'FFFF', 300), '', -99999999999999999999999999999999999999, 9223372036854775807,
        'Infinity', '-Infinity', '[]', '1.50', '0001-01-01 00:00:00.000499+00'),
      (3, null, repeat('😀', 300), U&'FEFFa', 1, -1, '-0', 'Infinity', '""', '"\u00e9"', '9999-12-31 23:59:59.999999+00'),
      (4, ' é', 'line\nand "quote", comma', E'\t', null, null, 1e-45, 5e-324, null, null, null)`)
  const columns = `id: integer, domained: nullable(text), long: nullable(text), spaced: nullable(text),
    amount: nullable(numeric(38, 0)), wide: nullable(bigint), f4: nullable(real), f8: nullable(doublePrecision),
    doc: nullable(json), docb: nullable(jsonb), atz: nullable(timestamptz)`
  await load(await scripts.write('odd', columns))
  expect(await compare('odd')).toMatchObject({
    status: 'ok',
    findings: [],
    columns: 11,
    not_compared: ['sum of amount'],
  })
})

test('a computed NaN is a NaN, whatever its sign bit', async () => {
  await standIn.sql.unsafe(`
    create table computed (id integer not null, f8 float8, f4 real, list float8[]);
    insert into computed
    select n, 'inf'::float8 - 'inf'::float8, ('inf'::real - 'inf'::real), array['inf'::float8 - 'inf'::float8, n] from generate_series(1, 3) n;
    insert into computed values (4, 1.5, -1.5, '{NaN,-0}')`)
  const columns =
    'id: integer, f8: nullable(doublePrecision), f4: nullable(real), list: nullable(array(doublePrecision))'
  await load(await scripts.write('computed', columns))
  expect(await compare('computed')).toMatchObject({ status: 'ok', findings: [], columns: 4 })
})

test('what a view gives anew each time it is read is left out and named, by the load and by the check', async () => {
  await standIn.sql.unsafe(`
    create view draws as select n as id, random() as draw, clock_timestamp() as at, 'fixed' as word from generate_series(1, 20) n;
    create view dice as select random() as draw from generate_series(1, 20)`)
  const columns =
    'id: nullable(integer), draw: nullable(doublePrecision), at: nullable(timestamptz), word: nullable(text)'
  const script = await scripts.write('draws', columns)
  const loaded = await standIn.run(script, ['--catalog', 'declared', '--fingerprint'])
  const warning =
    'checks/columns.ts cannot compare draw, at, as the source gives other values each time it is read: it calls clock_timestamp(), random()'
  expect(loaded.summary().warnings).toContain(warning)
  const left = (column: string) => `values of ${column} (its source gives others each time it is read)`
  expect(await compare('draws')).toMatchObject({
    status: 'ok',
    findings: [],
    columns: 2,
    not_compared: [left('draw'), left('at')],
  })

  await load(await scripts.write('dice', 'draw: nullable(doublePrecision)'))
  expect(await compare('dice')).toMatchObject({
    status: 'unstable',
    columns: 0,
    findings: [
      'nothing can be compared, as its source gives other values each time it is read: it calls random()',
    ],
  })
})

test('a difference is told with what its source calls, as two readings may be alike by chance and the load another', async () => {
  await standIn.sql.unsafe(`
    create function steady() returns integer language plpgsql as 'begin return 1; end';
    create view chances as select n as id, steady() as chance from generate_series(1, 20) n`)
  const file = await load(await scripts.write('chances', 'id: nullable(integer), chance: nullable(integer)'))
  expect(await compare('chances')).toMatchObject({ status: 'ok', findings: [], columns: 2 })
  await corrupt(file, 'chance', '2', 'id = 7')
  const compared = await compare('chances')
  expect(compared.status).toBe('differs')
  expect(compared.findings).toEqual([
    'the greatest value of chance was 1 in Postgres and is 2 in the lake',
    'the sum of chance was 20 in Postgres and is 21 in the lake',
    'its source calls steady(), which may give other values each time it is read',
  ])
  expect(adviceFor([compared])).toStartWith(
    'Compute nothing at random or by the clock in what scripts/chances.ts reads',
  )
})

test('every type there is a declaration for agrees, and others by their text', async () => {
  await standIn.sql.unsafe(everyTypeSql).simple()
  await load('test/load/scripts/every_type.ts')
  expect(await compare('every_type')).toMatchObject({ findings: [], status: 'ok' })
})

test('an empty table has nothing to differ in', async () => {
  await standIn.sql`create table deserted (id integer, name text, amount numeric(9, 2), tags text[])`
  await load(
    await scripts.write(
      'deserted',
      'id: nullable(integer), name: nullable(text), amount: nullable(numeric(9, 2)), tags: nullable(array(text))',
    ),
  )
  expect(await compare('deserted')).toMatchObject({ status: 'ok', findings: [] })
})

describe('one changed value is caught', () => {
  let file: string
  beforeAll(async () => {
    file = await load('taxes')
  })

  test.each([
    [
      'an amount, by a hundredth',
      'amount',
      'cast(amount + 0.01 as decimal(14,2))',
      /the sum of amount was -?[\d.]+ in Postgres/,
    ],
    ['an integer', 'taxable_id', 'taxable_id - 1', /the sum of taxable_id was \d+ in Postgres and is \d+/],
    [
      'a value that is now null',
      'category',
      'null',
      /the number of nulls of category was \d+ in Postgres and is \d+/,
    ],
    [
      'a text that is shorter',
      'description',
      `'x'`,
      /the total length of description was \d+ in Postgres and is \d+/,
    ],
  ])('%s', async (_, column, value, message) => {
    await corrupt(file, column, value, 'id = 5')
    const checked = await check('taxes')
    expect(checked.exit).toBe(4)
    expect(checked.tables[0]?.findings.join(' ')).toMatch(message)
    expect(checked.tables[0]?.differences.every((each) => each.column === column)).toBe(true)
    expect(checked.message).toContain(`of ${column} was`)
  })

  test.each([
    ['the least timestamp, by a millisecond', 'created_at', `created_at + interval 1 millisecond`, 'id = 4'],
    ['the greatest text, in one letter', 'taxable_type', `'Pg::PurchaseOrderBasf'`, 'id = 3'],
  ])('%s', async (_, column, value, where) => {
    await corrupt(file, column, value, where)
    const { exit, tables } = await check('taxes')
    expect(exit).toBe(4)
    expect(tables[0]?.differences.map((each) => each.column)).toContain(column)
  })

  test('and the screen names the column with both values', async () => {
    await corrupt(file, 'percent_rate', '0.5', 'id = 4')
    const child = Bun.spawn([process.execPath, 'checks/columns.ts', 'taxes', 'notes'], {
      cwd: join(import.meta.dir, '../..'),
      env: standIn.env,
      stdout: 'pipe',
      stderr: 'ignore',
    })
    const stdout = await child.stdout.text()
    expect(await child.exited).toBe(4)
    expect(stdout).toMatch(/taxes .* DIFFERS\n/)
    expect(stdout).toMatch(/notes .* ok\n/)
    expect(stdout).toContain(
      'taxes: the least value of percent_rate was -999.9999 in Postgres and is -0.0001 in the lake',
    )
  })
})

describe('a load without a fingerprint', () => {
  beforeAll(async () => {
    ;(await standIn.run('taxes', ['--catalog', 'declared'])).summary()
  })

  test('says so, exit code 2, with the flag that makes one', async () => {
    const { exit, message } = await check('taxes')
    expect(exit).toBe(2)
    expect(message).toContain('taxes: its load has recorded no fingerprint')
    expect(message).toContain('bun scripts/taxes.ts --fingerprint')
  })

  test('passes with --allow-missing', async () => {
    expect(await check('taxes', '--allow-missing')).toMatchObject({
      exit: 0,
      tables: [{ status: 'no fingerprint' }],
    })
  })
})

test('a table that is not published is a difference', async () => {
  await standIn.sql`create table unloaded (id integer)`
  expect(await compare('unloaded')).toMatchObject({ status: 'not published' })
})

describe('what Athena prints agrees with what was recorded', () => {
  const least = (kind: Kind, recorded: string | null, answer: string | null) =>
    agrees({ column: 'x', of: 'values', kind, measure: 'min', recorded }, answer)

  test.each<[Kind, string | null, string | null, boolean]>([
    ['timestamp', '2020-01-01 00:00:00.000499', '2020-01-01 00:00:00.000', true],
    ['timestamp', '2020-01-01 00:00:00.000500', '2020-01-01 00:00:00.001', true],
    ['timestamp', '2020-01-01 00:00:00.000500', '2020-01-01 00:00:00.000', false],
    ['timestamp', '0001-01-01 00:00:00.999500', '0001-01-01 00:00:01.000', true],
    ['timestamp', '9999-12-31 23:59:59.999999', '+10000-01-01 00:00:00.000', true],
    ['timestamp', null, '2020-01-01 00:00:00.000', false],
    ['date', '0001-01-01', '0001-01-01', true],
    ['decimal', '1.5', '1.5000', true],
    ['decimal', '100', '100', true],
    ['decimal', '0', '-0.00', true],
    ['decimal', '1.5', '1.5001', false],
    ['decimal', '12345678901234567890123456789012345678', '12345678901234567890123456789012345679', false],
    ['double', '0', '-0.0', true],
    ['double', '1e-320', '1.0E-320', true],
    ['double', '-Infinity', '-Infinity', true],
    ['text', '1.50', '1.5', false],
    ['text', null, '', false],
  ])('%s %p beside %p: %p', (kind, recorded, answer, expected) => {
    expect(least(kind, recorded, answer)).toBe(expected)
  })
})

test('a sum that may not fit into 38 digits is left out, and said to be', () => {
  const amount = (max: string): Fingerprint => ({
    kind: 'decimal',
    scale: 2,
    measures: { values: '1000', nulls: '0', min: '0', max, sum: '1' },
  })
  const prints = { fits: amount('9'.repeat(32)), may_not: amount('9'.repeat(33)) }
  expect(whatIsNotCompared(prints)).toEqual(['sum of may_not'])
  const [query] = measureQueries('t', prints)
  expect(query?.sql).toContain('sum("fits")')
  expect(query?.sql).not.toContain('sum("may_not")')
})
