/** One table of the lake that every tenant has in a schema of its own. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { readDatabase } from '../../lib/config/config.ts'
import { formatRelations } from '../../lib/postgres/relation.ts'
import {
  bigint,
  integer,
  lookup,
  named,
  nullable,
  numeric,
  schemas,
  table,
  text,
  value,
} from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { openGate } from '../support/gate.ts'
import { everyTypeSql } from './every-type.ts'
import everyType from './scripts/every_type.ts'
import tenantVisits from './scripts/tenant_visits.ts'
import { backendsOnce, expectFailure, loadSliced } from './sliced.ts'

setDefaultTimeout(300_000)
let database: TestDatabase

/** Schemas of tenants: in the order of their bytes, one with marks in its name that SQL and JSON quote. */
const names = ['tenant_B', 'tenant_a', `tenant_q"'\\ä`]

function inEach(sql: (schema: string, at: number) => string): string {
  return names.map((name, at) => sql(`"${name.replaceAll('"', '""')}"`, at)).join(';\n')
}

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off', max_connections: '60' })
  await database.sql.unsafe(
    inEach(
      (schema, at) => `
        create schema ${schema};
        create type ${schema}.mood as enum ('calm', 'keen');
        create table ${schema}.orders (id bigint primary key, currency int, amount numeric(12,2) not null, mood ${schema}.mood, code char(3));
        ${at === 1 ? '' : `comment on column ${schema}.orders.id is 'Its key.'; comment on table ${schema}.orders is 'Orders.';`}
        comment on column ${schema}.orders.amount is 'What tenant ${at} pays.';
        insert into ${schema}.orders select i, i % 3, i + ${at} / 4.0, 'keen', 'x' from generate_series(1, ${(at + 1) * 10}) as i;
        create table ${schema}.currencies (id int primary key, name text not null);
        insert into ${schema}.currencies select i, i || ' of ${at}' from generate_series(0, 1) as i`,
    ),
  )
  await database.sql.unsafe(`
    create schema tenancy; create table tenancy.orders (id bigint);
    create table public.currencies (id int primary key, name text not null);
    insert into public.currencies values (0, 'shared'), (1, 'shared'), (2, 'shared')`)
})
afterAll(() => database?.stop())

const columns = {
  id: bigint,
  currency: nullable(integer),
  amount: numeric(12, 2),
  mood: nullable(text),
  code: nullable(text),
}

const tenants = schemas('tenant\\_%')
const currency = lookup({ from: 'currencies', key: 'id', columns: { id: integer, name: text } })
const shared = lookup({ from: 'public.currencies', key: 'id', columns: { id: integer, name: text } })

