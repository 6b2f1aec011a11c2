/** TRUNCATE, ALTER and DROP racing a load at every step: all of the old rows, or a clean stop. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type postgres from 'postgres'
import { runQuery } from '../../lib/aws/athena.ts'
import { readDatabase } from '../../lib/config/config.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { type GateOptions, openGate } from '../support/gate.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

/** A connection of somebody else's, who changes tables. */
function openNeighbour(): postgres.Sql & AsyncDisposable {
  const sql = connectPostgres(readDatabase(lake.env), { applicationName: 'neighbour', max: 1 })
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) })
}

const rows = 40
/** How many characters each value has: more than the sockets between hold. */
const wide = 1_048_576

async function makeTable(table: string, characters = 32): Promise<string> {
  await lake.sql.unsafe(`
    create table ${table} (id int not null, name text not null);
    insert into ${table} select g, repeat(md5(g::text), ${characters} / 32) from generate_series(1, ${rows}) g`)
  return await scripts.write(table, 'id: integer, name: text')
}

/** One that the lake has already. */
async function makePublished(table: string): Promise<string> {
  const script = await makeTable(table)
  const { exit, message } = await lake.run(script, declared)
  expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
  return script
}

/** A crawl changes nothing here, and takes its time. */
const declared = ['--catalog', 'declared']

async function expectEveryRow(table: string, characters = 32, { aws } = lake): Promise<void> {
  const { rows: answer } = await runQuery(aws, {
    sql: `select count(*), sum(id), min(length(name)), max(length(name)) from "${table}"`,
    database: 'lake',
    workgroup: 'primary',
    output: 's3://lake-results/',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  })
  expect(answer).toEqual([[rows, (rows * (rows + 1)) / 2, characters, characters].map(String)])
}

/** Settles once so many wait for a lock on the table. */
async function waitersFor(table: string, wanted: number): Promise<void> {
  const waiting = () => lake.sql`
    select from pg_locks l join pg_class c on c.oid = l.relation where c.relname = ${table} and not l.granted`
  await until(async () => (await waiting()).length === wanted)
}

interface Change {
  readonly name: string
  sql(table: string): string
}

const truncate: Change = { name: 'TRUNCATE', sql: (table) => `truncate ${table}` }
const addColumn: Change = { name: 'ADD COLUMN', sql: (table) => `alter table ${table} add extra int` }
const dropColumn: Change = { name: 'DROP COLUMN', sql: (table) => `alter table ${table} drop name` }
const retype: Change = {
  name: 'a rewriting ALTER TYPE',
  sql: (table) => `alter table ${table} alter id type bigint`,
}
const drop: Change = { name: 'DROP', sql: (table) => `drop table ${table}` }
const replace: Change = {
  name: 'DROP and CREATE',
  sql: (table) => `drop table ${table}; create table ${table} (id int not null, name text not null)`,
}
const refill: Change = {
  name: 'TRUNCATE and INSERT',
  sql: (table) => `truncate ${table}; insert into ${table} values (1, 'one'), (2, 'two')`,
}
const changes = [truncate, addColumn, dropColumn, retype, drop]

const nameOf = (...parts: string[]) =>
  parts
    .join('_')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')

