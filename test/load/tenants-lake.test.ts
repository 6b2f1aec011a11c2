/** A table of tenants in the lake: what its readers see of each, load after load. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { compareColumns } from '../../checks/columns/compare.ts'
import { parseLimit } from '../../checks/limit.ts'
import { comparePartitions } from '../../checks/partitions/compare.ts'
import { countRows } from '../../checks/row-counts/count.ts'
import { compareSchema } from '../../checks/schema/compare.ts'
import { runQuery } from '../../lib/aws/athena.ts'
import { examinePostgres } from '../../lib/commands/examine/postgres.ts'
import { differences } from '../../lib/commands/new/difference.ts'
import { postgresRole } from '../../lib/commands/policies/postgres-role.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import { hold } from '../../lib/load/fan-out/hold.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { bigint, nullable, schemas, table, text, timestamptz } from '../../lib/table.ts'
import { never } from '../support/aws.ts'
import { defaultLoadOptions } from '../support/load-options.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { icebergRows } from './iceberg-rows.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts
let folder: Awaited<ReturnType<typeof temporaryFolder>>

const columns = { id: bigint, note: nullable(text), changed: nullable(timestamptz) }
const incremental = { changed: 'changed', overlap: '1h', key: 'id' } as const
const tenants = schemas('tenant\\_%')
const iceberg = table({ name: 'visits', tenants, columns, incremental })
const plain = table({ name: 'flat', from: 'visits', tenants, columns })

async function comes(schema: string, rows: number): Promise<void> {
  await standIn.sql.unsafe(`
    create schema ${schema};
    create table ${schema}.visits (id bigint primary key, note text, changed timestamptz);
    insert into ${schema}.visits select g, 'of ${schema}', now() - interval '2 days' from generate_series(1, ${rows}) g`)
}

const source = 'id: bigint, note: nullable(text), changed: nullable(timestamptz)'
const pattern = String.raw`tenants: schemas('tenant\\_%')`
const fromVisits = `${pattern}, from: 'visits'`

let script: string
let flat: string

beforeAll(async () => {
  ;[standIn, scripts, folder] = await Promise.all([openStandIn(), openScripts(), temporaryFolder()])
  await comes('tenant_a', 30)
  await comes('tenant_b', 20)
  await comes('"tenant_c%/, "', 10)
  script = await scripts.write(
    'visits',
    source,
    `${pattern}, incremental: { changed: 'changed', overlap: '1h', key: 'id' }`,
  )
  flat = await scripts.write('flat', source, fromVisits)
})
afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

async function run(...flags: string[]): Promise<LoadSummary> {
  return (await standIn.run(script, flags)).summary() as LoadSummary
}

const each = 'select tenant, count(*), sum(id), min(note), max(note) from'

/** The tables that readers see, read by Athena. */
async function inLake(name: string): Promise<unknown> {
  const { workgroup, athenaOutput: output } = readLake(standIn.env)
  const sql = `${each} ${name} group by tenant order by tenant`
  const { rows } = await runQuery(standIn.aws, {
    ...{ sql, database: 'lake', workgroup, output, timeoutMs: 30_000, signal: never },
  })
  return rows
}

function of(schema: string, rows: number, note = `of ${schema}`): string[] {
  return [schema, String(rows), String((rows * (rows + 1)) / 2), note, note]
}

const odd = of('tenant_c%/, ', 10, 'of "tenant_c%/, "')

