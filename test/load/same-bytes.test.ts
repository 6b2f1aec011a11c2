/** Rows that have not changed make the files they made before, but for the load's id in the footer. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { load } from '../../lib/load/load.ts'
import { array, integer, lookup, nullable, numeric, type Table, table, text } from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { dryRun } from '../support/load-options.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)
let database: TestDatabase

beforeAll(async () => {
  // A scan is synchronised with others where its table is larger than a quarter of this.
  database = await startDatabase({ shared_buffers: '1MB', max_parallel_workers: '4', autovacuum: 'off' })
  await database.sql.unsafe(`
    create table items (id int primary key, name text not null, price numeric(9, 2), tags text[]);
    insert into items
      select g, 'item ' || g % 1000, g / 100.0, array['a' || g % 7, null] from generate_series(1, 60000) g;
    create view cheap as select id, name from items where price < 100 order by id;
    alter table items alter tags set not null;
    analyze items`)
})

afterAll(() => database?.stop())

interface Made {
  readonly bytes: Buffer
  readonly ids: string
}

/** The file of a load, without the load's id, and the ids in its order. */
async function madeOf(declared: Table): Promise<Made> {
  await using folder = await temporaryFolder()
  const config = { database: database.config, lake: undefined }
  const summary = await load(
    declared,
    config,
    { ...dryRun, out: folder.path },
    () => {},
    new AbortController().signal,
  )
  const path = join(folder.path, `${declared.name}-00000.parquet`)
  const file = Buffer.from(await Bun.file(path).bytes())
  const at = file.lastIndexOf(summary.load)
  expect(at).toBeGreaterThan(0)
  file.fill('-', at, at + summary.load.length)
  const [[ids] = []] = await queryWithDuckdb(
    path,
    "select md5(string_agg(id::varchar, ',' order by file_row_number)) from read_parquet($file, file_row_number = true)",
  )
  return { bytes: file, ids: ids ?? '' }
}

const items = table({
  name: 'items',
  columns: { id: integer, name: text, price: nullable(numeric(9, 2)), tags: array(text) },
})

/** What the rows are in the order that a session gives them in which nothing is set. */
async function orderNow(sql: string): Promise<number> {
  const [row] = await database.sql.unsafe(sql)
  return Number(row?.['id'])
}

test('of a table that others scan from the middle at that moment', async () => {
  const first = await madeOf(items)
  const other = await database.sql.reserve()
  await other.unsafe('begin; declare scan cursor for select id from items; move 30000 in scan')
  // So it is for whoever does not mind.
  expect(await orderNow('select id from items limit 1')).toBeGreaterThan(1_000)
  const second = await madeOf(items)
  await other.unsafe('rollback')
  other.release()
  expect(second.ids).toBe(first.ids)
  expect(second.bytes.equals(first.bytes)).toBe(true)
})

test('of a table that workers would read in parts, with a condition and a lookup', async () => {
  await database.sql.unsafe(`
    alter role ${database.config.user} set parallel_setup_cost to 0;
    alter role ${database.config.user} set parallel_tuple_cost to 0;
    alter role ${database.config.user} set min_parallel_table_scan_size to 0`)
  const named = table({
    columns: items.columns,
    name: 'named',
    from: 'items',
    where: `name like 'item 1%'`,
    lookups: {
      same: lookup({
        from: 'items',
        where: 'id < 3000',
        key: 'name',
        many: true,
        columns: { id: integer, name: text },
      }),
    },
    derive: {
      others: { type: array(integer), value: ({ name }, { same }) => same(name).map(({ id }) => id) },
    },
  })
  const [first, second] = [await madeOf(named), await madeOf(named)]
  expect(second.bytes.equals(first.bytes)).toBe(true)
  const sorted = await database.sql.unsafe(
    `select md5(string_agg(id::text, ',' order by ctid)) as ids from items where name like 'item 1%'`,
  )
  expect(first.ids).toBe(String(sorted[0]?.['ids']))
})

test('of a table that an index would be read for, once it has been vacuumed', async () => {
  await database.sql.unsafe(`
    create table wide (id int primary key, body text not null);
    insert into wide select (g * 7919) % 10007, repeat('x', 900) from generate_series(1, 10000) g`)
  const wide = table({ name: 'wide', columns: { id: integer } })
  const first = await madeOf(wide)
  await database.sql`vacuum analyze wide`
  const [plan] = await database.sql`explain select id from wide`
  expect(plan?.['QUERY PLAN']).toContain('Index Only Scan')
  const second = await madeOf(wide)
  expect(second.ids).toBe(first.ids)
  expect(second.bytes.equals(first.bytes)).toBe(true)
})

test('of a view, whose rows come as its plan gives them', async () => {
  const cheap = table({ name: 'cheap', columns: { id: nullable(integer), name: nullable(text) } })
  const [first, second] = [await madeOf(cheap), await madeOf(cheap)]
  expect(second.bytes.equals(first.bytes)).toBe(true)
})
