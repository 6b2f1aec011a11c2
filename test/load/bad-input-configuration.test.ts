/** What is wrong before a row is asked for: flags, environment, the way to Postgres. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { readDatabase } from '../../lib/config/config.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { certificates, turnOnTls } from '../support/database.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectClearLine, expectNoSecret, expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let lake: TestStandIn
let scripts: OwnScripts
let script: string

beforeAll(async () => {
  ;[lake, scripts] = await Promise.all([openStandIn(), openScripts()])
  script = await scripts.write('prices', 'id: integer')
  await lake.sql.unsafe(`
    create table prices as select g as id from generate_series(1, 3) g;
    alter table prices alter id set not null;
    create role reader login password 'p%41ss/w@rd';
    grant select on prices to reader;
    create role crowd login password 'word' connection limit 0`)
  await lake.sql.unsafe('create database ascii encoding sql_ascii template template0')
  await turnOnTls(lake.sql)
  expect((await lake.run(script)).exit).toBe(0)
})

afterAll(async () => {
  await lake?.close()
  await scripts?.close()
})

/** DATABASE_URL with a part of it changed. */
function urlWith(change: (url: URL) => void): { DATABASE_URL: string } {
  const url = new URL(lake.env['DATABASE_URL'] ?? '')
  change(url)
  return { DATABASE_URL: url.href }
}

/** Runs the script in this environment, and expects it to be refused so. */
function refusedIn(
  env: Readonly<Record<string, string | undefined>>,
  exit: 1 | 2 | 3,
  ...says: readonly (string | RegExp)[]
) {
  return expectRefusal(lake, 'prices', () => lake.run(script, ['--connect-within', 'off'], env), {
    exit,
    says,
  })
}

describe('a Postgres', () => {
  test.concurrent('that is not there', async () => {
    const server = await listen()
    const { port } = server.address
    await server.close()
    const env = urlWith((url) => {
      url.port = String(port)
    })
    await refusedIn(env, 1, `127.0.0.1:${port}/postgres`, 'no Postgres answers there', 'Check host and port')
  })

  test.concurrent('that never answers', async () => {
    const server = await listen()
    const env = urlWith((url) => {
      url.port = String(server.address.port)
    })
    await refusedIn(env, 1, 'nothing answered in time', 'firewall')
    await server.close()
  })

  test.concurrent('that hangs up', async () => {
    const server = await listen((socket) => socket.destroy())
    const env = urlWith((url) => {
      url.port = String(server.address.port)
    })
    await refusedIn(env, 1, 'no Postgres answers there', 'Check host and port')
    await server.close()
  })

  test.concurrent('whose name is not known', async () => {
    // A label longer than DNS allows: no resolver has to be asked.
    const host = `${'x'.repeat(64)}.example`
    const env = urlWith((url) => {
      url.hostname = host
    })
    await refusedIn(env, 1, 'its host name is not known', 'Check the host in DATABASE_URL')
  })

  test.concurrent('that does not know the password', async () => {
    const env = urlWith((url) => {
      url.username = 'reader'
      url.password = 'open-sesame%25'
    })
    const finished = await refusedIn(
      { ...env, DRACULA_DEBUG: undefined },
      2,
      'password authentication failed for user "reader"',
      'Check user and password in DATABASE_URL.',
    )
    expectNoSecret(finished, [env.DATABASE_URL])
  })

  test.concurrent('that does not know the password, which a stack trace does not tell either', async () => {
    const env = urlWith((url) => {
      url.username = 'reader'
      url.password = 'open-sesame%25'
    })
    const finished = await lake.run(script, [], { ...env, DRACULA_DEBUG: '1' })
    expect(finished.exit).toBe(2)
    expectNoSecret(finished, [env.DATABASE_URL])
  })

  test.concurrent('that has no such database', async () => {
    const env = urlWith((url) => {
      url.pathname = '/shopp'
    })
    await refusedIn(env, 2, 'database "shopp" does not exist', 'Check the database in DATABASE_URL.')
  })

  test.concurrent('that has no connection to spare', async () => {
    const env = urlWith((url) => {
      url.username = 'crowd'
      url.password = 'word'
    })
    await refusedIn(env, 1, 'too many connections for role "crowd"', 'Try again when fewer connections')
  })

  test.concurrent('whose database has no certain encoding', async () => {
    const env = urlWith((url) => {
      url.pathname = '/ascii'
    })
    await expectRefusal(lake, 'prices', () => lake.run(script, ['--new-source'], env), {
      exit: 3,
      says: ['its encoding is SQL_ASCII', 'Dump it and restore it'],
    })
  })
})

