/** Tables enriched by others: all of one moment in time, and refused where a row could be the wrong one. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { countRows } from '../../checks/row-counts/count.ts'
import { getText } from '../../lib/aws/objects.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import type { LoadRecord } from '../../lib/lake/record.ts'
import { load } from '../../lib/load/load.ts'
import { LoadFailure } from '../../lib/load/load-failure.ts'
import type { LoadOptions } from '../../lib/load/options.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import {
  array,
  bigint,
  decimal,
  doublePrecision,
  integer,
  lookup,
  nullable,
  numeric,
  type Table,
  table,
  text,
} from '../../lib/table.ts'
import { openGate } from '../support/gate.ts'
import { dryRun } from '../support/load-options.ts'
import { readers } from '../support/readers.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  await lake.sql.unsafe(`
    create table things (id int not null primary key, price numeric(9, 2) not null, name text);
    insert into things select g, g, case when g % 3 > 0 then 'thing ' || g end from generate_series(1, 9) g;
    create table rates (id int not null, thing_id int, rate numeric, at timestamp not null default '2026-01-01');
    insert into rates select g, g % 5, g * 0.5 from generate_series(1, 8) g;
    insert into rates values (9, null, 9), (10, null, 10);
    create view lookable as select id, thing_id, rate from rates;
    create table empties (id int not null);
    create role reader login password 'word';
    grant select on things to reader`)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

/** In this process, as most need no other. */
function dryLoad(table: Table, options: Partial<LoadOptions> = {}, user?: string): Promise<LoadSummary> {
  const database = { ...readDatabase(lake.env), ...(user !== undefined && { user, password: 'word' }) }
  const { signal } = new AbortController()
  return load(table, { database, lake: undefined }, { ...dryRun, ...options }, () => {}, signal)
}

async function valuesOf(table: Table): Promise<Record<string, (string | null)[]>> {
  await using folder = await temporaryFolder()
  const { files } = await dryLoad(table, { out: folder.path })
  return await readers['DuckDB']!(files[0] ?? '', table.output)
}

