/** A load that is told to stop, or killed, while it waits: for Postgres, for an upload, for a crawl, for a query. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { GetQueryExecutionCommand } from '@aws-sdk/client-athena'
import { GetCrawlerCommand } from '@aws-sdk/client-glue'
import { needsPostgres } from '../support/needs-postgres.ts'
import {
  openStandIn,
  type Remains,
  type RunningScript,
  type SeenTable,
  type TestStandIn,
} from '../support/stand-in.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(300_000)

let first: TestStandIn

beforeAll(async () => {
  first = await openStandIn({ scale: 0.001, tables: ['taxes', 'notes'] })
  await first.sql.unsafe(`
    create table flood_size (rows integer);
    insert into flood_size values (10);
    create view flood as
      select i as id, repeat(md5(i::text), 32) as body from generate_series(1, (select rows from flood_size)) as i;
    create view slow as select 1 as id from pg_sleep(600)`)
})

afterAll(() => first?.close())

interface Before {
  readonly standIn: TestStandIn
  readonly table: string
  readonly seen: SeenTable | undefined
  readonly remained: Remains
}

/** A lake of its own, as it is before the load. */
async function lakeWith(table: string, publish?: string): Promise<Before> {
  const standIn = await first.beside()
  if (publish !== undefined) {
    expect(await standIn.run(publish, ['--catalog', 'declared'])).toMatchObject({ exit: 0 })
  }
  return { standIn, table, seen: await standIn.readersSee(table), remained: await standIn.remains(table) }
}

/** Told to stop, it ends though what it waits for goes on, and says so, and everything is as it was. */
async function expectStopped(before: Before, run: RunningScript, signal: NodeJS.Signals): Promise<void> {
  const { table, seen } = before
  run.kill(signal)
  const { exit, message } = await run.finished
  expect([exit, message]).toEqual([1, expect.stringContaining(`interrupted by ${signal}`)])
  const sees = seen === undefined ? 'nothing is published yet' : `readers still see load ${seen.load}`
  expect(message).toStartWith(`${table}: not published; ${sees}`)
  await expectUnchanged(before)
}

async function expectUnchanged({ standIn, table, seen, remained }: Before): Promise<void> {
  standIn.faults.clear()
  standIn.faults.release()
  expect(await standIn.readersSee(table)).toEqual(seen)
  const { objects, uploads, stagedTables } = await standIn.remains(table)
  expect({ ...remained, objects, uploads, stagedTables }).toEqual(remained)
}

/** What the server does for a load: one that has told its name. */
async function backendOf(
  run: RunningScript,
): Promise<{ pid: number; state: string; query: string } | undefined> {
  const load = /"load":"([^"]+)"/.exec(run.stderr())?.[1] ?? ''
  const [backend] = await first.sql<{ pid: number; state: string; query: string }[]>`
    select pid, state, query from pg_stat_activity where application_name like 'dracula/%' and split_part(application_name, '/', 3) = ${load}`
  return backend
}

async function atCopy(run: RunningScript): Promise<void> {
  await until(async () => {
    const backend = await backendOf(run)
    return backend?.state === 'active' && backend.query.startsWith('copy')
  }, run)
}

test.concurrent('told to stop while it waits for a lock', async () => {
  const before = await lakeWith('notes', 'notes')
  await first.sql.begin(async (sql) => {
    await sql`lock table notes in access exclusive mode`
    const waiting = () => sql`select 1 from pg_locks where relation = 'notes'::regclass and not granted`
    const run = before.standIn.start('notes')
    await until(async () => (await waiting()).length > 0)
    await expectStopped(before, run, 'SIGTERM')
    expect([...(await waiting())]).toEqual([])
  })
})

const slow = 'test/load/scripts/slow.ts'

test.concurrent('told to stop while the server works on its query: that is cancelled', async () => {
  const before = await lakeWith('slow')
  const run = before.standIn.start(slow)
  await atCopy(run)
  await expectStopped(before, run, 'SIGINT')
  expect(await backendOf(run)).toBeUndefined()
})

