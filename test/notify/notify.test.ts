/** Who is told when a table fails and when it is well again: once, whichever process it is, and without a secret. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { getText, listObjects } from '../../lib/aws/objects.ts'
import { toBeTold } from '../../lib/cli/tell.ts'
import type { ExitCode } from '../../lib/failure/exit-code.ts'
import type { FailureDetail } from '../../lib/failure/failure.ts'
import { messageOf, subjectLine } from '../../lib/notify/message.ts'
import type { Behaviour } from '../cli/fixture.ts'
import { lastMessage, logLines, runToEnd, type Started, secret } from '../cli/start.ts'
import { openLake } from '../support/aws.ts'
import { runInProcess } from '../support/in-process.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openWebhook } from '../support/webhook.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())

const tell = join(import.meta.dir, '../../lib/commands/tell.ts')
const scripts = join(import.meta.dir, '../../scripts')

const load = '20261122t041233123z_x7k2q9'
const well: Behaviour = { end: { kind: 'succeed' } }

function failing(exit: ExitCode, more: Partial<FailureDetail> = {}): Behaviour {
  const detail = { exit, act: 'read', thing: 'orders', reason: 'it is gone', advice: 'Look for it.', ...more }
  return {
    events: [
      { kind: 'start', load, snapshotAt: '2026-11-22T04:12:33.123456Z', estimatedRows: 10 },
      { kind: 'phase', phase: 'read' },
    ],
    end: { kind: 'fail', detail, published: null },
  }
}

let places = 0

/** A place of its own in the lake, which knows of no table yet, and a webhook. */
function place(webhook: { readonly url: string }, env: Readonly<Record<string, string | undefined>> = {}) {
  const prefix = `place-${places++}`
  const all = { ...lake.env, DRACULA_S3_URI: `s3://lake/${prefix}`, DRACULA_WEBHOOK: webhook.url, ...env }
  return {
    env: all,
    prefix,
    load: (
      behaviour: Behaviour,
      more: Readonly<Record<string, string | undefined>> = {},
      args: string[] = [],
    ) => runToEnd(args, behaviour, { ...all, ...more }),
    tell: (...args: string[]): Promise<Started> => runInProcess(tell, ['--scripts', scripts, ...args], all),
    states: async () =>
      (await listObjects(lake.aws, { bucket: 'lake', prefix: `${prefix}/` })).map(({ key }) => key),
  }
}

const warningsOf = (started: Started) =>
  logLines(started).flatMap(({ level, message }) => (level === 'warn' ? [String(message)] : []))