/** Refused with exit 3, in one line that says all this. */
async function expectRefused(
  table: Table,
  says: readonly string[],
  options?: Partial<LoadOptions>,
): Promise<void> {
  const failure: unknown = await dryLoad(table, options).catch((error: unknown) => error)
  if (!(failure instanceof LoadFailure)) throw failure
  expect([failure.exit, failure.message]).toEqual([3, failure.message])
  expect(failure.message).not.toMatch(/\n|undefined|\[object|""|unexpected error/)
  for (const each of says) expect(failure.message).toContain(each)
}

const things = { id: integer, price: numeric(9, 2), name: nullable(text) }
const rates = { id: integer, thing_id: nullable(integer), rate: nullable(numeric(18, 6)) }

describe('a lookup', () => {
  test.concurrent('finds rows, tells how many it holds, and how many nulls functions gave', async () => {
    const script = await scripts.write(
      'things',
      'id: integer, price: numeric(9, 2), name: nullable(text)',
      `lookups: {
        rate: lookup({ from: 'rates', key: 'thing_id', latestBy: 'id', columns: {
          id: integer, thing_id: nullable(integer), rate: nullable(numeric(18, 6)) } }),
        all: lookup({ from: 'select * from rates -- of all', where: 'id < 9', key: ['thing_id'], many: true, columns: {
          id: integer, thing_id: nullable(integer) } }),
        none: lookup({ from: 'empties', key: 'id', columns: { id: integer } }),
      },
      derive: {
        rate_id: { type: nullable(integer), value: ({ id }, { rate }) => rate(id)?.id ?? null },
        amount: { type: nullable(numeric(24, 8)), value: ({ id, price }, { rate }) => rate(id)?.rate?.times(price) ?? null },
        all: { type: array(integer), value: ({ id }, { all }) => all(id).map((each) => each.id) },
        none: { type: nullable(integer), value: ({ id }, { none }) => none(id)?.id ?? null },
        secret: { type: integer, value: ({ id }) => id * 2 },
      },
      filter: ({ secret }) => secret !== 4,
      internal: ['name', 'price', 'secret'],`,
    )
    const summary = (await lake.run(script, ['--catalog', 'declared', '--fingerprint'])).summary()
    const bytes = expect.any(Number)
    const told = {
      rows: 8,
      rows_read: 9,
      nulls: { rate_id: 5, amount: 5, none: 8 },
      lookups: { rate: { rows: 5, bytes }, all: { rows: 8, bytes }, none: { rows: 0, bytes } },
    }
    expect(summary).toMatchObject(told)
    expect(summary.warnings).toEqual(['no fingerprint is recorded of a table with a filter'])
    const key = `tables/things/_loads/${summary.load}.json`
    const record: LoadRecord = JSON.parse(await getText(lake.aws, { bucket: 'lake', key }))
    expect(record).toMatchObject({ ...told, lookups: summary.lookups, fingerprint: null })
    const seen = await lake.readersSee('things')
    expect(seen).toMatchObject({ rows: 8, counted: 8 })
    expect(seen?.columns.map(({ name }) => name)).toEqual(['id', 'rate_id', 'amount', 'all', 'none'])

    // Rows kept are compared with the lake, rows read with Postgres.
    const counting = {
      aws: lake.aws,
      lake: readLake(lake.env),
      source: { sql: lake.sql, database: readDatabase(lake.env), mode: 'exact' },
      limit: { rows: 0 },
      signal: new AbortController().signal,
    } as const
    const declared = table({ name: 'things', columns: things })
    expect(await countRows(declared, counting)).toMatchObject({
      status: 'ok',
      recorded: 8,
      lake: 8,
      rows_read: 9,
      source: 9,
    })
  })

  test.concurrent('has the rows of one moment, of many in the order of their values', async () => {
    const all = { from: 'rates', key: 'thing_id', many: true } as const
    const { lists, latest } = await valuesOf(
      table({
        name: 'things',
        columns: things,
        lookups: {
          ids: lookup({ ...all, columns: { id: integer, thing_id: nullable(integer) } }),
          byRate: lookup({
            ...all,
            columns: { rate: nullable(doublePrecision), thing_id: nullable(integer), id: integer },
            from: 'select id, thing_id, -rate::float8 as rate from rates',
          }),
          view: lookup({ from: 'lookable', key: 'thing_id', latestBy: 'id', columns: rates }),
        },
        derive: {
          lists: {
            type: text,
            value: ({ id }, { ids, byRate }) =>
              [ids(id), byRate(id)].map((rows) => rows.map((row) => row.id)).join(' '),
          },
          latest: { type: nullable(integer), value: ({ id }, { view }) => view(id)?.id ?? null },
        },
      }),
    )
    expect(lists).toEqual(['1,6 6,1', '2,7 7,2', '3,8 8,3', '4 4', ' ', ' ', ' ', ' ', ' '])
    expect(latest).toEqual(['6', '7', '8', '4', null, null, null, null, null])
  })

  const one = (options: object) =>
    table({
      name: 'things',
      columns: things,
      lookups: { rate: lookup({ from: 'rates', key: 'thing_id', columns: rates, ...options } as never) },
      derive: { nothing: { type: integer, value: () => 1 } },
    })
  const place = 'the lookup rate of scripts/things.ts'

  test.concurrent.each([
    [
      'two rows of one key',
      { where: 'thing_id = 3' },
      [`Cannot read "${place}": two rows have the key thing_id = 3.`, 'latestBy'],
    ],
    [
      'two of several columns',
      {
        from: `select 1 as id, thing_id, null::numeric as rate from rates where thing_id = 3`,
        key: ['id', 'thing_id'],
      },
      ['two rows have the key id = 1, thing_id = 3'],
    ],
    [
      'two that are latest',
      { from: `select 7 as id, thing_id, rate from rates`, latestBy: 'id' },
      ['two rows have the key thing_id = ', ' and the same id. Take another column for latestBy'],
    ],
    [
      'a column that is not there',
      { columns: { ...rates, gone: integer } },
      ['Cannot read the table "public.rates": gone is not in the source', `Remove gone from ${place}`],
    ],
    [
      'a column of another type',
      { columns: { ...rates, id: text, at: integer } },
      ['at is timestamp without time zone in the source, not integer', `Write in ${place}: at: timestamp,`],
    ],
    [
      'a column that is newly nullable',
      { columns: { ...rates, thing_id: integer, rate: numeric(18, 6) } },
      [
        'are newly nullable',
        `Write in ${place}: thing_id: nullable(integer), rate: nullable(numeric(18, 6)),`,
      ],
    ],
    ['a table that is not there', { from: 'nowhere' }, ['"public.nowhere": the database has no such table']],
    ['a query that is none', { from: 'select from where' }, [place]],
    ['a query with a column twice', { from: 'select *, id from rates' }, ['"id"']],
    ['a condition that is none', { where: 'nonsense = 1' }, ['nonsense']],
    [
      'a value that does not fit',
      { from: `select id, thing_id, 'NaN'::numeric as rate from rates where id = 1` },
      [],
    ],
  ] as const)('of %s', async (what, options, says) => {
    if (what === 'a value that does not fit') {
      // It is nobody's fault until a function finds it.
      expect(await dryLoad(one(options))).toMatchObject({ rows: 9 })
      const found = {
        ...one(options),
        derive: {
          rate: {
            type: nullable(numeric(18, 6)),
            value: (
              { id }: { id: number },
              lookups: { rate: (id: number) => { rate: unknown } | undefined },
            ) => lookups.rate(id)?.rate ?? null,
          },
        },
      }
      await expectRefused(found as never, [
        'Cannot derive "things.rate": in the row with id 1',
        'the value NaN does not fit numeric(18,6) (of rate)',
      ])
      return
    }
    await expectRefused(one(options), says)
  })

  test.concurrent('larger than --max-lookup-size, alone or with those before it', async () => {
    const two = table({
      name: 'things',
      columns: things,
      lookups: {
        first: lookup({ from: 'rates', key: 'id', columns: rates }),
        second: lookup({ from: 'rates', key: 'id', columns: rates }),
      },
      derive: { nothing: { type: integer, value: () => 1 } },
    })
    const { lookups } = await dryLoad(two)
    const told = [
      'with those before it, it takes more than',
      'Narrow it by where or by fewer columns, or raise --max-lookup-size.',
    ]
    await expectRefused(two, ['Cannot hold "the lookup first of scripts/things.ts"', ...told], {
      maxLookupBytes: 100,
    })
    const maxLookupBytes = (lookups['first']?.bytes ?? 0) + 200
    await expectRefused(two, ['Cannot hold "the lookup second of scripts/things.ts"', ...told], {
      maxLookupBytes,
    })
  })

  test.concurrent('of a table that the user may not read', async () => {
    const failure: unknown = await dryLoad(one({ where: 'id = 1' }), {}, 'reader').catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ exit: 2, message: expect.stringContaining('rates') })
  })

  test.concurrent('that has no rows where the published load had some', async () => {
    await lake.sql`create table dwindling as select id, name from things`
    const script = await scripts.write(
      'parents',
      `id: integer, own_name: nullable(named('name', text))`,
      `from: 'things', ignore: ['price'], internal: ['own_name'],
       lookups: { name: lookup({ from: 'dwindling', key: 'id', columns: { id: nullable(integer), name: nullable(text) } }) },
       derive: { name: { type: nullable(text), value: ({ id }, { name }) => name(id)?.name ?? null } },`,
    )
    const args = ['--catalog', 'declared', '--fingerprint']
    expect((await lake.run(script, args)).summary()).toMatchObject({
      nulls: { name: 3 },
      lookups: { name: { rows: 9 } },
    })
    const [record = ''] = (await lake.remains('parents')).objects.filter((key) => key.startsWith('_loads/'))
    const { fingerprint }: LoadRecord = JSON.parse(
      await getText(lake.aws, { bucket: 'lake', key: `tables/parents/${record}` }),
    )
    // What functions compute, Postgres cannot sum up; what the lake has not, need not be.
    expect(Object.keys(fingerprint ?? {})).toEqual(['id'])
    await lake.sql`delete from dwindling`
    await expectRefusal(lake, 'parents', () => lake.run(script, args), {
      exit: 3,
      says: ['the lookup name has no rows, and had 9 in the load that readers see now', '--allow-empty'],
    })
    expect((await lake.run(script, [...args, '--allow-empty'])).summary()).toMatchObject({
      nulls: { name: 9 },
    })
  })
})

