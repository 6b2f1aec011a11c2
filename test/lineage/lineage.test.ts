/** What OpenLineage is told of loads. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { relationName } from '../../lib/lineage/datasets.ts'
import type { LoadEvent } from '../../lib/load/events.ts'
import type { Behaviour } from '../cli/fixture.ts'
import { lastMessage, logLines, runToEnd, secret, start } from '../cli/start.ts'
import { openFanOut } from '../fan-out/fan-out.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { openCollector } from '../support/collector.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01, tables: ['taxes'] }), openScripts()])
  await standIn.sql.unsafe(`
    create table people (id integer primary key, "E-Mail" text not null, phone text, born date not null);
    comment on table people is 'Who has an account.';
    comment on column people."E-Mail" is 'Where to write to.';
    insert into people values (1, 'ada@example.com', '0123456789', '1990-02-03'), (2, 'bob@example.com', null, '1980-01-01');
    create table countries (id integer primary key, name text not null);
    insert into countries values (1, 'Austria'), (2, 'Chile');
    create view places as select id, name from countries;
    create table stops as select id, name from countries;
    create schema tenant_a; create table tenant_a.orders (id integer not null);
    create schema tenant_b; create table tenant_b.orders (id integer not null);
    insert into tenant_a.orders values (1); insert into tenant_b.orders values (2)`)
})
afterAll(async () => {
  await Promise.all([standIn?.close(), scripts?.close()])
})

const columns = `id: integer, email: named('E-Mail', hashed(text)), phone: masked(nullable(text), { keepLast: 2 }), born: lossy(date, 'null')`
const more = `owner: 'team-people', tags: { team: 'people' },
  lookups: { place: lookup({ from: 'places', key: 'id', columns: { id: integer, name: text } }) },
  derive: { country: { type: nullable(text), value: ({ id }, { place }) => place(id)?.name } }`

const hashKey = 'a key of thirty-two bytes or more, as it is to be'

async function loaded(
  script: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
) {
  await using collector = openCollector()
  const given = { OPENLINEAGE_URL: collector.url, DRACULA_HASH_KEY: hashKey, ...env }
  const run = await standIn.run(script, args, given)
  return { run, received: [...collector.received], events: collector.taken(), env: given }
}

const server = () => {
  const { host, pathname } = new URL(standIn.env['DATABASE_URL'] ?? '')
  return { namespace: `postgres://${host}`, database: pathname.slice(1) }
}

describe('a rollback', () => {
  const rollback = 'lib/commands/rollback.ts'
  let loads: readonly string[]
  beforeAll(async () => {
    const script = await scripts.write('stops', 'id: nullable(integer), name: nullable(text)')
    const load = async () => (await standIn.run(script, ['--catalog', 'declared'])).summary().load
    loads = [await load(), await load(), await load()]
  })

  test('is a run of a job of its own, which gives the table of Glue the version that readers have again', async () => {
    const { run, events } = await loaded(rollback, {}, ['stops'])
    expect([run.exit, run.stderr.includes('not told')]).toEqual([0, false])
    expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE'])
    const [start, complete] = events
    expect(start.run.runId).toBe(complete.run.runId)
    expect(start.outputs[0].facets.version).toBeUndefined()
    expect(complete).toMatchObject({
      job: { name: 'lake.stops.rollback', facets: { jobType: { jobType: 'ROLLBACK' } } },
      inputs: [],
      outputs: [
        {
          namespace: 'arn:aws:glue:us-east-1:000000000000',
          name: 'table/lake/stops',
          facets: {
            version: { datasetVersion: loads[1] },
            schema: {
              fields: [
                { name: 'id', type: 'int' },
                { name: 'name', type: 'string' },
              ],
            },
            symlinks: { identifiers: [{ namespace: 's3://lake', name: 'tables/stops', type: 'LOCATION' }] },
          },
          outputFacets: { outputStatistics: { rowCount: 2, fileCount: 1 } },
        },
      ],
    })
  })

  test('that fails says so and why, and one that is refused or takes a pin away says nothing', async () => {
    standIn.faults.add({ operation: 'StartQueryExecution', action: { kind: 'wrong count', by: 1 }, times: 1 })
    const { run, events } = await loaded(rollback, {}, ['stops', loads[0] ?? ''])
    standIn.faults.clear()
    expect(run.exit).toBe(4)
    expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL'])
    expect(events[1].run.facets.errorMessage.message).toContain('Athena counts 3 rows')
    expect(events[1].outputs[0].facets.version).toBeUndefined()
    for (const args of [
      ['stops', 'never-there'],
      ['stops', '--unpin'],
    ])
      expect((await loaded(rollback, {}, args)).events).toEqual([])
  })

  test('ends as it would whatever becomes of whoever is told', async () => {
    await using collector = openCollector(() => new Response('', { status: 503 }))
    const { exit, stderr } = await standIn.run(rollback, ['stops', loads[0] ?? ''], {
      OPENLINEAGE_URL: collector.url,
    })
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining('OpenLineage was not told: it answered HTTP 503.'),
    ])
  })
})

describe('a load that publishes', () => {
  test('starts and completes, from its relations to its table of Glue, with columns, rows and the load', async () => {
    const { run, events, received } = await loaded(await scripts.write('people', columns, more), {
      OPENLINEAGE_NAMESPACE: 'shop',
    })
    expect(run.stderr).not.toContain('not told')
    expect(run.exit).toBe(0)
    const { namespace, database } = server()
    expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE'])
    expect(received.map(({ path }) => path)).toEqual(Array(2).fill('/api/v1/lineage'))
    const [start, complete] = events
    expect(start.run.runId).toBe(complete.run.runId)
    expect(complete.job).toMatchObject({ namespace: 'shop', name: 'lake.people' })
    expect(complete.run.facets.processing_engine).toMatchObject({ name: 'dracula-etl' })
    expect(complete.inputs.map((each: { name: string }) => each.name)).toEqual(
      ['people', 'places', 'countries'].map((name) => `${database}.public.${name}`),
    )
    expect(complete.inputs[0]).toMatchObject({
      namespace,
      facets: {
        dataSource: { name: namespace, uri: `${namespace}/${database}` },
        documentation: { description: 'Who has an account.' },
        schema: {
          fields: [
            { name: 'id', type: 'integer' },
            { name: 'E-Mail', type: 'text', description: 'Where to write to.' },
            { name: 'phone', type: 'text' },
            { name: 'born', type: 'date' },
          ],
        },
      },
    })
    const [output] = complete.outputs
    const { summary } = run
    const { load, rows, bytes } = summary()
    expect(output).toMatchObject({
      namespace: 'arn:aws:glue:us-east-1:000000000000',
      name: 'table/lake/people',
      facets: {
        version: { datasetVersion: load },
        symlinks: { identifiers: [{ namespace: 's3://lake', name: 'tables/people', type: 'LOCATION' }] },
        ownership: { owners: [{ name: 'team-people', type: 'OWNER' }] },
        tags: { tags: [{ key: 'team', value: 'people', source: 'USER' }] },
        documentation: { description: 'Who has an account.' },
      },
      outputFacets: { outputStatistics: { rowCount: rows, size: bytes, fileCount: 1 } },
    })
    expect(output.facets.schema.fields).toEqual([
      { name: 'id', type: 'int' },
      { name: 'email', type: 'string', description: 'Where to write to.' },
      { name: 'phone', type: 'string' },
      { name: 'born', type: 'date' },
      { name: 'country', type: 'string' },
    ])
    const from = (field: string, subtype: string, masking: boolean) => ({
      inputFields: [
        {
          ...{ namespace, name: `${database}.public.people`, field },
          transformations: [{ type: 'DIRECT', subtype, masking, description: expect.any(String) }],
        },
      ],
    })
    expect(output.facets.columnLineage.fields).toEqual({
      id: from('id', 'IDENTITY', false),
      email: from('E-Mail', 'TRANSFORMATION', true),
      phone: from('phone', 'TRANSFORMATION', true),
      born: from('born', 'TRANSFORMATION', false),
      country: { inputFields: [], transformationDescription: 'computed by a function of the script' },
    })
  })

  test('names in its first event what it goes from and to, and no version or rows yet', async () => {
    const { events } = await loaded(await scripts.write('places', 'id: integer, name: text'))
    const [start] = events
    expect(start.outputs[0]).toMatchObject({
      namespace: 'arn:aws:glue:us-east-1:000000000000',
      name: 'table/lake/places',
    })
    expect(start.inputs).toMatchObject([{ name: `${server().database}.public.places` }])
    expect(start.outputs[0].facets).not.toHaveProperty('version')
    expect(start.outputs[0]).not.toHaveProperty('outputFacets')
  })

  test('has the form of the specification: each facet says of what form it is, and who says so', async () => {
    const { events } = await loaded(await scripts.write('people', columns, more), {
      OPENLINEAGE_PARENT_ID: 'airflow://prod/eu/nightly.load/018f3c2a-7b1e-7000-8000-0123456789ab',
    })
    for (const { eventTime, producer, schemaURL, run, job, inputs, outputs } of events) {
      expect(new Date(eventTime).toISOString()).toBe(eventTime)
      expect(run.runId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(producer).toMatch(/^pkg:npm\/dracula-etl@\d/)
      expect(schemaURL).toBe('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent')
      const holders = [run, job, ...inputs, ...outputs]
      const facets = holders.flatMap((each) => Object.values({ ...each.facets, ...each.outputFacets }))
      expect(facets.length).toBeGreaterThan(8)
      for (const facet of facets)
        expect(facet).toMatchObject({
          _producer: producer,
          _schemaURL: expect.stringMatching(
            /^https:\/\/openlineage\.io\/spec\/facets\/\d-\d-\d\/(\w+)\.json#\/\$defs\/\1$/,
          ),
        })
      const parent = {
        run: { runId: '018f3c2a-7b1e-7000-8000-0123456789ab' },
        job: { namespace: 'airflow://prod/eu', name: 'nightly.load' },
      }
      expect(run.facets.parent).toMatchObject({ ...parent, root: parent })
    }
  })

  test('reads the tables of its tenants, and each column is of all of them', async () => {
    const script = await scripts.write(
      'orders',
      'id: integer',
      "tenants: schemas('tenant_%'), format: 'iceberg'",
    )
    const { events } = await loaded(script)
    const names = ['tenant_a', 'tenant_b'].map((schema) => `${server().database}.${schema}.orders`)
    expect(events[1].inputs.map((each: { name: string }) => each.name)).toEqual(names)
    expect(events[1].outputs).toMatchObject([
      { name: 'table/lake/orders', facets: { storage: { storageLayer: 'iceberg', fileFormat: 'parquet' } } },
    ])
    const { id, tenant } = events[1].outputs[0].facets.columnLineage.fields
    expect(id.inputFields.map((each: { name: string }) => each.name)).toEqual(names)
    expect(tenant.inputFields).toEqual([])
  })

  test('of a query says which relations it reads, and nothing of columns behind its own', async () => {
    const from = "from: 'select c.id, c.name from countries c join people p on p.id = c.id'"
    const { events } = await loaded(await scripts.write('joined', 'id: integer, name: text', from))
    const { database } = server()
    expect(events[1].inputs.map((each: { name: string }) => each.name)).toEqual([
      `${database}.public.countries`,
      `${database}.public.people`,
    ])
    expect(events[1].outputs[0].facets.columnLineage.fields).toEqual({
      id: { inputFields: [] },
      name: { inputFields: [] },
    })
  })
})

test('a load that several machines read is told of by the last of them', async () => {
  await using collector = openCollector()
  await using fanOut = await openFanOut(standIn, 'taxes', 2, { OPENLINEAGE_URL: collector.url })
  const holder = await fanOut.hold()
  await fanOut.read()
  expect(collector.received).toEqual([])
  const { rows } = (await fanOut.run('finish')).summary()
  await fanOut.end(holder)
  const [start, complete, ...more] = collector.taken()
  expect(more).toEqual([])
  expect([start.eventType, complete.eventType]).toEqual(['START', 'COMPLETE'])
  expect(complete).toMatchObject({
    inputs: [
      { name: `${server().database}.public.taxes`, facets: { schema: { fields: expect.any(Array) } } },
    ],
    outputs: [{ name: 'table/lake/taxes', outputFacets: { outputStatistics: { rowCount: rows } } }],
  })
})

test('loads of all tables are parts of one run, in which each is told of, and of one trace', async () => {
  await using collector = openCollector()
  const { exit, stderr } = await standIn.run('lib/commands/all.ts', ['--select', 'taxes'], {
    ...{ OPENLINEAGE_URL: collector.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` },
  })
  expect({ exit, told: stderr.includes('not told') }).toEqual({ exit: 0, told: false })
  const traces = collector.received.filter(({ path }) => path === '/v1/traces')
  const [load, all] = traces.map(({ text }) => JSON.parse(text).resourceSpans[0].scopeSpans[0].spans.at(-1))
  expect([load.name, all.name]).toEqual(['load taxes', 'all'])
  expect([load.traceId, load.parentSpanId]).toEqual([all.traceId, all.spanId])
  const events = collector
    .taken()
    .filter((each) => 'eventType' in each)
    .map(({ eventType, job, run }) => ({ step: `${eventType} ${job.name}`, run }))
  expect(events.map(({ step }) => step)).toEqual([
    'START lake.*',
    'START lake.taxes',
    'COMPLETE lake.taxes',
    'COMPLETE lake.*',
  ])
  const parent = { run: { runId: events[0]?.run.runId }, job: { namespace: 'default', name: 'lake.*' } }
  expect(events[2]?.run.facets.parent).toMatchObject({ ...parent, root: parent })
})

test('a load that fails says why, without a secret, and no version of its table', async () => {
  const script = await scripts.write('countries', 'id: integer, name: text, gone: text')
  const { run, events } = await loaded(script)
  expect(run.exit).toBe(3)
  expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL'])
  const { message } = events[1].run.facets.errorMessage
  expect(message).toContain('gone')
  expect(events[1].outputs[0].facets).not.toHaveProperty('version')
})

describe('without a lake', () => {
  const failing: Behaviour = {
    end: {
      kind: 'fail',
      published: null,
      detail: {
        ...{ exit: 4, act: 'publish', thing: 'orders', advice: `Ask whoever knows ${secret}.` },
        reason: `2 rows are missing, says postgres://reader:${encodeURIComponent(secret)}@localhost/shop`,
      },
    },
  }

  test('no event has a secret in it, and the key is in no line of the log', async () => {
    await using collector = openCollector()
    const key = 'k3y-of-the-lineage-server'
    const env = {
      OPENLINEAGE_URL: `${collector.url}/base/`,
      OPENLINEAGE_API_KEY: key,
      OPENLINEAGE_ENDPOINT: '/api/v2/events',
    }
    const run = await runToEnd([], failing, env)
    expect(run.exit).toBe(4)
    const [start, fail] = collector.received
    expect([start?.path, fail?.path]).toEqual(['/base/api/v2/events', '/base/api/v2/events'])
    expect(fail?.headers['authorization']).toBe(`Bearer ${key}`)
    expect(JSON.parse(fail?.text ?? '')).toMatchObject({
      eventType: 'FAIL',
      run: { facets: { errorMessage: { message: expect.stringContaining('2 rows are missing') } } },
      outputs: [{ namespace: 's3://lake', name: 'tables/orders' }],
    })
    for (const text of [...collector.received.map((each) => each.text), run.stderr])
      for (const hidden of [secret, encodeURIComponent(secret), key]) expect(text).not.toContain(hidden)
  })

  test('a load ends as it would whatever is wrong with what is told', async () => {
    await using collector = openCollector()
    const unforeseen = { kind: 'reads', relations: 5 } as unknown as LoadEvent
    const behaviour: Behaviour = { events: [unforeseen], end: { kind: 'succeed' } }
    const run = await runToEnd([], behaviour, { OPENLINEAGE_URL: collector.url })
    expect(run.exit).toBe(0)
    const warnings = logLines(run).filter(({ level }) => level === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('Others were not told: '),
    ])
  })

  test('a server is named by its host and port, however it is reached', () => {
    const names = ['db.example', '::1', '/var/run/postgresql'].map((host) =>
      relationName({ host, port: 5432, database: 'shop' }, { schema: 'public', name: 'orders' }),
    )
    expect(names.map(({ namespace }) => namespace)).toEqual([
      'postgres://db.example:5432',
      'postgres://[::1]:5432',
      'postgres://localhost:5432',
    ])
    expect(names[0]?.name).toBe('shop.public.orders')
  })

  test('a load that somebody stops is aborted, and has not failed', async () => {
    await using collector = openCollector()
    const child = start([], { end: { kind: 'wait' } }, { OPENLINEAGE_URL: collector.url })
    const reader = child.stderr.getReader()
    let said = ''
    while (!said.includes('waiting')) said += new TextDecoder().decode((await reader.read()).value)
    child.kill('SIGTERM')
    expect(await child.exited).toBe(1)
    expect(collector.taken().map(({ eventType }) => eventType)).toEqual(['START', 'ABORT'])
  })

  test.each([
    ['refuses', () => new Response('', { status: 401 }), /HTTP 401/],
    ['sends elsewhere', () => Response.redirect('http://127.0.0.1:9/', 307), /HTTP 307/],
    ['never answers', () => new Promise<Response>(() => {}), /within 2 s/],
  ] as const)('a load ends as it would when the server %s, with one warning', async (_, answer, reason) => {
    await using collector = openCollector(answer)
    const run = await runToEnd([], { end: { kind: 'succeed' } }, { OPENLINEAGE_URL: collector.url })
    expect(run.exit).toBe(0)
    const [first, ...more] = logLines(run).filter(({ level }) => level === 'warn')
    expect(more).toEqual([])
    expect(first?.['message']).toStartWith('OpenLineage was not told: ')
    expect(first?.['message']).toMatch(reason)
    expect(run.stderr).not.toContain(collector.url)
    expect(lastMessage(run)).toStartWith('orders: ')
  })

  test.each([
    ['OPENLINEAGE_URL', 'lineage.example', 'is not a URL'],
    ['OPENLINEAGE_URL', 'ftp://lineage.example', 'begins with neither https:// nor http://'],
    ['OPENLINEAGE_URL', 'https://lineage.example/a b', 'has white space in it'],
    ['OPENLINEAGE_URL', 'https://user:pa55word@lineage.example', 'has a user or a password in it'],
    ['OPENLINEAGE_API_KEY', 'pa55 word', 'has a character that no HTTP header takes'],
  ])('a %s that is %s is refused before anything begins', async (name, value, reason) => {
    const env = { OPENLINEAGE_URL: 'http://127.0.0.1:1', [name]: value }
    const run = await runToEnd([], { end: { kind: 'succeed' } }, env)
    expect(run.exit).toBe(2)
    expect(lastMessage(run)).toContain(`Cannot use "${name}": it ${reason}`)
    expect(run.stderr).not.toContain(value)
  })

  test.each([
    [['--dry-run'], {}],
    [[], { OPENLINEAGE_DISABLED: 'true' }],
  ])('nothing is sent of %p with %p', async (flags, env) => {
    await using collector = openCollector()
    const given = { OPENLINEAGE_URL: collector.url, ...env }
    expect((await runToEnd(flags, { end: { kind: 'succeed' } }, given)).exit).toBe(0)
    expect(collector.received).toEqual([])
  })
})
