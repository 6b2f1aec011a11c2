/** Writes Parquet through the real decoder and encoder, and reads it back with readers that are not ours. */
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetMetadata } from 'hyparquet'
import { createCopyDecoder } from '../../lib/copy/copy.ts'
import type { Codec } from '../../lib/parquet/compression.ts'
import { createParquetWriter, type FileSummary, type ParquetWriterOptions } from '../../lib/parquet/file.ts'
import type { Column } from '../../lib/types/type.ts'
import { copyStream, type Value } from './wire.ts'

export interface Written extends FileSummary {
  readonly file: Buffer<ArrayBuffer>
}

export async function writeParquet(
  columns: Readonly<Record<string, Column>>,
  rows: readonly (readonly Value[])[],
  {
    codec = 'zstd',
    chunkBytes = 64 * 1024,
    batchBytes,
    ...sizes
  }: {
    codec?: Codec
    /** Of each chunk, or of the next. */
    chunkBytes?: number | (() => number)
    batchBytes?: number
  } & Pick<ParquetWriterOptions, 'pageBytes' | 'rowGroupBytes' | 'rowGroupRows'> = {},
): Promise<Written> {
  const decoder = createCopyDecoder({
    table: 'test',
    columns,
    ...(batchBytes === undefined ? {} : { batchBytes }),
  })
  const parts: Buffer[] = []
  const writer = createParquetWriter({
    columns,
    vectors: decoder.vectors,
    codec,
    write(bytes) {
      parts.push(Buffer.from(bytes))
      return undefined
    },
    ...sizes,
  })
  const stream = copyStream(columns, rows)
  for (const chunk of chunksOf(stream, chunkBytes)) {
    let decoded = decoder.push(chunk)
    for (; decoded; decoded = decoder.resume()) if (writer.absorb()) await writer.endRowGroup()
  }
  while (decoder.flush()) if (writer.absorb()) await writer.endRowGroup()
  decoder.finish()
  const summary = await writer.endFile()
  return { ...summary, file: Buffer.concat(parts) }
}

/** Cuts it into chunks of so many bytes, or of as many as are asked for anew each time. */
export function* chunksOf(stream: Uint8Array, bytes: number | (() => number)): Generator<Uint8Array> {
  for (let at = 0; at < stream.length; ) {
    const end = at + (typeof bytes === 'number' ? bytes : bytes())
    yield stream.subarray(at, end)
    at = end
  }
}

export function metadataOf(file: Buffer<ArrayBuffer>): ReturnType<typeof parquetMetadata> {
  return parquetMetadata(arrayBuffer(file))
}

/** Answers one query over the file; `$file` stands for it. Values as text, null as null. */
export async function queryWithDuckdb(path: string, sql: string): Promise<(string | null)[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const result = await connection.runAndReadAll(sql.replaceAll('$file', `'${path}'`))
    return result.getRowsJson().map((row) => row.map((value) => (value === null ? null : String(value))))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function arrayBuffer(file: Buffer<ArrayBuffer>): ArrayBuffer {
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
}
