/** No failure shows the password or token it failed with: on stdout, stderr, in summaries, records or arguments. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { turnOnTls } from '../support/database.ts'
import { runInProcess } from '../support/in-process.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

/** Letters that nothing else is made of, among characters that URLs, JSON and shells spell otherwise. */
const core = 'kQ7vXw3Gehe1m'
const secret = `p'"\\%/@:?#ü ${core} $&`
/** In flags a password is in the arguments already; they are not searched for this one. */
const flagged = secret.replace(core, 'zT5uYd8Ge4eim')

const forms = [secret, flagged].flatMap((each) => [
  each,
  encodeURIComponent(each),
  JSON.stringify(each).slice(1, -1),
  ...['', 'reader:', ':'].map((before) =>
    Buffer.from(before + each)
      .toString('base64')
      .slice(4, -4),
  ),
  ...(each.match(/[A-Za-z0-9]{13}/) ?? []),
])

function leaksIn(text: string): string[] {
  return forms.filter((form) => text.includes(form))
}

let lake: TestStandIn
let scripts: OwnScripts
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let script: string
let forbidden: string
let urls: { readonly right: string; readonly wrong: string; readonly secretWrong: string }
const shown = new Set<string>()
let watching = true
let watch: Promise<void> | undefined

beforeAll(async () => {
  ;[lake, scripts, folder] = await Promise.all([
    openStandIn({ scale: 0.01, tables: ['taxes'] }),
    openScripts(),
    temporaryFolder(),
  ])
  script = await scripts.write('prices', 'id: integer')
  forbidden = await scripts.write('costs', 'id: integer')
  const literal = `E'${secret.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  await lake.sql.unsafe(`
    create table prices as select g as id from generate_series(1, 3) g;
    alter table prices alter id set not null;
    create table costs (id int not null);
    create role reader login password ${literal};
    create role other login password 'word';
    grant select on prices to reader, other`)
  await turnOnTls(lake.sql)
  const url = (user: string, password: string) => {
    const made = new URL(lake.env['DATABASE_URL'] ?? '')
    made.username = user
    made.password = encodeURIComponent(password)
    return made.href
  }
  urls = { right: url('reader', secret), wrong: url('other', secret), secretWrong: url('other', flagged) }
  expect((await lake.run('taxes', ['--catalog', 'declared'])).exit).toBe(0)
  // The arguments of every process there is, as `ps` shows them to anybody.
  watch = watchArguments()
})

afterAll(async () => {
  watching = false
  await watch
  await lake?.close()
  await scripts?.close()
  await folder?.[Symbol.asyncDispose]()
})

async function watchArguments(): Promise<void> {
  for (; watching; await Bun.sleep(25)) await lookAtArguments()
}

async function lookAtArguments(): Promise<void> {
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const line = await Bun.file(`/proc/${pid}/cmdline`)
      .text()
      .catch(() => '')
    if (line.includes(core)) shown.add(line)
  }
}

interface Case {
  readonly exit: number
  /** What shows that it failed as it was to fail. */
  readonly says: string | RegExp
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

async function runProcess(path: string, args: readonly string[], env: NonNullable<Case['env']>) {
  const child = Bun.spawn([process.execPath, path, ...args], {
    cwd: folder.path,
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

/** Runs it with stack traces, which come beside all that it says without them, and searches what it leaves. */
async function expectNoLeak(
  what: string,
  { exit, says, args = [], env = {} }: Case,
  { within = lake, asProcess = false } = {},
): Promise<void> {
  const summaryFile = join(folder.path, crypto.randomUUID())
  const isProgram = !/\/(new|policies)\.ts$/.test(what)
  const more = isProgram ? ['--json', '--summary-file', summaryFile] : []
  const given = [
    join(import.meta.dir, '../..', what),
    [...more, ...args],
    { ...within.env, DRACULA_DEBUG: '1', ...env },
  ] as const
  const { exit: code, stdout, stderr } = await (asProcess ? runProcess(...given) : runInProcess(...given))
  const summary = isProgram ? await Bun.file(summaryFile).text() : ''
  expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringMatching(says) })
  const said = stdout + stderr + summary
  expect({ leaks: leaksIn(said), stderr }).toEqual({ leaks: [], stderr })
  expect(said).not.toMatch(/X-Amz-(Signature|Security-Token)=[0-9A-Za-z]/)
}

const at = (change: (url: URL) => void, from = urls.right) => {
  const url = new URL(from)
  change(url)
  return { DATABASE_URL: url.href }
}

describe('a load', () => {
  test.concurrent.each<[string, () => Case]>([
    [
      'a wrong password',
      () => ({ exit: 2, says: 'authentication failed', env: { DATABASE_URL: urls.wrong } }),
    ],
    ['no server', () => ({ exit: 1, says: 'no Postgres answers', env: at((url) => (url.port = '1')) })],
    [
      'no host',
      () => ({
        exit: 1,
        says: 'host name is not known',
        env: at((url) => (url.hostname = `${'x'.repeat(64)}.example`)),
      }),
    ],
    ['no database', () => ({ exit: 2, says: 'does not exist', env: at((url) => (url.pathname = '/shop')) })],
    [
      'a certificate of nobody',
      () => ({
        exit: 2,
        says: 'cannot be verified',
        env: at((url) => (url.search = '?sslmode=verify-full')),
      }),
    ],
    [
      'a parameter that is not supported',
      () => ({ exit: 2, says: 'parameter host', env: at((url) => (url.search = '?host=elsewhere')) }),
    ],
    [
      'another scheme',
      () => ({
        exit: 2,
        says: 'not a Postgres URL',
        env: { DATABASE_URL: urls.right.replace('postgres:', 'mysql:') },
      }),
    ],
    [
      'a password that is not encoded',
      () => ({
        exit: 2,
        says: 'is not a URL',
        env: { DATABASE_URL: `postgres://reader:${secret}@localhost/shop` },
      }),
    ],
    [
      'a percent sign that encodes nothing',
      () => ({
        exit: 2,
        says: 'encodes nothing',
        env: { DATABASE_URL: `postgres://reader:${core}%@localhost/shop` },
      }),
    ],
    [
      'several hosts',
      () => ({ exit: 2, says: 'several hosts', env: { DATABASE_URL: `postgres://r:${core}@a,b/c` } }),
    ],
    [
      'a wrong PGPASSWORD',
      () => ({
        exit: 2,
        says: 'authentication failed',
        env: { ...at((url) => (url.password = ''), urls.wrong), PGPASSWORD: secret },
      }),
    ],
    [
      'no AWS credentials',
      () => ({
        exit: 2,
        says: 'credentials',
        env: { DATABASE_URL: urls.right, AWS_ACCESS_KEY_ID: undefined },
      }),
    ],
    [
      'no bucket',
      () => ({ exit: 2, says: 'bucket', env: { DATABASE_URL: urls.right, DRACULA_S3_URI: 's3://absent/x' } }),
    ],
  ])('that meets %s', (_, made) => expectNoLeak(script, made()))

  test.concurrent('that may not read the table', () =>
    expectNoLeak(
      forbidden,
      { exit: 2, says: 'permission denied', env: { DATABASE_URL: urls.right } },
      { asProcess: true },
    ))

  test.concurrent.each([
    ['--limit', (url: string) => ['--limit', url]],
    ['--catalog', (url: string) => ['--catalog', url]],
    ['--deadline', (url: string) => [`--deadline=${url}`]],
    ['an argument', (url: string) => [url]],
    ['a flag there is none of', () => [`--password=${flagged}`]],
    ['a flag there is none of, and a URL', (url: string) => [`--url=${url}`]],
  ])('with wrong flags: %s', (_, args) =>
    expectNoLeak(script, {
      exit: 2,
      says: 'wrong flags',
      args: args(urls.secretWrong),
      env: { DATABASE_URL: urls.secretWrong },
    }),
  )

  test.concurrent('with the passwords of other sources in its flags', () =>
    expectNoLeak(script, {
      exit: 2,
      says: 'wrong flags',
      args: [`--password=${flagged}`, secret],
      env: {
        DATABASE_URL: 'postgres://me@localhost/shop',
        DATABASE_URL_EU: urls.secretWrong,
        DATABASE_URL_US: urls.right,
      },
    }))

  test.concurrent.each([
    ['an upload', 'PutObject', { kind: 'error', code: 'AccessDenied' }, 2, 'Access|AccessDenied'],
    ['an upload that breaks', 'PutObject', { kind: 'drop' }, 1, 'Cannot'],
    [
      'a publish',
      'CreateTable',
      { kind: 'error', code: 'AccessDeniedException', status: 400 },
      2,
      'AccessDenied',
    ],
    ['an audit', 'StartQueryExecution', { kind: 'query fails' }, 1, 'query Athena'],
  ] as const)('whose AWS refuses %s', async (_, operation, action, exit, says) => {
    const aws = await lake.beside()
    aws.faults.add({ operation, action })
    await expectNoLeak(
      script,
      { exit, says: new RegExp(says), env: { DATABASE_URL: urls.right } },
      { within: aws },
    )
    await aws.close()
  })

  test.concurrent('whose outcome is unknown', async () => {
    const aws = await lake.beside()
    const env = { DATABASE_URL: urls.right }
    aws.faults.add({ operation: 'CreateTable', match: 'lake.prices', action: { kind: 'drop' } })
    await expectNoLeak(
      script,
      { exit: 5, says: 'not known whether', env, args: ['--catalog', 'declared'] },
      { within: aws },
    )
    await aws.close()
  })
})

