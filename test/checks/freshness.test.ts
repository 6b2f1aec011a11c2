/** `checks/freshness.ts`: how old what readers see may be, by its load and by its rows. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { type Freshness, measureFreshness } from '../../checks/freshness/measure.ts'
import { adviceFor, screen } from '../../checks/freshness/screen.ts'
import { readLake } from '../../lib/config/config.ts'
import type { ExpectOptions } from '../../lib/declare/expect.ts'
import { date, nullable, table, timestamp, timestamptz } from '../../lib/table.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { never } from '../support/aws.ts'
import { openProject } from '../support/project.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { openWebhook } from '../support/webhook.ts'

setDefaultTimeout(300_000)

let lake: TestStandIn
let scripts: OwnScripts

interface Row {
  readonly at: bigint | null
  readonly wall: bigint | null
  readonly on_day: number | null
}

function measure(name: string, expected?: ExpectOptions<Row>): Promise<Freshness> {
  const declared = table({
    name,
    columns: { at: nullable(timestamptz), wall: nullable(timestamp), on_day: nullable(date) },
    ...(name.startsWith('iceberg') && { format: 'iceberg' }),
    ...(expected && { expect: expected }),
  })
  return measureFreshness(declared, { aws: lake.aws, lake: readLake(lake.env), signal: never })
}

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  await lake.sql.unsafe(`
    create table plain_times as select now() - g * interval '3 hours' as at, (now() at time zone 'UTC') - g * interval '3 hours' as wall,
      (now() at time zone 'UTC')::date - g as on_day from generate_series(1, 3) g;
    create table iceberg_times as select * from plain_times;
    create table plain_empty as select * from plain_times limit 0`)
  for (const [name, more] of [
    ['plain_times', ''],
    ['iceberg_times', `format: 'iceberg'`],
    ['plain_empty', ''],
  ] as const) {
    const columns = 'at: nullable(timestamptz), wall: nullable(timestamp), on_day: nullable(date)'
    const script = await scripts.write(name, columns, more)
    expect((await lake.run(script, ['--catalog', 'declared'])).exit).toBe(0)
  }
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

describe.each(['plain_times', 'iceberg_times'])('of %s', (name) => {
  test('what readers see is as old as its load, which may be younger than its rows', async () => {
    const fresh = await measure(name, { freshness: '2h', warn: { freshness: '1h' } })
    expect(fresh).toMatchObject({ table: name, status: 'ok', findings: [], bytes_scanned: 0 })
    expect(fresh.age_s).toBeGreaterThan(0)
    const stale = await measure(name, { freshness: '0s', warn: { freshness: '1h' } })
    expect(stale.status).toBe('stale')
    expect(stale.findings).toEqual([
      expect.stringMatching(/^readers see load \S+, which is [^,]+ old, and 0s is expected$/),
    ])
    expect(await measure(name, { warn: { freshness: '0s' } })).toMatchObject({ status: 'warned' })
  })

  test('rows are as old as the newest value, in UTC where it has no zone', async () => {
    for (const column of ['at', 'wall'] as const) {
      const fresh = await measure(name, { freshness: { column, within: '3h' } })
      // 3 hours and the seconds since.
      expect(fresh).toMatchObject({
        status: 'stale',
        findings: [
          expect.stringMatching(
            new RegExp(`^the newest ${column} is 3 h( \\d+ min)? old, and 3h is expected$`),
          ),
        ],
      })
      expect(fresh.bytes_scanned).toBeGreaterThan(0)
      expect(await measure(name, { freshness: { column, within: '200m' } })).toMatchObject({ status: 'ok' })
    }
    expect(await measure(name, { freshness: { column: 'on_day', within: '1d' } })).toMatchObject({
      status: 'stale',
      findings: [expect.stringMatching(/^the newest on_day is \d d( \d+ h)? old, and 1d is expected$/)],
    })
    expect(await measure(name, { freshness: { column: 'on_day', within: '3d' } })).toMatchObject({
      status: 'ok',
    })
  })
})

test('rows without a value are stale, and a table that is not published too', async () => {
  expect(await measure('plain_empty', { freshness: { column: 'at', within: '1d' } })).toMatchObject({
    status: 'stale',
    findings: ['at has no value, and 1d is expected'],
  })
  expect(await measure('nowhere', { freshness: '1d' })).toMatchObject({
    status: 'not published',
    findings: ['it is not published'],
  })
  const later = table({
    name: 'plain_times',
    columns: { at: nullable(timestamptz), later: nullable(timestamptz) },
    expect: {
      freshness: { column: 'later', within: '1d' },
      warn: { freshness: { column: 'at', within: '1d' } },
    },
  })
  expect(
    await measureFreshness(later, { aws: lake.aws, lake: readLake(lake.env), signal: never }),
  ).toMatchObject({
    status: 'stale',
    findings: ['readers see no later yet, and 1d is expected'],
  })
  expect(await measure('nowhere', { rows: { min: 1 } })).toMatchObject({
    status: 'not expected',
    findings: [],
  })
})

test('a stale table is told of once, and so is that it is fresh again', async () => {
  await using webhook = openWebhook()
  const env: Record<string, string> = { ...lake.env, DRACULA_WEBHOOK: webhook.url }
  await using project = await openProject({
    'plain_times.ts': script('plain_times', `expect: { freshness: '0s' }`),
    'plain_empty.ts': script('plain_empty', `expect: { freshness: '1d' }`),
  })
  const check = () => project.run('checks/freshness.ts', [], env)
  await check()
  expect(webhook.taken()).toMatchObject({
    text: expect.stringMatching(
      /^✗ plain_times: freshness: something is stale\. Cause: readers see load \S+/,
    ),
    events: [{ event: 'failing', table: 'plain_times', check: 'freshness', exit: 4, retry: 'no' }],
  })
  await check()
  expect(webhook.received).toEqual([])
  await Bun.write(
    join(project.path, 'scripts/plain_times.ts'),
    script('plain_times', `expect: { freshness: '1d' }`),
  )
  await check()
  expect(webhook.taken()).toMatchObject({
    text: expect.stringMatching(/^✓ plain_times \(freshness\) is well again; it failed 2 times since/),
  })
  // Without a lake it cannot look at all, which is of no table.
  env['DRACULA_GLUE_DATABASE'] = 'Not a name'
  await check()
  expect(webhook.taken()).toMatchObject({ events: [{ event: 'failing', table: null, check: 'freshness' }] })
})

const script = (name: string, expected: string) =>
  `import { nullable, table, timestamptz } from '../lib/table.ts'
  export default table({ name: '${name}', columns: { at: nullable(timestamptz) }, ${expected} })`

test('the check ends with 4 where something is stale, without asking Postgres, and says which and what to do', async () => {
  await using project = await openProject({
    'plain_times.ts': script('plain_times', `expect: { freshness: '0s' }`),
    'plain_empty.ts': script('plain_empty', `expect: { freshness: '1d', warn: { freshness: '0s' } }`),
    'iceberg_times.ts': script('iceberg_times', `format: 'iceberg'`),
  })
  const { DATABASE_URL: _, ...env } = lake.env
  const { exit, stdout, stderr } = await project.run('checks/freshness.ts', ['--json'], env)
  const last = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')
  expect(last.message).toMatch(
    /^freshness: something is stale\. Cause: plain_times: readers see load \S+, which is [^,]+ old, and 0s is expected\. Do: Load it, for example: bun scripts\/plain_times\.ts\./,
  )
  const { tables } = JSON.parse(stdout)
  expect(tables.map(({ table: name, status }: Freshness) => [name, status])).toEqual([
    ['iceberg_times', 'not expected'],
    ['plain_empty', 'warned'],
    ['plain_times', 'stale'],
  ])
  expect(exit).toBe(4)
  expect(screen(tables, [])).toMatch(/^ {2}plain_times +\S+ +\d.*? +STALE +readers see load/m)
  expect(adviceFor(tables.slice(2))).toContain('bun run loads plain_times')
})
