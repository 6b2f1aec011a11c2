/** One DuckDB, opened so that nothing but the stand-in's own files can be read. */
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { literal } from './hive-type.ts'

/** What answers a question and keeps nothing of it. */
export type Answering = Pick<Engine, 'rows'>

/** DuckDB, in memory and shut in: no extension is fetched, no file outside the stand-in's folder is read. */
export interface Engine {
  run(sql: string): Promise<void>
  /** Rows as they come. */
  stream(sql: string): Promise<DuckDBResult>
  /** Everything at once, for what is small. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Ends whatever runs, with an error. */
  interrupt(): void
  close(): void
}

export async function openEngine(folder: string): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // In Athena 7 / 2 is 3.
    integer_division: 'true',
    memory_limit: '1GB',
  })
  const connection: DuckDBConnection = await instance.connect()
  await connection.run(
    `set temp_directory=${literal(`${folder}/spill`)}; set allowed_directories=[${literal(folder)}]; set enable_external_access=false; set TimeZone='UTC'`,
  )
  return {
    run: async (sql) => {
      await connection.run(sql)
    },
    stream: (sql) => connection.stream(sql),
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(),
    interrupt: () => connection.interrupt(),
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