describe('a password from a file', () => {
  test.concurrent('that is wrong', async () => {
    const [urlFile, passFile] = [join(folder.path, 'url'), join(folder.path, 'pass')]
    await Bun.write(urlFile, urls.wrong)
    await Bun.write(passFile, `*:*:*:other:${secret.replace(/[\\:]/g, '\\$&')}\n`)
    await chmod(passFile, 0o600)
    const says = 'authentication failed'
    await expectNoLeak(script, {
      exit: 2,
      says,
      env: { DATABASE_URL: undefined, DATABASE_URL_FILE: urlFile },
    })
    await expectNoLeak(script, {
      exit: 2,
      says,
      env: { ...at((url) => (url.password = ''), urls.wrong), PGPASSFILE: passFile },
    })
  })

  test.concurrent('that others may read', async () => {
    const path = join(folder.path, 'open')
    await Bun.write(path, `*:*:*:*:${core}\n`)
    await chmod(path, 0o644)
    const env = { ...at((url) => (url.password = '')), PGPASSFILE: path }
    await expectNoLeak(script, { exit: 2, says: 'chmod 600', env })
  })
})

describe('a token of RDS', () => {
  const env = () => ({
    ...at((url) => {
      url.password = ''
      url.search = '?sslmode=require'
    }),
    DRACULA_DATABASE_AUTH: 'rds-iam',
    AWS_SESSION_TOKEN: core,
  })

  test.concurrent.each([
    ['checks/schema.ts', []],
    ['checks/row-counts.ts', ['taxes']],
    ['lib/commands/doctor.ts', []],
  ])('that is refused, by %s', (path, args) =>
    expectNoLeak(path, { exit: 2, says: /authentication failed|postgres/, args, env: env() }),
  )

  test.concurrent('that is refused', () =>
    expectNoLeak(script, { exit: 2, says: 'authentication failed', env: env() }))

  test.concurrent.each([[true], [false]])('that nobody can sign', async (pooled) => {
    const path = pooled ? 'checks/row-counts.ts' : 'checks/schema.ts'
    const bare = { ...env(), AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }
    await expectNoLeak(path, { exit: 2, says: /credentials/, args: ['taxes'], env: bare })
  })
})

