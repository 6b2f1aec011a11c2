/** PgBouncer before a Postgres, on machines that have it. */
import { spawn } from 'node:child_process'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { readDatabase } from '../../lib/config/config.ts'
import { serverAccount } from '../../lib/local/account.ts'
import { startWatchdog } from '../../lib/local/watchdog.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'

/** Undefined: this machine has none. Debian keeps it where not everybody looks. */
export const pgbouncer =
  Bun.which('pgbouncer', { PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }) ?? undefined

if (pgbouncer === undefined) process.stderr.write('[skip] pgbouncer is not installed\n')

export interface Pooler extends AsyncDisposable {
  /** Leads to the same database as the URL it was given, as the same user. */
  readonly url: string
  /** One connection through it, of the same user or another one that is known to it, which sets nothing. */
  client(user?: string): postgres.Sql & AsyncDisposable
  urlOf(user: string): string
  /** It dies at once, as a machine does. */
  kill(): void
}

/**
 * @param url of a Postgres on this machine
 * @param settings of pgbouncer.ini, section `pgbouncer`
 * @param users with their passwords, beside the user of the URL
 */
export async function startPooler(
  url: string,
  settings: Readonly<Record<string, string | number>> = {},
  users: Readonly<Record<string, string>> = {},
): Promise<Pooler> {
  const server = new URL(url)
  const folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  const port = await freePort()
  const all = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', logfile: join(folder, 'log') },
    ...{ auth_type: 'scram-sha-256', auth_file: join(folder, 'users'), pool_mode: 'transaction' },
    ...{ default_pool_size: 20, server_login_retry: 0, ...settings },
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
  const known = { ...users, [server.username]: server.password }
  const listed = Object.entries(known).map(([name, password]) => `"${name}" "${password}"`)
  const configuration = join(folder, 'pgbouncer.ini')
  await writeFile(join(folder, 'users'), listed.join('\n'))
  const databases = `* = host=127.0.0.1 port=${server.port}`
  await writeFile(configuration, `[databases]\n${databases}\n[pgbouncer]\n${lines.join('\n')}\n`)
  // It refuses to run as root.
  const account = await serverAccount()
  if (account !== undefined) {
    await chmod(folder, 0o755)
    for (const path of [folder, join(folder, 'users'), configuration])
      await chown(path, account.uid, account.gid)
  }
  const watchdog = startWatchdog(folder)
  const child = spawn(pgbouncer ?? 'pgbouncer', ['-q', configuration], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  watchdog.guard(child.pid ?? 0)
  const urlOf = (user: string) => {
    const own = new URL(url)
    own.port = String(port)
    own.username = user
    own.password = known[user] ?? ''
    return own.href
  }
  while (child.exitCode === null && !(await answers(port))) await Bun.sleep(10)
  if (child.exitCode !== null) throw new Error(await Bun.file(join(folder, 'log')).text())
  return {
    url: urlOf(server.username),
    urlOf,
    client(user = server.username) {
      const sql = connectPostgres(readDatabase({ DATABASE_URL: urlOf(user) }), { max: 1, fetchTypes: false })
      return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) })
    },
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
      watchdog.stop()
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = { data() {} }
  const open = await Bun.connect({ hostname: '127.0.0.1', port, socket }).catch(() => undefined)
  open?.end()
  return open !== undefined
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
