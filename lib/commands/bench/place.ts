/** Where a bench takes place: Postgres and the stand-in, each in processes of their own, and a folder; gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { declarationIn } from '../../declare/declaration-in.ts'
import { startLocalPostgres } from '../../local/postgres.ts'
import { startWatchdog } from '../../local/watchdog.ts'
import { databaseBeside } from './connection.ts'
import type { Target } from './contenders.ts'
import { startLake } from './lake.ts'
import type { Beside } from './measure.ts'
import { benchTables, fillTable } from './tables.ts'

export interface Place {
  /** The server's first database. */
  readonly url: string
  /** For files of contenders. */
  readonly folder: string
  /** The lake's environment. */
  readonly env: Readonly<Record<string, string>>
  readonly beside: Beside
  /**
   * A table with about so many rows, made when it is first asked for.
   * @param database where another of its kind is in the way
   */
  table(name: string, rows: number, database?: string): Promise<Target>
  stop(): Promise<void>
}

/** @param say gets a line before something is made that takes time */
export async function openPlace(say: (line: string) => void): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-bench-'))
  const watchdog = startWatchdog(folder)
  const stops: (() => Promise<void>)[] = []
  async function stop(): Promise<void> {
    for (const each of stops.toReversed()) await each()
    await rm(folder, { recursive: true, force: true })
    watchdog.stop()
  }
  try {
    const settings = { shared_buffers: '512MB', max_wal_size: '16GB' }
    const server = await startLocalPostgres({ folder, settings })
    stops.push(() => server.stop())
    const lake = await startLake(server.url)
    stops.push(() => lake.stop())
    const made = new Map<string, Promise<Target>>()
    const make = async (table: string, rows: number, database: string | undefined) => {
      say(`Making ${rows.toLocaleString('en')} rows of ${table} …`)
      const url = database === undefined ? server.url : await databaseBeside(server.url, database)
      await fillTable(url, table, rows)
      const { script } = benchTables[table]!
      const { where = 'true' } = await declarationIn(script, table)
      return { table, script, url, env: lake.env, rows: await countRows(url, table, where) }
    }
    return {
      url: server.url,
      folder,
      env: lake.env,
      beside: { server: server.pid, s3: lake.pid },
      table(name, rows, database = databaseOf(name)) {
        const key = `${database}.${name}`
        const target = made.get(key) ?? make(name, rows, database)
        made.set(key, target)
        return target
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Enriched tables share what they look up, and have a database of their own. */
function databaseOf(table: string): string | undefined {
  return benchTables[table]?.enriched === true ? 'enriched' : undefined
}

/** A seeded table has its awkward rows beside those asked for, and a script may read a part of them. */
async function countRows(url: string, table: string, where: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [counted] = await sql<
      [{ rows: string }]
    >`select count(*) as rows from ${sql(table)} where ${sql.unsafe(where)}`
    return Number(counted.rows)
  } finally {
    await sql.end()
  }
}
