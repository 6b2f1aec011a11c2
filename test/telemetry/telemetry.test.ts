/** What OpenTelemetry is told of loads. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { tellWithin } from '../../lib/telemetry/patience.ts'
import packageFile from '../../package.json' with { type: 'json' }
import type { Behaviour } from '../cli/fixture.ts'
import { lastMessage, logLines, runToEnd, secret } from '../cli/start.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { openCollector } from '../support/collector.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number; readonly message?: string }
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[]
}

/** OTLP has one value of several types. */
function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { intValue, ...others } = value
      return [key, intValue === undefined ? Object.values(others)[0] : Number(intValue)]
    }),
  )
}

type Received = ReturnType<typeof openCollector>['received']

function sent(received: Received) {
  const bodies = (path: string) =>
    received.filter((each) => each.path === path).map(({ text }) => JSON.parse(text))
  const [trace] = bodies('/v1/traces')
  const [metrics] = bodies('/v1/metrics')
  const spans: SentSpan[] = trace?.resourceSpans[0].scopeSpans[0].spans ?? []
  const resource = valuesOf(trace?.resourceSpans[0].resource.attributes ?? [])
  const points: [string, unknown][] = (metrics?.resourceMetrics[0].scopeMetrics[0].metrics ?? []).flatMap(
    (metric: { name: string; unit: string; gauge: { dataPoints: Record<string, unknown>[] } }) =>
      metric.gauge.dataPoints.map((point) => {
        const { 'dracula.phase': phase = '', ...others } = valuesOf(point['attributes'] as Attribute[])
        const name = [metric.name, phase].filter((each) => each !== '').join(' ')
        return [`${name} ${metric.unit}`, { ...others, value: point['asDouble'] ?? Number(point['asInt']) }]
      }),
  )
  return {
    spans,
    resource,
    metrics: new Map(points),
    whole: spans.find(({ name }) => name.startsWith('load ')),
  }
}

describe('a load that publishes', () => {
  let standIn: TestStandIn
  let scripts: OwnScripts
  beforeAll(async () => {
    ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
    await standIn.sql.unsafe(
      `create table rates (id integer not null, name text not null);
       insert into rates select g, 'x' from generate_series(1, 100) g`,
    )
  })
  afterAll(async () => {
    await Promise.all([standIn?.close(), scripts?.close()])
  })

  test('is one trace, with a span for each phase within that of the load, and metrics of its table', async () => {
    await using collector = openCollector()
    const run = await standIn.run(await scripts.write('rates', 'id: integer, name: text'), [], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: 'team=data',
      DRACULA_ENVIRONMENT: 'staging',
    })
    expect(run.stderr).not.toContain('not told')
    const summary = run.summary()
    const { spans, resource, metrics, whole } = sent(collector.received)
    expect(resource).toMatchObject({
      ...{ 'service.name': 'dracula', 'deployment.environment.name': 'staging', team: 'data' },
    })
    expect(whole?.name).toBe('load rates')
    expect(whole).not.toHaveProperty('parentSpanId')
    const phases = spans.filter((span) => span !== whole)
    expect(phases.map(({ name }) => name)).toEqual(Object.keys(summary.phases))
    for (const { traceId, parentSpanId, startTimeUnixNano, endTimeUnixNano, status } of phases) {
      expect({ traceId, parentSpanId }).toEqual({ traceId: whole!.traceId, parentSpanId: whole!.spanId })
      expect(BigInt(startTimeUnixNano)).toBeLessThanOrEqual(BigInt(endTimeUnixNano))
      expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(whole!.startTimeUnixNano))
      expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(BigInt(whole!.endTimeUnixNano))
      expect(status.code).toBe(0)
    }
    const { load, rows, bytes } = summary
    expect(valuesOf(whole!.attributes)).toMatchObject({
      'dracula.table': 'rates',
      'dracula.load': load,
      'dracula.rows': rows,
      'dracula.bytes': bytes,
      'dracula.exit_code': 0,
      'dracula.source': expect.stringContaining('public.rates'),
      'dracula.target': expect.stringContaining('lake.rates'),
    })
    const table = 'rates'
    const of = (name: string) => metrics.get(`dracula.load.${name}`)
    expect(of('rows {row}')).toEqual({ 'dracula.table': table, value: rows })
    expect(of('bytes By')).toEqual({ 'dracula.table': table, value: bytes })
    expect(of('exit_code 1')).toEqual({ 'dracula.table': table, value: 0 })
    expect(of('estimated_dollars {USD}')).toEqual({
      'dracula.table': table,
      value: summary.estimated_usd.athena + summary.estimated_usd.crawler,
    })
    expect(of('snapshot.timestamp s')).toEqual({
      'dracula.table': table,
      value: Date.parse(summary.snapshot_at) / 1_000,
    })
    for (const phase of Object.keys(summary.phases))
      expect(of(`phase.duration ${phase} s`)).toMatchObject({ value: expect.any(Number) })
  })
})

