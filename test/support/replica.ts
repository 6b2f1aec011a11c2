/** A Postgres with a replica of it. */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { readDatabase } from '../../lib/config/config.ts'
import { startLocalPostgres } from '../../lib/local/postgres.ts'
import { startWatchdog } from '../../lib/local/watchdog.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { since } from './needs-postgres.ts'
import { template } from './template.ts'

export interface ReplicatedPostgres {
  /** On the primary, as the superuser. */
  readonly sql: postgres.Sql
  /** On the replica. */
  readonly replica: postgres.Sql
  /** The URL of the replica. */
  readonly url: string
  readonly primaryUrl: string
  /** Makes the replica a primary of its own; settles when it is. */
  promote(): Promise<void>
  /** Settles once the replica has replayed all that the primary has done so far. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

/**
 * A primary and a replica of it that waits a second for queries in the way of what it replays.
 * @param prepare done on the primary before the replica begins
 */
export async function startReplicated(
  prepare: (sql: postgres.Sql) => Promise<unknown>,
): Promise<ReplicatedPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  const primary = await startLocalPostgres({
    folder,
    template,
    settings: {
      wal_level: 'replica',
      max_wal_senders: '4',
      ...since<Record<string, string>>(13, { wal_keep_size: '1GB' }, { wal_keep_segments: '64' }),
      autovacuum: 'off',
    },
  })
  const sql = connectPostgres(readDatabase({ DATABASE_URL: primary.url }), { max: 2 })
  await prepare(sql)
  const port = await freePort()
  const data = join(folder, 'postgres', 'replica')
  await baseBackup(sql, data)
  const { username, password } = new URL(primary.url)
  await writeFile(join(data, 'standby.signal'), '')
  const settings = {
    port,
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=${username} password=${password}`,
    max_standby_streaming_delay: '1s',
    hot_standby_feedback: 'off',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_wal_senders: '4',
    fsync: 'off',
    dynamic_shared_memory_type: 'mmap',
    wal_level: 'replica',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`)
  await writeFile(join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)

  const { uid, gid } = await stat(data)
  const program = await readlink(`/proc/${primary.pid}/exe`)
  const watchdog = startWatchdog(folder)
  const server = spawn(program, ['-D', data], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: 'ignore',
    ...(process.getuid?.() === 0 && { uid, gid }),
  })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  watchdog.guard(server.pid ?? 0)

  const url = new URL(primary.url)
  url.port = String(port)
  const replica = connectPostgres(readDatabase({ DATABASE_URL: url.href }), { max: 1 })
  return {
    sql,
    replica,
    url: url.href,
    primaryUrl: primary.url,
    async promote() {
      await replica`select pg_promote(true, 60)`
    },
    async caughtUp() {
      // Whatever was committed before goes out with it, where commits are not waited for.
      await sql.unsafe(`set local synchronous_commit to on; select pg_logical_emit_message(true, 'test', '')`)
      const [row] = await sql`select pg_current_wal_lsn()::text as lsn`
      for (;;) {
        const [seen] =
          await replica`select pg_last_wal_replay_lsn() >= ${row?.['lsn']}::pg_lsn as seen`.catch(() => [])
        if (seen?.['seen'] === true) return
        await Bun.sleep(50)
      }
    },
    async stop() {
      await Promise.all([sql.end({ timeout: 1 }), replica.end({ timeout: 1 })])
      server.kill('SIGQUIT')
      await ended
      await primary.stop()
      await rm(folder, { recursive: true, force: true })
      watchdog.stop()
    },
  }
}

/** Follows the manual ("Making a Base Backup Using the Low Level API"), on one connection. */
async function baseBackup(sql: postgres.Sql, data: string): Promise<void> {
  const connection = await sql.reserve()
  try {
    const [from] = await connection`select current_setting('data_directory') as folder`
    await connection.unsafe(
      since(15, `select pg_backup_start('replica', true)`, `select pg_start_backup('replica', true, false)`),
    )
    const { uid, gid } = await stat(String(from?.['folder']))
    await cp(String(from?.['folder']), data, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/\/(postmaster\.(pid|opts)|pg_wal\/.+)$/.test(path),
    })
    const stop = since(15, 'pg_backup_stop(false)', 'pg_stop_backup(false, false)')
    const [label] = await connection.unsafe(`select labelfile from ${stop}`)
    await writeFile(join(data, 'backup_label'), String(label?.['labelfile']))
    if (process.getuid?.() === 0) {
      const child = Bun.spawn(['chown', '-R', `${uid}:${gid}`, data])
      await child.exited
    }
  } finally {
    connection.release()
  }
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
