/** Loads that read the partitions alone that have changed: what readers see then is what the source has. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { runQuery } from '../../lib/aws/athena.ts'
import { planText } from '../../lib/cli/plan-text.ts'
import { readLake } from '../../lib/config/config.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { othersAt } from '../lake/iceberg/others.ts'
import { never } from '../support/aws.ts'
import { needsPostgres } from '../support/needs-postgres.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
})

const columns = 'id: bigint, at: nullable(timestamptz), note: nullable(text), changed: nullable(timestamptz)'
const options =
  "partitionBy: day('at'), incremental: { changed: 'changed', overlap: '1h', key: 'id' }, shrink: '90%'"
const long = "now() - interval '2 days'"

let script: string
let table: string
let tables = 0

/** A table of ten days, 20 rows each and as many without one, and its first load. */
beforeEach(async () => {
  table = `events_${tables++}`
  await standIn.sql.unsafe(`
    create table ${table} (id bigint primary key, at timestamptz, note text, changed timestamptz);
    insert into ${table} select g, case when g % 11 > 0 then timestamptz '2026-03-01 00:00Z' + g % 11 * interval '1 day' - interval '1 minute' end, 'first', ${long}
    from generate_series(1, 220) g`)
  script = await scripts.write(table, columns, options)
  expect((await run()).partitions).toEqual({
    ...{ which: 'all', kept: 0, reasons: { all: 11 } },
    because: 'no load before it has left an account of its partitions',
  })
})

async function run(...flags: string[]): Promise<LoadSummary> {
  return (await standIn.run(script, flags)).summary() as LoadSummary
}

async function inPostgres(): Promise<string> {
  const [row] = await standIn.sql.unsafe(
    `select string_agg(concat_ws('|', id, (at at time zone 'UTC')::date, note), ',' order by id) as rows from ${table}`,
  )
  return String(row?.['rows'])
}

async function inLake(): Promise<string> {
  const { workgroup, athenaOutput: output } = readLake(standIn.env)
  const { rows } = await runQuery(standIn.aws, {
    sql: `select id, cast(cast("at" at time zone 'UTC' as date) as varchar), note from ${table} order by id`,
    ...{ database: 'lake', workgroup, output, timeoutMs: 30_000, signal: never },
  })
  return rows.map((row) => row.filter((each) => each !== null).join('|')).join(',')
}

async function expectSame(): Promise<void> {
  expect(await inLake()).toBe(await inPostgres())
}