describe('a script', () => {
  test.concurrent('whose function throws after rows were written publishes nothing', async () => {
    await lake.sql.unsafe(`
      create table heavy (id int not null primary key, body text not null);
      insert into heavy select g, repeat(md5(g::text), 32768) from generate_series(1, 90) g`)
    const script = await scripts.write(
      'heavy',
      'id: integer, body: text',
      `derive: { size: { type: integer, value: ({ id, body }) => { if (id === 90) throw new Error('no\\nsuch  size'); return body.length } } },`,
    )
    await expectRefusal(lake, 'heavy', () => lake.run(script, ['--codec', 'none']), {
      exit: 3,
      says: [
        'Cannot derive "heavy.size": in the row with id 90, its function failed: no such size',
        'Do: Correct scripts/heavy.ts, or the row.',
      ],
    })
    const parts = lake.faults.log.filter(
      ({ operation, subject }) => operation === 'UploadPart' && subject.includes('/heavy/'),
    )
    expect(parts.length).toBeGreaterThan(0)
  })

  test.concurrent.each([
    ['read_and_derived', `derive: { id: { type: integer, value: () => 1 } }`, 'id is both read and derived'],
    ['unknown_internal', `internal: ['idd']`, 'idd is internal and no column'],
    ['all_internal', `internal: ['id']`, 'it has no columns'],
    [
      'a_proto',
      `derive: { __proto__: { type: integer, value: () => 1 } }`,
      '__proto__ is not a name that an object can have',
    ],
    [
      'numeric_key',
      `lookups: { a: lookup({ from: 'rates', key: 'rate', columns: { rate: numeric(9, 2) } }) }`,
      'rate is no column that rows can be found by',
    ],
    [
      'both_ways',
      `lookups: { a: lookup({ from: 'rates', key: 'id', latestBy: 'id', many: true, columns: { id: integer } }) }`,
      'it keeps many rows a key and only the latest',
    ],
    ['filtr', 'filtr: ({ id }) => id > 5', 'table() has no option "filtr", the nearest is "filter"'],
    ['throws', `derive: (() => { throw new Error('of its\\nown') })()`, 'of its own'],
  ])('that declares what cannot be, as %s', async (name, more, reason) => {
    const script = await scripts.write(name, 'id: integer', more)
    await expectRefusal(lake, name, () => lake.start(script).finished, {
      exit: 3,
      says: [`Cannot use the script "scripts/${name}.ts"`, reason],
    })
  })

  test.concurrent.each([
    [
      'no_such_column',
      `filter: ({ note }) => note !== 'draft'`,
      /no_such_column\.filter": in the row with id 1, its function failed: the row has no "note", the nearest is "\w+"/,
    ],
    [
      'wrong_key',
      `lookups: { rate: lookup({ from: 'rates', key: 'id', columns: { id: integer, rate: nullable(numeric(9, 2)) } }) },
       derive: { usd: { type: nullable(numeric(9, 2)), value: ({ price }, { rate }) => rate(price)?.rate ?? null } }`,
      'wrong_key.usd": in the row with id 1, its function failed: rate is asked for 1, which is not a number, as its key id (integer) is. Do: Correct scripts/wrong_key.ts. Retry',
    ],
  ])('that the compiler would refuse publishes nothing, as %s', async (name, more, reason) => {
    const script = await scripts.write(name, 'id: integer, price: numeric(9, 2)', `from: 'things', ${more}`)
    await expectRefusal(lake, name, () => lake.run(script, ['--catalog', 'declared']), {
      exit: 3,
      says: [`scripts/${name}.ts`, reason],
    })
  })

  test.concurrent('that imports itself in a circle and reads what is not there yet', async () => {
    const script = await scripts.write('circle', 'id: integer', `derive: other`)
    const path = script.replace(/circle\.ts$/, '')
    const root = new URL('../../', import.meta.url).pathname
    const own = await Bun.file(`${root}${script}`).text()
    await Bun.write(
      `${root}${script}`,
      own.replace(/^await/m, `import { other } from './other.ts'\nexport const one = 1\n$&`),
    )
    await Bun.write(
      `${root}${path}other.ts`,
      `import { one } from './circle.ts'\nexport const other = { one: { value: one } }\n`,
    )
    await expectRefusal(lake, 'circle', () => lake.start(script).finished, {
      exit: 3,
      says: ['Cannot use the script "scripts/circle.ts"', "'one'"],
    })
  })
})

