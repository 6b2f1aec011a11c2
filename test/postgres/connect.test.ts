import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { DatabaseConfig, Tls } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'
import {
  applicationName,
  certificates,
  startDatabase,
  type TestDatabase,
  turnOnTls,
} from '../support/database.ts'
import { until } from '../support/until.ts'

const ca = readFileSync(join(certificates, 'authority.pem'), 'utf8')
const odd = `p@ss:w/ö#?% '"\\`
let database: TestDatabase

beforeAll(async () => {
  database = await startDatabase()
  const { sql } = database
  await sql.unsafe(
    `create role plain login password 'word'; create role odd login password '${odd.replaceAll("'", "''")}'`,
  )
  await sql.unsafe(
    'create table numbers as select g as id, md5(g::text) as text from generate_series(1, 300000) g',
  )
  await turnOnTls(sql)
}, 30_000)

afterAll(() => database?.stop())

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}

const live = new AbortController().signal
const opened = (config: DatabaseConfig) =>
  openReader(config, { applicationName, signal: live, connectTimeoutMs: 1_000 })

/** One whole question by each client. */
async function askBoth(config: DatabaseConfig, question: string): Promise<unknown[]> {
  const reader = await opened(config)
  const sql = connectPostgres(config, { applicationName, max: 1 })
  try {
    return [(await reader.query(question))[0]?.['answer'], (await sql.unsafe(question))[0]?.['answer']]
  } finally {
    await reader.close()
    await sql.end({ timeout: 1 })
  }
}

async function failBoth(config: DatabaseConfig): Promise<Failure[]> {
  const sql = connectPostgres(config, { max: 1 })
  const byReader = await failureOf(opened(config))
  const byClient = await sql`select 1`.then(
    () => expect.unreachable(),
    (error: unknown) => postgresFailure(error, 'connect to', 'it'),
  )
  await sql.end({ timeout: 1 })
  return [byReader, byClient]
}

/** Backends of readers: how many there are, and how many still do something. */
async function backends(): Promise<{ readonly open: number; readonly working: number }> {
  const [row] = await database.sql`
    select count(*)::int as open, (count(*) filter (where state <> 'idle'))::int as working
    from pg_stat_activity where application_name = ${applicationName}`
  return { open: Number(row?.['open']), working: Number(row?.['working']) }
}

/** A backend takes a moment to notice the end of its connection. */
async function noneIsLeft(): Promise<void> {
  await until(async () => (await backends()).open <= 0)
  expect((await backends()).open).toBe(0)
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.length
  return bytes
}

const everything = 'copy (select * from numbers) to stdout (format binary)'
const endless = 'copy (select pg_sleep(600)) to stdout (format binary)'