describe('somebody who holds the table', () => {
  test.concurrent('too long is named', async () => {
    const script = await makePublished('held')
    await using neighbour = openNeighbour()
    await neighbour.unsafe('begin; lock table held')
    await expectRefusal(lake, 'held', () => lake.run(script, declared), {
      exit: 1,
      says: [
        /Cannot lock "held": process \d+ \(dracula, neighbour, idle in transaction since [\d:]+ UTC\) holds it exclusively/,
        'Try again when that is done.',
      ],
    })
    await neighbour.unsafe('rollback')
  })

  test.concurrent('for a while is waited for, and what was done then is seen', async () => {
    const script = await makePublished('awaited')
    await using neighbour = openNeighbour()
    await neighbour.unsafe('begin; truncate awaited')
    const load = async () => {
      const { finished } = lake.begin(script, declared)
      await waitersFor('awaited', 1)
      await neighbour.unsafe('commit')
      return finished
    }
    await expectRefusal(lake, 'awaited', load, {
      exit: 3,
      says: ['awaited', 'the source has no rows, and readers now see 40'],
    })
  })

  test.concurrent('for a while and changes nothing is waited for', async () => {
    const script = await makeTable('unchanged')
    await using neighbour = openNeighbour()
    await neighbour.unsafe('begin; truncate unchanged')
    const { finished } = lake.begin(script, declared)
    await waitersFor('unchanged', 1)
    await neighbour.unsafe('rollback')
    expect((await finished).exit).toBe(0)
    await expectEveryRow('unchanged')
  })

  test.concurrent('for a while and drops it then is waited for, and told', async () => {
    const script = await makePublished('doomed')
    await using neighbour = openNeighbour()
    await neighbour.unsafe('begin; drop table doomed')
    const load = async () => {
      const { finished } = lake.begin(script, declared)
      await waitersFor('doomed', 1)
      await neighbour.unsafe('commit')
      return finished
    }
    await expectRefusal(lake, 'doomed', load, { exit: 3, says: [/"public.doomed": .*(no such|not exist)/] })
  })
})

/** Drops it while the load stands at the gate. */
async function loadAcrossDrop(script: string, at: string, statement: string) {
  await using gate = await openGate(lake.env['DATABASE_URL'] ?? '', { at })
  const { finished } = lake.begin(script, declared, { DATABASE_URL: gate.url })
  await gate.reached
  await lake.sql.unsafe(statement)
  gate.open()
  return await finished
}

describe('what is dropped between planning and the snapshot', () => {
  const planned = 'begin isolation level repeatable read'

  test.concurrent.each([
    ['the table', 'vanished', '', 'drop table vanished', 'vanished'],
    [
      'a table of its condition',
      'bereft',
      'where: `id in (select id from bereft_ids)`',
      'drop table bereft_ids',
      'bereft_ids',
    ],
  ])('is told: %s', async (_, table, more, statement, thing) => {
    await lake.sql.unsafe('create table if not exists bereft_ids (id int)')
    await makePublished(table)
    const script = await scripts.write(table, 'id: integer, name: text', more)
    await expectRefusal(lake, table, () => loadAcrossDrop(script, planned, statement), {
      exit: 3,
      says: [`relation "public.${thing}" does not exist`, "Correct the script's `name`, `from` or `where`"],
    })
  })

  test.concurrent('is told: a materialised view, which no lock holds', async () => {
    await lake.sql`create materialized view melted as select 1 as id`
    const script = await scripts.write('melted', 'id: nullable(integer)')
    await expectRefusal(
      lake,
      'melted',
      () => loadAcrossDrop(script, planned, 'drop materialized view melted'),
      { exit: 3, says: ['"public.melted": the database has no such table'] },
    )
  })

  test.concurrent('and a materialised view that is dropped even after it', async () => {
    await lake.sql`create materialized view thawed as select 1 as id`
    const script = await scripts.write('thawed', 'id: nullable(integer)')
    await expectRefusal(
      lake,
      'thawed',
      () => loadAcrossDrop(script, 'copy (select', 'drop materialized view thawed'),
      { exit: 3, says: ['"public.thawed": relation "public.thawed" does not exist'] },
    )
  })
})

