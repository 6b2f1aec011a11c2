/**
 * The one connection a load reads by, on Bun's own SQL.
 *
 * There are two clients. Bun's hands a COPY over in large chunks at half the CPU of the `postgres` package,
 * gives the server's COPY tag, and survives a connection that drops in mid-stream; `postgres` (client.ts) is
 * the client of everything else.
 */
import { type ReservedSQL, SQL } from 'bun'
import type { DatabaseConfig, Tls } from '../config/config.ts'
import { Failure } from '../failure/failure.ts'
import { addressesOf, serverName } from './address.ts'
import { postgresFailure } from './failure.ts'
import { passwordOf } from './password.ts'
import { firstAnswerMs, unanswered } from './unanswered.ts'

export type Row = Record<string, unknown>

export interface Reader {
  /** Where the server is: the host's address, or its name where that is all there is to connect by. */
  readonly address: string
  /**
   * Runs one statement, or several in one message, and gives the rows of all. An int8 is a bigint, a numeric a string.
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
  /** Where another reader of the same database is connected; absent: the first of the host's addresses that answers. */
  readonly address?: string
  /** What `roleDateStyle` gives, where another reader of the role has asked. */
  readonly dateStyle?: string
  /** How long its first answer may take; absent: as long as it takes. */
  readonly firstAnswerMs?: number
}

/** How long the server may take to confirm that it stopped. */
const stopTimeoutMs = 5_000

/** @throws Failure (1) if the server cannot be reached, (2) if it is not the right one or refuses */
export async function openReader(database: DatabaseConfig, options: ReaderOptions): Promise<Reader> {
  const { signal } = options
  signal.throwIfAborted()
  const thing = `${database.host}:${database.port}/${database.database}`
  try {
    const addresses = options.address === undefined ? await addressesOf(database) : [options.address]
    for (const address of addresses.slice(0, -1)) {
      try {
        return await openAt(address, database, { ...options, connectTimeoutMs: shortTimeoutMs })
      } catch (error) {
        signal.throwIfAborted()
        if (!isUnreachable(error)) throw error
      }
    }
    return await openAt(addresses.at(-1) ?? database.host, database, options)
  } catch (error) {
    signal.throwIfAborted()
    throw postgresFailure(error, 'connect to', thing)
  }
}

/** One of several addresses may lead nowhere, as those of IPv6 do from many machines. */
const shortTimeoutMs = 2_000

/** Whether no server has answered. */
function isUnreachable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^ERR_POSTGRES_CONNECTION_(REFUSED|FAILED|TIMEOUT|CLOSED)$/.test(code)
}

async function openAt(address: string, database: DatabaseConfig, options: ReaderOptions): Promise<Reader> {
  const { signal } = options
  const sql = new SQL('postgres://localhost', sqlOptions(address, database, options))
  try {
    const connection = await sql.reserve({ signal })
    signal.throwIfAborted()
    return createReader(address, sql, connection, {
      signal,
      ask: async () => options.dateStyle ?? askDateStyle(database, options),
      firstAnswerMs: options.firstAnswerMs,
      unanswered: (ms) => unanswered(database, ms),
    })
  } catch (error) {
    await sql.close({ timeout: 0 })
    throw error
  }
}

/** Whether a failure to connect may pass in a moment: a server that starts, fails over, or has no connection free. */
export function mayConnectLater({ exit, cause }: Failure): boolean {
  const unknown = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
  return exit === 1 && !unknown
}

/** Whether the role, the database or the server has as many connections as it may. */
export function hasTooManyConnections({ cause }: Failure): boolean {
  return cause instanceof Error && Reflect.get(cause, 'errno') === '53300'
}

/**
 * Says everything, as Bun would complete it from the environment: a URL given keeps it from DATABASE_URL and
 * its parameters, a function for the password from PGPASSWORD, channelBinding from PGCHANNELBINDING.
 * lib/config refuses PGOPTIONS, which cannot be overruled here without sending options to the server.
 */