const failing: Behaviour = {
  events: [
    { kind: 'phase', phase: 'open' },
    { kind: 'done', phase: 'open', failed: false },
    { kind: 'phase', phase: 'read' },
    { kind: 'progress', rows: 250, bytesRead: 5_000_000, bytesWritten: 1_000_000 },
    { kind: 'retry', message: `s3:UploadPart: SlowDown (HTTP 503), says ${secret}` },
    { kind: 'done', phase: 'read', failed: true },
  ],
  end: {
    kind: 'fail',
    published: null,
    detail: {
      ...{ exit: 4, act: 'publish', thing: 'orders', reason: '2 rows are missing' },
      advice: `Ask whoever knows ${secret}.`,
    },
  },
}
const succeeding: Behaviour = { end: { kind: 'succeed' } }

describe('a load that fails', () => {
  test('says why in its span and that of the phase, with the exit code, as far as it came', async () => {
    await using collector = openCollector()
    const run = await runToEnd([], failing, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    expect(run.exit).toBe(4)
    const { spans, whole, metrics } = sent(collector.received)
    const phases = spans.filter((span) => span !== whole).map(({ name, status }) => [name, status.code])
    expect(phases).toEqual([
      ['open', 0],
      ['read', 2],
    ])
    expect(whole?.status.code).toBe(2)
    expect(whole?.status.message).toContain('2 rows are missing')
    expect(valuesOf(whole!.attributes)).toMatchObject({
      ...{ 'dracula.exit_code': 4, 'error.type': 'exit 4', 'dracula.rows': 250, 'dracula.retries': 1 },
    })
    expect(whole?.events.map(({ name }) => name)).toEqual(['retry'])
    expect(metrics.get('dracula.load.exit_code 1')).toMatchObject({ value: 4 })
    expect(metrics.has('dracula.load.rows {row}')).toBe(false)
  })

  test('tells no secret, nor is that of its headers in the log', async () => {
    await using collector = openCollector()
    const key = 'Zx81-key-of-the-collector'
    const run = await runToEnd([], failing, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${key}`,
    })
    expect(collector.received.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer ${key}`,
      `Bearer ${key}`,
    ])
    for (const text of [...collector.received.map((each) => each.text), run.stderr])
      for (const hidden of [secret, encodeURIComponent(secret), key]) expect(text).not.toContain(hidden)
  })

  test('before it knows its source is told of too', async () => {
    await using collector = openCollector()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, DATABASE_URL: undefined }
    expect((await runToEnd([], failing, env)).exit).toBe(2)
    expect(sent(collector.received).metrics.get('dracula.load.exit_code 1')).toMatchObject({ value: 2 })
  })
})

test('a load is part of the span that has started it', async () => {
  await using collector = openCollector()
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  await runToEnd([], succeeding, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    TRACEPARENT: `00-${traceId}-${spanId}-01`,
  })
  expect(collector.received.map(({ path }) => path)).toEqual(['/v1/traces'])
  expect(sent(collector.received).whole).toMatchObject({ traceId, parentSpanId: spanId })
})

