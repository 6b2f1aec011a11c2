/** A Postgres of a test file's own, without S3 or Glue. */
import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { type DatabaseConfig, readDatabase } from '../../lib/config/config.ts'
import { startLocalPostgres } from '../../lib/local/postgres.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { openReader, type Reader } from '../../lib/postgres/connect.ts'
import { template } from './template.ts'

export interface TestDatabase {
  readonly config: DatabaseConfig
  /** A connection as the superuser. */
  readonly sql: postgres.Sql
  /** The server's process. */
  readonly pid: number
  /** Another user of the same database, password `word`. */
  readonly as: (user: string) => DatabaseConfig
  /** Closes when the test ends, whatever happened in it. */
  open(signal?: AbortSignal, config?: DatabaseConfig): Promise<Reader & AsyncDisposable>
  stop(): Promise<void>
}

export const applicationName = 'dracula/test/load'

/** A real Postgres of the test file's own. @param settings of postgresql.conf */
export async function startDatabase(settings: Readonly<Record<string, string>> = {}): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  const server = await startLocalPostgres({ folder, template, settings })
  const config = readDatabase({ DATABASE_URL: server.url })
  const sql = connectPostgres(config)
  return {
    config,
    sql,
    pid: server.pid,
    as: (user) => ({ ...config, user, password: 'word' }),
    async open(signal = new AbortController().signal, other = config) {
      const reader = await openReader(other, { applicationName, signal, connectTimeoutMs: 5_000 })
      return { ...reader, [Symbol.asyncDispose]: () => reader.close() }
    },
    async stop() {
      await sql.end({ timeout: 1 })
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const certificates = join(import.meta.dir, '../postgres/tls')

/** Makes the running server speak TLS with the certificate of test/postgres/tls, which is for `localhost`. */
export async function turnOnTls(sql: postgres.Sql): Promise<void> {
  const [row] = await sql`show data_directory`
  const data = String(row?.['data_directory'])
  const { uid, gid } = await stat(data)
  for (const name of ['server.pem', 'server.key']) {
    const copy = join(data, name)
    await copyFile(join(certificates, name), copy)
    await chmod(copy, 0o600)
    await chown(copy, uid, gid)
  }
  await sql.unsafe(`alter system set ssl_cert_file to 'server.pem'`)
  await sql.unsafe(`alter system set ssl_key_file to 'server.key'`)
  await sql.unsafe(`alter system set ssl to on`)
  await sql`select pg_reload_conf()`
}