describe('an incremental load', () => {
  test('reads nothing where nothing has changed, and is a load all the same', async () => {
    const nothing = await run()
    expect(nothing).toMatchObject({ published: true, rows: 0, files: [] })
    expect(nothing.partitions).toEqual({ which: 'these', kept: 11, because: null, reasons: {} })
    await expectSame()
    expect(await standIn.readersSee(table)).toMatchObject({ load: nothing.load, rows: 220 })
  })

  test('reads what was changed, inserted late, deleted, moved, new or is gone, and keeps the rest', async () => {
    await standIn.sql.unsafe(`
      update ${table} set note = 'changed', changed = now() where id = 1;
      insert into ${table} values (1001, '2026-03-02 12:00Z', 'late', ${long});
      delete from ${table} where id = 14;
      update ${table} set at = '2026-03-05 12:00Z', changed = ${long} where id = 15;
      insert into ${table} values (1002, '2026-04-01 12:00Z', 'new', ${long});
      delete from ${table} where at >= '2026-03-10Z' and at < '2026-03-11Z'`)
    const loaded = await run()
    // The 1st and the 31st of March are named by the day before.
    expect(loaded.partitions).toEqual({
      ...{ which: 'these', because: null, kept: 5 },
      reasons: { changed: 1, count: 4, new: 1, gone: 1 },
    })
    await expectSame()
    expect((await run()).partitions?.reasons).toEqual({ changed: 1 })
  })

  test('reads all again where others have changed its rows, once it is told that it may', async () => {
    await othersAt({ aws: standIn.aws, config: readLake(standIn.env), table }).double()
    expect(await standIn.readersSee(table)).toMatchObject({ counted: 440 })
    const { exit, message } = await standIn.run(script)
    expect([exit, message]).toEqual([4, expect.stringContaining('--adopt-changes reads all partitions')])
    const some = await standIn.run(script, ['--adopt-changes', '--partitions', '2026-03-05'])
    expect([some.exit, some.message]).toEqual([
      3,
      expect.stringContaining('others have changed its rows since'),
    ])
    const { partitions } = await run('--adopt-changes')
    expect(partitions).toMatchObject({
      which: 'all',
      because: expect.stringMatching(/^others have changed its rows since load \w+$/),
    })
    await expectSame()
    expect((await run()).partitions).toMatchObject({ which: 'these', reasons: {} })
  })

  test('finds other keys in as many rows, of the same sum', async () => {
    await standIn.sql.unsafe(
      `update ${table} set id = 2001 where id = 1; update ${table} set id = 1 + 12 - 2001 where id = 12`,
    )
    expect((await run()).partitions?.reasons).toEqual({ keys: 1 })
    await expectSame()
  })

  test('reads what has rows without a key, as another may be in the place of each', async () => {
    script = await scripts.write(
      `${table}_q`,
      columns.replace('id: bigint', 'id: nullable(bigint)'),
      `${options},
      from: 'select nullif(id, 1) as id, at, note, changed from ${table}'`,
    )
    await run()
    await standIn.sql.unsafe(`update ${table} set note = 'unkeyed' where id = 1`)
    expect((await run()).partitions?.reasons).toEqual({ keys: 1 })
    const { workgroup, athenaOutput: output } = readLake(standIn.env)
    const { rows } = await runQuery(standIn.aws, {
      sql: `select note from ${table}_q where id is null`,
      ...{ database: 'lake', workgroup, output, timeoutMs: 30_000, signal: never },
    })
    expect(rows).toEqual([['unkeyed']])
  })

  test('finds rows that lose their day, and a day that comes back', async () => {
    await standIn.sql.unsafe(`update ${table} set at = null where at < '2026-03-02Z'`)
    expect((await run()).partitions?.reasons).toEqual({ count: 1, gone: 1 })
    await expectSame()
    await standIn.sql.unsafe(`update ${table} set at = '2026-03-01 10:00Z' where at is null and id % 2 = 0`)
    expect((await run()).partitions?.reasons).toEqual({ count: 1, new: 1 })
    await expectSame()
  })

  test('does not see a change that neither its date nor its keys betray, until --full', async () => {
    await standIn.sql.unsafe(`update ${table} set note = 'unseen' where id = 1`)
    expect((await run()).partitions?.reasons).toEqual({})
    expect(await inLake()).not.toContain('unseen')
    expect((await run('--full')).partitions).toMatchObject({
      which: 'all',
      because: null,
      reasons: { all: 11 },
    })
    await expectSame()
  })

  test('sees what was committed late, though dated before the load that did not see it', async () => {
    const writer = await standIn.sql.reserve()
    await writer.unsafe(`begin; update ${table} set note = 'slow', changed = now() where id = 1`)
    expect((await run()).partitions?.reasons).toEqual({})
    await writer.unsafe('commit')
    writer.release()
    expect((await run()).partitions?.reasons).toEqual({ changed: 1 })
    await expectSame()
  })
})

describe('--partitions', () => {
  test('replaces those alone, and the next increment goes by what was known of the others', async () => {
    await standIn.sql.unsafe(`update ${table} set note = 'changed', changed = now() where id in (1, 2)`)
    const some = await run('--partitions', '2026-03-01')
    expect(some.partitions).toEqual({ which: 'these', kept: 10, because: null, reasons: { asked: 1 } })
    expect(await inLake()).not.toBe(await inPostgres())
    expect((await run()).partitions?.reasons).toEqual({ changed: 2 })
    await expectSame()
  })

  test('takes a partition away that has no rows any more', async () => {
    await standIn.sql.unsafe(`delete from ${table} where at < '2026-03-02Z' or at is null`)
    const gone = await run('--partitions', '2026-02-01..2026-03-01,null')
    expect(gone.partitions).toMatchObject({ kept: 9, reasons: { gone: 2 } })
    await expectSame()
  })
})

test('--partitions that there are none of are told, as they may be a mistake', async () => {
  const { partitions, warnings } = await run('--partitions', '2031-03-01')
  expect(partitions).toMatchObject({ kept: 11, reasons: {} })
  expect(warnings).toEqual(['neither Postgres nor the lake has partitions "2031-03-01": nothing is replaced'])
})

