/** A load that reads a replica, and is in the way of what that has to replay. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { examinePostgres } from '../../lib/commands/examine/postgres.ts'
import { readDatabase } from '../../lib/config/config.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { needsPostgres } from '../support/needs-postgres.ts'
import { type ReplicatedPostgres, startReplicated } from '../support/replica.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectClearLine } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts
let postgres: ReplicatedPostgres

beforeAll(async () => {
  ;[lake, scripts, postgres] = await Promise.all([
    openStandIn(),
    openScripts(),
    startReplicated((sql) =>
      sql.unsafe(`
        create table rows as select g as id from generate_series(1, 10000) g;
        create table others as select * from rows;
        create table many as select * from rows;
        create function late(id int) returns boolean language plpgsql immutable as
          $$ begin if id in (1000, 9000) then perform pg_sleep(200); end if; return true; end $$;
        create view slow as select id, pg_sleep(200)::text as slept from rows limit 1`),
    ),
  ])
  await postgres.caughtUp()
})

afterAll(async () => {
  await Promise.all([lake?.close(), scripts?.close(), postgres?.stop()])
})

const env = () => ({ DATABASE_URL: postgres.url })
const args = ['--catalog', 'declared', '--yield-after', '500ms']

test.each([
  [
    'removes rows',
    'delete from others; vacuum others',
    'the replica had to remove rows this load was still reading. Do: Turn on hot_standby_feedback there',
  ],
  [
    'changes its table',
    'alter table rows add extra int',
    'the replica had to replay a TRUNCATE, ALTER or DROP of what this load was still reading. Do: Load when no migration runs',
  ],
])('fails when the primary %s, says why, and a retry succeeds', async (_, change, says) => {
  const script = await scripts.write('slow', 'id: nullable(integer), slept: nullable(text)')
  const running = lake.begin(script, args, env())
  await until(() => running.stderr().includes('"phase":"read"'), running)
  const asleep = () => postgres.replica`
    select from pg_stat_activity where application_name like 'dracula/slow/%' and wait_event = 'PgSleep'`
  await until(async () => (await asleep()).length > 0)
  for (const statement of change.split('; ')) await postgres.sql.unsafe(statement)
  const finished = await running.finished
  expectClearLine(finished, 'slow', 1)
  expect(finished.message).toContain(`Cannot read "public.slow": ${says}`)
  // Its view would have been read to the end after 200 s.

  await postgres.caughtUp()
  const again = await scripts.write('rows', 'id: nullable(integer)')
  expect((await lake.run(again, args, env())).summary()).toMatchObject({ rows: 10_000, published: true })
})

needsPostgres(14, 'TID range scans').test(
  'over several connections, each in the way, ends with one line',
  async () => {
    const script = await scripts.write('many', 'id: nullable(integer)', `where: 'public.late(id)'`)
    const running = lake.begin(script, [...args, '--connections', '2'], env())
    const asleep = () => postgres.replica`
    select from pg_stat_activity where application_name like 'dracula/many/%' and wait_event = 'PgSleep'`
    await until(async () => (await asleep()).length >= 2)
    await postgres.sql.unsafe('alter table many add extra int')
    const finished = await running.finished
    expectClearLine(finished, 'many', 1)
    expect(finished.message).toContain(
      'Cannot read "public.many": the replica had to replay a TRUNCATE, ALTER or DROP',
    )
    expect((await asleep()).length).toBe(0)

    await postgres.caughtUp()
    const whole = await scripts.write('rows', 'id: nullable(integer)')
    const { rows, slicing } = (await lake.run(whole, [...args, '--connections', '2'], env())).summary()
    expect({ rows, slices: slicing.slices }).toEqual({ rows: 10_000, slices: 2 })
  },
)

test('is told by the doctor when it ends loads, and no more when it does not', async () => {
  const { signal } = new AbortController()
  const look = async () => (await examinePostgres(readDatabase(env()), [], signal))[0]
  expect(await look()).toMatchObject({
    status: 'warning',
    found: expect.stringMatching(/, a replica, which ends a load that is in its way after /),
    fix: expect.stringMatching(/hot_standby_feedback/),
  })
  const replica = connectPostgres(readDatabase(env()), { max: 1 })
  await replica.unsafe('alter system set hot_standby_feedback to on')
  await replica.unsafe('select pg_reload_conf()')
  await replica.end({ timeout: 1 })
  for (let found = await look(); found?.status !== 'ok'; found = await look()) {
    expect(found?.status).toBe('warning')
  }
})

test('is of the same source as one that reads the primary, and so is a replica that was promoted', async () => {
  await postgres.sql`create table moved as select g as id, now() as at from generate_series(1, 10) g`
  const days = await scripts.write(
    'moved_days',
    'id: nullable(integer), at: nullable(timestamptz)',
    "from: 'moved', partitionBy: day('at'), incremental: { changed: 'at', overlap: '1h', key: 'id' }",
  )
  const partitions = async (from: Record<string, string>, of = days) =>
    (await lake.run(of, ['--yield-after', '500ms'], from)).summary().partitions
  const onlyHere = await scripts.write(
    'moved_here',
    'id: nullable(integer), at: nullable(timestamptz)',
    "from: 'moved', partitionBy: day('at'), incremental: { changed: 'at', overlap: '1h', key: 'id' }",
  )
  const script = await scripts.write('moved', 'id: nullable(integer), at: nullable(timestamptz)')
  const primary = { DATABASE_URL: postgres.primaryUrl }
  expect((await lake.run(script, args, primary)).exit).toBe(0)
  await partitions(primary)
  // What was read there is newer than what is replayed here before the next commit is, which is to be sent at once.
  await postgres.sql.unsafe('set synchronous_commit to on; insert into moved values (11, now())')
  await postgres.caughtUp()
  expect((await lake.run(script, args, env())).exit).toBe(0)
  expect((await lake.run(script, args, primary)).exit).toBe(0)
  expect(await partitions(env())).toMatchObject({ which: 'these' })
  await partitions(env(), onlyHere)
  expect(await partitions(env(), onlyHere)).toMatchObject({ which: 'these' })
  await postgres.promote()
  expect((await lake.run(script, args, env())).exit).toBe(0)
  expect(await partitions(env(), onlyHere)).toMatchObject({
    ...{ which: 'all', because: expect.stringContaining('was promoted or restored') },
  })
  // The last commits of the primary may not be there.
  expect(await partitions(env())).toMatchObject({
    which: 'all',
    because: 'the server was promoted or restored since the load before it, and may have taken updates back',
  })
  expect(await partitions(env())).toMatchObject({ which: 'these' })
  // The old primary, which goes on by itself, has the same identifier.
  expectClearLine(await lake.run(script, args, primary), 'moved', 2)
})