describe('a reader', () => {
  test('copies every byte, then tells the row count of the server', async () => {
    await using reader = await database.open()
    await reader.query('begin')
    const { stream, tag } = reader.copy(everything)
    const [size] =
      await database.sql`select sum(2 + 4 + 4 + 4 + length(text))::int + 19 + 2 as bytes from numbers`
    expect(await drain(stream)).toBe(Number(size?.['bytes']))
    expect(await tag).toBe(300_000)
    await reader.commit()
  })

  test('gives an int8 as bigint and a numeric as its text', async () => {
    await using reader = await database.open()
    const rows = await reader.query(
      'select 9007199254740993::int8 as big, 1.50::numeric as exact, 7 as small',
    )
    expect({ ...rows[0] }).toEqual({ big: 9007199254740993n, exact: '1.50', small: 7 })
  })

  test('fails to commit what the server rolled back', async () => {
    await using reader = await database.open()
    await reader.query('begin')
    await reader.query('select 1/0').catch(() => undefined)
    const failure = await failureOf(reader.commit())
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('ROLLBACK')
  })

  test('is known by its application name', async () => {
    await using reader = await database.open()
    const [row] = await reader.query("select current_setting('application_name') as name")
    expect(row).toEqual({ name: applicationName })
  })

  test('errors stream and tag when the server ends its process', async () => {
    await using reader = await database.open()
    const [own] = await reader.query('select pg_backend_pid() as pid')
    const { stream, tag } = reader.copy(everything)
    const chunks = stream.getReader()
    await chunks.read()
    await database.sql`select pg_terminate_backend(${Number(own?.['pid'])})`
    const rest = (async () => {
      while (!(await chunks.read()).done);
    })()
    const failure = postgresFailure(await rest.catch((error: unknown) => error), 'read', 'numbers')
    expect(failure.exit).toBe(1)
    // The server's last word may or may not arrive before the end of the connection.
    expect(failure.message).toMatch(/the connection broke|terminating connection/)
    expect(await tag.catch(() => 'rejected')).toBe('rejected')
  })

  test('errors the stream when a row cannot be made', async () => {
    await using reader = await database.open()
    const { stream } = reader.copy('copy (select 1 / (id - 200000) from numbers) to stdout (format binary)')
    const failure = postgresFailure(await drain(stream).catch((error: unknown) => error), 'read', 'numbers')
    expect(failure.exit).toBe(3)
    expect(failure.message).toContain('division by zero')
  })

  for (const [state, copy, read] of [
    ['a COPY that sends nothing', endless, false],
    ['a COPY whose stream nobody reads on', everything, true],
  ] as const) {
    test(`leaves nothing on the server when closed during ${state}`, async () => {
      await using reader = await database.open()
      await reader.query('begin')
      const { stream, tag } = reader.copy(copy)
      const chunks = stream.getReader()
      const first = chunks.read()
      first.catch(() => undefined)
      if (read) await first
      else await until(async () => (await backends()).working > 0)
      await reader.close()
      // Not a moment later: the process may exit now.
      expect((await backends()).working).toBe(0)
      await noneIsLeft()
      expect(await tag.catch(() => 'rejected')).toBe('rejected')
    })
  }

  test('stops by its signal, and fails for the reason of the signal', async () => {
    const controller = new AbortController()
    await using reader = await database.open(controller.signal)
    const waiting = reader.query('select pg_sleep(600)')
    const reason = new Error('told to stop')
    setTimeout(() => controller.abort(reason), 50)
    expect(await waiting.catch((error: unknown) => error)).toBe(reason)
    await reader.close()
    expect((await backends()).working).toBe(0)
    await noneIsLeft()
    expect(await reader.query('select 1').catch((error: unknown) => error)).toBe(reason)
  })

  test('closes twice, and after its connection broke', async () => {
    await using reader = await database.open()
    await reader.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
    await reader.close()
    await reader.close()
  })
})

describe('no connection', () => {
  test('where nothing listens', async () => {
    for (const failure of await failBoth({ ...database.config, port: await deadPort() })) {
      expect(failure.exit).toBe(1)
      expect(failure.message).toContain('no Postgres answers there')
    }
  })

  test('where something listens and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const failure = await failureOf(opened({ ...database.config, port }))
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain(`127.0.0.1:${port}/postgres": nothing answered in time`)
    silent.close()
  })

  test('to a host that has no address', async () => {
    const failure = await failureOf(opened({ ...database.config, host: 'nowhere.invalid' }))
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('its host name is not known')
  })

  test('with a wrong password, which is not repeated', async () => {
    for (const failure of await failBoth({ ...database.as('plain'), password: 'sesame' })) {
      expect(failure.exit).toBe(2)
      expect(failure.message).toContain('password authentication failed for user "plain"')
      expect(failure.message).not.toContain('sesame')
    }
  })

  test('to a database that does not exist', async () => {
    for (const failure of await failBoth({ ...database.config, database: 'none' })) {
      expect(failure.exit).toBe(2)
      expect(failure.message).toContain('database "none" does not exist')
    }
  })

  test('once the signal is aborted', async () => {
    const reason = new Error('told to stop')
    const attempt = openReader(database.config, { applicationName, signal: AbortSignal.abort(reason) })
    expect(await attempt.catch((error: unknown) => error)).toBe(reason)
  })
})