describe('a script that has changed', () => {
  test('may have a new column by --partitions, and is known by what it made of that', async () => {
    await standIn.sql.unsafe(`alter table ${table} add more timestamptz default 'infinity'`)
    const withMore = (policy: string) =>
      scripts.write(table, `${columns}, more: nullable(lossy(timestamptz, '${policy}'))`, options)
    script = await withMore('null')
    expect((await run('--partitions', '2026-03-01')).partitions?.reasons).toEqual({ asked: 1 })
    expect((await run()).partitions?.reasons).toEqual({})
    script = await withMore('clamp')
    expect((await run()).partitions?.because).toContain('column more has changed')
  })

  test('is refused where it declares plain files, and readers are not told of a table of somebody else', async () => {
    script = await scripts.write(table, columns)
    const { exit, message } = await standIn.run(script)
    expect(exit).toBe(2)
    expect(message).toContain('readers still see the table that is there. Cause:')
  })

  test('has all partitions read again, where it makes something else of rows', async () => {
    script = await scripts.write(table, columns, `${options}, where: 'id <> 5'`)
    const loaded = await run()
    expect(loaded.partitions).toMatchObject({ which: 'all', reasons: { all: 11 } })
    expect(loaded.warnings.join()).toContain(
      `it reads all partitions: scripts/${table}.ts makes something else of rows`,
    )
    expect(loaded.warnings.join()).toContain('rows has changed')
  })

  test('is not mixed with partitions of the one before', async () => {
    script = await scripts.write(table, columns, `${options}, filter: ({ id }) => id !== 5n`)
    const { exit, message } = await standIn.run(script, ['--partitions', '2026-03-01'])
    expect(exit).toBe(3)
    expect(message).toContain('filter has changed')
  })

  test('has all partitions read again where a function gets another column by the same name', async () => {
    await standIn.sql.unsafe(`alter table ${table} add low int default 1, add high int default 2`)
    const write = (low: string, high: string) =>
      scripts.write(
        table,
        `${columns}, low: ${low}, high: ${high}`,
        `${options}, internal: ['low', 'high'],
        derive: { less: { type: nullable(integer), value: ({ low, high }) => high - low } }`,
      )
    script = await write('nullable(integer)', 'nullable(integer)')
    await run('--full')
    expect((await run()).partitions?.reasons).toEqual({})
    script = await write("nullable(named('high', integer))", "nullable(named('low', integer))")
    expect((await run()).partitions).toMatchObject({
      which: 'all',
      because: expect.stringContaining('row.low has changed'),
    })
  })

  test('has all partitions read again where a function of it uses other code than before', async () => {
    const derive =
      'derive: { loud: { type: nullable(text), value: ({ note }) => note === null ? null : note + mark } }'
    const write = async (mark: string) => {
      script = await scripts.write(table, columns, `${options}, ${derive}`)
      const path = join(import.meta.dir, '../..', script)
      const text = await Bun.file(path).text()
      await Bun.write(path, text.replace('await run', `const mark = '${mark}'\nawait run`))
    }
    await write('!')
    expect((await run('--full')).partitions?.reasons).toEqual({ all: 11 })
    expect((await run()).partitions?.reasons).toEqual({})
    await write('?')
    expect((await run()).partitions).toMatchObject({
      ...{ which: 'all', because: expect.stringContaining('code that its functions use has changed') },
    })
  })

  test('may have a new column, which is null in partitions that stay', async () => {
    await standIn.sql.unsafe(`alter table ${table} add more int default 7`)
    script = await scripts.write(table, `${columns}, more: nullable(integer)`, options)
    await standIn.sql.unsafe(`update ${table} set changed = now() where id = 1`)
    const loaded = await run()
    expect(loaded.partitions?.reasons).toEqual({ changed: 1 })
    expect(loaded.warnings).toEqual(['more is null in partitions that were not read; --full fills them'])
  })
})