describe('a table of tenants', () => {
  test('is published with a partition for each, and checked like others', async () => {
    const loaded = await run('--fingerprint')
    expect(loaded).toMatchObject({
      published: true,
      rows: 60,
      files: [{}, {}, {}].map(() => expect.any(String)),
    })
    expect(await inLake('visits')).toEqual([of('tenant_a', 30), of('tenant_b', 20), odd])
    const { rows } = await icebergRows(standIn, folder.path, {
      table: 'visits',
      sql: `${each} rows group by tenant order by tenant`,
    })
    expect(rows).toEqual([of('tenant_a', 30), of('tenant_b', 20), odd])

    const [aws, lake, database] = [standIn.aws, readLake(standIn.env), readDatabase(standIn.env)]
    const source = { sql: standIn.sql, database, mode: 'exact' } as const
    const counting = { aws, lake, source, limit: parseLimit('0'), signal: never }
    expect(await countRows(iceberg, counting)).toMatchObject({ status: 'ok', lake: 60, source: 60 })
    expect(await compareColumns('visits', { aws, lake, signal: never })).toMatchObject({ status: 'ok' })
    const whole = { aws, lake, database, which: undefined, signal: never }
    expect(await comparePartitions(iceberg, whole)).toMatchObject({ status: 'ok' })
  })

  test('is loaded tenant by tenant: those that have changed, came or went, and those that are named', async () => {
    await standIn.sql.unsafe(`update tenant_b.visits set note = 'new', changed = now()`)
    await comes('tenant_d', 5)
    await standIn.sql.unsafe('drop schema tenant_a cascade')
    const loaded = await run('--max-shrink', '60%')
    expect(loaded.partitions).toEqual({
      ...{ which: 'these', kept: 1, because: null },
      reasons: { changed: 1, new: 1, gone: 1 },
    })
    expect(loaded.warnings).toEqual([
      expect.stringMatching(/^its tenants are not those of load \S+: gone: tenant_a; new: tenant_d$/),
    ])
    expect(await inLake('visits')).toEqual([of('tenant_b', 20, 'new'), odd, of('tenant_d', 5)])

    // Neither date nor keys betray it: who is named is read again, and nobody else.
    await standIn.sql.unsafe(
      `update tenant_b.visits set note = 'late'; update tenant_d.visits set note = 'unseen'`,
    )
    const asked = await run('--partitions', 'tenant_b')
    expect(asked).toMatchObject({
      rows: 20,
      warnings: [],
      partitions: { which: 'these', kept: 2, reasons: { asked: 1 } },
    })
    expect(await inLake('visits')).toEqual([of('tenant_b', 20, 'late'), odd, of('tenant_d', 5)])
    // Its change is as young as the overlap.
    expect(await run()).toMatchObject({ rows: 20, partitions: { kept: 2, reasons: { changed: 1 } } })
  })

  test('reads all again once a label of an enum is another, which each tenant has of its own', async () => {
    const moods = ['tenant_b', 'tenant_d'].map(
      (schema) => `create type ${schema}.mood as enum ('calm', 'keen');
        create table ${schema}.moods (id bigint primary key, mood ${schema}.mood, changed timestamptz);
        insert into ${schema}.moods values (1, 'keen', now() - interval '2 days')`,
    )
    await standIn.sql.unsafe(moods.join(';'))
    const moody = await scripts.write(
      'moods',
      'id: bigint, mood: nullable(text), changed: nullable(timestamptz)',
      "tenants: schemas('tenant_%'), incremental: { changed: 'changed', overlap: '1h', key: 'id' }",
    )
    const odd = '"tenant_c%/, "'
    await standIn.sql.unsafe(`alter schema ${odd} rename to elsewhere`)
    await standIn.run(moody)
    expect((await standIn.run(moody)).summary().partitions).toMatchObject({ kept: 2 })
    await standIn.sql.unsafe(`alter type tenant_d.mood rename value 'keen' to 'eager'`)
    expect((await standIn.run(moody)).summary().partitions).toMatchObject({
      which: 'all',
      because: expect.stringContaining('label'),
    })
    await standIn.sql.unsafe(`alter schema elsewhere rename to ${odd}`)
  })

  test('loses no more rows with a tenant than a load may lose', async () => {
    const rows = (await standIn.run(flat, ['--catalog', 'declared'])).summary().rows
    expect(rows).toBe(35)
    await standIn.sql.unsafe('alter schema tenant_b rename to left_b')
    const { exit, message, stderr } = await standIn.run(flat, ['--catalog', 'declared'])
    expect(exit).toBe(4)
    expect(message).toContain('15 rows')
    expect(stderr).toContain('gone: tenant_b')
    await standIn.sql.unsafe('alter schema left_b rename to tenant_b')
    expect((await standIn.run(flat, ['--catalog', 'declared'])).summary()).toMatchObject({
      rows: 35,
      warnings: [],
    })
    expect(await inLake('flat')).toEqual([of('tenant_b', 20, 'late'), odd, of('tenant_d', 5, 'unseen')])
  })

  test('is another source by another pattern, or as the table of one schema', async () => {
    const other = await scripts.write('flat', source, "tenants: schemas('tenant%'), from: 'visits'")
    expect((await standIn.run(other)).message).toContain(
      String.raw`was read from tenant\_%.visits of postgres on `,
    )
    expect(await standIn.run(other)).toMatchObject({ exit: 2 })
    await standIn.sql.unsafe('create table visits (like tenant_b.visits)')
    const one = await scripts.write('flat', `tenant: nullable(text), ${source}`, "from: 'visits'")
    await standIn.sql.unsafe(
      'alter table visits add column tenant text; alter table visits alter id set not null',
    )
    expect(await standIn.run(one)).toMatchObject({ exit: 2 })
    await standIn.sql.unsafe('drop table visits')
    await scripts.write('flat', source, fromVisits)
  })

  test('has no fan-out, and no script to compare with one table', async () => {
    const holding = hold({
      ...{
        table: plain,
        name: 'flat-1',
        slices: 2,
        script: undefined,
        options: defaultLoadOptions,
        signal: never,
      },
      config: { database: readDatabase(standIn.env), lake: readLake(standIn.env) },
      observe: () => {},
      scrub: (told) => told,
      onReady: async () => {},
    })
    await expect(holding).rejects.toThrow('flat is a table of tenants, whose rows one machine reads')
    const inspecting = { database: readDatabase(standIn.env), signal: never, scan: false }
    await expect(differences(plain, inspecting)).rejects.toThrow(
      'it reads the tables of tenants, not a table',
    )
  })

  test('is held against the database by the check of schemas, which names what differs', async () => {
    const signal = new AbortController().signal
    const reader = await openReader(readDatabase(standIn.env), { applicationName: 'test', signal })
    try {
      await reader.query('begin')
      expect(await compareSchema(reader, iceberg)).toMatchObject({ status: 'ok', findings: [] })
      await reader.query('alter table tenant_d.visits drop column note, add column more int')
      expect(await compareSchema(reader, iceberg)).toMatchObject({
        status: 'differs',
        findings: [
          'tenant_d.visits: note is not in the source',
          'tenant_d.visits: more is not in the script',
        ],
      })
      await reader.query('drop table tenant_d.visits')
      expect(await compareSchema(reader, iceberg)).toMatchObject({
        status: 'no table',
        findings: [`tenant_d.visits: this tenant's schema has no such table`],
      })
    } finally {
      await reader.close()
    }
  })

  test('is read by a role that is granted each tenant, and says which grants are missing', async () => {
    await standIn.sql.unsafe(`create role narrow login password 'word'`)
    const url = new URL(standIn.env['DATABASE_URL'] ?? '')
    Object.assign(url, { username: 'narrow', password: 'word' })
    const as = { DATABASE_URL: url.href }
    const denied = await standIn.run(flat, ['--dry-run'], as)
    expect(denied.exit).toBe(2)
    expect(denied.message).toContain(
      'grant usage on schema "tenant_b" to "narrow"; grant select ("id", "note", "changed") on table "tenant_b"."visits" to "narrow";',
    )
    const doctor = () => examinePostgres(readDatabase({ ...standIn.env, ...as }), [plain], never)
    const found = async () => (await doctor()).find(({ check }) => check === 'postgres tables')?.found
    expect(await found()).toBe('0 of 3 may be read')
    await standIn.sql.unsafe(`alter role narrow set default_transaction_read_only = on`)
    const connection = await standIn.sql.reserve()
    await connection.unsafe(await postgresRole('narrow', [plain]))
    connection.release()
    expect(await found()).toBe('3 of 3 may be read')
    expect((await standIn.run(flat, ['--dry-run'], as)).summary()).toMatchObject({ rows: 35, warnings: [] })
  })
})