describe('from', () => {
  const query = (from: string, columns: Table['columns'], more: object = {}) =>
    table({ name: 'things', from, columns, ...more })

  test.concurrent('is a query, with a comment at its end, a condition, an order, and a CTE', async () => {
    const columns = { id: integer, total: numeric(20, 4) }
    const sql = `with summed as (select thing_id as id, sum(rate) as total from rates group by 1)
      select id, total from summed -- what is left`
    const found = await valuesOf(query(sql, columns, { where: 'id > 2 -- only these' }))
    expect(Object.fromEntries(found['id']!.map((id, at) => [id, found['total']?.[at]]))).toEqual({
      3: '5.5000',
      4: '2.0000',
    })
  })

  test.concurrent('derives of a query as of a table, rows named by their place', async () => {
    const failing = query(
      'select id, price from things order by id',
      { id: integer, price: numeric(9, 2) },
      {
        derive: {
          half: {
            type: numeric(9, 2),
            value: ({ price }: { price: ReturnType<typeof decimal> }) => price.times(decimal('0.005')),
          },
        },
      },
    )
    await expectRefused(failing, [
      '"things.half": in the row with number 1 of the stream',
      '0.005, which has more digits after the point',
    ])
  })

  test.concurrent.each([
    ['that does not parse', 'select id from things where', { id: integer }, 'syntax error'],
    [
      'with a column twice',
      'select t.id, r.id from things t join rates r on r.thing_id = t.id',
      { id: integer },
      'id',
    ],
    ['of a table that is not there', 'select id from nowhere', { id: integer }, 'nowhere'],
    [
      'that ends before its end, and goes on',
      'select id from things) as a union all select id from (select id from things',
      { id: integer },
      'syntax error',
    ],
    ['that ends in a semicolon', 'select id from things;', { id: integer }, 'syntax error'],
    ['without a column', 'select id from things', { id: integer, gone: text }, 'gone is not in the source'],
    [
      'of another type',
      'select id from things',
      { id: array(bigint) },
      'id is integer in the source, not bigint[]',
    ],
    [
      'with a bare numeric that does not fit',
      'select avg(1.0 / id) as id from things',
      { id: numeric(9, 2) },
      'does not fit numeric(9,2)',
    ],
    [
      'with a null where none is declared',
      'select null::int as id',
      { id: integer },
      'row 1 of the stream has null',
    ],
    [
      'that writes',
      'with gone as (delete from things returning id) select id from gone',
      { id: integer },
      '',
    ],
  ])('is a query %s: refused', async (_, sql, columns, told) => {
    await expectRefused(query(sql, columns), [told])
    expect(await lake.sql`select from things`).toHaveLength(9)
  })
})

