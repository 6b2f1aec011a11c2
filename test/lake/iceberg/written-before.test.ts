/**
 * A table of days that version 0.1.0 has published goes on: it is read, listed, loaded by what has changed, and rolled back.
 * Two loads of it are recorded from that version's own run, the second of them of one day; its source is said to be this one.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { CreateTableCommand, type TableInput } from '@aws-sdk/client-glue'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { ensureDatabase } from '../../../lib/aws/glue.ts'
import packageFile from '../../../package.json' with { type: 'json' }
import { type OwnScripts, openScripts } from '../../load/own-scripts.ts'
import { openStandIn, type TestStandIn } from '../../support/stand-in.ts'
import written from './written-before.json' with { type: 'json' }

setDefaultTimeout(300_000)

const table = 'readings'
const first = '20261126t155917438z_wghi9k'
const second = '20261126t155922973z_vzevy7'
const there = { cluster: '7712510354401315963', place: '127.0.0.1:40317' }

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
  const { aws, sql, env } = standIn
  await sql.unsafe(`
    create table readings (id bigint primary key, unit text not null, value numeric(14,2), at timestamptz not null,
      changed_at timestamptz not null);
    insert into readings select i, 'kg', i, '2026-01-01T00:00:00Z'::timestamptz + (i % 3) * interval '1 day',
      '2026-01-05T00:00:00Z' from generate_series(1, 7) i;
    insert into readings values (8, 'pc', 8, '2026-01-02T10:00:00Z', '2026-01-06T00:00:00Z')`)
  const [here] = await sql`select system_identifier::text as cluster from pg_control_system()`
  const place = new URL(env['DATABASE_URL'] ?? '').host
  const moved = (text: string) =>
    text.replaceAll(there.cluster, here?.['cluster']).replaceAll(there.place, place)
  await ensureDatabase(aws, 'lake')
  await ensureDatabase(aws, 'lake_staging')
  for (const [Key, body] of Object.entries<unknown>(written.objects)) {
    const Body = typeof body === 'string' ? Buffer.from(body, 'base64') : moved(JSON.stringify(body))
    await aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body }))
  }
  const TableInput: TableInput = JSON.parse(moved(JSON.stringify(written.published)))
  await aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))
})

afterAll(async () => {
  await scripts?.close()
  await standIn?.close()
})

const versions = async () => {
  const { stdout } = await standIn.run('lib/commands/loads.ts', [table])
  const { loads }: { loads: { load: string; state: string; dracula_version: string | null }[] } =
    JSON.parse(stdout)
  return loads.map(({ load, state, dracula_version }) => [load, state, dracula_version])
}

test('its loads are listed, and no version is made up for them', async () => {
  expect(await standIn.readersSee(table)).toMatchObject({ load: second, rows: 8, counted: 8 })
  expect(await versions()).toEqual([
    [second, 'published', null],
    [first, 'superseded', null],
  ])
})

test('a load reads the day that has changed since and keeps the others, and says which version it is of', async () => {
  const script = await scripts.write(
    table,
    'id: bigint, unit: text, value: nullable(numeric(14, 2)), at: timestamptz, changed_at: timestamptz',
    `partitionBy: day('at'), incremental: { changed: 'changed_at', overlap: '1h', key: 'id' },
     derive: { kind: { type: text, value: ({ unit }) => (unit === 'kg' ? 'mass' : 'count') } }`,
  )
  await standIn.sql`insert into readings values (9, 'pc', 9, '2026-01-03T10:00:00Z', '2026-01-06T00:00:00Z')`
  const next = (await standIn.run(script)).summary()
  expect(next).toMatchObject({ rows: 3, warnings: [] })
  expect(next.partitions).toMatchObject({ which: 'these', kept: 2, because: null, reasons: { count: 1 } })
  const seen = await standIn.readersSee(table)
  expect(seen).toMatchObject({ load: next.load, rows: 9, counted: 9 })
  expect(seen?.parameters['dracula.version']).toBe(packageFile.version)
  expect(await versions()).toEqual([
    [next.load, 'published', packageFile.version],
    [second, 'superseded', null],
    [first, 'superseded', null],
  ])
})

test('it is rolled back to a load of that version, of which nothing then says another', async () => {
  expect((await standIn.run('lib/commands/rollback.ts', [table, second])).exit).toBe(0)
  const seen = await standIn.readersSee(table)
  expect(seen).toMatchObject({ load: second, rows: 8, counted: 8 })
  expect(seen?.parameters).not.toHaveProperty(['dracula.version'])
  expect((await standIn.run('lib/commands/rollback.ts', [table, '--unpin'])).exit).toBe(0)
})