describe('a table that fails', () => {
  test('is told of with cause, remedy, retry and exit code, and then that it is well again', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook, { DRACULA_ENVIRONMENT: 'production' })
    expect((await orders.load(failing(3))).exit).toBe(3)
    expect(webhook.received[0]).toMatchObject({ type: 'application/json; charset=utf-8' })
    expect(webhook.taken()).toEqual({
      version: 1,
      dracula_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      environment: 'production',
      more: 0,
      text: '[production] ✗ orders: not published; nothing is published yet. Cause: Cannot read "orders": it is gone. Do: Look for it. Retry: no.',
      events: [
        {
          ...{ event: 'failing', table: 'orders', check: null, exit: 3, retry: 'no', failures: 1 },
          ...{ cause: 'Cannot read "orders": it is gone', remedy: 'Look for it.', load, phase: 'read' },
          line: expect.stringMatching(/^orders: not published; .* Retry: no\.$/),
          at: expect.stringMatching(/^\d{4}-/),
          since: expect.stringMatching(/^\d{4}-/),
        },
      ],
    })
    expect((await orders.load(well)).exit).toBe(0)
    expect(webhook.taken()).toMatchObject({
      text: expect.stringMatching(/^\[production\] ✓ orders is well again; it failed once since /),
      events: [{ event: 'recovered', table: 'orders', failures: 1, cause: null, exit: null }],
    })
  })

  test('is told of once, however often it fails', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    for (let run = 0; run < 10; run++) await orders.load(failing(1))
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'failing' }] })
    await orders.load(well)
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'recovered', failures: 10 }] })
    await orders.load(well)
    expect(webhook.received).toEqual([])
  })

  test('is told of again with another exit code, and by none twice', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    for (const exit of [1, 3, 1, 3] as const) await orders.load(failing(exit))
    expect(webhook.received.map((each) => each.json()['events'])).toMatchObject([
      [{ exit: 1 }],
      [{ exit: 3 }],
    ])
  })

  test('is told of by one of two processes that see it at the same time', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    await Promise.all([1, 2, 3, 4].map(() => orders.load(failing(1))))
    expect(webhook.received).toHaveLength(1)
    await orders.load(well)
    expect(webhook.received[1]?.json()).toMatchObject({ events: [{ event: 'recovered', failures: 4 }] })
  })

  test('is told of by the next run where the webhook answered too late', async () => {
    const { promise: stuck, resolve } = Promise.withResolvers<Response>()
    let answers: () => Response | Promise<Response> = () => stuck
    await using webhook = openWebhook(() => answers())
    const orders = place(webhook)
    const first = await orders.load(failing(1))
    expect(warningsOf(first)).toEqual(['The webhook was not told: it did not answer within 2.5 s.'])
    resolve(new Response('too late'))
    answers = () => new Response('ok')
    await orders.load(failing(1))
    expect(webhook.received).toHaveLength(2)
    expect(webhook.received[1]?.json()).toMatchObject({ events: [{ event: 'failing', failures: 2 }] })
  })

  test('is told to be well again by whom its failure was told, though another exit code was not', async () => {
    let status = 200
    await using webhook = openWebhook(() => new Response('', { status }))
    const orders = place(webhook)
    await orders.load(failing(1))
    status = 500
    await orders.load(failing(3))
    status = 200
    webhook.received.splice(0)
    await orders.load(well)
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'recovered', failures: 2 }] })
  })

  test('of which nobody could be told is not told to be well again', async () => {
    let status = 500
    await using webhook = openWebhook(() => new Response('', { status }))
    const orders = place(webhook)
    await orders.load(failing(1))
    status = 200
    await orders.load(well)
    expect(webhook.received).toHaveLength(1)
  })
})

test('many that change at once are one message, of no more than SNS and Slack take', () => {
  const long = '\u0001\u5409"'.repeat(5_000)
  const trouble = { line: long, cause: long, remedy: long, retry: 'no', exit: 4 } as const
  const told = Array.from({ length: 200 }, (_, at) => ({
    outcome: { table: `table_${at}`, check: 'columns', trouble },
    telling: { change: 'failing', spell: { since: '2026-11-22T04:12:33.123Z', failures: 1 } } as const,
  }))
  const message = messageOf(told, undefined, Date.now())
  expect([message.events.length, message.more]).toEqual([15, 185])
  expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(256 * 1_024)
  expect(message.text.length).toBeLessThan(40_000)
  expect(message.text).toEndWith('… and 185 more')
  expect(message.text).toContain(' … Do: ')
  expect(subjectLine(message)).toBe('[dracula] 200 tables and checks have changed')
})

test('a run of all tables that could not start is told of, unless it was to be a dry run', async () => {
  await using webhook = openWebhook()
  const { env } = place(webhook)
  const all = join(import.meta.dir, '../../lib/commands/all.ts')
  const run = (...args: string[]) => runInProcess(all, ['--scripts', scripts, ...args], env)
  expect((await run('--no-such-flag', '--dry-run')).exit).toBe(2)
  expect(webhook.received).toEqual([])
  expect((await run('--no-such-flag')).exit).toBe(2)
  expect(webhook.taken()).toMatchObject({
    text: expect.stringMatching(/^✗ all: nothing was started\. Cause: wrong flags: unknown option/),
    events: [{ event: 'failing', table: null, check: null, exit: 2 }],
  })
})

describe('what says nothing of a table', () => {
  test.each([
    ['a dry run', ['--dry-run'], failing(1)],
    ['a dry run with wrong flags', ['--dry-run', '--no-such-flag'], well],
    ['a load that succeeds, of a table that never failed', [], well],
  ] as const)('%s', async (_, args, behaviour) => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    await orders.load(behaviour, {}, [...args])
    expect(webhook.received).toEqual([])
    expect(await orders.states()).toEqual([])
  })
})

test('what fails at a terminal is told there alone, and what succeeds there is told', () => {
  const trouble = { line: 'orders: …', cause: 'it', remedy: 'do', retry: 'no', exit: 3 } as const
  const outcomes = [{ table: 'orders', trouble }, { table: 'taxes' }]
  expect(toBeTold(outcomes, { terminal: true })).toEqual([{ table: 'taxes' }])
  expect(toBeTold(outcomes, { terminal: false })).toEqual(outcomes)
})

