/** What a failure sends to Sentry: one event, with the context of the last line, and no secret. */
import { describe, expect, test } from 'bun:test'
import type { FailureDetail } from '../../lib/failure/failure.ts'
import type { Behaviour } from './fixture.ts'
import { lastMessage, logLines, runToEnd, secret } from './start.ts'

const load = '20261122t041233123z_x7k2q9'
const detail: FailureDetail = {
  exit: 4,
  act: 'publish',
  thing: 'orders',
  reason: `2 rows are missing, says postgres://reader:${encodeURIComponent(secret)}@localhost/shop`,
  advice: `Ask whoever knows ${secret}.`,
}
const failing: Behaviour = {
  events: [
    { kind: 'start', load, snapshotAt: '2026-11-22T04:12:33.123456Z', estimatedRows: 10 },
    { kind: 'phase', phase: 'read' },
    { kind: 'progress', rows: 250, bytesRead: 5_000_000, bytesWritten: 1_000_000 },
    { kind: 'retry', message: 's3:UploadPart: SlowDown (HTTP 503); again' },
    { kind: 'phase', phase: 'audit' },
  ],
  end: { kind: 'fail', detail, published: null },
}

type Item = Readonly<Record<string, unknown>>

/** A server that takes envelopes (Sentry developer documentation, "Envelopes": lines of JSON), or answers as told. */
function openSentry(answer: () => Response | Promise<Response> = () => Response.json({})) {
  const envelopes: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      envelopes.push(await request.text())
      return answer()
    },
  })
  return {
    env: { SENTRY_DSN: `http://key@127.0.0.1:${server.port}/42`, SENTRY_ENVIRONMENT: 'staging' },
    envelopes,
    event: (): Item => JSON.parse(envelopes[0]?.split('\n')[2] ?? '{}'),
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

describe('a failure', () => {
  test('is one event, with table, load, phase and figures', async () => {
    await using sentry = openSentry()
    const { exit } = await runToEnd([], failing, sentry.env)
    expect(exit).toBe(4)
    expect(sentry.envelopes).toHaveLength(1)
    const { tags, environment, level, release, exception, fingerprint, contexts } = sentry.event()
    expect(tags).toEqual({ table: 'orders', load, phase: 'audit', exit: 4, retry: false })
    expect({ environment, level, release, fingerprint }).toEqual({
      environment: 'staging',
      level: 'error',
      release: expect.stringMatching(/^dracula-etl@\d/),
      fingerprint: ['orders', 'audit', '4'],
    })
    expect(exception).toMatchObject({
      values: [
        { type: 'exit 4', value: expect.stringContaining('Cannot publish "orders": 2 rows are missing') },
      ],
    })
    expect(contexts).toMatchObject({
      failure: {
        rows: 250,
        bytes: 1_000_000,
        retries: 1,
        line: expect.stringContaining('orders: not published'),
      },
    })
  })

  test('has no secret in it, nor anything of the machine', async () => {
    await using sentry = openSentry()
    const hostname = 'a-host-of-ours'
    await runToEnd(['--json'], failing, {
      ...sentry.env,
      HOSTNAME: hostname,
      AWS_SECRET_ACCESS_KEY: 'wJalrX',
    })
    const [envelope = ''] = sentry.envelopes
    expect(envelope).toContain('***')
    for (const hidden of [secret, encodeURIComponent(secret), 'wJalrX', hostname, 'fixture.ts', '--json']) {
      expect(envelope).not.toContain(hidden)
    }
    expect(Object.keys(sentry.event())).not.toContain('breadcrumbs')
    expect(sentry.event()).not.toHaveProperty('server_name')
    expect(sentry.event()).not.toHaveProperty('user')
  })

  test('of the flags is told as well', async () => {
    await using sentry = openSentry()
    expect((await runToEnd(['--no-such-flag'], failing, sentry.env)).exit).toBe(2)
    expect(sentry.event()).toMatchObject({ tags: { table: 'orders', exit: 2 } })
  })

  test.each([
    ['is busy', () => new Response('', { status: 503 }), /HTTP 503/],
    ['never answers', () => new Promise<Response>(() => {}), /within 2 s|timed out/],
  ] as const)('ends as it would when Sentry %s', async (_, answer, reason) => {
    await using sentry = openSentry(answer)
    const run = await runToEnd([], failing, sentry.env)
    expect(run.exit).toBe(4)
    const lines = logLines(run)
    const { level, message } = lines.at(-2) ?? {}
    expect([level, message]).toEqual(['warn', expect.stringMatching(reason)])
    expect(message).toStartWith('Sentry was not told: ')
    expect(lastMessage(run)).toStartWith('orders: not published')
  })
})

test('the environment is that of Dracula where Sentry has none of its own', async () => {
  await using sentry = openSentry()
  await runToEnd([], failing, { ...sentry.env, SENTRY_ENVIRONMENT: '', DRACULA_ENVIRONMENT: 'qa' })
  expect(sentry.event()).toMatchObject({ environment: 'qa' })
})

test('a load that succeeds sends nothing', async () => {
  await using sentry = openSentry()
  expect((await runToEnd([], { end: { kind: 'succeed' } }, sentry.env)).exit).toBe(0)
  expect(sentry.envelopes).toEqual([])
})

test('a SENTRY_DSN that is none is refused before anything begins', async () => {
  const run = await runToEnd([], { end: { kind: 'succeed' } }, { SENTRY_DSN: 'abc123' })
  expect(run.exit).toBe(2)
  expect(lastMessage(run)).toContain('Cannot use "SENTRY_DSN": it is not a DSN')
  expect(run.stderr).not.toContain('abc123')
})