test('a view has all partitions read again where one that it reads is another, or its settings are', async () => {
  const view = `${table}_v`
  const nullable = columns.replace('id: bigint', 'id: nullable(bigint)')
  await standIn.sql.unsafe(`create view ${view}_below as select id, at, note from ${table};
    create view ${view} as select id, v.at, v.note, changed from ${view}_below v join ${table} using (id)`)
  script = await scripts.write(view, nullable, options)
  await run()
  expect((await run()).partitions?.reasons).toEqual({})
  await standIn.sql.unsafe(
    `create or replace view ${view}_below as select id, at, upper(note) as note from ${table}`,
  )
  const { message, exit } = await standIn.run(script, ['--partitions', '2026-03-01'])
  expect({ exit, message }).toMatchObject({ exit: 3, message: expect.stringContaining('the views that') })
  expect((await run()).partitions).toMatchObject({ which: 'all', reasons: { all: 11 } })
  expect((await run()).partitions?.reasons).toEqual({})

  const [found] = await standIn.sql`select current_database() as name`
  for (const other of [
    `timezone to 'Asia/Tokyo'`,
    'xmlbinary to hex',
    `app.tenant to 'acme'`,
    `app.tenant to 'other'`,
  ]) {
    await standIn.sql.unsafe(`alter database "${found?.['name']}" set ${other}`)
    expect((await run()).partitions?.because).toContain('the settings that its source is read under')
  }
  expect((await run()).partitions?.reasons).toEqual({})
  await standIn.sql.unsafe(`alter database "${found?.['name']}" reset all`)
})

test('all partitions are read again where a function or a label gives other values', async () => {
  const functionOf = (name: string, language: string, body: string) =>
    `create or replace function ${table}_${name}(text) returns text language ${language} stable as $$${body}$$`
  await standIn.sql.unsafe(`
    ${functionOf('word', 'sql', `select $1 || '!'`)};
    ${functionOf('said', 'plpgsql', `begin return ${table}_word ($1); end`)};
    create type ${table}_mood as enum ('glad', 'sad');
    alter table ${table} add mood ${table}_mood default 'glad';
    create view ${table}_v as select *, ${table}_said(note) as said from ${table}`)
  const more = 'mood: nullable(text), said: nullable(text)'
  script = await scripts.write(
    `${table}_v`,
    `${columns.replace('id: bigint', 'id: nullable(bigint)')}, ${more}`,
    options,
  )
  await run()
  await standIn.sql.unsafe(`alter type ${table}_mood add value 'so so' before 'sad'`)
  expect((await run()).partitions?.reasons).toEqual({})
  for (const [change, because] of [
    [functionOf('word', 'sql', 'select upper($1)'), 'the functions that its source calls'],
    [`alter type ${table}_mood rename value 'glad' to 'happy'`, 'the labels of an enum'],
  ] as const) {
    await standIn.sql.unsafe(change)
    expect((await run()).partitions).toMatchObject({
      which: 'all',
      because: expect.stringContaining(because),
    })
    expect((await run()).partitions?.reasons).toEqual({})
  }
})

needsPostgres(18, 'virtual columns').test(
  'all partitions are read again where a virtual column gives other values',
  async () => {
    await standIn.sql.unsafe(`alter table ${table} add loud text generated always as (note || '?') virtual`)
    script = await scripts.write(table, `${columns}, loud: nullable(text)`, options)
    await run()
    await standIn.sql.unsafe(`alter table ${table} alter loud set expression as (note || '!')`)
    expect((await run()).partitions).toMatchObject({
      which: 'all',
      because: expect.stringContaining('the virtual columns of its source'),
    })
    expect((await run()).partitions?.reasons).toEqual({})
  },
)

test.each([
  [
    'a column',
    (name: string) =>
      `alter table ${name} rename note to older; alter table ${name} add note text default 'other'`,
  ],
  [
    'a table',
    (name: string) =>
      `create table ${name}_new (like ${name} including all); insert into ${name}_new select id, at, 'other', changed from ${name};
       drop table ${name}; alter table ${name}_new rename to ${name}`,
  ],
])(
  'all partitions are read again where %s is another of the same name, and by a query too',
  async (what, change) => {
    const query = await scripts.write(
      `${table}_q`,
      columns.replace('id: bigint', 'id: nullable(bigint)'),
      `${options}, from: 'select * from ${table} where id > 0'`,
    )
    await standIn.run(query)
    await standIn.sql.unsafe(`alter table ${table} add unread int`)
    await standIn.sql.unsafe(`vacuum full ${table}`)
    expect((await run()).partitions?.reasons).toEqual({})
    await standIn.sql.unsafe(change(table))
    const name = what === 'a table' ? table : `${table}.note`
    for (const each of [script, query]) {
      expect(((await standIn.run(each)).summary() as LoadSummary).partitions).toMatchObject({
        which: 'all',
        because: expect.stringContaining(`public.${name} is another ${what.slice(2)} since load `),
      })
    }
    await expectSame()
  },
)