test('what fails in a process that was started by one at a terminal is told there alone too', async () => {
  await using webhook = openWebhook()
  await place(webhook, { DRACULA_AT_TERMINAL: '1' }).load(failing(3))
  expect(webhook.received).toEqual([])
})

describe('a webhook', () => {
  test('that is of Slack, by its format, gets a text in which nothing is a link or a mention', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook, { DRACULA_WEBHOOK_FORMAT: 'slack' })
    await orders.load(failing(3, { reason: 'it has <!channel> & <https://evil.example|this>' }))
    const { text, ...others } = webhook.taken()
    expect(others).toEqual({})
    expect(text).toContain('it has &lt;!channel&gt; &amp; &lt;https://evil.example|this&gt;')
  })

  test('may be named in a file', async () => {
    await using webhook = openWebhook()
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'webhook')
    await Bun.write(path, `${webhook.url}\n`)
    await place(webhook, { DRACULA_WEBHOOK: undefined, DRACULA_WEBHOOK_FILE: path }).load(failing(3))
    expect(webhook.taken()).toMatchObject({ events: [{ table: 'orders' }] })
  })

  test.each([
    ['is broken', () => new Response('no', { status: 500 }), 'it answered HTTP 500'],
    ['sends on to another place', () => Response.redirect('http://127.0.0.1:1/'), 'it answered HTTP 302'],
  ] as const)('that %s changes nothing but a line, without the URL', async (_, answer, reason) => {
    await using webhook = openWebhook(answer)
    const started = await place(webhook).load(failing(3))
    expect(started.exit).toBe(3)
    expect(warningsOf(started)).toEqual([`The webhook was not told: ${reason}.`])
    expect(lastMessage(started)).toStartWith('orders: not published')
    expect(started.stderr).not.toContain('/services/')
    expect(webhook.received).toHaveLength(1)
  })

  test('that nobody listens at changes nothing but a line, without the URL', async () => {
    const started = await place({ url: 'http://127.0.0.1:1/services/a-secret-of-ours' }).load(failing(4))
    expect(started.exit).toBe(4)
    expect(warningsOf(started)).toEqual([
      expect.stringMatching(/^The webhook was not told: it cannot be reached/),
    ])
    expect(started.stderr).not.toContain('a-secret-of-ours')
  })

  test('gets no secret, and its own does not get anywhere', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    const reason = `it says ${secret} of postgres://me:${encodeURIComponent(secret)}@localhost and ${webhook.url}`
    const started = await orders.load(failing(3, { reason, advice: `Ask ${webhook.token}.` }), {}, ['--json'])
    const [{ text } = { text: '' }] = webhook.received
    for (const hidden of [secret, encodeURIComponent(secret), webhook.token]) {
      expect(text).not.toContain(hidden)
      expect(started.stderr + started.stdout).not.toContain(hidden)
    }
    const [key = ''] = await orders.states()
    expect(await getText(lake.aws, { bucket: 'lake', key })).not.toContain(webhook.token)
  })

  test.each([
    ['DRACULA_WEBHOOK', 'not-a-url-but-secret', 'it is not a URL'],
    ['DRACULA_WEBHOOK', 'ftp://host/secret', 'it begins with neither https:// nor http://'],
    ['DRACULA_WEBHOOK', 'https://host/a secret', 'it has white space in it'],
    ['DRACULA_WEBHOOK', 'https://me:hunter2@host/x', 'it has a user or a password in it'],
    ['DRACULA_WEBHOOK_FORMAT', 'secret', 'it is neither json nor slack'],
    ['DRACULA_WEBHOOK_FILE', '/no/such/file', 'it is set beside DRACULA_WEBHOOK'],
    ['DRACULA_SNS_TOPIC', 'alerts', 'it is not the ARN of a topic'],
    ['DRACULA_SNS_TOPIC', 'arn:aws:sns:eu-central-1:123456789012:alerts.fifo', 'it is a FIFO topic'],
    ['DRACULA_ENVIRONMENT', 'pro\nduction', 'it is no name of an environment'],
    ['DRACULA_METRICS_DIRECTORY', 'metrics', 'it does not begin with a slash'],
  ])('and all else are refused before anything begins: %s=%j', async (name, value, reason) => {
    await using webhook = openWebhook()
    const started = await place(webhook).load(well, { [name]: value })
    expect(started.exit).toBe(2)
    expect(lastMessage(started)).toContain(`Cannot use "${name}": ${reason}`)
    expect(started.stderr).not.toMatch(/hunter2|but-secret|host\/secret/)
  })
})