describe('a table of tenants', () => {
  test('has the rows of each behind the name of its schema, in the order of the schemas and as they are stored', async () => {
    const { summary, rows, files } = await loadSliced(database, table({ name: 'orders', tenants, columns }))
    expect(rows).toHaveLength(60)
    expect(rows.filter((row) => row.includes('|3|'))).toEqual(
      names.map((name, at) => `${name}|3|0|3.${['00', '25', '50'][at]}|keen|x  `),
    )
    expect(files).toEqual(['orders-00000.parquet'])
    expect(summary.plan).toMatchObject({
      source: 'tenant\\_%.orders',
      source_kind: 'tenants',
      slicing: { connections: 1, reason: expect.stringContaining("format: 'iceberg'") },
    })
    expect(summary.plan?.query).toContain('-- and so of 1 more tenants')
    // What only one says, or each otherwise, is told of none.
    expect([summary.plan?.comment, ...(summary.plan?.columns ?? []).map(({ comment }) => comment)]).toEqual([
      'Orders.',
      null,
      'Its key.',
      ...Array(4).fill(null),
    ])
  })

  test('finds of a lookup what the same tenant has, or all share where its schema is named', async () => {
    const declared = table({
      name: 'orders',
      tenants,
      columns,
      lookups: { currency, shared },
      derive: {
        own: { type: nullable(text), value: (row, lookups) => lookups.currency(row.currency)?.name },
        all: { type: text, value: (row, { shared: find }) => `${find(row.currency)?.name} to ${row.tenant}` },
      },
      internal: ['amount', 'mood', 'code'],
    })
    const { rows } = await loadSliced(database, declared)
    expect(rows.filter((row) => /\|[345]\|/.test(row))).toEqual(
      names.flatMap((name, at) => [
        `${name}|3|0|0 of ${at}|shared to ${name}`,
        `${name}|4|1|1 of ${at}|shared to ${name}`,
        `${name}|5|2|∅|shared to ${name}`,
      ]),
    )
  })

  test('is partitioned by its tenants where it is one of Iceberg, and several connections share them out', async () => {
    const declared = { name: 'orders', tenants, columns, lookups: { currency } }
    const derive = {
      own: {
        type: nullable(text),
        value: (
          row: { readonly currency: number | null },
          lookups: { readonly currency: (id: number | null) => { readonly name: string } | undefined },
        ) => lookups.currency(row.currency)?.name,
      },
    }
    const plain = await loadSliced(database, table({ ...declared, derive }))
    const parted = await loadSliced(database, table({ ...declared, derive, format: 'iceberg' }))
    expect(parted.rows).toEqual(plain.rows)
    expect(parted.files).toHaveLength(3)
    expect(parted.summary.plan?.partitions?.wanted.map(({ values, rows }) => [...values, rows])).toEqual(
      names.map((name, at) => [name, (at + 1) * 10]),
    )
  })

  /** Puts what `sql` does to the database right again. */
  async function after(sql: string, undo: string, look: () => Promise<void>): Promise<void> {
    await database.sql.unsafe(sql)
    try {
      await look()
    } finally {
      await database.sql.unsafe(undo)
    }
  }

  test.each([
    [
      'a column is missing',
      'rename column amount to price',
      'rename column price to amount',
      'amount is not in the source',
    ],
    [
      'a column has another type',
      'alter column amount type float8',
      'alter column amount type numeric(12,2)',
      'amount is double precision in the source, not numeric(12,2)',
    ],
    [
      'a column may be null',
      'alter column amount drop not null',
      'alter column amount set not null',
      'amount is newly nullable',
    ],
    [
      'a column has more digits',
      'alter column amount type numeric(14,2)',
      'alter column amount type numeric(12,2)',
      'amount is numeric(14,2) in the source, not numeric(12,2)',
    ],
  ])('stops before a row is read where %s of one tenant, and names that', async (_, change, undo, reason) => {
    const alter = 'alter table tenant_a.orders '
    await after(alter + change, alter + undo, async () => {
      const { summary, exit } = await expectFailure(database, table({ name: 'orders', tenants, columns }))
      expect(exit).toBe(3)
      expect(summary).toBe(`Cannot read the table "tenant_a.orders": ${reason}`)
    })
  })

  test('is read as declared where tenants have columns of several types, padding and all', async () => {
    const declared = table({ name: 'orders', tenants, columns })
    const before = await loadSliced(database, declared)
    const sql = (type: string, id: string) => `
      alter table tenant_a.orders alter column code type ${type}, alter column id type ${id};
      update tenant_a.orders set code = rpad(code, 3)`
    await after(sql('text', 'int'), sql('char(3)', 'bigint'), async () => {
      expect((await loadSliced(database, declared)).rows).toEqual(before.rows)
    })
  })

  test('has values of every type as the table of one schema has them, also where another tenant has other types', async () => {
    await database.sql.unsafe(everyTypeSql).simple()
    await database.sql.unsafe(`
      create schema typed_a; create schema typed_b;
      delete from every_type where id % 10 > 0 and id > 100;
      alter table every_type set schema typed_a;
      create table typed_b.every_type (like typed_a.every_type)`)
    const { name, columns: every } = everyType
    const of = { name, columns: every }
    const one = await loadSliced(database, table({ ...of, from: 'typed_a.every_type' }))
    const all = table({ ...of, tenants: schemas('typed\\_%') })
    const expected = one.rows.map((row) => `typed_a|${row}`)
    expect((await loadSliced(database, all)).rows).toEqual(expected)
    const others = ['as_text varchar', 'as_char varchar(9)', 'text_of_enum text', 'list_text_of_char text[]']
    const texts = [
      'text_of_inet',
      'text_of_bool',
      'text_of_interval',
      'text_of_host',
      'text_of_byte',
      'text_of_xml',
    ]
    const wider = [
      'int2_as_int8 int8',
      'list_int2_as_int8 int8[]',
      'float4_as_float8 float8',
      'decimal_bare numeric(30,8)',
    ]
    const more = [...others, ...wider, ...texts.map((each) => `${each} text`)]
    const altered = more.map((each) => {
      const [column = '', type = ''] = each.split(' ')
      return `alter column ${column} type ${type} using ${column}::${type}`
    })
    await database.sql.unsafe(`alter table typed_b.every_type ${altered.join(', ')}`)
    const { rows, summary } = await loadSliced(database, all)
    expect(rows).toEqual(expected)
    expect(summary.rows).toBe(one.summary.rows)
    await database.sql.unsafe('drop schema typed_a cascade; drop schema typed_b cascade')
  })

  test('names the row of a tenant whose value does not fit, by its primary key or without one', async () => {
    const declared = table({
      name: 'orders',
      tenants,
      columns: { ...columns, total: nullable(numeric(5, 2)) },
    })
    const derived = table({
      ...{ name: 'orders', tenants, columns },
      filter: ({ id, tenant }) => {
        if (id === 7n && tenant === 'tenant_a') throw new Error('not so')
        return true
      },
    })
    await after(
      `${inEach((schema) => `alter table ${schema}.orders add column total numeric`)};
       update tenant_a.orders set total = 123456 where id = 7`,
      inEach((schema) => `alter table ${schema}.orders drop column total`),
      async () => {
        expect((await expectFailure(database, declared)).message).toContain(
          'the value 123456 in the row with tenant "tenant_a", id 7 does not fit',
        )
        expect((await expectFailure(database, derived)).message).toContain(
          'in the row with tenant "tenant_a", id 7, its function failed: not so',
        )
        const key = 'alter table tenant_a.orders drop constraint orders_pkey'
        await after(key, 'alter table tenant_a.orders add primary key (id)', async () => {
          const { message } = await expectFailure(database, declared)
          expect(message).toMatch(/in row \d+ of the stream, of tenant_a, does not fit/)
          expect(message).toContain('select * from "tenant_a"."orders" where ')
          expect((await expectFailure(database, derived)).message).toMatch(
            /in the row with number \d+ of the stream, of tenant_a, its function failed/,
          )
        })
      },
    )
  })

  test('keeps the rows of which its condition holds, read under the settings of the role', async () => {
    const declared = table({
      name: 'orders',
      tenants,
      columns,
      where: 'id <= 2 -- the first',
      ignore: ['no_such'],
    })
    const { rows, summary } = await loadSliced(database, declared)
    expect(rows.map((row) => row.split('|').slice(0, 2))).toEqual(
      names.flatMap((name) => [
        [name, '1'],
        [name, '2'],
      ]),
    )
    expect(summary.warnings).toEqual([
      'tenant\\_%.orders does not have what scripts/orders.ts ignores: "no_such", the nearest is "amount"',
    ])
  })

  test.each([
    [`schemas('tenant\\_%')`, tenants, 'tenant_a.orders', `this tenant's schema has no such table`],
    [`a pattern of one`, schemas('tenant\\_a'), 'tenant_a.orders', `this tenant's schema has no such table`],
  ])('stops where the schema of a tenant has no such table, by %s', async (_, which, thing, reason) => {
    const alter = 'alter table tenant_a.orders set schema tenancy'
    await after(
      `alter table tenancy.orders rename to other; ${alter}`,
      'alter table tenancy.orders set schema tenant_a; alter table tenancy.other rename to orders',
      async () => {
        const { exit, summary, advice } = await expectFailure(
          database,
          table({ name: 'orders', tenants: which, columns }),
        )
        expect([exit, summary]).toEqual([3, `Cannot read the table "${thing}": ${reason}`])
        expect(advice).toContain('in scripts/orders.ts')
      },
    )
  })

  test('stops where a tenant has no table of a lookup, though another schema has one', async () => {
    const declared = table({ name: 'orders', tenants, columns, lookups: { currency } })
    const alter = 'alter table tenant_a.currencies'
    await after(`${alter} rename to c`, 'alter table tenant_a.c rename to currencies', async () => {
      const { exit, summary, advice } = await expectFailure(database, declared)
      expect([exit, summary]).toEqual([
        3,
        `Cannot read the table "tenant_a.currencies": this tenant's schema has no such table`,
      ])
      expect(advice).toContain('the lookup currency of scripts/orders.ts')
    })
  })

  test.each([
    ['no schema matches', 'customer_%', "the database has no schema whose name is LIKE 'customer_%'"],
    ['only those of Postgres match', 'pg_%', "the database has no schema whose name is LIKE 'pg_%'"],
  ])('stops where %s', async (_, like, reason) => {
    const { exit, summary } = await expectFailure(
      database,
      table({ name: 'orders', tenants: schemas(like), columns }),
    )
    expect([exit, summary]).toEqual([3, `Cannot read the table "${like}.orders": ${reason}`])
  })

  test('takes an underscore for any character, unless it is escaped', async () => {
    const any = table({ name: 'orders', tenants: schemas('tenanc_'), columns: { id: nullable(bigint) } })
    expect((await loadSliced(database, any)).summary.rows).toBe(0)
    const itself = table({ name: 'orders', tenants: schemas('tenanc\\_'), columns: { id: nullable(bigint) } })
    expect((await expectFailure(database, itself)).exit).toBe(3)
  })

  test('does not read for all tenants what only one has, or each has for itself', async () => {
    const where = 'currency in (select id from currencies)'
    const declared = table({ name: 'orders', tenants, columns, where })
    const { exit, summary } = await expectFailure(database, declared)
    expect([exit, summary]).toEqual([
      3,
      'Cannot read the table "tenant\\_%.orders": the where in scripts/orders.ts reads "public"."currencies" for all tenants, and tenant_B has a currencies of its own',
    ])
    await after(
      'create table public.rates as table public.currencies',
      'drop table public.rates',
      async () => {
        const shares = table({
          name: 'orders',
          tenants,
          columns,
          where: 'currency not in (select id from rates)',
        })
        expect((await loadSliced(database, shares)).summary.rows).toBe(0)
      },
    )
  })

  test('finds many rows of a key, and tells whose key two rows have', async () => {
    const of = { from: 'orders', columns: { currency: nullable(integer), id: bigint } } as const
    const many = lookup({ ...of, key: 'currency', many: true })
    const first = lookup({ ...of, key: 'currency', firstBy: 'id' })
    const declared = table({
      ...{ name: 'orders', tenants, columns: { id: bigint }, where: 'id = 7' },
      lookups: { many, first },
      derive: {
        ids: {
          type: text,
          value: (_, lookups) =>
            lookups
              .many(2)
              .map(({ id }) => id)
              .join(),
        },
        least: { type: nullable(bigint), value: (_, lookups) => lookups.first(0)?.id },
      },
    })
    expect((await loadSliced(database, declared)).rows).toEqual(
      names.map(
        (name, at) => `${name}|7|${[2, 5, 8, 11, 14, 17, 20, 23, 26, 29].slice(0, [3, 7, 10][at])}|3`,
      ),
    )
    const single = { one: lookup({ ...of, key: 'currency' }) }
    const one = table({ name: 'orders', tenants, columns: { id: bigint }, lookups: single })
    expect((await expectFailure(database, one)).message).toContain(
      'two rows have the key tenant = "tenant_B", currency = ',
    )
  })

  test('does not see a tenant that comes once its snapshot is there, and keeps one from going', async () => {
    let waits: Promise<unknown> | undefined
    const schema = 'tenant_new'
    const { rows } = await loadSliced(database, table({ name: 'orders', tenants, columns }), {
      observe(event) {
        if (event.kind !== 'start') return
        waits = database.sql.begin(async (sql) => {
          await sql.unsafe(`create schema ${schema}; create table ${schema}.orders (like tenant_a.orders)`)
        })
      },
    })
    await waits
    expect(rows).toHaveLength(60)
    await database.sql.unsafe(`drop schema ${schema} cascade`)
  })

  test.each(['came', 'went'])(
    'ends, and may be tried again, where a tenant %s between the look for them and the locks',
    async (what) => {
      const create = 'create schema tenant_new; create table tenant_new.orders (like tenant_a.orders)'
      const drop = 'drop schema tenant_new cascade'
      if (what === 'went') await database.sql.unsafe(create)
      const { user, password, host, port, database: name } = database.config
      await using gate = await openGate(`postgres://${user}:${password}@${host}:${port}/${name}`, {
        at: 'lock table',
      })
      const config = readDatabase({ DATABASE_URL: gate.url })
      const failed = expectFailure(database, table({ name: 'orders', tenants, columns }), { config })
      await gate.reached
      await database.sql.unsafe(what === 'went' ? drop : create)
      gate.open()
      const { exit, summary } = await failed
      if (what === 'came') await database.sql.unsafe(drop)
      expect([exit, summary]).toEqual([
        1,
        `Cannot open "tenant\\_%.orders": the tenant tenant_new ${what} while it was being opened`,
      ])
    },
  )

  test('warns once of what cannot be locked, however many tenants have it', async () => {
    const many = Array.from({ length: 7 }, (_, at) => `stored_${at}`)
    const sql = many.map(
      (schema) => `create schema ${schema}; create materialized view ${schema}.seen as select 1 as id`,
    )
    await after(sql.join(';'), `drop schema ${many.join(', ')} cascade`, async () => {
      const seen = table({ name: 'seen', tenants: schemas('stored\\_%'), columns: { id: nullable(integer) } })
      const { rows, summary } = await loadSliced(database, seen)
      expect(rows).toEqual(many.map((schema) => `${schema}|1`))
      expect(summary.warnings).toEqual([
        expect.stringMatching(/^stored_0\.seen is a materialised view: .*; so is it with 6 others$/),
      ])
    })
  })

  test('is read as views where tenants have some, each in a query of its own, and says what it depends on', async () => {
    const view = inEach(
      (schema) =>
        `create view ${schema}.seen as select id, currency, '2026-01-02 03:04Z'::timestamptz as at from ${schema}.orders`,
    )
    const declared = {
      name: 'seen',
      tenants,
      columns: { id: nullable(bigint), currency: nullable(integer), at: nullable(text) },
    }
    await after(
      view,
      inEach((schema) => `drop view ${schema}.seen`),
      async () => {
        const plain = await loadSliced(database, table(declared))
        expect(plain.rows).toHaveLength(60)
        const parted = await loadSliced(database, table({ ...declared, format: 'iceberg' }))
        expect(parted.rows).toEqual(plain.rows)
        expect(parted.summary.slicing).toMatchObject({ slices: 3 })
        const own = `alter role ${database.config.user} set TimeZone to`
        await after(`${own} 'Asia/Tokyo'`, `${own} 'UTC'`, async () => {
          await after(
            'drop view tenant_a.seen; create table tenant_a.seen (id bigint, currency int, at timestamptz)',
            'drop table tenant_a.seen; create view tenant_a.seen as select 1 as one',
            async () => {
              // Its own table is no view, and is read with those that are.
              const { summary } = await expectFailure(
                database,
                table({ ...declared, tenants: schemas('tenant\\_%') }),
              )
              expect(summary).toContain(
                'at is read as text, and that of timestamp with time zone depends on TimeZone',
              )
            },
          )
        })
      },
    )
  })

  test('has lookups within its partitions, which are the rows of the same tenant', async () => {
    const siblings = lookup({
      from: 'orders',
      within: 'partition',
      key: 'id',
      columns: { id: bigint, amount: numeric(12, 2) },
    })
    const declared = table({
      ...{ name: 'orders', tenants, columns: { id: bigint }, where: 'id < 5', format: 'iceberg' },
      lookups: { siblings },
      derive: {
        next: {
          type: nullable(numeric(12, 2)),
          value: ({ id }, lookups) => lookups.siblings(id + 1n)?.amount,
        },
      },
    })
    const { rows, summary } = await loadSliced(database, declared)
    expect(rows).toEqual(
      names.flatMap((name, at) =>
        [1, 2, 3, 4].map((id) => `${name}|${id}|${id === 4 ? '∅' : `${id + 1}.${['00', '25', '50'][at]}`}`),
      ),
    )
    expect(summary.slicing).toMatchObject({ slices: 3 })
  })

  test('is read by several threads, each of which finds what the same tenant has', async () => {
    const many = Array.from({ length: 4 }, (_, at) => `many_${at}`)
    const sql = [
      `create sequence gate`,
      // The first row of each COPY waits until the gate is open, which shows in all transactions at once.
      `create function passes(id bigint) returns boolean language plpgsql immutable as $$ begin
        while id = 1 and current_query() like 'copy (%' and (select last_value from public.gate) < 2 loop perform pg_sleep(0.01); end loop;
        return true;
      end $$`,
      ...many.map(
        (schema) => `create schema ${schema};
          create view ${schema}.visits as select g::bigint as id from generate_series(1, 9) g where public.passes(g);
          create view ${schema}.names as select 7::bigint as id, 'seven of ${schema}' as name`,
      ),
    ]
    const undo = `drop schema ${many.join(', ')} cascade; drop function passes; drop sequence gate`
    await after(sql.join(';'), undo, async () => {
      const script = join(import.meta.dir, 'scripts/tenant_visits.ts')
      const loading = loadSliced(database, tenantVisits, { script, options: { connections: 2 } })
      await Promise.race([backendsOnce(database, 2, 'copy (%"visits"%'), loading])
      await database.sql`select setval('gate', 2)`
      const loaded = await loading
      expect(loaded.summary).toMatchObject({ rows: 36, warnings: [], slicing: { slices: 4, connections: 2 } })
      expect(loaded.rows.filter((row) => row.includes('seven'))).toEqual(
        many.map((schema) => `${schema}|7|seven of ${schema}`),
      )
    })
  })

  test('comes partition by partition from one query where another may give other rows', async () => {
    const declared = table({
      name: 'orders',
      tenants,
      columns,
      where: 'now() is not null',
      format: 'iceberg',
    })
    const { rows, files, summary } = await loadSliced(database, declared)
    expect([rows.length, files.length]).toEqual([60, 3])
    expect(summary.slicing).toMatchObject({
      slices: 1,
      reason: 'now() may give each connection something else',
    })
  })
})