function sqlOptions(
  address: string,
  database: DatabaseConfig,
  options: ReaderOptions,
): SQL.PostgresOrMySQLOptions {
  return {
    adapter: 'postgres',
    hostname: address,
    port: database.port,
    database: database.database,
    username: database.user,
    password: passwordOf(database),
    tls: tlsOption(database.tls, serverName(database, address)),
    channelBinding: 'disable',
    connection: { application_name: options.applicationName },
    connectionTimeout: (options.connectTimeoutMs ?? 10_000) / 1000,
    idleTimeout: 0,
    maxLifetime: 0,
    max: 1,
    bigint: true,
  }
}

/** @param name that the certificate is to bear; undefined: it is the host's */
function tlsOption(
  { mode, ca }: Tls,
  name: string | undefined,
): SQL.TLSOptions | 'disable' | 'prefer' | 'require' {
  if (mode === 'disable' || mode === 'prefer') return mode
  if (mode === 'require') return name === undefined ? mode : { rejectUnauthorized: false, serverName: name }
  return {
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 is to change nothing.
    rejectUnauthorized: true,
    ...(name !== undefined && { serverName: name }),
    ...(ca !== undefined && { ca }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

async function askDateStyle(database: DatabaseConfig, options: ReaderOptions): Promise<string> {
  const { signal } = options
  const applicationName = options.applicationName.replace(/^dracula/, 'dracula-settings')
  // Most loads never need it.
  const { connectPostgres } = await import('./client.ts')
  signal.throwIfAborted()
  const sql = connectPostgres(database, { applicationName, max: 1, fetchTypes: false })
  const stop = () => sql.end({ timeout: 0 }).catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  let late = false
  const timer = setTimeout(() => {
    late = true
    void stop()
  }, firstAnswerMs)
  try {
    const [row] = await sql.unsafe('show DateStyle')
    return String(row?.['DateStyle'])
  } catch (error) {
    signal.throwIfAborted()
    if (late) throw unanswered(database, firstAnswerMs)
    throw postgresFailure(error, 'connect to', `${database.host}:${database.port}/${database.database}`)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await stop()
  }
}

interface ReaderMeans extends Pick<ReaderOptions, 'signal'> {
  readonly ask: () => Promise<string>
  readonly firstAnswerMs: number | undefined
  readonly unanswered: (ms: number) => Failure
}

function createReader(
  address: string,
  sql: SQL,
  connection: ReservedSQL,
  { signal, ask, firstAnswerMs: limitMs, unanswered: tooLate }: ReaderMeans,
): Reader {
  let waits = limitMs !== undefined
  let dateStyle: Promise<string> | undefined
  let running: SQL.Query<unknown> | undefined
  let closed: Promise<void> | undefined
  let committed = false

  /** Bun starts a query by the first `then`, so this also starts it. */
  async function settle<T>(query: SQL.Query<T>) {
    running = query
    committed = false
    let late = false
    const timer = waits
      ? setTimeout(() => {
          late = true
          query.cancel()
        }, limitMs)
      : undefined
    try {
      return await query
    } catch (error) {
      signal.throwIfAborted()
      throw late ? tooLate(limitMs ?? 0) : error
    } finally {
      clearTimeout(timer)
      waits = false
      if (running === query) running = undefined
    }
  }

  /**
   * Cancelling settles the query here at once, and on the server some time later; the answer to the ROLLBACK
   * behind it proves that. Without it a process that exits now could leave the server at work for hours. COMMIT's own
   * answer is as good a proof.
   */
  async function stop(): Promise<void> {
    signal.removeEventListener('abort', close)
    running?.cancel()
    if (!committed) await rollBack()
    await sql.close({ timeout: 0 }).catch(() => undefined)
  }

  async function rollBack(): Promise<void> {
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, stopTimeoutMs)
    await Promise.race([connection.unsafe('rollback').catch(() => undefined), timeout])
    clearTimeout(timer)
  }

  function close(): Promise<void> {
    closed ??= stop()
    return closed
  }

  signal.addEventListener('abort', close, { once: true })
  return {
    address,
    async query(text) {
      signal.throwIfAborted()
      // The simple protocol: one message, so the server's clock and its snapshot are of one moment.
      const answer: readonly (Row | readonly Row[])[] = await settle(connection.unsafe<Row[]>(text).simple())
      // A list of rows a statement, where there are several.
      return answer.flat()
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
      committed = command === 'COMMIT'
      if (committed) return
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