test('a role finds what has changed that may read a view, and neither what lies below it nor when others began', async () => {
  await standIn.sql.unsafe(`
    create schema hidden_${table}; create table hidden_${table}.rows as select * from ${table};
    create view ${table}_seen as select id, at, note, changed from hidden_${table}.rows;
    create role ${table}_reader login password 'reader'; grant select on ${table}_seen to ${table}_reader`)
  script = await scripts.write(
    `${table}_r`,
    columns.replace('id: bigint', 'id: nullable(bigint)'),
    `${options}, from: 'select * from ${table}_seen'`,
  )
  const url = new URL(standIn.env['DATABASE_URL'] ?? '')
  ;[url.username, url.password] = [`${table}_reader`, 'reader']
  const load = async () =>
    (await standIn.run(script, [], { DATABASE_URL: url.href })).summary() as LoadSummary
  await load()
  await standIn.sql.unsafe(`update hidden_${table}.rows set changed = now() where id = 1`)
  expect((await load()).partitions?.reasons).toEqual({ changed: 1 })
  await standIn.sql.unsafe(`drop owned by ${table}_reader; drop role ${table}_reader`)
})

describe('another source', () => {
  test('has all partitions read, as equal keys say nothing of its rows', async () => {
    await standIn.sql.unsafe(`create schema if not exists other; create table other.${table} as select id, at, 'other' as note, changed from ${table};
      alter table other.${table} add primary key (id)`)
    script = await scripts.write(table, columns, `${options}, from: 'other.${table}'`)
    const loaded = await run('--new-source')
    expect(loaded.partitions).toMatchObject({
      which: 'all',
      because: 'the load before it has read another source',
    })
    expect(await inLake()).toBe((await inPostgres()).replaceAll('first', 'other'))
    const { exit, message } = await standIn.run(script, ['--partitions', '2026-03-01'])
    expect([exit, message]).toEqual([0, expect.any(String)])
  })
})

describe('a dry run', () => {
  test('lists what would be read, with reason, rows and bytes', async () => {
    await standIn.sql.unsafe(
      `update ${table} set changed = now() where id = 1; delete from ${table} where at is null`,
    )
    const { plan, published } = await run('--dry-run')
    expect(published).toBe(false)
    expect(plan?.partitions).toMatchObject({
      kept: 9,
      wanted: [
        { values: ['2026-03-01'], reason: 'changed', rows: 20 },
        { values: [null], reason: 'gone', rows: 0, bytes: 0 },
      ],
    })
    const told = planText(plan!)
    expect(told).toContain('partitions: 2; 9 stay')
    expect(told).toMatch(/2026-03-01 +changed +20 rows +\d.*B\n +null +gone +0 rows/)
    expect((await run()).partitions?.reasons).toEqual({ changed: 1, gone: 1 })
  })
})

test('keys are compared no more often than the script says', async () => {
  script = await scripts.write(
    table,
    columns,
    options.replace("key: 'id'", "key: 'id', reconcile: every('1d')"),
  )
  await standIn.sql.unsafe(
    `delete from ${table} where id = 14; update ${table} set changed = now(), note = 'x' where id = 1`,
  )
  expect((await run()).partitions).toMatchObject({ which: 'these', kept: 10, reasons: { changed: 1 } })
  script = await scripts.write(table, columns, options)
  expect((await run()).partitions?.reasons).toEqual({ changed: 1, count: 1 })
  await expectSame()
})

test('after a rollback the next load goes by what readers see, and not by what was read last', async () => {
  const rollback = (...flags: string[]) => standIn.run('lib/commands/rollback.ts', [table, ...flags])
  await standIn.sql.unsafe(`update ${table} set note = 'second', changed = now() where id = 1;
    delete from ${table} where id = 14; update ${table} set at = null, changed = ${long} where id = 3`)
  expect((await run()).partitions?.reasons).toEqual({ changed: 1, count: 2 })
  expect((await rollback()).exit).toBe(0)
  expect((await standIn.run(script)).exit).toBe(2)
  expect((await rollback('--unpin')).exit).toBe(0)
  expect((await run()).partitions?.reasons).toEqual({ changed: 1, count: 2 })
  await expectSame()
  expect((await run()).partitions?.reasons).toEqual({ changed: 1 })
  expect((await standIn.remains(table)).stagedTables).toEqual([])
})

test('a load that would take most rows from readers stops, whatever it reads', async () => {
  await standIn.sql.unsafe(`delete from ${table} where id > 10`)
  const { exit, message } = await standIn.run(script)
  expect(exit).toBe(4)
  expect(message).toContain('10 rows would replace the 220 that readers see now')
})