test.each([
  ['a schema in from', { from: 'public.orders' }, 'it is read from one schema, and has tenants'],
  [
    'a query',
    { from: 'select 1 as id' },
    'it is read from a query, whose names are not those of each tenant',
  ],
  ['sliceBy', { sliceBy: 'id' }, 'it has both tenants and sliceBy'],
  ['evolve', { evolve: 'add' }, 'it has both tenants and evolve'],
  ['a pattern alone', { tenants: 'tenant_%' }, 'tenants of table() is "tenant_%", not an object'],
  ['another partition', { partitionBy: value('id') }, "it has both tenants and partitionBy: value('id')"],
  [
    'a column of that name',
    { columns: { id: bigint, tenant: text } },
    'tenant is both a column that it reads and',
  ],
  ['a column read twice', { columns: { id: bigint, again: named('id', bigint) } }, 'it reads id twice'],
  [
    'a lookup of a query',
    { lookups: { sum: lookup({ from: 'select 1 as id', key: 'id', columns: { id: integer } }) } },
    'Cannot declare "orders, lookup sum": it is read from a query',
  ],
])('a table of tenants cannot have %s', (_, more, reason) => {
  const options: object = { name: 'orders', tenants, columns: { id: bigint }, ...more }
  expect(() => table(options as Parameters<typeof table>[0])).toThrow(reason)
})

