/** How large the same rows are when DuckDB writes them. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** Bytes that DuckDB writes, with zstd and otherwise as it is, for the rows of these Parquet files in their order. */
export async function duckdbBytes(files: readonly Uint8Array[], folder: string): Promise<number> {
  const target = join(folder, 'duckdb.parquet')
  const sources = files.map((_, at) => join(folder, `source-${at}.parquet`))
  for (const [at, file] of files.entries()) await Bun.write(sources[at]!, file)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const list = sources.map((source) => `'${source}'`).join(', ')
    await connection.run(
      `copy (from read_parquet([${list}])) to '${target}' (format parquet, compression zstd)`,
    )
    return (await stat(target)).size
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
