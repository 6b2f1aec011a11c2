import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { countSource } from '../../lib/postgres/count.ts'
import { integer, table } from '../../lib/table.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { since } from '../support/needs-postgres.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create role plain login password 'word';
    create role hasty login password 'word';
    ${since(17, "alter role hasty set transaction_timeout to '200ms'", '')};
    alter role hasty set statement_timeout to '200ms';
    alter role hasty set idle_in_transaction_session_timeout to '200ms';
    create role narrow login password 'word';
    create table items (id int, secret text);
    insert into items (id) select generate_series(1, 20000);
    analyze items;
    create table policed (id int);
    alter table policed enable row level security;
    create policy few on policed using (id < 10);
    grant select on policed to plain;
    grant select on items to hasty;
    grant select (id) on items to narrow;
  `)
}, 30_000)

afterAll(() => database?.stop())

const items = table({ name: 'items', columns: { id: integer } })
const few = table({ name: 'few', from: 'items', columns: { id: integer }, where: 'id <= 5000 -- the first' })

test('an exact count is of the rows a load would read', async () => {
  expect(await countSource(database.sql, items, 'exact')).toBe(20_000)
  expect(await countSource(database.sql, few, 'exact')).toBe(5_000)
})

test("a count takes its time, whatever the role's own timeouts", async () => {
  const sql = connectPostgres(database.as('hasty'), { max: 1 })
  const slow = { ...items, where: `id = 1 and pg_sleep(0.4)::text = ''` }
  expect(await countSource(sql, slow, 'exact')).toBe(1)
  await sql.end()
})

test('a role that may read some columns can count and estimate', async () => {
  const sql = connectPostgres(database.as('narrow'), { max: 1 })
  expect(await countSource(sql, items, 'exact')).toBe(20_000)
  expect(await countSource(sql, few, 'exact')).toBe(5_000)
  expect(await countSource(sql, items, 'estimate')).toBe(20_000)
  await sql.end()
})

test('a count that takes too long says so without a flag that the check does not have', async () => {
  const slow = { ...items, where: `pg_sleep(60)::text = ''` }
  const error = await countSource(database.sql, slow, 'exact', 200).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ exit: 1 })
  expect(String(error)).toContain('it took longer than 0.2 s. Run the check with --source-count estimate.')
})

test('an estimate is near, and follows the condition', async () => {
  expect(await countSource(database.sql, items, 'estimate')).toBe(20_000)
  const estimate = await countSource(database.sql, few, 'estimate')
  expect(estimate).toBeGreaterThan(4_000)
  expect(estimate).toBeLessThan(6_000)
})

test('rows that a policy hides are not counted as if there were none', async () => {
  const sql = connectPostgres(database.as('plain'), { max: 1 })
  const policed = table({ name: 'policed', columns: { id: integer } })
  const error = await countSource(sql, policed, 'exact').catch((thrown: unknown) => thrown)
  await sql.end()
  expect(error).toBeInstanceOf(Failure)
  expect(error).toMatchObject({ exit: 2 })
})
