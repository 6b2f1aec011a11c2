/** A load that others wait behind: how long they do, and whom it does not mind. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type postgres from 'postgres'
import { readDatabase } from '../../lib/config/config.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let first: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[first, scripts] = await Promise.all([openStandIn(), openScripts()])
})

afterAll(async () => {
  await first?.close()
  await scripts?.close()
})

/** More bytes than all buffers between the server and S3 hold. */
const rows = 120
const wide = 1_048_576

async function makeTable(table: string, more = ''): Promise<string> {
  await first.sql.unsafe(`
    create table ${table} (id int not null, name text not null);
    alter table ${table} alter name set storage external;
    insert into ${table} select g, repeat(md5(g::text), ${wide} / 32) from generate_series(1, ${rows}) g`)
  return await scripts.write(table, 'id: integer, name: text', more)
}

/** A load that stands in mid-COPY, as S3 takes nothing any more: the server waits for somebody to take its rows. */
async function startReading(
  lake: TestStandIn,
  table: string,
  script: string,
  args: readonly string[],
): Promise<RunningScript> {
  lake.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
  const run = lake.begin(script, ['--catalog', 'declared', '--codec', 'none', ...args])
  await lake.faults.held('UploadPart')
  const writing = () => first.sql`
    select from pg_stat_activity
    where application_name like ${`dracula/${table}/%`} and wait_event = 'ClientWrite'`
  await until(async () => (await writing()).length > 0, run)
  return run
}

function openMigration(name: string): postgres.Sql & AsyncDisposable {
  const sql = connectPostgres(readDatabase(first.env), { applicationName: name, max: 1 })
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) })
}

/** Seconds a statement takes. */
async function secondsOf(work: PromiseLike<unknown>): Promise<number> {
  const started = performance.now()
  await work
  return (performance.now() - started) / 1_000
}

test.concurrent.each([
  ['ALTER TABLE', 'altered', 'alter table altered add extra int'],
  ['TRUNCATE', 'emptied', 'truncate emptied'],
])(
  '%s waits behind a load in mid-COPY until it has let it pass after --yield-after',
  async (_, table, statement) => {
    const script = await makeTable(table)
    const lake = await first.beside()
    await using migration = openMigration('deploy 42')
    let waited = 0
    const { stderr } = await expectRefusal(
      lake,
      table,
      async () => {
        const run = await startReading(lake, table, script, ['--yield-after', '2s'])
        waited = await secondsOf(migration.unsafe(`/* s3cret */ ${statement}`))
        return await run.finished
      },
      {
        exit: 1,
        says: [
          new RegExp(
            `Cannot go on reading "public.${table}": it let process \\d+ \\(dracula, deploy 42\\) pass, which had waited ([2-9]|\\d\\d+)\\.\\d s behind it for ACCESS EXCLUSIVE on ${table}\\.`,
          ),
          '--yield-after',
        ],
      },
    )
    // Not to the load's end: it stands.
    expect(waited).toBeGreaterThanOrEqual(2)
    expect(stderr).not.toContain('s3cret')
  },
)

test.concurrent('a migration that gives up early and tries again is let pass like one that waits', async () => {
  const script = await makeTable('retried')
  const lake = await first.beside()
  const run = await startReading(lake, 'retried', script, ['--yield-after', '2s'])
  await using migration = openMigration('deploy')
  await migration`set lock_timeout to '1500ms'`
  const tries = async (): Promise<number> => {
    for (let count = 1; ; count++) {
      try {
        await migration`alter table retried add extra int`
        return count
      } catch (error) {
        if (!(error instanceof Error && error.message.includes('lock timeout'))) throw error
        await Bun.sleep(100)
      }
    }
  }
  expect(await tries()).toBeGreaterThanOrEqual(2)
  expect(await run.finished).toMatchObject({ exit: 1, message: expect.stringContaining('it let process') })
})

