/** What a script expects of its rows: Athena looks for it before a reader sees them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { getText } from '../../lib/aws/objects.ts'
import { planText } from '../../lib/cli/plan-text.ts'
import { readLake } from '../../lib/config/config.ts'
import { answersIn } from '../../lib/lake/expect/answer.ts'
import { recordKey } from '../../lib/lake/layout.ts'
import { never } from '../support/aws.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  await lake.sql.unsafe(
    `create table groups as select g as id, 'G' || g as code from generate_series(1, 3) g`,
  )
  const script = await scripts.write('groups', 'id: nullable(integer), code: nullable(text)')
  expect((await lake.run(script, declared)).exit).toBe(0)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

const declared = ['--catalog', 'declared']

/** What the load has recorded. */
async function recordOf(table: string, load: string): Promise<unknown> {
  const { bucket, prefix } = readLake(lake.env)
  const key = recordKey(prefix, table, load)
  return JSON.parse((await getText(lake.aws, { bucket, key, signal: never })) ?? '')
}

const columns = `id: nullable(bigint), line: nullable(integer), state: nullable(text), rate: nullable(numeric(14, 2)), day: nullable(date),
  done: nullable(boolean), token: nullable(uuid), group_id: nullable(integer), parent_id: nullable(bigint), seen: nullable(timestamptz)`

/** Rows that are as all of this expects them. */
async function create(table: string): Promise<void> {
  await lake.sql.unsafe(`create table ${table} (id bigint, line int, state text, rate numeric(14, 2), day date,
      done boolean, token uuid, group_id int, parent_id bigint, seen timestamptz);
    insert into ${table} select g, g % 3, case g % 2 when 0 then 'open' else 'it''s "paid"' end, 1.50, '2026-03-01', g > 2,
      '00000000-0000-0000-0000-00000000000a', 1 + g % 3, nullif(g - 1, 0), now() from generate_series(1, 10) g;
    insert into ${table} values (null, null, null, null, null, null, null, null, null, null)`)
}

const expectations = `
  unique: ['id', ['line', 'id']],
  values: { state: ['open', 'it\\'s "paid"'], rate: [decimal('1.5'), decimal('-2')], day: [20513], done: [true, false],
    token: ['00000000-0000-0000-0000-00000000000a'], line: [0, 1, 2, -7], parent_id: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n] },
  references: { group_id: 'groups.id', parent_id: 'NAME.id' },
  freshness: { column: 'seen', within: '1h' },
  rows: { min: 11, maxShrink: '40%' },`

const formats = [
  ['plain', ''],
  ['iceberg', `format: 'iceberg',`],
] as const

