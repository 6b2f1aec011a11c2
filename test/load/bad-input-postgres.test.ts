/** A Postgres that dies, or whose connection does, in mid-COPY. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type postgres from 'postgres'
import { startDatabase, type TestDatabase } from '../support/database.ts'
import { type Gate, openGate } from '../support/gate.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts
/** Postgres servers to lose. */
let killed: TestDatabase
let stopped: TestDatabase

beforeAll(async () => {
  ;[lake, scripts, killed, stopped] = await Promise.all([
    openStandIn(),
    openScripts(),
    startDatabase(),
    startDatabase(),
  ])
  for (const sql of [lake.sql, killed.sql, stopped.sql]) {
    await sql.unsafe(`
      create table rows (id int not null, body text not null);
      insert into rows select g, repeat(md5(g::text), 32768) from generate_series(1, 40) g`)
  }
})

afterAll(async () => {
  await Promise.all([lake?.close(), scripts?.close(), killed?.stop(), stopped?.stop()])
})

const urlOf = ({ config }: TestDatabase) =>
  `postgres://${config.user}:${config.password}@127.0.0.1:${config.port}/${config.database}`

/** Loads until a megabyte has come and parts are on their way, then does this to the connection. */
async function refusedWhen(
  table: string,
  url: string,
  sql: postgres.Sql,
  happens: (backend: number, gate: Gate) => Promise<unknown>,
  says: readonly (string | RegExp)[],
): Promise<string> {
  const script = await scripts.write(table, 'id: integer, body: text', "from: 'rows'")
  await expectRefusal(
    lake,
    table,
    async () => {
      await using gate = await openGate(url, { at: 'copy (select', answerBytes: 1_048_576 })
      const { finished } = lake.start(script, ['--codec', 'none'], { DATABASE_URL: gate.url })
      await gate.reached
      const backend = await readerOf(sql, table)
      await happens(backend, gate)
      gate.open()
      return await finished
    },
    { exit: 1, says: [`Cannot read "public.rows": `, ...says] },
  )
  return script
}

/** The server's process of the load, once it waits for somebody to take its rows. */
async function readerOf(sql: postgres.Sql, table: string): Promise<number> {
  const readers = () => sql`
    select pid from pg_stat_activity
    where application_name like ${`dracula/${table}/%`} and wait_event = 'ClientWrite'`
  return Number((await until(async () => (await readers())[0]))['pid'])
}

test.concurrent('whose process an administrator ends', async () => {
  const end = (pid: number) => lake.sql`select pg_terminate_backend(${pid})`
  await refusedWhen('terminated', lake.env['DATABASE_URL'] ?? '', lake.sql, end, [
    /the connection broke|terminating connection due to administrator command/,
  ])
})

test.concurrent('whose query an administrator cancels', async () => {
  const cancel = (pid: number) => lake.sql`select pg_cancel_backend(${pid})`
  await refusedWhen('cancelled', lake.env['DATABASE_URL'] ?? '', lake.sql, cancel, [
    'somebody cancelled it on the server',
    'Try again.',
  ])
})

test.concurrent('whose network breaks', async () => {
  const cut = async (_: number, gate: Gate) => gate.cut()
  await refusedWhen('cut', lake.env['DATABASE_URL'] ?? '', lake.sql, cut, ['the connection broke'])
})

/** The server ends all its processes then and recovers, as one that takes over from another does. */
test.concurrent('whose process is killed; the next load finds it recovered', async () => {
  const kill = async (pid: number) => process.kill(pid, 'SIGKILL')
  const script = await refusedWhen('killed', urlOf(killed), killed.sql, kill, ['the connection broke'])
  const { exit, message } = await lake.run(script, [], { DATABASE_URL: urlOf(killed) })
  expect({ exit, message }).toEqual({ exit: 0, message: expect.stringContaining('published 40 rows') })
  expect(await lake.readersSee('killed')).toMatchObject({ rows: 40, counted: 40 })
})

test.concurrent('that is shut down', async () => {
  const stop = async () => process.kill(stopped.pid, 'SIGINT')
  await refusedWhen('stopped', urlOf(stopped), stopped.sql, stop, [
    /the connection broke|terminating connection due to administrator command/,
  ])
})
