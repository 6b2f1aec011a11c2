/** A real Postgres for the demo, the tests and the benches: on 127.0.0.1, in a folder, gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'
import { type Account, serverAccount } from './account.ts'
import { findBinaries, isOpenToAll, openBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { startWatchdog } from './watchdog.ts'

export interface LocalPostgres {
  /** With the password: for environments of child processes, never for logs or argv. */
  readonly url: string
  readonly port: number
  /** The postmaster's. */
  readonly pid: number
  /** Fast shutdown, then harder ones; removes its files. Safe to call again, and when the server died already. */
  stop(): Promise<void>
}

export interface LocalPostgresOptions {
  /** An existing folder; the server's files go to `postgres` in it. If root runs this, others are let through it. */
  readonly folder: string
  /** Settings of postgresql.conf, which win over the ones below. */
  readonly settings?: Readonly<Record<string, string>>
  /** A folder of {@link makeTemplate}: copying it takes a tenth of what initdb does. */
  readonly template?: string | undefined
}

/** Nothing here has to survive a crash, so nothing waits for a disk. */
const speed = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Tables filled in the transaction that makes them need no write-ahead log.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  maintenance_work_mem: '256MB',
  jit: 'off',
  // Containers often have 64 MB of /dev/shm.
  dynamic_shared_memory_type: 'mmap',
} as const

const user = 'dracula'