describe.each(formats)('of a table that is %s', (format, more) => {
  const name = (table: string) => `${format}_${table}`

  async function scriptOf(table: string, expected: string): Promise<string> {
    return scripts.write(table, columns, `${more} expect: { ${expected.replaceAll('NAME', table)} }`)
  }

  test.concurrent('rows that are all as expected are published, and the record and the summary say what held', async () => {
    const table = name('sound')
    await create(table)
    const loaded = await lake.run(await scriptOf(table, expectations), declared)
    expect(loaded.message).toStartWith(`${table}: published`)
    const { expectations: told, phases, warnings, load } = loaded.summary()
    expect(await recordOf(table, load)).toMatchObject({ expectations: told })
    expect(warnings).toEqual([])
    expect(told?.warned).toEqual([])
    expect(told?.bytes_scanned).toBeGreaterThan(0)
    expect(phases.expectations).toBeGreaterThan(0)
    expect(told?.held).toEqual([
      'unique id',
      'unique line, id',
      `values of state: "open", "it's \\"paid\\""`,
      'values of rate: 1.5, -2',
      'values of day: "2026-03-01"',
      'values of done: "true", "false"',
      'values of token: "00000000-0000-0000-0000-00000000000a"',
      'values of line: 0, 1, 2, -7',
      'values of parent_id: 1, 2, 3, 4, 5 and 4 more',
      'references group_id → groups.id',
      `references parent_id → ${table}.id`,
      'freshness of seen: 1h',
      'rows: 11 at the least',
    ])
  })

  test.concurrent('nothing is published of what is not, and one line says what, in how many rows, with a few values', async () => {
    const table = name('wrong')
    await create(table)
    expect((await lake.run(await scriptOf(table, 'rows: { min: 1 }'), declared)).exit).toBe(0)
    await lake.sql.unsafe(`
      insert into ${table} (id, line, state) values (3, 8, 'opne'), (3, 0, 'OPEN'), (5, 1, 'zzz${'z'.repeat(60)}');
      update ${table} set rate = 1.51, done = null where id = 9;
      update ${table} set group_id = 77 where id > 8;
      update ${table} set parent_id = 99 where id = 7;
      update ${table} set day = '2026-03-02', token = '00000000-0000-0000-0000-00000000000b' where id = 2;
      update ${table} set seen = '2020-01-02 03:04:05+02'`)
    const told: Readonly<Record<string, readonly string[]>> = {
      "unique: ['id', ['line', 'id'], 'state'], notNull: ['done', 'group_id']": [
        '2 values of id, expected to be unique, are in 5 rows, such as 3, 5',
        'one value of line, id together, expected to be unique, is in 2 rows, such as "0, 3"',
        // A text may be anybody's name.
        '2 values of state, expected to be unique, are in 10 rows',
        'done, expected not to be null, is null in 5 rows, such as that of 3, 9',
        'group_id, expected not to be null, is null in 4 rows, such as that of 3, 5',
      ],
      "values: { state: ['open', 'it\\'s \"paid\"'], rate: [decimal('1.5')], day: [20513], token: ['00000000-0000-0000-0000-00000000000a'], done: [false], line: [0, 1, 2] }":
        [
          `state, expected to be one of "open", "it's \\"paid\\"", is another in 3 rows, such as "OPEN", "zzz${'z'.repeat(37)}…"`,
          'rate, expected to be one of 1.5, is another in 1 row, such as 1.51',
          'day, expected to be one of "2026-03-01", is another in 1 row, such as "2026-03-02"',
          'token, expected to be one of "00000000-0000-0000-0000-00000000000a", is another in 1 row, such as "00000000-0000-0000-0000-00000000000b"',
          'done, expected to be one of "false", is another in 7 rows, such as "true"',
          'line, expected to be one of 0, 1, 2, is another in 1 row, such as 8',
        ],
      "references: { group_id: 'groups.id', parent_id: 'NAME.id', state: 'groups.code' }, freshness: { column: 'seen', within: '90m' }, rows: { min: 20 }":
        [
          'group_id, expected to be in groups.id, is not there in 2 rows, such as 77',
          `parent_id, expected to be in ${table}.id, is not there in 1 row, such as 99`,
          'state, expected to be in groups.code, is not there in 13 rows',
          "seen, expected within 90m before the load's snapshot, is 2020-01-02T01:04:05Z at the latest",
          'it has 14 rows, and at the least 20 rows are expected',
        ],
      "freshness: { column: 'day', within: '1d' }, notNull: ['state']": [
        'state, expected not to be null, is null in 1 row',
        "day, expected within 1d before the load's snapshot, is 2026-03-02T00:00:00Z at the latest",
      ],
    }
    for (const [expected, findings] of Object.entries(told)) {
      await expectRefusal(lake, table, async () => lake.run(await scriptOf(table, expected), declared), {
        exit: 4,
        says: [
          /not published; readers still see load \S+ \([^)]*\)\. Cause: Cannot publish/,
          `Cannot publish "${table}": ${findings.join('; ')}. Do: Correct the rows in Postgres, or expect in scripts/${table}.ts; what stands under its warn is told and published. Retry: no.`,
        ],
      })
    }
  })

  test.concurrent('what stands under warn is published, and told in the logs and the summary', async () => {
    const table = name('warned')
    await create(table)
    const script = await scriptOf(
      table,
      `unique: ['id'], warn: { notNull: ['state'], rows: { min: 100 }, unique: ['line'], references: { state: 'nowhere.code' } }`,
    )
    const loaded = await lake.run(script, declared)
    expect(loaded.exit).toBe(0)
    const { expectations: told, warnings } = loaded.summary()
    expect(told?.held).toEqual(['unique id'])
    expect(warnings).toEqual([
      'not looked for: references state → nowhere.code, as its state refers to nowhere, which is not published',
      ...(told?.warned ?? []),
    ])
    expect(told?.warned).toEqual([
      '3 values of line, expected to be unique, are in 10 rows, such as 0, 2',
      'state, expected not to be null, is null in 1 row',
      'it has 11 rows, and at the least 100 rows are expected',
    ])
    for (const each of told?.warned ?? []) expect(loaded.stderr).toContain(JSON.stringify(each).slice(1, -1))
  })
})

