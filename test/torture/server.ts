/** The Postgres of a lane, which can be killed and started again where it was. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, readlink, stat } from 'node:fs/promises'
import { readDatabase } from '../../lib/config/config.ts'
import { startWatchdog, type Watchdog } from '../../lib/local/watchdog.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'

const mostAttempts = 100

export interface Server extends AsyncDisposable {
  /** The postmaster's id now. */
  readonly pid: number
  /** Ends it at once, as a machine that is lost does or as its administrator would; settles when nothing of it runs. */
  crash(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void>
  /** Starts it again with its own files, on its own port; settles when it answers. */
  restart(): Promise<void>
  /** Kills a backend, whereupon the server ends all others and recovers; settles when it answers again. */
  killBackend(pid: number): Promise<void>
}

/** @param pid of a postmaster that somebody else has started @param url of its database @param folder removed when this process ends */
export async function takeServer(
  pid: number,
  { folder, url }: { readonly folder: string; readonly url: string },
): Promise<Server> {
  const program = await readlink(`/proc/${pid}/exe`)
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(1, -1)
  const data = args[args.indexOf('-D') + 1] ?? ''
  const { uid, gid } = await stat(data)
  let current = pid
  let watchdog: Watchdog | undefined

  const crash = async (signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> => {
    const all = [current, ...(await childrenOf(current))]
    process.kill(current, signal)
    // Its children end by themselves when they notice, and the next server waits for the last of them.
    while (all.some(isAlive)) await Bun.sleep(5)
  }
  async function starts(): Promise<boolean> {
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: 'ignore',
      ...(process.getuid?.() === 0 && { uid, gid }),
    })
    child.unref()
    current = child.pid ?? 0
    watchdog ??= startWatchdog(folder)
    watchdog.guard(current)
    return ready()
  }

  /** @returns false: it has ended */
  async function ready(): Promise<boolean> {
    while (!(await answers(url))) {
      if (!isAlive(current)) return false
      await Bun.sleep(10)
    }
    return true
  }
  return {
    get pid() {
      return current
    },
    crash,
    async restart() {
      for (let attempt = 1; ; attempt++) {
        if (await starts()) return
        // Something of the server that was killed may still hold its memory.
        if (attempt === mostAttempts) throw new Error('Postgres does not start again.')
        await Bun.sleep(100)
      }
    },
    async killBackend(backend) {
      const all = await childrenOf(current)
      process.kill(backend, 'SIGKILL')
      while (all.some(isAlive)) await Bun.sleep(5)
      await ready()
    },
    async [Symbol.asyncDispose]() {
      if (current !== pid) await crash('SIGQUIT')
      watchdog?.stop()
    },
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

/** A zombie is not: whoever started it has not looked yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** By a connection of its own: a pool waits longer and longer between its attempts. */
async function answers(url: string): Promise<boolean> {
  const sql = connectPostgres(readDatabase({ DATABASE_URL: url }), { max: 1, fetchTypes: false })
  try {
    await sql`select 1`
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}