test.concurrent('it gives way while the server works on a lookup, too', async () => {
  await first.sql`create table looked_up as select 1 as id`
  await first.sql`create table slow_names as select 1 as id, 'one' as name`
  const script = await scripts.write(
    'looked_up',
    'id: nullable(integer)',
    `lookups: { names: lookup({ from: 'slow_names', where: 'pg_sleep(300) is not null', key: 'id',
       columns: { id: nullable(integer), name: nullable(text) } }) },
     derive: { name: { type: nullable(text), value: ({ id }, { names }) => names(id)?.name ?? null } },`,
  )
  const { finished } = first.begin(script, ['--catalog', 'declared', '--yield-after', '1s'])
  const asleep = () => first.sql`
    select from pg_stat_activity where application_name like 'dracula/looked_up/%' and wait_event = 'PgSleep'`
  await until(async () => (await asleep()).length > 0)
  await using migration = openMigration('deploy')
  expect(await secondsOf(migration`drop table slow_names`)).toBeGreaterThanOrEqual(1)
  const { exit, message } = await finished
  expect([exit, message]).toEqual([1, expect.stringContaining('for ACCESS EXCLUSIVE on slow_names')])
})

test.concurrent('it does not mind who waits for somebody else, works beside it, or ends the connection it watches by', async () => {
  const script = await makeTable('shared')
  await first.sql`create table elsewhere as select 1 as id`
  const lake = await first.beside()
  const run = await startReading(lake, 'shared', script, ['--yield-after', '1s'])
  await using holder = openMigration('holder')
  await using waiter = openMigration('waiter')
  await holder`begin`
  await holder`lock table elsewhere`
  const waiting = waiter`select from elsewhere`.execute()
  await first.sql`select count(*) from shared`
  await first.sql`vacuum (analyze, truncate off) shared`
  await first.sql`insert into shared values (0, 'new')`
  const watches = () => first.sql<{ pid: number; looked: boolean }[]>`
    select pid, query_start > backend_start + interval '2 s' as looked
    from pg_stat_activity where application_name like 'dracula-watch/shared/%'`
  // At whatever moment: before its first look, in the middle of one, or between two.
  const { pid } = await until(async () => (await watches())[0], run)
  await first.sql`select pg_terminate_backend(${pid})`
  // The next one has looked for longer than --yield-after.
  await until(async () => (await watches()).some((watch) => watch.pid !== pid && watch.looked), run)
  expect(await watches()).toHaveLength(1)
  await holder`commit`
  await waiting
  lake.faults.clear()
  lake.faults.release()
  expect((await run.finished).summary()).toMatchObject({ rows, published: true, warnings: [] })
})

test.concurrent('with off it gives way to nobody', async () => {
  const script = await makeTable('stubborn')
  const lake = await first.beside()
  const run = await startReading(lake, 'stubborn', script, ['--yield-after', 'off'])
  await using migration = openMigration('deploy')
  const migrating = migration`truncate stubborn`.execute()
  const waiting = () => first.sql`
    select from pg_locks join pg_stat_activity using (pid) where relation = 'stubborn'::regclass and not granted
      and query_start < clock_timestamp() - interval '2 s'`
  await until(async () => (await waiting()).length > 0)
  const watching = first.sql`select from pg_stat_activity where application_name like 'dracula-watch/stubborn/%'`
  expect([...(await watching)]).toEqual([])
  lake.faults.clear()
  lake.faults.release()
  expect((await run.finished).summary()).toMatchObject({ rows, published: true })
  await migrating
})

test.concurrent('a user who may connect only once loads all the same, and is told that nobody watches', async () => {
  const script = await makeTable('single')
  await first.sql.unsafe(
    `create role single login password 'word' connection limit 1; grant select on single to single`,
  )
  const url = new URL(first.env['DATABASE_URL'] ?? '')
  url.username = 'single'
  url.password = 'word'
  const lake = await first.beside()
  lake.faults.add({ operation: 'UploadPart', action: { kind: 'latency', ms: 150 } })
  const run = lake.begin(script, ['--catalog', 'declared', '--codec', 'none'], { DATABASE_URL: url.href })
  expect((await run.finished).summary()).toMatchObject({
    rows,
    published: true,
    warnings: [
      'nobody watches whether a migration waits behind this load: Cannot look at "pg_locks": too many connections for role "single"',
    ],
  })
})

/** By itself: such an index waits for every transaction of the database that is older. */
test('an index that is built concurrently is let pass', async () => {
  const script = await makeTable('indexed')
  const lake = await first.beside()
  const run = await startReading(lake, 'indexed', script, ['--yield-after', '1s'])
  await using migration = openMigration('deploy')
  expect(await secondsOf(migration`create index concurrently on indexed (id)`)).toBeGreaterThanOrEqual(1)
  expect(await run.finished).toMatchObject({
    exit: 1,
    message: expect.stringContaining('s behind it for the end of its transaction'),
  })
})