describe('a topic of SNS', () => {
  const topic = 'arn:aws:sns:us-east-1:000000000000:alerts'
  const sent = () => {
    const [first, ...more] = lake.published.splice(0)
    if (first === undefined || more.length > 0)
      throw new Error(`It got ${more.length + (first ? 1 : 0)} messages`)
    return { ...first, message: JSON.parse(first.message) }
  }

  test('is told the same, with a subject for mails', async () => {
    const orders = place({ url: '' }, { DRACULA_SNS_TOPIC: topic, DRACULA_ENVIRONMENT: 'production' })
    await orders.load(failing(3))
    expect(sent()).toMatchObject({
      ...{ topic, subject: '[production] orders fails' },
      message: { version: 1, environment: 'production', events: [{ event: 'failing', table: 'orders' }] },
    })
    await orders.load(well)
    expect(sent()).toMatchObject({ subject: '[production] orders is well again' })
  })

  test('is told at the next run what it did not take, and the webhook that took it is not told again', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook, { DRACULA_SNS_TOPIC: topic })
    lake.faults.add({ operation: 'Publish', action: { kind: 'error', code: 'InternalError', status: 500 } })
    const started = await orders.load(failing(3))
    lake.faults.clear()
    expect(warningsOf(started)).toEqual([
      expect.stringMatching(
        /^The topic of SNS was not told: Cannot publish to the topic "arn:.*": InternalError/,
      ),
    ])
    webhook.taken()
    await orders.load(failing(3))
    expect(sent()).toMatchObject({ message: { events: [{ event: 'failing', failures: 2 }] } })
    expect(webhook.received).toEqual([])
  })

  test('may be told under the policy that is printed where it is configured, and only then', async () => {
    const env = { DRACULA_SNS_TOPIC: topic }
    const print = async (more: Readonly<Record<string, string>>) => {
      const policies = join(import.meta.dir, '../../lib/commands/policies.ts')
      return JSON.parse((await runInProcess(policies, ['iam'], { ...lake.env, ...more })).stdout)
    }
    expect(JSON.stringify(await print({}))).not.toContain('sns:')
    lake.guard.restrict('with', [await print(env)])
    lake.guard.restrict('without', [await print({})])
    const load = (key: string) =>
      place({ url: '' }, { ...env, DRACULA_S3_URI: 's3://lake/tables', AWS_ACCESS_KEY_ID: key }).load(
        failing(3),
      )
    expect(warningsOf(await load('without'))).toEqual([
      expect.stringMatching(/not authorized to perform: sns:Publish/),
    ])
    expect(warningsOf(await load('with'))).toEqual([])
    expect(sent()).toMatchObject({ subject: '[dracula] orders fails' })
  })

  test('that is not there is told of in a line', async () => {
    const other = 'arn:aws:sns:us-east-1:999999999999:alerts'
    const started = await place({ url: '' }, { DRACULA_SNS_TOPIC: other }).load(failing(3))
    expect(warningsOf(started)).toEqual([expect.stringMatching(/Topic does not exist/)])
  })
})

test('a wrong setting of one is told by the other', async () => {
  await using webhook = openWebhook()
  expect((await place(webhook, { DRACULA_SNS_TOPIC: 'alerts' }).load(well)).exit).toBe(2)
  expect(webhook.taken()).toMatchObject({ events: [{ cause: expect.stringContaining('DRACULA_SNS_TOPIC') }] })
})