/** Before the lock a change goes through at once, and the load is of what it left. */
describe.each([
  ['before it connects', 'early', (table: string) => `dracula/${table}/`],
  ['between connecting and the lock', 'unlocked', () => 'lock table'],
])('a load that meets, %s,', (_, prefix, at) => {
  /** Starts the load, makes the change while it stands at the gate, and lets it go on. */
  async function loadAcross(table: string, script: string, change: Change) {
    await using gate = await openGate(lake.env['DATABASE_URL'] ?? '', { at: at(table) })
    await using neighbour = openNeighbour()
    const { finished } = lake.begin(script, declared, { DATABASE_URL: gate.url })
    await gate.reached
    await neighbour.unsafe(change.sql(table))
    gate.open()
    return await finished
  }

  test.concurrent('ADD COLUMN loads every row', async () => {
    const table = nameOf(prefix, addColumn.name)
    const finished = await loadAcross(table, await makeTable(table), addColumn)
    expect(finished.exit).toBe(0)
    expect(finished.summary().warnings).toEqual([
      expect.stringContaining(`extra of public.${table} is not exported`),
    ])
    await expectEveryRow(table)
  })

  // A snapshot taken before the lock would see neither the old rows nor the new ones.
  test.concurrent('TRUNCATE and INSERT loads the new rows', async () => {
    const table = nameOf(prefix, refill.name)
    const { exit, message } = await loadAcross(table, await makeTable(table), refill)
    expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
    expect(await lake.readersSee(table)).toMatchObject({ rows: 2, counted: 2 })
  })

  test.concurrent.each([
    [truncate, 3, /the source has no rows, and readers now see 40/],
    [dropColumn, 3, /name is not in the source/],
    [retype, 3, /id is bigint in the source, not integer/],
    // The name may be looked up before or after.
    [drop, 3, /the database has no such table|relation ".*" does not exist/],
    [replace, 3, /the source has no rows, and readers now see 40/],
  ] as const)('$name stops', async (change, exit, says) => {
    const table = nameOf(prefix, change.name)
    const script = await (change === truncate || change === replace ? makePublished : makeTable)(table)
    await expectRefusal(lake, table, () => loadAcross(table, script, change), { exit, says: [table, says] })
  })
})

/** From the lock to COMMIT every change waits, and the load is of what was before. */
test.concurrent.each<[string, string, number, GateOptions]>([
  ['between the lock and the snapshot', 'locked', 32, { at: 'statement_timestamp()' }],
  ['in mid-COPY', 'reading', wide, { at: 'copy (select', answerBytes: wide }],
  ['between the last row and COMMIT', 'read', 32, { at: 'commit\0' }],
])('while a load stands %s, every change waits, and every old row is loaded', async (...given) => {
  const [, table, characters, gateOptions] = given
  const script = await makeTable(table, characters)
  await using gate = await openGate(lake.env['DATABASE_URL'] ?? '', gateOptions)
  const patient = [...declared, '--yield-after', 'off']
  const { finished } = lake.begin(script, patient, { DATABASE_URL: gate.url })
  await gate.reached
  if (table === 'reading') expect(await waitOf(table)).toBe('ClientWrite')

  await using neighbours = new AsyncDisposableStack()
  let done = 0
  const changing: Promise<void>[] = []
  for (const { sql } of changes) {
    const neighbour = neighbours.use(openNeighbour())
    changing.push(neighbour.unsafe(sql(table)).then(() => void done++))
    await waitersFor(table, changing.length)
  }
  expect(done).toBe(0)
  gate.open()

  const { exit, message } = await finished
  expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
  await Promise.all(changing)
  await expectEveryRow(table, characters)
})

test.concurrent('once a load has committed, no change waits, and every old row is loaded', async () => {
  const script = await makeTable('committed')
  const aws = await lake.beside()
  aws.faults.add({ operation: 'StartQueryExecution', action: { kind: 'hold' } })
  const { finished } = aws.begin(script, declared)
  await aws.faults.held('StartQueryExecution')
  await using neighbour = openNeighbour()
  await neighbour`set lock_timeout to '1s'`
  for (const { sql } of changes) await neighbour.unsafe(sql('committed'))
  aws.faults.release()
  aws.faults.clear()
  expect((await finished).exit).toBe(0)
  await expectEveryRow('committed', 32, aws)
})

/** What the server's process of the load waits for. */
async function waitOf(table: string): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const [row] = await lake.sql`
      select wait_event from pg_stat_activity where application_name like ${`dracula/${table}/%`}`
    if (row?.['wait_event'] === 'ClientWrite' || attempt === 100) return row?.['wait_event']
    await Bun.sleep(20)
  }
}
