/**
 * Loads that read a standby while its primary replaces, empties, drops and cleans up what they read: what is published is
 * one state that the primary has had, whole, and everything else ends with exit code 1.
 * `DRACULA_FUZZ_SECONDS` has it go on for longer than the suite does.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomFrom } from '../support/random.ts'
import { type ReplicatedPostgres, startReplicated } from '../support/replica.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectClearLine } from './refusal.ts'

const seconds = Number(process.env['DRACULA_FUZZ_SECONDS'] ?? 0)
const seed = Number(process.env['DRACULA_FUZZ_SEED'] ?? (seconds > 0 ? Date.now() % 2 ** 31 : 1))
const loadsInSuite = 6

setDefaultTimeout(300_000 + seconds * 1_000)

let lake: TestStandIn
let scripts: OwnScripts
let postgres: ReplicatedPostgres
let generations: string
let gated: string
let days: string

beforeAll(async () => {
  ;[lake, scripts, postgres] = await Promise.all([
    openStandIn(),
    openScripts(),
    startReplicated((sql) =>
      sql.unsafe(`
        create table generations (id int, generation int, filler text);
        insert into generations select g, 0, repeat('x', 200) from generate_series(1, 5000) g;
        create table kept as select g as id, timestamptz '2026-03-01' + g * interval '1 minute' as at from generate_series(1, 5000) g;
        create function wait_at(gate text) returns text language plpgsql volatile as
          $$ begin while pg_stat_file(gate, true) is null loop perform pg_sleep(0.02); end loop; return ''; end $$;
        create view gated as select id, case when id = 2500 then wait_at('gate') end as waited from kept`),
    ),
  ])
  await postgres.caughtUp()
  generations = await scripts.write(
    'generations',
    'id: integer, generation: integer'.replace(/integer/g, 'nullable(integer)'),
    "ignore: ['filler']",
  )
  gated = await scripts.write('gated', 'id: nullable(integer), waited: nullable(text)')
  days = await scripts.write(
    'days',
    'id: nullable(integer), at: nullable(timestamptz)',
    "from: 'kept', partitionBy: day('at'), incremental: { changed: 'at', overlap: '1h', key: 'id' }",
  )
})

afterAll(async () => {
  await Promise.all([lake?.close(), scripts?.close(), postgres?.stop()])
})

const env = () => ({ DATABASE_URL: postgres.url })
const args = ['--catalog', 'declared', '--allow-empty', '--max-shrink', '100%']

/** Each makes 5,000 rows of the next generation, and of no other; some as one transaction, some in the way of replay. */
const changes: readonly ((generation: number) => string)[] = [
  (generation) => `update generations set generation = ${generation}; vacuum generations`,
  (generation) => `begin; truncate generations; ${insert('generations', generation)}; commit`,
  (generation) =>
    `begin; delete from generations; ${insert('generations', generation)}; commit; vacuum full generations`,
  (generation) =>
    `begin; drop table generations; create table generations (id int, generation int, filler text); ${insert('generations', generation)}; commit`,
  (
    generation,
  ) => `begin; alter table generations alter filler type varchar; alter table generations alter filler type text;
    update generations set generation = ${generation}; commit`,
]

function insert(table: string, generation: number): string {
  return `insert into ${table} select g, ${generation}, repeat('x', 200) from generate_series(1, 5000) g`
}

async function run(statements: string): Promise<void> {
  for (const each of statements.split(';')) await postgres.sql.unsafe(each)
}

test('what is published of a table that its primary replaces all the while is one generation of it, whole', async () => {
  const random = randomFrom(seed)
  let generation = 0
  let over = false
  const connection = await postgres.sql.reserve()
  const writing = (async () => {
    while (!over) {
      generation++
      for (const each of random.pick(changes)(generation).split(';')) await connection.unsafe(each)
    }
  })()
  const ended = performance.now() + seconds * 1_000
  let published = 0
  let refused = 0
  try {
    for (let round = 0; round < loadsInSuite || performance.now() < ended; round++) {
      const connections = random.pick(['1', '2'])
      await postgres.replica.unsafe(
        `alter system set max_standby_streaming_delay to '${random.pick(['0', '10ms', '1s'])}'`,
      )
      await postgres.replica`select pg_reload_conf()`
      const finished = await lake.run(generations, [...args, '--connections', connections], env())
      if (finished.exit === 0) {
        published++
        expect(finished.summary().rows).toBe(5_000)
      } else {
        refused++
        expectClearLine(finished, 'generations', 1)
      }
      if (published === 0) continue
      const { stdout } = await lake.run('lib/commands/query.ts', [
        'select count(*), count(distinct id), count(distinct generation) from generations',
      ])
      expect(JSON.parse(stdout).rows).toEqual([['5000', '5000', '1']])
    }
  } finally {
    over = true
    await writing
    connection.release()
    await postgres.replica`alter system set max_standby_streaming_delay to '1s'`
    await postgres.replica`select pg_reload_conf()`
  }
  if (seconds > 0)
    process.stderr.write(`${published} loads published, ${refused} ended with exit code 1; seed ${seed}\n`)
  await postgres.caughtUp()
  expect((await lake.run(generations, args, env())).summary().rows).toBe(5_000)
})