/** @throws Failure (1 when it does not start, 2 when this machine cannot run it) */
export async function startLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const account = await serverAccount()
  const home = await makeHome(options.folder, account)
  const watchdog = startWatchdog(home)
  const cleanUp = async () => {
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    watchdog.stop()
  }
  try {
    const place = await prepare(home, account)
    const password =
      options.template === undefined ? await initialise(place) : await copyTemplate(options.template, place)
    const { server, port } = await serve(place, options.settings, (pid) => watchdog.guard(pid))
    let stopped: Promise<void> | undefined
    return {
      url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
      port,
      pid: server.child.pid ?? 0,
      stop() {
        stopped ??= shutDown(server).then(cleanUp)
        return stopped
      },
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

export interface Template {
  readonly folder: string
  remove(): Promise<void>
}

/**
 * The files of a server that has never run, for servers to begin with.
 * @param folder an existing one; as root it is made passable for others
 * @throws Failure as `startLocalPostgres`
 */
export async function makeTemplate(folder: string): Promise<Template> {
  const account = await serverAccount()
  const home = await makeHome(folder, account)
  const watchdog = startWatchdog(home)
  const remove = async () => {
    await rm(home, { recursive: true, force: true })
    watchdog.stop()
  }
  try {
    const password = await initialise(await prepare(home, account))
    await writeFile(join(home, 'password'), password, { mode: 0o600 })
    return { folder: home, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** @returns the password */
async function copyTemplate(template: string, { data }: Place): Promise<string> {
  await rm(data, { recursive: true })
  // Unlike node's own it keeps the owner.
  const copying = Bun.spawn(['cp', '-Rp', join(template, 'data'), data], { stderr: 'pipe' })
  if ((await copying.exited) !== 0) throw new Error(await copying.stderr.text())
  return await readFile(join(template, 'password'), 'utf8')
}

interface Place {
  readonly home: string
  readonly data: string
  readonly log: string
  readonly binaries: PostgresBinaries
  readonly account: Account | undefined
}

/** `postgres` in the folder, or where its account can get to when a folder above that is closed to it. */
async function makeHome(folder: string, account: Account | undefined): Promise<string> {
  const home = join(folder, 'postgres')
  if (account === undefined) {
    await mkdir(home)
    return home
  }
  await openToAll(folder)
  if (await isOpenToAll(folder)) {
    await mkdir(home)
    await openToAll(home)
    return home
  }
  const elsewhere = await mkdtemp('/tmp/dracula-postgres-')
  await openToAll(elsewhere)
  return elsewhere
}

/** Lets everybody pass through a folder, without listing it. */
async function openToAll(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  await chmod(folder, mode | 0o111)
}

async function prepare(home: string, account: Account | undefined): Promise<Place> {
  const found = await findBinaries()
  const place = { home, data: join(home, 'data'), log: join(home, 'log'), account }
  await mkdir(place.data, { mode: 0o700 })
  if (account === undefined) return { ...place, binaries: found }
  await chown(place.data, account.uid, account.gid)
  const binaries = (await isOpenToAll(found.postgres))
    ? found
    : await openBinaries(found, join(home, 'native'))
  return { ...place, binaries }
}

/** https://www.postgresql.org/docs/current/app-initdb.html @returns the password */
async function initialise(place: Place): Promise<string> {
  const password = crypto.randomUUID()
  const passwordFile = join(place.home, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (place.account !== undefined) await chown(passwordFile, place.account.uid, place.account.gid)
  const initdb = await start(place, place.binaries.initdb, [
    ...['--pgdata', place.data, '--username', user, '--auth', 'scram-sha-256', '--pwfile', passwordFile],
    ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
  ])
  const code = await initdb.ended
  await rm(passwordFile)
  if (code !== 0) throw await startFailure(place, `initdb ended with ${code}`)
  return password
}

/** Starts the server on a port that is free now, and on another one if somebody takes it first. */
async function serve(
  place: Place,
  settings: Readonly<Record<string, string>> | undefined,
  guard: (pid: number) => void,
): Promise<{ server: Running; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const all = { ...speed, ...settings, listen_addresses: '127.0.0.1', unix_socket_directories: '', port }
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = await start(place, place.binaries.postgres, ['-D', place.data, ...flags])
    if (server.child.pid !== undefined) guard(server.child.pid)
    if (await isReady(place, server)) {
      server.child.unref()
      return { server, port }
    }
    await shutDown(server)
    const failure = await startFailure(place, 'the server did not become ready')
    if (attempt === 5 || !failure.message.includes('could not bind')) throw failure
  }
}

/** The port of a listener that is closed again: Postgres cannot choose one itself. */
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

/**
 * Waits as pg_ctl does: the server writes its state to postmaster.pid, whose first line is its process id
 * and eighth its status.
 */
async function isReady(place: Place, server: Running): Promise<boolean> {
  const deadline = performance.now() + 30_000
  while (!server.hasEnded() && performance.now() < deadline) {
    const lines = (await readFile(join(place.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (Number(lines[0]) === server.child.pid && lines[7]?.trim() === 'ready') return true
    await Bun.sleep(10)
  }
  return false
}

interface Running {
  readonly child: ChildProcess
  /** The exit code, the signal that ended it, or why it could not run. */
  readonly ended: Promise<number | string>
  hasEnded(): boolean
}

/** In a session of its own, so that Ctrl-C in the terminal reaches only us. */
async function start(place: Place, program: string, args: string[]): Promise<Running> {
  const log = await open(place.log, 'a')
  try {
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log.fd, log.fd],
      ...(place.account && { uid: place.account.uid, gid: place.account.gid }),
    })
    let over = false
    const ended = new Promise<number | string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'no exit code'))
    }).finally(() => {
      over = true
    })
    return { child, ended, hasEnded: () => over }
  } finally {
    await log.close()
  }
}

/** Fast, then immediate shutdown, then a kill: https://www.postgresql.org/docs/current/server-shutdown.html */
async function shutDown({ child, ended, hasEnded }: Running): Promise<void> {
  if (hasEnded()) return
  child.ref()
  const harder = [
    setTimeout(() => child.kill('SIGQUIT'), 6_000),
    setTimeout(() => child.kill('SIGKILL'), 12_000),
  ]
  child.kill('SIGINT')
  await ended
  for (const timer of harder) clearTimeout(timer)
}

async function startFailure(place: Place, reason: string): Promise<Failure> {
  const log = await readFile(place.log, 'utf8').catch(() => '')
  const lines = log.trim().split('\n').slice(-5).join(' | ')
  if (log.includes('could not look up effective user ID')) {
    return new Failure({
      exit: 2,
      act: 'start',
      thing: 'the embedded Postgres',
      reason: `user ${process.getuid?.()} is not listed in /etc/passwd, and initdb wants a name`,
      advice: 'Run this as a user that is listed there, or list this one.',
    })
  }
  return new Failure({
    exit: 1,
    act: 'start',
    thing: 'the embedded Postgres',
    reason: lines === '' ? reason : `${reason} (${lines})`,
    advice: 'Try again; if it stays so, set DATABASE_URL to a Postgres of your own.',
  })
}