needsPostgres(14, 'client_connection_check_interval').test(
  'killed while the server works on its query: the server finds that out and stops',
  async () => {
    const before = await lakeWith('slow')
    const run = before.standIn.start(slow)
    await atCopy(run)
    run.kill('SIGKILL')
    await run.finished
    // Every 10 s it looks whether somebody still waits.
    await until(async () => (await backendOf(run)) === undefined)
    expect(await backendOf(run)).toBeUndefined()
    await expectUnchanged(before)
  },
)

test.concurrent('told to stop in mid-COPY, with uploads under way', async () => {
  const flood = 'test/load/scripts/flood.ts'
  const before = await lakeWith('flood', flood)
  // More than all buffers on the way hold.
  await first.sql`update flood_size set rows = 300000`
  const { faults } = before.standIn
  faults.add({ operation: 'UploadPart', after: 1, action: { kind: 'hold' } })
  const run = before.standIn.start(flood, ['--codec', 'none'])
  await faults.held('UploadPart')
  await atCopy(run)
  await expectStopped(before, run, 'SIGTERM')
  expect(await backendOf(run)).toBeUndefined()
})

test.concurrent('told to stop while a crawl goes on: it is stopped', async () => {
  const before = await lakeWith('taxes', 'taxes')
  const { aws, faults } = before.standIn
  faults.add({ operation: 'StartCrawler', action: { kind: 'crawl hangs' } })
  const run = before.standIn.start('taxes', ['--catalog', 'crawler'])
  await until(() => faults.log.filter(({ operation }) => operation === 'GetCrawler').length >= 4)
  await expectStopped(before, run, 'SIGTERM')
  const Name = 'dracula-lake-taxes'
  const { Crawler } = await aws.glue.send(new GetCrawlerCommand({ Name }))
  expect(['STOPPING', 'READY']).toContain(Crawler?.State ?? '')
})

test.concurrent('told to stop while it counts by a query: that is stopped', async () => {
  const before = await lakeWith('taxes', 'taxes')
  const { aws, faults } = before.standIn
  const from = faults.log.length
  faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
  const run = before.standIn.start('taxes', ['--catalog', 'declared'])
  const asked = () => faults.log.slice(from).filter(({ operation }) => operation === 'GetQueryExecution')
  await until(() => asked().length >= 3)
  const QueryExecutionId = asked()[0]?.subject
  await expectStopped(before, run, 'SIGINT')
  const { QueryExecution } = await aws.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  expect(QueryExecution?.Status?.State).toBe('CANCELLED')
})

test.concurrent('told to stop while AWS asks for patience', async () => {
  const before = await lakeWith('taxes', 'taxes')
  const { faults } = before.standIn
  const from = faults.log.length
  faults.add({ operation: 'PutObject', action: { kind: 'error', code: 'SlowDown' } })
  const run = before.standIn.start('taxes', ['--catalog', 'declared'])
  await until(() => faults.log.slice(from).some(({ status }) => status === 503))
  await expectStopped(before, run, 'SIGTERM')
})

test.concurrent('the deadline ends it just so', async () => {
  const before = await lakeWith('taxes', 'taxes')
  before.standIn.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
  const { exit, message } = await before.standIn.run('taxes', [
    ...['--catalog', 'declared', '--deadline', '2s'],
  ])
  expect([exit, message]).toEqual([1, expect.stringContaining('it did not end within 2.0 s')])
  await expectUnchanged(before)
})

test.concurrent('told to stop while even that hangs: it waits a few seconds, and puts away the rest', async () => {
  const before = await lakeWith('taxes', 'taxes')
  const { faults } = before.standIn
  faults.add({ operation: 'StartCrawler', action: { kind: 'crawl hangs' } })
  faults.add({ operation: 'StopCrawler', action: { kind: 'hold' } })
  const run = before.standIn.start('taxes', ['--catalog', 'crawler'])
  await until(() => faults.log.filter(({ operation }) => operation === 'GetCrawler').length >= 4)
  const told = performance.now()
  run.kill('SIGTERM')
  expect(await run.finished).toMatchObject({ exit: 1 })
  expect(performance.now() - told).toBeGreaterThan(4_500)
  // Nobody has let go of it.
  expect(
    faults.log.filter(({ operation }) => operation === 'StopCrawler').map(({ status }) => status),
  ).toEqual(['gone'])
  await expectUnchanged(before)
})
