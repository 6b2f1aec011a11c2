import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Backend } from '../../lib/postgres/backend.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openSnapshot } from '../../lib/postgres/snapshot.ts'
import { watchWaiters } from '../../lib/postgres/waiters.ts'
import { startDatabase, type TestDatabase } from '../support/database.ts'

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
    for (;;) {
      const waiters = await watch.look()
      if (waiters === undefined || waiters.length > 0) return waiters
      await Bun.sleep(20)
    }
  } finally {
    await watch.close()
    await reader.commit()
    await migrating
    await migration.end({ timeout: 1 })
  }
}

const waiter = { user: 'dracula', application: 'deploy', mode: 'ACCESS EXCLUSIVE', relation: 'items' }

test('who waits behind a reader is named, and how long, to an ordinary user', async () => {
  const waiters = (await look(140_000)) ?? []
  expect(waiters).toEqual([{ ...waiter, pid: expect.any(Number), waitedMs: expect.any(Number) }])
  expect(waiters[0]?.waitedMs).toBeWithin(0, 300_000)
})

test('a server before PostgreSQL 14 does not tell how long', async () => {
  expect(await look(130_000)).toEqual([{ ...waiter, pid: expect.any(Number), waitedMs: undefined }])
})

test('another process that has the same id, as on another server, is not taken for the reader', async () => {
  expect(await look(180_000, { startedAt: '2020-01-01 00:00:00+00' })).toBeUndefined()
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
        serverVersion: 180_000,
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
