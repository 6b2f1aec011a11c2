/** Several connections see one moment, or say why not. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import type { Reader } from '../../lib/postgres/connect.ts'
import { joinSnapshot, type SharedSnapshot, shareSnapshot } from '../../lib/postgres/shared-snapshot.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import { applicationName, startDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
const relation = { schema: 'public', name: 'numbers' }
const select = 'select id from public.numbers'

beforeAll(async () => {
  database = await startDatabase({ autovacuum: 'off' })
  await database.sql.unsafe(`create role reader login connection limit 2 password 'word';
    create role other login password 'word'`)
  await database.sql.unsafe('create database elsewhere')
}, 30_000)

afterAll(() => database?.stop())

beforeEach(async () => {
  await database.sql.unsafe(`drop table if exists numbers;
    create table numbers as select g as id from generate_series(1, 1000) g;
    grant select on numbers to reader`)
})

interface Shared extends AsyncDisposable {
  readonly leader: Reader
  readonly snapshot: SharedSnapshot
}

async function share(config = database.config): Promise<Shared> {
  const leader = await database.open(undefined, config)
  const opened = await openSnapshot(leader, { relations: [relation], deadlineMs: 60_000 })
  const snapshot = await shareSnapshot(leader, opened, { underRoleSettings: false })
  return { leader, snapshot, [Symbol.asyncDispose]: () => leader.close() }
}

async function join(snapshot: SharedSnapshot, config = database.config): Promise<Reader & AsyncDisposable> {
  const reader = await joinSnapshot(config, snapshot, {
    ...{ applicationName, signal: new AbortController().signal, deadlineMs: 60_000, select },
    underSettings: (reader) => reader,
  })
  return { ...reader, [Symbol.asyncDispose]: () => reader.close() }
}

async function reasonAgainst(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return (error as Failure).summary
}

async function ids(reader: Reader): Promise<string> {
  const [row] = await reader.query(`select string_agg(id::text, ' ' order by id) as ids from public.numbers`)
  return String(row?.['ids'])
}

test('all that join see what the first one sees, whatever is changed meanwhile', async () => {
  await using shared = await share()
  const before = await ids(shared.leader)
  await database.sql.unsafe('update numbers set id = id + 1000 where id % 2 = 0')
  await using one = await join(shared.snapshot)
  await database.sql.unsafe('delete from numbers where id < 500; insert into numbers values (0)')
  await using two = await join(JSON.parse(JSON.stringify(shared.snapshot)))
  expect(await ids(one)).toBe(before)
  expect(await ids(two)).toBe(before)
  await using late = await database.open()
  expect(await ids(late)).not.toBe(before)
})

test('one that would wait behind an ALTER does not, and says that a lock was not free', async () => {
  await using shared = await share()
  const altering = database.sql.unsafe('alter table numbers add more int').execute()
  for (;;) {
    const [row] = await database.sql`select count(*)::int as waiting from pg_locks where not granted`
    if (row?.['waiting'] === 1) break
  }
  const from = performance.now()
  expect(await reasonAgainst(join(shared.snapshot))).toMatch(
    /join the snapshot of .*somebody held it exclusively/,
  )
  expect(performance.now() - from).toBeLessThan(5_000)
  await shared.leader.commit()
  await altering
})

test('there is none to join once the first one has ended, on another database, or without a connection to be had', async () => {
  const ended = await share()
  await ended.leader.close()
  expect(await reasonAgainst(join(ended.snapshot))).toMatch(/snapshot/)

  await using shared = await share()
  const elsewhere = { ...database.config, database: 'elsewhere' }
  expect(await reasonAgainst(join(shared.snapshot, elsewhere))).toMatch(/different database/)

  await using limited = await share(database.as('reader'))
  await using _ = await join(limited.snapshot, database.as('reader'))
  expect(await reasonAgainst(join(limited.snapshot, database.as('reader')))).toMatch(/too many connections/)
})

test('a snapshot of the same name that sees something else is not taken for it', async () => {
  await using shared = await share()
  const other = { ...shared.snapshot, proof: shared.snapshot.proof.replace(/^\d+/, '1') }
  expect(await reasonAgainst(join(other))).toMatch(/another server answers/)
  const open = async () => {
    const [row] = await database.sql`
      select count(*)::int as open from pg_stat_activity where application_name = ${applicationName}`
    return row?.['open']
  }
  // A backend goes some time after its connection is closed.
  await until(async () => (await open()) === 1)
})

test('a role that may not read the table is refused', async () => {
  await using shared = await share()
  expect(await reasonAgainst(join(shared.snapshot, database.as('other')))).toMatch(/denied/)
})
