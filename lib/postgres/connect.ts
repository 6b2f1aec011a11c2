/**
 * The one connection a load reads by, on Bun's own SQL.
 *
 * There are two clients. Bun's hands a COPY over in large chunks at half the CPU of the `postgres` package,
 * gives the server's COPY tag, and survives a connection that drops in mid-stream; `postgres` (client.ts) is
 * the client of everything else.
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type ReservedSQL, SQL } from 'bun'
import type { DatabaseConfig, Tls } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import { connectPostgres } from './client.ts'
import { postgresFailure } from './failure.ts'
import { passwordOf } from './password.ts'

export type Row = Record<string, unknown>

export interface Reader {
  /**
   * Runs one statement, or several without results. An int8 is a bigint, a numeric a string.
   * @throws the driver's error, or the signal's reason once it is aborted
   */
  query(sql: string): Promise<Row[]>
  /** The columns a query would have: names, and types by their oid. It should have no rows, as they are thrown away. */
  describe(sql: string): Promise<readonly AnnouncedColumn[]>
  /**
   * Starts `COPY … TO STDOUT`. `tag` settles with the server's row count after its CommandComplete. Whatever
   * ends the copy early errors the stream and rejects the tag; the tag may be left alone then.
   */
  copy(sql: string): { readonly stream: ReadableStream<Uint8Array>; readonly tag: Promise<number> }
  /**
   * The DateStyle of a session that sets none: Bun sends one when it connects, and that hides the one of the role and
   * its database from this connection. The first call asks over a connection of its own.
   * @throws Failure if there is none to be had
   */
  roleDateStyle(): Promise<string>
  /** @throws Failure (1) if the server rolled back instead */
  commit(): Promise<void>
  /** Stops whatever is running, on the server as well, rolls back and closes; never throws; idempotent. */
  close(): Promise<void>
}

export interface AnnouncedColumn {
  readonly name: string
  /** `pg_type.oid` */
  readonly type: number
}

export interface ReaderOptions {
  readonly applicationName: string
  /** Aborting closes the reader. */
  readonly signal: AbortSignal
  readonly connectTimeoutMs?: number
}

/** How long the server may take to confirm that it stopped. */
const stopTimeoutMs = 5_000

/** @throws Failure (1) if the server cannot be reached, (2) if it is not the right one or refuses */
export async function openReader(database: DatabaseConfig, options: ReaderOptions): Promise<Reader> {
  const { signal } = options
  signal.throwIfAborted()
  const sql = new SQL('postgres://localhost', sqlOptions(database, options))
  try {
    const connection = await sql.reserve({ signal })
    signal.throwIfAborted()
    return createReader(sql, connection, signal, () => askDateStyle(database, options))
  } catch (error) {
    await sql.close({ timeout: 0 })
    signal.throwIfAborted()
    const thing = `${database.host}:${database.port}/${database.database}`
    throw (await unknownHost(database.host, thing)) ?? postgresFailure(error, 'connect to', thing)
  }
}

/** Whether a failure to connect may pass in a moment: a server that starts, fails over, or has no connection free. */
export function mayConnectLater({ exit, cause }: Failure): boolean {
  const unknown = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
  return exit === 1 && !unknown
}

/**
 * Says everything, as Bun would complete it from the environment: a URL given keeps it from DATABASE_URL and
 * its parameters, a function for the password from PGPASSWORD, channelBinding from PGCHANNELBINDING.
 * lib/config refuses PGOPTIONS, which cannot be overruled here without sending options to the server.
 */
function sqlOptions(database: DatabaseConfig, options: ReaderOptions): SQL.PostgresOrMySQLOptions {
  return {
    adapter: 'postgres',
    hostname: database.host,
    port: database.port,
    database: database.database,
    username: database.user,
    password: passwordOf(database),
    tls: tlsOption(database.tls),
    channelBinding: 'disable',
    connection: { application_name: options.applicationName },
    connectionTimeout: (options.connectTimeoutMs ?? 10_000) / 1000,
    idleTimeout: 0,
    maxLifetime: 0,
    max: 1,
    bigint: true,
  }
}

function tlsOption({ mode, ca }: Tls): SQL.TLSOptions | 'disable' | 'prefer' | 'require' {
  if (mode === 'disable' || mode === 'prefer' || mode === 'require') return mode
  return {
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 is to change nothing.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

/** Bun reports a name that does not resolve as a connection refused. */
async function unknownHost(host: string, thing: string): Promise<Failure | undefined> {
  if (host.startsWith('/') || isIP(host) !== 0) return undefined
  try {
    await lookup(host)
    return undefined
  } catch (error) {
    return postgresFailure(error, 'connect to', thing)
  }
}

async function askDateStyle(database: DatabaseConfig, options: ReaderOptions): Promise<string> {
  const { signal } = options
  const applicationName = options.applicationName.replace(/^dracula/, 'dracula-settings')
  const sql = connectPostgres(database, { applicationName, max: 1, fetchTypes: false })
  const stop = () => sql.end({ timeout: 0 }).catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const [row] = await sql.unsafe('show DateStyle')
    return String(row?.['DateStyle'])
  } catch (error) {
    signal.throwIfAborted()
    throw postgresFailure(error, 'connect to', `${database.host}:${database.port}/${database.database}`)
  } finally {
    signal.removeEventListener('abort', stop)
    await stop()
  }
}

function createReader(
  sql: SQL,
  connection: ReservedSQL,
  signal: AbortSignal,
  ask: () => Promise<string>,
): Reader {
  let dateStyle: Promise<string> | undefined
  let running: SQL.Query<unknown> | undefined
  let closed: Promise<void> | undefined

  /** Bun starts a query by the first `then`, so this also starts it. */
  async function settle<T>(query: SQL.Query<T>) {
    running = query
    try {
      return await query
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      if (running === query) running = undefined
    }
  }

  /**
   * Cancelling settles the query here at once, and on the server some time later; the answer to the ROLLBACK
   * behind it proves that. Without it a process that exits now could leave the server at work for hours.
   */
  async function stop(): Promise<void> {
    signal.removeEventListener('abort', close)
    running?.cancel()
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, stopTimeoutMs)
    await Promise.race([connection.unsafe('rollback').catch(() => undefined), timeout])
    clearTimeout(timer)
    await sql.close({ timeout: 0 }).catch(() => undefined)
  }

  function close(): Promise<void> {
    closed ??= stop()
    return closed
  }

  signal.addEventListener('abort', close, { once: true })
  return {
    async query(text) {
      signal.throwIfAborted()
      // The simple protocol: one message, so the server's clock and its snapshot are of one moment.
      return [...(await settle(connection.unsafe<Row[]>(text).simple()))]
    },

    async describe(text) {
      signal.throwIfAborted()
      const answer = await settle(connection.unsafe(text).simple())
      return (answer as unknown as { readonly columns: readonly AnnouncedColumn[] }).columns
    },

    copy(text) {
      signal.throwIfAborted()
      const query = connection.unsafe<Row[]>(text)
      const stream = query.readable()
      const tag = settle(query).then(({ count }) => count)
      // The stream tells of the failure; whoever reads it need not come as far as the tag.
      tag.catch(() => undefined)
      return { stream, tag }
    },

    async roleDateStyle() {
      signal.throwIfAborted()
      dateStyle ??= ask()
      return dateStyle
    },

    async commit() {
      const { command } = await settle(connection.unsafe('commit'))
      if (command === 'COMMIT') return
      throw new Failure({
        exit: 1,
        act: 'commit',
        thing: "the reader's transaction",
        reason: `the server answered ${command}`,
        advice: 'Try again.',
      })
    },

    close,
  }
}
