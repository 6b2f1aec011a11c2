import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Backend } from '../../lib/postgres/backend.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import { watchWaiters } from '../../lib/postgres/waiters.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { needsPostgres, since } from '../support/needs-postgres.ts'
import { until } from '../support/until.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
  await database.sql.unsafe(`
    create role reader login password 'word';
    create table items as select 1 as id;
    grant select on items to reader`)
}, 30_000)

afterAll(() => database?.stop())

/** Looks as an ordinary user, who reads a table too. */
async function look(serverVersion: number, other: Partial<Backend> = {}) {
  const config = database.as('reader')
  await using reader = await database.open(undefined, config)
  const source = { schema: 'public', name: 'items' }
  const { backend } = await openSnapshot(reader, { relations: [source], deadlineMs: 60_000 })
  const migration = connectPostgres(database.config, { applicationName: 'deploy', max: 1 })
  const migrating = migration.unsafe('alter table items add if not exists extra int').execute()
  const watch = watchWaiters(config, {
    applicationName: 'watch',
    backend: { ...backend, ...other },
    serverVersion,
  })
  try {
    const seen = await until(async () => {
      const waiters = await watch.look()
      return (waiters === undefined || waiters.length > 0) && { waiters }
    })
    return seen.waiters
  } finally {
    await watch.close()
    await reader.commit()
    await migrating
    await migration.end({ timeout: 1 })
  }
}

const waiter = { user: 'dracula', application: 'deploy', mode: 'ACCESS EXCLUSIVE', relation: 'items' }

needsPostgres(14, 'pg_locks.waitstart').test(
  'who waits behind a reader is named, and how long, to an ordinary user',
  async () => {
    const waiters = (await look(140_000)) ?? []
    expect(waiters).toEqual([{ ...waiter, pid: expect.any(Number), waitedMs: expect.any(Number) }])
    expect(waiters[0]?.waitedMs).toBeWithin(0, 300_000)
  },
)

test('who waits behind a connection that has joined the snapshot is seen, and behind no other', async () => {
  const { sql } = database
  await sql.unsafe('create table beside (id int); grant select on beside to reader')
  const config = database.as('reader')
  await using reader = await database.open(undefined, config)
  await using joined = await database.open(undefined, config)
  await using other = await database.open(undefined, config)
  const relations = [{ schema: 'public', name: 'items' }]
  const { backend, serverVersion } = await openSnapshot(reader, { relations, deadlineMs: 60_000 })
  const [shared] = await reader.query('select pg_export_snapshot() as id')
  await joined.query(`begin isolation level repeatable read; set transaction snapshot '${shared?.['id']}'`)
  await joined.query('select from beside')
  // Another load of the same name, in a snapshot of its own.
  await sql`insert into items values (2)`
  await other.query('begin isolation level repeatable read; select from items')
  const watch = watchWaiters(config, { applicationName: 'watch', backend, serverVersion })
  const migration = connectPostgres(database.config, { applicationName: 'deploy', max: 2 })
  const migrating: Promise<unknown>[] = []
  const startWaiting = async (statement: string) => {
    migrating.push(migration.unsafe(statement).execute())
    const waiting = () => sql`select distinct pid from pg_locks where not granted`
    await until(async () => (await waiting()).length === migrating.length)
  }
  try {
    await startWaiting('alter table beside add extra int')
    expect(await watch.look()).toEqual([expect.objectContaining({ ...waiter, relation: 'beside' })])
    await joined.commit()
    await migrating.pop()
    expect(await watch.look()).toEqual([])
    await reader.query('select 1')
    await other.query('select from beside')
    await startWaiting('alter table beside add more int')
    expect(await watch.look()).toEqual([])
  } finally {
    await watch.close()
    await other.commit()
    await Promise.all(migrating)
    await migration.end({ timeout: 1 })
  }
})

test('a server before PostgreSQL 14 does not tell how long', async () => {
  expect(await look(130_000)).toEqual([{ ...waiter, pid: expect.any(Number), waitedMs: undefined }])
})

test('another process that has the same id, as on another server, is not taken for the reader', async () => {
  expect(await look(since(14, 180_000, 120_000), { startedAt: '2020-01-01 00:00:00+00' })).toBeUndefined()
})

test('it can be closed at any moment, and no promise is lost', async () => {
  const lost: unknown[] = []
  const note = (error: unknown) => void lost.push(error)
  process.on('unhandledRejection', note)
  try {
    for (let turns = 0; turns < 100; turns++) {
      const backend = { pid: 1, startedAt: '2020-01-01 00:00:00+00' }
      const watch = watchWaiters(database.config, {
        applicationName: 'watch',
        backend,
        serverVersion: since(14, 180_000, 120_000),
      })
      const looked = watch.look().catch(() => undefined)
      // From before it connects to after it has looked.
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      await watch.close()
      await looked
    }
    await database.sql`select`
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(lost).toEqual([])
})