/** The view `gated` is read to its end while this file is there. */
async function gate(): Promise<string> {
  const [row] = await postgres.replica`show data_directory`
  return join(String(row?.['data_directory']), 'gate')
}

async function untilItWaits(): Promise<void> {
  const waiting = () => postgres.replica`
    select from pg_stat_activity where application_name like 'dracula/gated/%' and wait_event = 'PgSleep'`
  await until(async () => (await waiting()).length > 0)
}

test('a standby that is behind does not take rows from readers, and what it gives an incremental load later is whole', async () => {
  await postgres.sql`insert into kept values (5001, now())`
  await postgres.caughtUp()
  expect((await lake.run(days, [], env())).summary()).toMatchObject({ published: true })
  await postgres.replica`select pg_wal_replay_pause()`
  await postgres.sql`insert into kept values (5002, now() - interval '30 minutes'), (5003, now())`
  await postgres.sql`delete from kept where id = 1`
  // The standby knows of no change.
  expect((await lake.run(days, [], env())).summary()).toMatchObject({ published: true })
  expect((await lake.readersSee('days'))?.counted).toBe(5_001)
  expect((await lake.run(days, [], { DATABASE_URL: postgres.primaryUrl })).summary()).toMatchObject({
    published: true,
  })
  expect((await lake.readersSee('days'))?.counted).toBe(5_002)
  const behind = await lake.run(days, [], env())
  expectClearLine(behind, 'days', 1)
  expect(behind.message).toContain('which is newer than this one')
  // What is replayed then may be in the way of this very query.
  await until(() =>
    postgres.replica`select pg_wal_replay_resume()`.then(
      () => true,
      () => false,
    ),
  )
  await postgres.sql`insert into kept values (5004, now() - interval '50 minutes')`
  await postgres.caughtUp()
  expect((await lake.run(days, [], env())).summary()).toMatchObject({
    published: true,
    partitions: { which: 'these' },
  })
  expect((await lake.readersSee('days'))?.counted).toBe(5_003)
})

test('with hot_standby_feedback a load is not in the way of what the primary removes, and has the rows of its snapshot', async () => {
  await postgres.replica.unsafe('alter system set hot_standby_feedback to on')
  await postgres.replica`select pg_reload_conf()`
  const running = lake.begin(gated, args, env())
  await untilItWaits()
  const held = () => postgres.sql`select from pg_stat_replication where backend_xmin is not null`
  await until(async () => (await held()).length > 0)
  await run('delete from kept where id > 3000; vacuum kept')
  await postgres.caughtUp()
  await writeFile(await gate(), '')
  const { rows } = (await running.finished).summary()
  expect(rows).toBe(5_003)
  expect((await lake.run(gated, args, env())).summary().rows).toBe(2_999)
})

test('a standby that is promoted while it is read gives what it had, and the next load has all partitions read again', async () => {
  const before = (await lake.run(days, [], env())).summary()
  expect(before).toMatchObject({ partitions: { which: 'these' } })
  await rm(await gate())
  const running = lake.begin(gated, args, env())
  await untilItWaits()
  await postgres.promote()
  await postgres.replica`insert into kept values (9001, now())`
  await writeFile(await gate(), '')
  expect((await running.finished).summary()).toMatchObject({ published: true, rows: 2_999 })
  expect((await lake.run(days, [], env())).summary().partitions).toMatchObject({
    which: 'all',
    because: expect.stringContaining('was promoted or restored'),
  })
  expect((await lake.run(gated, args, env())).summary().rows).toBe(3_000)
})