describe('one moment in time', () => {
  const names = ['lines', 'people', 'labels', 'notes'] as const

  async function makeTables(prefix: string): Promise<string> {
    for (const name of names) {
      await lake.sql.unsafe(`
        create table ${prefix}_${name} (id int not null, version int not null);
        insert into ${prefix}_${name} select g, 1 from generate_series(1, 20) g`)
    }
    await lake.sql.unsafe(`create view ${prefix}_labelled as select * from ${prefix}_labels`)
    const version = (name: string) =>
      `${name}_version: { type: nullable(integer), value: ({ id }, { ${name} }) => ${name}(id)?.version ?? null }`
    const columns = 'columns: { id: integer, version: integer }'
    return scripts.write(
      `${prefix}_lines`,
      'id: integer, version: integer',
      `lookups: {
        people: lookup({ from: '${prefix}_people', key: 'id', ${columns} }),
        labels: lookup({ from: '${prefix}_labelled', key: 'id', ${columns} }),
        notes: lookup({ from: 'select id, version from ${prefix}_notes', key: 'id', ${columns} }),
      },
      derive: { ${['people', 'labels', 'notes'].map(version).join(', ')} },`,
    )
  }

  const changes: readonly (readonly [string, (table: string) => string])[] = [
    [
      'rows change',
      (table) => `
      update ${table} set version = 2; delete from ${table} where id > 15; insert into ${table} values (21, 2)`,
    ],
    ['tables are truncated', (table) => `truncate ${table}`],
    [
      'tables are rewritten',
      (table) =>
        `alter table ${table} add extra float8 not null default random(); alter table ${table} rename version to edition`,
    ],
  ]
  const moments: readonly (readonly [string, (prefix: string) => string])[] = [
    ['once the snapshot is taken', () => 'with recursive base as'],
    ['before the last lookup is read', (prefix) => `from ${prefix}_notes\n) as source) to stdout`],
    ['before the stream begins', (prefix) => `from "public"."${prefix}_lines") to stdout`],
  ]
  const all = moments.flatMap(([when, at]) =>
    changes.map(([what, change]) => [when, what, at, change] as const),
  )

  test.concurrent.each(all)('%s %s: all of the old', async (when, what, at, change) => {
    const prefix = `moment_${Bun.hash.crc32(`${when} ${what}`)}`
    const script = await makeTables(prefix)
    await using folder = await temporaryFolder()
    await using gate = await openGate(lake.env['DATABASE_URL'] ?? '', { at: at(prefix) })
    const run = lake.begin(script, ['--out', folder.path], { DATABASE_URL: gate.url })
    await gate.reached
    const neighbour = connectPostgres(readDatabase(lake.env), { applicationName: 'neighbour', max: 1 })
    const changed = neighbour.begin((sql) =>
      sql.unsafe(names.map((name) => change(`${prefix}_${name}`)).join(';')),
    )
    // What needs the tables for itself waits for the load; the rest does not.
    if (what === 'rows change') await changed
    else await until(async () => (await waiting(prefix)) > 0)
    gate.open()
    const { files, rows } = (await run.finished).summary()
    await changed
    await neighbour.end()
    expect(rows).toBe(20)
    const columns = {
      id: integer,
      version: integer,
      people_version: integer,
      labels_version: integer,
      notes_version: integer,
    }
    const { id, ...versions } = await readers['DuckDB']!(files[0] ?? '', columns)
    expect(id?.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    for (const values of Object.values(versions)) expect(values).toEqual(Array(20).fill('1'))
  })

  test.concurrent('before the snapshot: all of the new, or a clean stop', async () => {
    for (const [what, change] of changes) {
      const prefix = `before_${Bun.hash.crc32(what)}`
      const script = await makeTables(prefix)
      await using gate = await openGate(lake.env['DATABASE_URL'] ?? '', { at: 'lock table' })
      const run = lake.begin(script, ['--dry-run'], { DATABASE_URL: gate.url })
      await gate.reached
      await lake.sql.begin((sql) => sql.unsafe(names.map((name) => change(`${prefix}_${name}`)).join(';')))
      gate.open()
      const finished = await run.finished
      if (what === 'tables are rewritten') {
        expect(finished.exit).toBe(3)
        expect(finished.message).toContain('column "version" does not exist')
      } else expect(finished.summary()).toMatchObject({ rows: what === 'rows change' ? 16 : 0, nulls: {} })
    }
  })

  async function waiting(prefix: string): Promise<number> {
    const found = await lake.sql`
      select from pg_locks l join pg_class c on c.oid = l.relation where c.relname like ${`${prefix}%`} and not l.granted`
    return found.length
  }
})