test('a password may hold any character', async () => {
  const config = { ...database.config, user: 'odd', password: odd }
  expect(await askBoth(config, 'select current_user as answer')).toEqual(['odd', 'odd'])
})

test('variables of the environment change no connection', async () => {
  const noise = {
    DATABASE_URL: 'postgres://a:b@nowhere.invalid:1/c?application_name=noise&sslmode=verify-full',
    TLS_DATABASE_URL: 'postgres://a:b@nowhere.invalid:1/c?sslmode=verify-full',
    PGHOST: 'nowhere.invalid',
    PGPORT: '1',
    PGUSER: 'noise',
    PGDATABASE: 'noise',
    PGPASSWORD: 'noise',
    PGAPPNAME: 'noise',
    PGSSLMODE: 'verify-full',
    PGSSL: 'verify-full',
    PGCHANNELBINDING: 'require',
    PGCONNECT_TIMEOUT: '0.001',
    PGMAX: '0',
  }
  const script = `
    import { connectPostgres } from ${JSON.stringify(join(import.meta.dir, '../../lib/postgres/client.ts'))}
    import { openReader } from ${JSON.stringify(join(import.meta.dir, '../../lib/postgres/connect.ts'))}
    const config = JSON.parse(await Bun.stdin.text())
    const question = "select concat_ws(' ', current_user, current_database(), current_setting('application_name'), ssl) as answer from pg_stat_ssl where pid = pg_backend_pid()"
    const reader = await openReader(config, { applicationName: 'named', signal: new AbortController().signal })
    const sql = connectPostgres(config, { applicationName: 'named' })
    console.log((await reader.query(question))[0].answer, (await sql.unsafe(question))[0].answer)
    await reader.close()
    await sql.end()`
  const child = Bun.spawn([process.execPath, '-e', script], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...noise },
    stdin: Buffer.from(JSON.stringify(database.as('plain'))),
    stdout: 'pipe',
  })
  expect((await child.stdout.text()).trim()).toBe('plain postgres named f plain postgres named f')
})

describe('TLS', () => {
  const encrypted = 'select ssl as answer from pg_stat_ssl where pid = pg_backend_pid()'
  const at = (host: string, tls: Tls): DatabaseConfig => ({ ...database.config, host, tls })

  for (const [mode, host, authority] of [
    ['prefer', '127.0.0.1', undefined],
    ['require', '127.0.0.1', undefined],
    ['verify-ca', '127.0.0.1', ca],
    ['verify-full', 'localhost', ca],
  ] as const) {
    test(`${mode} encrypts`, async () => {
      expect(await askBoth(at(host, { mode, ca: authority }), encrypted)).toEqual([true, true])
    })
  }

  test('disable does not', async () => {
    expect(await askBoth(at('127.0.0.1', { mode: 'disable', ca: undefined }), encrypted)).toEqual([
      false,
      false,
    ])
  })

  for (const mode of ['verify-ca', 'verify-full'] as const) {
    test(`${mode} refuses a certificate of an authority it does not trust`, async () => {
      for (const failure of await failBoth(at('localhost', { mode, ca: undefined }))) {
        expect(failure.exit).toBe(2)
        expect(failure.message).toContain('certificate cannot be verified')
        expect(failure.message).toContain('sslrootcert')
      }
    })
  }

  test('verify-full refuses a certificate of another host', async () => {
    for (const failure of await failBoth(at('127.0.0.1', { mode: 'verify-full', ca }))) {
      expect(failure.exit).toBe(2)
      expect(failure.message).toContain('certificate is for another host')
    }
  })
})

async function deadPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