describe('what is no load', () => {
  test.concurrent.each([
    ['checks/row-counts.ts', ['taxes'], 2],
    ['checks/schema.ts', [], 2],
    ['lib/commands/doctor.ts', [], 2],
    ['lib/commands/new.ts', ['prices'], 2],
    ['lib/commands/check.ts', ['--select', 'taxes'], 2],
    ['lib/commands/all.ts', ['--select', 'taxes'], 2],
  ] as const)('%s with a wrong password', (path, args, exit) =>
    expectNoLeak(
      path,
      { exit, says: /authentication failed|postgres/, args, env: { DATABASE_URL: urls.wrong } },
      { asProcess: true },
    ),
  )

  test.concurrent.each([
    ['lib/commands/new.ts', ['--as']],
    ['lib/commands/policies.ts', []],
  ])('%s with a URL among its flags', (path, args) =>
    expectNoLeak(
      path,
      {
        exit: 2,
        says: /Cannot|error:/,
        args: [...args, urls.secretWrong],
        env: { DATABASE_URL: urls.secretWrong },
      },
      { asProcess: true },
    ),
  )
})

test('a load that succeeds leaves no trace of it in the lake', async () => {
  const { exit, stdout, stderr } = await lake.run(script, ['--fingerprint'], { DATABASE_URL: urls.right })
  expect(exit).toBe(0)
  const seen = JSON.stringify(await lake.readersSee('prices'))
  const { Contents = [] } = await lake.aws.s3.send(
    new ListObjectsV2Command({ Bucket: 'lake', Prefix: 'tables/prices/' }),
  )
  expect(Contents.some(({ Key }) => Key?.includes('/_loads/'))).toBe(true)
  const objects = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await lake.aws.s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))
      return `${Key}${await Body?.transformToString('latin1')}`
    }),
  )
  expect(leaksIn([stdout, stderr, seen, ...objects].join('\n'))).toEqual([])
})

test('a leak would be noticed', () => {
  for (const form of forms) expect(leaksIn(`before ${form} after`)).not.toEqual([])
  expect(leaksIn(`Authorization: Basic ${Buffer.from(`reader:${secret}`).toString('base64')}`)).not.toEqual(
    [],
  )
})

test.skipIf(process.platform !== 'linux')('no process had it in its arguments', () => {
  expect([...shown]).toEqual([])
})
