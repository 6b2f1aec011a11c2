/** The process of the server that serves a connection. */
import type { DatabaseConfig } from '../config/config.ts'
import { openReader, type Reader, type ReaderOptions } from './connect.ts'
import { quoteText } from './relation.ts'

/** One server process, told from a later one of the same id by when it began. */
export interface Backend {
  readonly pid: number
  /** A timestamptz in UTC, spelled as Postgres does. */
  readonly startedAt: string
}

/** @throws the driver's error */
export async function backendOf({ query }: Pick<Reader, 'query'>): Promise<Backend> {
  const [row] = await query(
    `select pid, backend_start::pg_catalog.text as started from pg_catalog.pg_stat_activity
     where pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()`,
  )
  return { pid: Number(row?.['pid']), startedAt: String(row?.['started']) }
}

/**
 * Whether the server still serves it; asked by the role that it serves, over another connection.
 * @throws Failure as `openReader`, the driver's error
 */
export async function isServed(
  database: DatabaseConfig,
  { pid, startedAt }: Backend,
  options: ReaderOptions,
): Promise<boolean> {
  const reader = await openReader(database, options)
  try {
    const rows = await reader.query(
      `select from pg_catalog.pg_stat_activity
       where pid operator(pg_catalog.=) ${pid}
         and backend_start operator(pg_catalog.=) ${quoteText(startedAt)}::pg_catalog.timestamptz`,
    )
    return rows.length > 0
  } finally {
    await reader.close()
  }
}