test('functions, expectations and names of a table of tenants know its column, and those of no other table do', () => {
  const of = { name: 'orders', columns: { id: bigint } } as const
  const named = table({
    ...of,
    tenants: schemas('tenant_%', { column: 'customer' }),
    filter: ({ customer }) => customer !== 'tenant_demo',
    expect: { unique: [['customer', 'id']] },
    comments: { customer: 'whose order it is' },
  })
  expect(Object.keys(named.output)).toEqual(['customer', 'id'])
  expect(table({ ...of, tenants, internal: ['tenant'] }).output).toEqual({ id: bigint })
  // @ts-expect-error there is no tenant
  const none = table({ ...of, filter: ({ tenant }) => tenant !== 'tenant_demo' })
  expect(Object.keys(none.output)).toEqual(['id'])
  const other = schemas('a%', { column: 'b' })
  // @ts-expect-error it has another name
  expect(table({ ...of, tenants: other, filter: ({ tenant }) => !tenant }).name).toBe('orders')
})

test.each(['', 'tenant\\', 'tenant\\\\\\'])('%j is no pattern', (like) => {
  expect(() => schemas(like)).toThrow('it is no pattern that LIKE takes')
  expect(schemas('tenant\\\\').like).toBe('tenant\\\\')
})

test('a message names some of the tables of many tenants, and counts the others', () => {
  const relations = Array.from({ length: 500 }, (_, at) => ({ schema: `tenant_${at}`, name: 'orders' }))
  const some = Array.from({ length: 10 }, (_, at) => `tenant_${at}.orders`).join(', ')
  expect(formatRelations(relations)).toBe(`${some} and 490 more`)
  expect(formatRelations(relations.slice(0, 10))).toBe(some)
})
