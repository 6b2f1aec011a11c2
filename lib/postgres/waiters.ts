/** Who waits for a lock behind a connection that reads (PostgreSQL manual, "pg_locks" and `pg_blocking_pids`). */
import type { DatabaseConfig } from '../config/config.ts'
import type { Backend } from './backend.ts'
import type { Row } from './connect.ts'
import { quoteText } from './relation.ts'

export interface Waiter {
  readonly pid: number
  readonly user: string
  /** Its application_name; may be empty. */
  readonly application: string
  /** In the manual's words: `ACCESS EXCLUSIVE`. */
  readonly mode: string
  /** Undefined: it waits for the end of the transaction itself, as an index that is built concurrently does. */
  readonly relation: string | undefined
  /** Milliseconds it waits for this lock already; undefined: the server does not tell (before PostgreSQL 14). */
  readonly waitedMs: number | undefined
}

export interface WaitersWatch {
  /**
   * Those kept waiting now by the backend, or by another connection of the same load that has joined its snapshot: by a
   * lock it holds, by its place in the queue, or by the snapshot, whose end a CREATE INDEX CONCURRENTLY waits for.
   * @returns undefined when the server asked has no such backend @throws the driver's error
   */
  look(): Promise<readonly Waiter[] | undefined>
  /** Leaves the server at once, in the middle of a question too; never throws. */
  close(): Promise<void>
}

export interface WaitersOptions {
  readonly applicationName: string
  readonly backend: Backend
  /** `server_version_num` */
  readonly serverVersion: number
}

/** Connects with the first look, and anew with the one after a look that failed. */
export function watchWaiters(database: DatabaseConfig, options: WaitersOptions): WaitersWatch {
  const { applicationName, serverVersion } = options
  const { pid, startedAt } = options.backend
  // Asking for types would reject a promise that nobody awaits, should it be closed in the middle of that.
  const connect = async () => {
    const { connectPostgres } = await import('./client.ts')
    return connectPostgres(database, { applicationName, max: 1, fetchTypes: false })
  }
  let connected: ReturnType<typeof connect> | undefined
  const ask = async () => {
    connected ??= connect()
    try {
      // One message is one transaction, for which its settings hold.
      const answers = await (await connected).unsafe<[Row[], Row[]]>(question)
      return answers[1]
    } catch (error) {
      // The client tells of a broken connection twice, and the second time it would be the next question that fails.
      await leave()
      throw error
    }
  }
  const leave = async () => {
    const sql = await connected?.catch(() => undefined)
    connected = undefined
    await sql?.end({ timeout: 0 }).catch(() => undefined)
  }
  const waited = serverVersion >= 140_000 ? 'w.waitstart' : 'null::timestamptz'
  // What others run is not asked for: it may hold secrets. `granted` is looked at first, as it costs nothing, and
  // blocking processes are sought only for those who wait: to find them stops the server's lock manager for a moment.
  const question = `
    set local search_path to pg_catalog, public, pg_temp;
    select w.pid, w.mode, w.relation::regclass::text as relation, a.usename as user, a.application_name as application,
      (extract(epoch from clock_timestamp() - ${waited}) * 1000)::float8 as waited_ms
    from pg_catalog.pg_stat_activity reader
      left join (
        pg_catalog.pg_locks w join pg_catalog.pg_stat_activity a on a.pid = w.pid
      ) on not w.granted and a.application_name is distinct from reader.application_name
        and pg_catalog.pg_blocking_pids(w.pid) && array(
          select other.pid from pg_catalog.pg_stat_activity other
          where other.pid = reader.pid or other.usename = reader.usename
            and other.application_name = reader.application_name
            and other.backend_xmin = reader.backend_xmin)
    where reader.pid = ${pid} and reader.backend_start = ${quoteText(startedAt)}::timestamptz`
  return {
    async look() {
      const rows = await ask()
      if (rows.length === 0) return undefined
      return rows.flatMap((row) =>
        row['pid'] === null
          ? []
          : [
              {
                pid: Number(row['pid']),
                user: String(row['user'] ?? ''),
                application: String(row['application'] ?? ''),
                mode: describeMode(String(row['mode'])),
                relation: row['relation'] === null ? undefined : String(row['relation']),
                waitedMs: row['waited_ms'] === null ? undefined : Number(row['waited_ms']),
              },
            ],
      )
    },
    close: leave,
  }
}

/** `AccessExclusiveLock` */
function describeMode(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()
}
