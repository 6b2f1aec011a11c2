import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Reader } from '../../lib/postgres/connect.ts'
import { volatileFunctions } from '../../lib/postgres/volatile-functions.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let reader: Reader

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create schema app;
    create table items (id int, at timestamptz);
    create function app.draw() returns int language plpgsql as 'begin return 1; end';
    create function "Draw it"() returns int language plpgsql as 'begin return 1; end';
    create function fixed() returns int language plpgsql immutable as 'begin return 1; end';
    create function throw(int) returns int language sql volatile as 'select floor(random() * $1)::int';
    create view draws as select id, random() as draw, now() as at from items;
    create view over_draws as select id, draw from draws;
    create view inlined as select throw(6) as thrown from items;
  `)
  reader = await database.open()
}, 30_000)

afterAll(async () => {
  await reader?.close()
  await database?.stop()
})

test.each([
  ['a function that the server has', 'select random() from items', ['random()']],
  ['one in a view over a view', 'select draw from over_draws', ['random()']],
  ['one in a condition', 'select id from items where random() < 0.5', ['random()']],
  ['one of another schema', 'select app.draw() from items', ['app.draw()']],
  ['one whose name needs quotes', 'select "Draw it"() from items', ['Draw it()']],
  ['one in the body of another', 'select thrown from inlined', ['random()']],
  [
    'the time of day, and that of the statement',
    'select clock_timestamp(), statement_timestamp() from items',
    ['clock_timestamp()', 'statement_timestamp()'],
  ],
  ['a sample', 'select id from items tablesample bernoulli (50)', ['TABLESAMPLE']],
])('%s is named', async (_, query, names) => {
  expect(await volatileFunctions(reader, query)).toEqual(names)
})

test.each([
  ['the time of the transaction', 'select now(), current_date, id from items'],
  ['a constant that looks like a call', `select 'random()', E'it\\'s random()', '\\', 'random()' from items`],
  ['a function whose author calls it immutable', 'select fixed() + id from items'],
  ['a sample that is repeatable', 'select id from items tablesample bernoulli (50) repeatable (1)'],
])('%s is not', async (_, query) => {
  expect(await volatileFunctions(reader, query)).toEqual([])
})