/** An error as the server sends it before a connection is made (PostgreSQL manual, "Message Formats"). */
function errorResponse(state: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${message}\0\0`)
  const head = Buffer.from([0x45, 0, 0, 0, 0])
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

describe('a Postgres that comes back in a moment', () => {
  /** Where the database is, and how often somebody has called. */
  async function listenFor(answers: (call: number, socket: Socket) => boolean, port = 0) {
    let calls = 0
    const target = new URL(lake.env['DATABASE_URL'] ?? '')
    const server = await listen((socket) => {
      if (!answers(++calls, socket)) return
      const upstream = connect(Number(target.port), target.hostname)
      upstream.on('error', () => socket.destroy())
      socket.on('close', () => upstream.destroy())
      socket.pipe(upstream).pipe(socket)
    }, port)
    const env = urlWith((url) => {
      url.port = String(server.address.port)
    })
    return { ...server, env }
  }

  async function expectLoadedAfter(
    running: Pick<ReturnType<TestStandIn['start']>, 'finished'>,
    reason: string,
  ): Promise<void> {
    const finished = await running.finished
    const { retries, rows, warnings } = finished.summary()
    expect({ rows, warnings }).toEqual({ rows: 3, warnings: [] })
    expect(retries).toBeGreaterThan(0)
    const told = finished.stderr.split('\n').find((line) => line.includes('again in'), running) ?? ''
    expect(JSON.parse(told)).toMatchObject({ retries: 1, message: expect.stringContaining(reason) })
    expect(JSON.parse(finished.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ retries, exit: 0 })
  }

  test.concurrent('as nothing listens yet', async () => {
    const before = await listen()
    const { port } = before.address
    await before.close()
    const env = urlWith((url) => {
      url.port = String(port)
    })
    const other = await lake.beside()
    const running = other.begin(script, ['--dry-run'], env)
    await until(() => running.stderr().includes('again in'), running)
    const server = await listenFor(() => true, port)
    await expectLoadedAfter(running, 'no Postgres answers there; again in')
    await server.close()
  })

  test.concurrent('as it still starts', async () => {
    const server = await listenFor((call, socket) => {
      if (call > 2) return true
      socket.once('data', () => socket.end(errorResponse('57P03', 'the database system is starting up')))
      return false
    })
    const other = await lake.beside()
    await expectLoadedAfter(
      other.begin(script, ['--dry-run'], server.env),
      'the database system is starting up',
    )
    await server.close()
  })

  test.concurrent('as it has a connection to spare again', async () => {
    await lake.sql`create role queue login password 'word' connection limit 1`
    await lake.sql`grant select on prices to queue`
    const env = urlWith((url) => {
      url.username = 'queue'
      url.password = 'word'
    })
    const taken = connectPostgres(readDatabase(env), { max: 1 })
    await taken`select`
    const other = await lake.beside()
    const running = other.begin(script, ['--dry-run'], env)
    await until(() => running.stderr().includes('again in'), running)
    await taken.end()
    await expectLoadedAfter(running, 'too many connections for role "queue"; again in')
  })
})

describe('an environment', () => {
  test.concurrent('without any configuration is told all that is missing, and how to try it here', async () => {
    const bare = { DATABASE_URL: '', DRACULA_S3_URI: '', DRACULA_GLUE_DATABASE: undefined }
    await refusedIn(
      bare,
      2,
      'DATABASE_URL (or PGHOST, PGUSER, PGDATABASE), DRACULA_S3_URI and DRACULA_GLUE_DATABASE are not set',
      'try it on this machine: bun run local -- bun scripts/',
    )
  })

  test.concurrent('without a region is told to set it', async () => {
    await refusedIn({ AWS_REGION: undefined }, 2, 'Region is missing', 'Set AWS_REGION.')
  })

  test.concurrent('without AWS credentials is told so', async () => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }
    await refusedIn(none, 2, 'Could not load credentials', 'Check the AWS credentials')
  })

  test.concurrent.each([
    ['DRACULA_S3_URI', 'lake/tables', 'Write s3://bucket/prefix'],
    ['DRACULA_GLUE_DATABASE', 'My Lake', 'is "My Lake", which is not a name Athena takes'],
    ['DRACULA_STAGING_DATABASE', 'lake', 'is the database of DRACULA_GLUE_DATABASE'],
    ['DATABASE_URL', 'postgres://reader:p#ss@localhost/shop', 'percent-encode special characters'],
    ['DATABASE_URL', 'mysql://reader:sesame@localhost/shop', 'is not a Postgres URL'],
  ])('with a wrong %s, %s, is told which and why', async (name, value, says) => {
    const finished = await refusedIn({ [name]: value }, 2, `Cannot use "${name}"`, says)
    expect(finished.stderr).not.toMatch(/p#ss|sesame/)
  })

  test.concurrent.each([
    [
      { DRACULA_ATHENA_WORKGROUP: 'reports' },
      ['WorkGroup reports is not found', 'Create it, or correct DRACULA_'],
    ],
    [
      { DRACULA_ATHENA_OUTPUT: undefined },
      ['workgroup primary has no place for results', 'Set DRACULA_ATHENA_OUTPUT'],
    ],
  ])('whose workgroup takes no query, %j, is told so before anything is read', async (env, says) => {
    const finished = await refusedIn(env, 2, ...says)
    expect(finished.stderr).not.toContain('opening a snapshot')
  })

  test.concurrent('whose names make one of a crawler that Glue refuses is told the length and the limit', async () => {
    const env = { DRACULA_GLUE_DATABASE: 'd'.repeat(245) }
    await refusedIn(env, 2, 'has 260 letters, and Glue takes 255', 'or load with --catalog declared')
  })

  test.concurrent('that wants a crawl but names no role is told so', async () => {
    const env = { DRACULA_CRAWLER_ROLE: undefined }
    await expectRefusal(lake, 'prices', () => lake.run(script, ['--catalog', 'crawler'], env), {
      exit: 2,
      says: ['DRACULA_CRAWLER_ROLE is not set', 'or load with --catalog declared'],
    })
  })
})

describe('flags', () => {
  test.concurrent.each([
    [['--limit', '0'], /'--limit <n>' argument '0' is invalid\. It is a whole number, 1 or more/],
    [['--limit', '-1'], /'--limit <n>' argument '-1' is invalid/],
    [['--limit', 'ten'], /argument 'ten' is invalid/],
    [['--limit'], /option '--limit <n>' argument missing/],
    [['--max-shrink', '101%'], /argument '101%' is invalid\. It is a share from 0% to 100%, such as 80%/],
    [['--max-shrink', '-5'], /argument '-5' is invalid/],
    [['--max-shrink', 'half'], /argument 'half' is invalid/],
    [['--retain', '0'], /'--retain <n>' argument '0' is invalid/],
    [['--catalog', 'glue'], /argument 'glue' is invalid\. Allowed choices are auto, crawler, declared/],
    [['--codec', 'lzo'], /argument 'lzo' is invalid\. Allowed choices are zstd, gzip, none/],
    [['--deadline', 'soon'], /argument 'soon' is invalid\. It is a time such as 90s, 30m or 6h/],
    [['--max-file-size', '0'], /'--max-file-size <size>' argument '0' is invalid/],
    [['--dry-runn'], /unknown option '--dry-runn'.*--dry-run/],
    [['currencies'], /too many arguments/],
  ])('%j are wrong, and nothing is begun', async (args, says) => {
    await expectRefusal(lake, 'prices', () => lake.run(script, args), {
      exit: 2,
      says: [says, 'Do: See --help.'],
    })
  })
})

describe('a Postgres by TLS', () => {
  test.concurrent('whose certificate does not verify', async () => {
    const env = urlWith((url) => {
      url.searchParams.set('sslmode', 'verify-full')
    })
    await refusedIn(env, 2, "the server's certificate cannot be verified", 'Set sslrootcert in DATABASE_URL')
  })

  test.concurrent('whose certificate is for another host', async () => {
    const env = urlWith((url) => {
      url.searchParams.set('sslmode', 'verify-full')
      url.searchParams.set('sslrootcert', join(certificates, 'authority.pem'))
    })
    await refusedIn(env, 2, "the server's certificate is for another host", 'sslmode=verify-ca')
  })

  test.concurrent('whose authority is in no file', async () => {
    const env = urlWith((url) => {
      url.searchParams.set('sslmode', 'verify-full')
      url.searchParams.set('sslrootcert', '/no/such/bundle.pem')
    })
    await refusedIn(env, 2, 'names the file /no/such/bundle.pem, which cannot be read')
  })

  test.concurrent('that speaks none', async () => {
    const server = await listen((socket) => socket.once('data', () => socket.write('N')))
    const env = urlWith((url) => {
      url.port = String(server.address.port)
      url.searchParams.set('sslmode', 'verify-full')
    })
    await refusedIn(env, 2, 'the server does not speak TLS', 'sslmode=disable')
    await server.close()
  })
})

test.concurrent('a dry run that is refused says that it was one', async () => {
  const bare = { DATABASE_URL: undefined }
  const finished = await lake.run(script, ['--dry-run'], bare)
  expectClearLine(finished, 'prices', 2)
  expect(finished.message).toStartWith('prices: dry run failed. Cause: Cannot read "the configuration"')
})

test.skipIf(process.platform !== 'linux')('no process shows the password in its arguments', async () => {
  const env = urlWith((url) => {
    url.username = 'reader'
    url.password = encodeURIComponent('p%41ss/w@rd')
  })
  const running = lake.start(script, [], env)
  let shown = ''
  // Empty until the new process has become Bun.
  while (shown === '' && running.exitCode === null)
    shown = await Bun.file(`/proc/${running.pid}/cmdline`).text()
  const finished = await running.finished
  expect(finished.exit).toBe(0)
  expect(shown).toContain('prices.ts')
  expect(shown).not.toContain('ss/w')
  expectNoSecret(finished, [env.DATABASE_URL])
})

/** A listener on this port, or a free one, that does this, or nothing, with whoever calls. */
async function listen(answer: (socket: Socket) => void = () => {}, port = 0) {
  const sockets = new Set<{ destroy(): void }>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('It listens nowhere.')
  return {
    address,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