test.each([
  ['a dry run', ['--dry-run'], {}],
  ['an SDK that is switched off', [], { OTEL_SDK_DISABLED: 'true' }],
  ['exporters that are none', [], { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
])('nothing is sent of %s', async (_, flags, env) => {
  await using collector = openCollector()
  const given = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }
  expect((await runToEnd(flags, succeeding, given)).exit).toBe(0)
  expect(collector.received).toEqual([])
})

describe('a load ends as it would, with one warning', () => {
  test.each([
    ['the collector refuses it', () => new Response('', { status: 401 }), /: it answered HTTP 401\.$/],
    ['the collector never answers', () => new Promise<Response>(() => {}), /: it did not answer within /],
  ] as const)('when %s', async (_, answer, reason) => {
    await using collector = openCollector(answer)
    await expectWarning({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, reason)
  })

  test.each([
    ['gRPC is asked for', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /by HTTP alone/],
    ['the endpoint is no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, /_ENDPOINT is not a URL/],
    [
      'the endpoint is of something else',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      /_ENDPOINT begins with neither https:\/\/ nor http:\/\/: write http:\/\/host:4318/,
    ],
  ])('when %s', async (_, env, reason) => {
    await using collector = openCollector()
    await expectWarning({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }, reason)
    expect(collector.received).toEqual([])
  })

  async function expectWarning(env: Readonly<Record<string, string>>, reason: RegExp): Promise<void> {
    const run = await runToEnd([], succeeding, env)
    expect(run.exit).toBe(0)
    const [first, ...more] = logLines(run).filter(({ level }) => level === 'warn')
    expect(more).toEqual([])
    expect(first?.['message']).toStartWith('OpenTelemetry was not told: ')
    expect(first?.['message']).toMatch(reason)
    expect(lastMessage(run)).toStartWith('orders: ')
  }
})

test('an SDK that is not installed is told of with the command that adds it', async () => {
  const missing: string = '@opentelemetry/not-installed'
  const said = await tellWithin(async () => {
    await import(missing)
    return []
  })
  const { peerDependencies, devDependencies } = packageFile
  const packages = Object.entries(peerDependencies).filter(([name]) => name.startsWith('@opentelemetry/'))
  expect(packages.length).toBeGreaterThan(3)
  expect(devDependencies).toMatchObject(Object.fromEntries(packages))
  for (const [name, version] of packages)
    expect(said).toEqual([expect.stringContaining(`${name}@${version}`)])
  expect(said).toEqual([expect.stringContaining('add it with: bun add --exact @opentelemetry/')])
})

describe('a process', () => {
  const environment = {
    DATABASE_URL: 'postgres://reader@localhost:1/shop',
    DRACULA_S3_URI: 's3://lake/tables',
    DRACULA_GLUE_DATABASE: 'lake',
  }
  const fixture = join(import.meta.dir, '../cli/fixture.ts')

  async function loadedWith(env: Readonly<Record<string, string>>): Promise<string[]> {
    const child = Bun.spawn([process.execPath, '--preload', join(import.meta.dir, 'modules.ts'), fixture], {
      env: { ...environment, ...env },
      stdout: 'ignore',
      stderr: 'pipe',
    })
    const lines = (await child.stderr.text()).split('\n')
    return JSON.parse(lines.find((line) => line.startsWith('loaded '))?.slice('loaded '.length) ?? 'null')
  }

  test('loads the SDK, and what sends lineage, only where it is wanted', async () => {
    await using collector = openCollector()
    const [plain, traced] = await Promise.all([
      loadedWith({}),
      loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OPENLINEAGE_URL: collector.url }),
    ])
    expect(plain).toEqual([])
    for (const part of ['/lib/lineage/send.ts', '/lib/telemetry/export.ts', '@opentelemetry/sdk-trace/'])
      expect(traced).toContainEqual(expect.stringContaining(part))
  })
})
