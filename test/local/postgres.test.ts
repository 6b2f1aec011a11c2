import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import postgres from 'postgres'
import { Failure } from '../../lib/failure/failure.ts'
import { serverAccount } from '../../lib/local/account.ts'
import { type LocalPostgres, startLocalPostgres } from '../../lib/local/postgres.ts'
import { findBinaries, isOpenToAll, openBinaries } from '../../lib/local/postgres-binaries.ts'
import { bunForAll } from '../support/bun-for-all.ts'
import { postgresMajor } from '../support/needs-postgres.ts'

let folder: string
let server: LocalPostgres

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  server = await startLocalPostgres({ folder, settings: { wal_level: 'replica', work_mem: '5MB' } })
}, 300_000)

afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function connected<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    return await use(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(holds: () => boolean, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  while (!holds() && performance.now() < deadline) await Bun.sleep(20)
  return holds()
}

test('listens on 127.0.0.1 and nowhere else', async () => {
  const settings = await connected(
    server.url,
    (sql) =>
      sql`select current_setting('listen_addresses') as host, current_setting('unix_socket_directories') as socket`,
  )
  expect([...settings]).toEqual([{ host: '127.0.0.1', socket: '' }])
})

test('keeps UTF8 in the C locale', async () => {
  const [row] = await connected(
    server.url,
    (sql) => sql`select current_setting('server_encoding') as encoding, datcollate as collate, '🧛' as text
                 from pg_database where datname = current_database()`,
  )
  expect(row).toEqual({ encoding: 'UTF8', collate: 'C', text: '🧛' })
})

test('lets nobody in without the password', async () => {
  const url = new URL(server.url)
  url.password = 'wrong'
  await expect(connected(url.href, (sql) => sql`select 1`)).rejects.toThrow('password authentication failed')
})

test('takes settings over its own', async () => {
  const [row] = await connected(
    server.url,
    (sql) => sql`select current_setting('wal_level') as wal, current_setting('work_mem') as memory,
                        current_setting('fsync') as fsync`,
  )
  expect(row).toEqual({ wal: 'replica', memory: '5MB', fsync: 'off' })
})

test('runs as root never, as another account when we are root', async () => {
  const account = await serverAccount()
  const { uid: owner } = await stat(join(folder, 'postgres/data/postmaster.pid'))
  expect(owner).toBe(account?.uid ?? process.getuid?.() ?? -1)
  expect(owner).not.toBe(0)
})

test('stops in the middle of a query, more than once, and takes its files along', async () => {
  const own = await mkdtemp(join(folder, 'own-'))
  const other = await startLocalPostgres({ folder: own })
  const busy = connected(other.url, (sql) => sql`select pg_sleep(60)`).catch((error: Error) => error.message)
  await connected(other.url, async (sql) => {
    for (;;) {
      const [row] = await sql`select count(*)::int as busy from pg_stat_activity where wait_event = 'PgSleep'`
      if (row?.['busy'] === 1) return
    }
  })
  await Promise.all([other.stop(), other.stop()])
  await other.stop()
  expect(await busy).toMatch(/terminating connection|CONNECTION_CLOSED/)
  expect(isRunning(other.pid)).toBe(false)
  expect(await readdir(own)).toEqual([])
}, 300_000)

test('can be stopped after it was killed', async () => {
  const own = await mkdtemp(join(folder, 'killed-'))
  const other = await startLocalPostgres({ folder: own })
  process.kill(other.pid, 'SIGKILL')
  await other.stop()
  expect(isRunning(other.pid)).toBe(false)
  expect(await readdir(own)).toEqual([])
}, 300_000)

test('ends with the process that started it, even when that one is killed', async () => {
  const own = await mkdtemp(join(folder, 'orphan-'))
  const module = join(import.meta.dir, '../../lib/local/postgres.ts')
  const program = `
    const { startLocalPostgres } = await import(${JSON.stringify(module)})
    const { pid } = await startLocalPostgres({ folder: ${JSON.stringify(own)} })
    console.log(pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())))
  })
  expect(isRunning(pid)).toBe(true)
  parent.kill('SIGKILL')
  expect(await until(() => !isRunning(pid) && !existsSync(join(own, 'postgres')), 15)).toBe(true)
}, 300_000)

test('starts under a folder that its account may not enter', async () => {
  const closed = await mkdtemp(join(folder, 'closed-'))
  const own = await mkdtemp(join(closed, 'own-'))
  const other = await startLocalPostgres({ folder: own })
  const [row] = await connected(other.url, (sql) => sql`select current_setting('data_directory') as data`)
  await other.stop()
  expect(existsSync(row?.['data'])).toBe(false)
}, 300_000)

test('says why it does not start, and leaves nothing', async () => {
  const own = await mkdtemp(join(folder, 'broken-'))
  const failure = await startLocalPostgres({ folder: own, settings: { work_mem: 'much' } }).catch(
    (error) => error,
  )
  expect(failure).toBeInstanceOf(Failure)
  expect(failure.exit).toBe(1)
  expect(failure.message).toContain('invalid value for parameter "work_mem": "much"')
  expect(await readdir(own)).toEqual([])
}, 300_000)

const canBeSomebodyElse = process.getuid?.() === 0 && (await isOpenToAll(import.meta.dir))

test.skipIf(!canBeSomebodyElse)(
  'says that a user without a name cannot run it',
  async () => {
    const unlisted = 54_321
    const own = await mkdtemp(join(folder, 'unlisted-'))
    await chown(own, unlisted, unlisted)
    const module = join(import.meta.dir, '../../lib/local/postgres.ts')
    const program = `
    const { startLocalPostgres } = await import(${JSON.stringify(module)})
    await startLocalPostgres({ folder: ${JSON.stringify(own)} }).catch(({ exit, message }) => console.log(exit, message))`
    const child = spawn(await bunForAll(folder), ['-e', program], {
      cwd: own,
      env: { HOME: own, PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'inherit'],
      uid: unlisted,
      gid: unlisted,
    })
    const output = await new Response(Readable.toWeb(child.stdout)).text()
    expect(output).toStartWith(
      '2 Cannot start "the embedded Postgres": user 54321 is not listed in /etc/passwd',
    )
    expect(existsSync(join(own, 'postgres'))).toBe(false)
  },
  300_000,
)

test('programs that others may not reach run from the folder they are opened in', async () => {
  const { initdb, postgres } = await openBinaries(await findBinaries(), join(folder, 'native'))
  const account = await serverAccount()
  for (const program of [initdb, postgres]) {
    const output = await new Promise<string>((resolve, reject) => {
      const child = spawn(program, ['--version'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        ...(account && { uid: account.uid, gid: account.gid }),
      })
      child.once('error', reject)
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    })
    expect(output).toContain(`(PostgreSQL) ${postgresMajor}.`)
  }
})