test('a load of some partitions is held to what is expected of the whole table', async () => {
  await lake.sql.unsafe(`create table parted (id bigint, at timestamptz, kind text);
    insert into parted select g, timestamptz '2026-03-01 12:00Z' + g % 3 * interval '1 day', 'a' from generate_series(1, 9) g`)
  const scriptOf = (expected: string) =>
    scripts.write(
      'parted',
      'id: nullable(bigint), at: nullable(timestamptz), kind: nullable(text)',
      `partitionBy: day('at'), expect: { ${expected} }`,
    )
  const sound = await scriptOf(`unique: ['id'], values: { kind: ['a'] }, rows: { min: 9 }`)
  expect((await lake.run(sound)).exit).toBe(0)
  // What the partition of the second has, that of the first gets too.
  await lake.sql`insert into parted values (1, '2026-03-01 13:00Z', 'a')`
  const only = ['--partitions', '2026-03-01']
  await expectRefusal(lake, 'parted', () => lake.run(sound, only), {
    exit: 4,
    says: ['Cannot publish "parted": one value of id, expected to be unique, is in 2 rows, such as 1. Do:'],
  })
  const stricter = await scriptOf(`values: { kind: ['b'] }, rows: { min: 11 }`)
  await expectRefusal(lake, 'parted', () => lake.run(stricter, only), {
    exit: 4,
    says: [
      'kind, expected to be one of "b", is another in 10 rows, such as "a"; it has 10 rows, and at the least 11',
    ],
  })
})

test('hidden values are told nowhere, nor what functions make of them', async () => {
  await lake.sql`create table people as select g as id, 'ann' || g % 2 || '@example.org' as email from generate_series(1, 4) g`
  const script = await scripts.write(
    'people',
    'id: nullable(integer), email: hashed(nullable(text))',
    `derive: { domain: { type: text, value: ({ email }) => email ?? '' } },
    expect: { unique: ['email', 'id'], values: { domain: ['example.com'] }, references: { email: 'people.domain', id: 'groups.id' } }`,
  )
  const hashKey = { DRACULA_HASH_KEY: 'a-key-that-is-of-the-length-it-has-to-be' }
  const { exit, message, stdout, stderr } = await lake.run(script, declared, hashKey)
  expect(message).toContain(
    'Cannot publish "people": 2 values of email, expected to be unique, are in 4 rows; domain, expected to be one of "example.com", is another in 4 rows; email, expected to be in people.domain, is not there in 4 rows; id, expected to be in groups.id, is not there in 1 row, such as 4. Do:',
  )
  expect(exit).toBe(4)
  expect(stdout + stderr).not.toMatch(/example\.org|[0-9a-f]{32}/)
})

test('columns may have any name and values any text, and money any number of digits', async () => {
  await lake.sql.unsafe(`create table odd (n int, v text, g numeric(38, 0), r numeric(38, 9), "select" int, o int, e0_0 int, "order" timestamp, t text);
    insert into odd select 1, $$'; drop table "odd"; -- \\ ' || '$$, 1e30, 1.5e-9, 1, 1, 1, now(), $$';--$$ from generate_series(1, 2)`)
  const script = await scripts.write(
    'odd',
    'n: nullable(integer), v: nullable(text), g: nullable(numeric(38, 0)), r: nullable(numeric(38, 9)), select: nullable(integer), o: nullable(integer), e0_0: nullable(integer), order: nullable(timestamp), t: nullable(text)',
    `expect: { unique: ['n', ['v', 'select'], 'e0_0'], notNull: ['order', 'select'],
      values: { v: ['\\'; drop table "odd"; -- \\\\ \\' || \\''], t: ['x'], g: [decimal('1000000000000000000000000000000')], r: [decimal('0.000000002')] },
      references: { o: 'odd.n', n: 'odd.o', 'select': 'groups.id' }, warn: { freshness: { column: 'order', within: '1d' } } }`,
  )
  const { message } = await lake.run(script, declared)
  expect(message).toContain(
    'Cannot publish "odd": one value of n, expected to be unique, is in 2 rows, such as 1; one value of v, select together, expected to be unique, is in 2 rows; one value of e0_0, expected to be unique, is in 2 rows, such as 1; t, expected to be one of "x", is another in 2 rows, such as "\';--". Do:',
  )
})

test('a reference finds nothing in a table without rows, of which all else holds', async () => {
  await lake.sql`create table hollow as select 1 as id limit 0`
  await lake.sql`create table filled as select 1 as id`
  const hollow = await scripts.write(
    'hollow',
    'id: nullable(integer)',
    `expect: { unique: ['id'], notNull: ['id'], values: { id: [1] } }`,
  )
  expect((await lake.run(hollow, declared)).summary().expectations?.held).toHaveLength(3)
  const filled = await scripts.write(
    'filled',
    'id: nullable(integer)',
    `expect: { references: { id: 'hollow.id' } }`,
  )
  expect((await lake.run(filled, declared)).message).toContain(
    'id, expected to be in hollow.id, is not there in 1 row, such as 1.',
  )
})