describe('where the lake keeps no state', () => {
  test('a failure is told, and why it may be told again', async () => {
    await using webhook = openWebhook()
    const started = await place(webhook, { DRACULA_S3_URI: 's3://no-such-bucket/x' }).load(failing(1))
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'failing', failures: null }] })
    expect(warningsOf(started)).toEqual([
      expect.stringMatching(/^What was told before is not known, .*NoSuchBucket/),
    ])
  })

  test('as none is configured, a failure is told too', async () => {
    await using webhook = openWebhook()
    await place(webhook, { DRACULA_S3_URI: undefined }).load(well)
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'failing', exit: 2 }] })
  })

  test('what somebody else has put in its place counts as nothing', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    await orders.load(failing(1))
    const [key = ''] = await orders.states()
    await lake.aws.s3.send(
      new PutObjectCommand({ Bucket: 'lake', Key: key, Body: '{"version":1,"states":{"load":7}}' }),
    )
    await orders.load(failing(1))
    expect(webhook.received).toHaveLength(2)
  })
})

describe('a run whose pod was killed', () => {
  test('is told of in its place, and so is that the next one is well', async () => {
    await using webhook = openWebhook()
    const currencies = place(webhook)
    const failures = JSON.stringify([
      { displayName: 'load', message: 'OOMKilled (exit code 137)', phase: 'Failed' },
    ])
    const told = await currencies.tell('--table', 'currencies', '--status', 'Failed', '--reason', failures)
    expect([told.exit, told.stdout]).toEqual([0, 'told: webhook\n'])
    expect(webhook.taken()).toMatchObject({
      events: [
        {
          ...{ event: 'failing', table: 'currencies', exit: null, retry: 'settles it' },
          cause: 'its run ended as failed, and its process has not said why: load: OOMKilled (exit code 137)',
        },
      ],
    })
    for (const status of ['Error', 'Skipped', 'Omitted'])
      expect((await currencies.tell('--table', 'currencies', '--status', status)).exit).toBe(0)
    expect(webhook.received).toEqual([])
    await currencies.tell('--table', 'currencies', '--status', 'Succeeded')
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'recovered', table: 'currencies' }] })
  })

  test('is not told of where its process has said so since it began, and is where it said so before', async () => {
    await using webhook = openWebhook()
    const orders = place(webhook)
    await using folder = await temporaryFolder()
    await Bun.write(join(folder.path, 'orders.ts'), '')
    const began = new Date(Date.now() - 60_000).toISOString()
    await orders.load(failing(3))
    webhook.taken()
    const tellOf = (since: string) => {
      const args = ['--scripts', folder.path, '--table', 'orders', '--status', 'Failed', '--since', since]
      return runInProcess(tell, args, orders.env)
    }
    expect((await tellOf(began)).stdout).toBe('nothing was to be told\n')
    expect((await tellOf(new Date(Date.now() + 60_000).toISOString())).stdout).toBe('told: webhook\n')
    expect(webhook.taken()).toMatchObject({ events: [{ event: 'failing', exit: null, failures: 2 }] })
  })

  test.each([
    [['--table', 'ordres', '--status', 'Failed'], 'no script has that name'],
    [['--table', 'currencies'], '--status'],
    [['--status', 'Failed'], '--table'],
    [['--table', 'currencies', '--status', 'Exploded'], 'It is Succeeded, Failed, Error'],
    [['--table', 'currencies', '--status', 'Failed', '--since', 'yesterday'], 'It is a time'],
  ])('is not told of by wrong flags: %j', async (args, reason) => {
    await using webhook = openWebhook()
    const told = await place(webhook).tell(...args)
    expect(told.exit).toBe(2)
    expect(lastMessage(told)).toContain(reason)
    expect(webhook.received).toEqual([])
  })

  test('is told to nobody where nobody is configured, which is no failure', async () => {
    const told = await place({ url: '' }).tell('--table', 'currencies', '--status', 'Failed')
    expect([told.exit, told.stdout]).toEqual([0, 'nobody is to be told: no webhook and no topic is set\n'])
  })

  test('is said not to be told of, where that failed', async () => {
    await using webhook = openWebhook(() => new Response('', { status: 404 }))
    const told = await place(webhook).tell('--table', 'currencies', '--status', 'Failed')
    expect(told.exit).toBe(1)
    expect(lastMessage(told)).toContain('The webhook was not told: it answered HTTP 404')
  })
})

test('a test message arrives, and nothing is kept of it', async () => {
  await using webhook = openWebhook()
  const orders = place(webhook)
  expect((await orders.tell('--test')).stdout).toBe('told: webhook\n')
  expect(webhook.taken()).toMatchObject({ events: [{ event: 'test', table: null }] })
  expect(await orders.states()).toEqual([])
})