test('a query that fails is run again, and whatever Athena answers but a row of that form is no yes', async () => {
  await lake.sql`create table asked as select 1 as id`
  const script = await scripts.write('asked', 'id: nullable(integer)', `expect: { unique: ['id'] }`)
  const from = lake.faults.log.length
  lake.faults.add({ operation: 'StartQueryExecution', after: 1, times: 1, action: { kind: 'query fails' } })
  const loaded = await lake.run(script, declared)
  lake.faults.clear()
  expect(loaded.summary()).toMatchObject({
    published: true,
    retries: 1,
    expectations: { held: ['unique id'] },
  })
  const queries = lake.faults.log.slice(from).filter(({ operation }) => operation === 'StartQueryExecution')
  expect(queries).toHaveLength(3)
  expect(() => answersIn(undefined, [{ severity: 'stop', kind: 'rows', min: 1 }])).toThrow(
    'Athena answers nothing, and 1 were asked for',
  )
  expect(() => answersIn(['1', null], [{ severity: 'stop', kind: 'rows', min: 1 }])).toThrow(
    'Athena answers 2 values, and 1 were asked for',
  )
})

test('a dry run lists what is expected, the query, and the calls it would take, and asks nothing', async () => {
  await lake.sql`create table dry as select 1 as id`
  const script = await scripts.write(
    'dry',
    'id: nullable(integer)',
    `expect: { freshness: '2h', warn: { notNull: ['id'], references: { id: 'nowhere.id' } } }`,
  )
  const { plan, expectations } = (await lake.run(script, ['--dry-run'])).summary()
  expect(expectations).toBeNull()
  expect(plan?.expectations).toEqual({
    expected: ['freshness: 2h', 'warn: notNull id', 'warn: references id → nowhere.id'],
    query:
      'select e0_0, e0_1, e0_2, e1_0, e1_1, e1_2 from (select count(case when "id" is null then 1 end) as e0_0, min(case when "id" is null then cast(null as varchar) end) as e0_1, max(case when "id" is null then cast(null as varchar) end) as e0_2 from "dry__<load>") as s0 cross join (select count(*) as e1_0, min("#value") as e1_1, max("#value") as e1_2 from (select cast("id" as varchar) as "#value" from "dry__<load>" where "id" not in (select o."id" from "lake"."nowhere" as o where o."id" is not null)) as g) as s1',
  })
  expect(planText(plan!)).toContain('expected\n\n  freshness: 2h\n  warn: notNull id\n')
  const asked = plan?.lake?.calls.map(({ call, on }) => `${call} ${on}`) ?? []
  expect(asked).toContain('glue:GetTable lake.nowhere')
  expect(asked.filter((each) => each.startsWith('athena:StartQueryExecution'))).toHaveLength(2)
})

test('of a column that is not in the lake, it ends the load with one line before anything is read', async () => {
  await lake.sql`create table nameless as select 1 as id`
  const script = await scripts.write('nameless', 'id: nullable(integer)', `expect: { unique: ['idd'] }`)
  const { exit, message } = await lake.start(script, declared).finished
  expect(message).toMatch(
    /^nameless: not published\. Cause: .* Cannot declare "nameless": unique of expect names idd, which is no column of it in the lake, the nearest is "id" \(line 3 of \S+\)\. Do: Correct its name\. Retry: no\.$/,
  )
  expect(exit).toBe(3)
})

describe('a reference', () => {
  const refused = async (table: string, target: string, exit: 1 | 3, says: string) => {
    await lake.sql.unsafe(`create table ${table} as select 1 as id, now() as at`)
    const script = await scripts.write(
      table,
      'id: nullable(integer), at: nullable(timestamptz)',
      `expect: { references: ${target} }`,
    )
    const from = lake.faults.log.length
    await expectRefusal(lake, table, () => lake.run(script, declared), { exit, says: [says] })
    const sent = lake.faults.log.slice(from).filter(({ subject }) => subject.includes(table))
    expect(sent.filter(({ operation }) => operation === 'PutObject')).toEqual([])
  }

  test.concurrent('to a table that is not published yet stops the load before it reads, and may be tried again', () =>
    refused(
      'early',
      "{ id: 'later.id' }",
      1,
      'Cannot load "early": its id refers to later, which is not published. Do: Load that first, as by bun scripts/later.ts; or move it under warn, or correct its name, in scripts/early.ts.',
    ))

  test.concurrent('to a column that is not there stops the load before it reads, with the nearest name', () =>
    refused(
      'astray',
      "{ id: 'groups.cod' }",
      3,
      'Cannot load "astray": its id refers to groups.cod, and groups has no such column in the lake, the nearest is "code". Do: Correct references in scripts/astray.ts.',
    ))

  test.concurrent('to a column of another type stops the load before it reads', () =>
    refused(
      'unlike',
      "{ at: 'groups.id' }",
      3,
      'its at is timestamp in the lake and refers to groups.id, which is int: they are never equal',
    ))
})
