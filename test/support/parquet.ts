/** Writes Parquet through the real decoder and encoder, and reads it back with readers that are not ours. */
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetMetadata } from 'hyparquet'
import { everyRow } from '../../lib/batch/batch.ts'
import { createDecoder } from '../../lib/copy/decode.ts'
import type { Codec } from '../../lib/parquet/compression.ts'
import { createParquetFile, type FileSummary, type ParquetFileOptions } from '../../lib/parquet/file.ts'
import { createRowGroupWriter, type RowGroup, type RowGroupOptions } from '../../lib/parquet/row-group.ts'
import type { Column } from '../../lib/types/type.ts'
import { copyOf } from './copy.ts'
import { copyStream, type Value } from './wire.ts'

export interface Written extends FileSummary {
  readonly file: Buffer<ArrayBuffer>
}

export interface WriteOptions extends Pick<RowGroupOptions, 'pageBytes' | 'rowGroupBytes' | 'rowGroupRows'> {
  readonly codec?: Codec
  /** Bytes of each chunk, or of the next. */
  readonly chunkBytes?: number | (() => number)
  readonly batchBytes?: number
}

type Columns = Readonly<Record<string, Column>>
type Rows = readonly (readonly Value[])[]

export async function writeParquet(
  columns: Columns,
  rows: Rows,
  options: WriteOptions = {},
): Promise<Written> {
  return writeFile(columns, await Array.fromAsync(encode(columns, rows, options)))
}

/** One file of row groups, whoever has made them. */
export async function writeFile(
  columns: Columns,
  rowGroups: readonly RowGroup[],
  options: Pick<ParquetFileOptions, 'fieldIds'> = {},
): Promise<Written> {
  const parts: Buffer[] = []
  const file = createParquetFile({
    ...options,
    columns,
    write(bytes) {
      parts.push(Buffer.from(bytes))
      return undefined
    },
  })
  for (const rowGroup of rowGroups) await file.append(rowGroup)
  const summary = await file.finish()
  return { ...summary, file: Buffer.concat(parts) }
}

/** Rows as row groups, through the real framer, decoder and encoder. */
export async function* encode(
  columns: Columns,
  rows: Rows,
  { codec = 'zstd', chunkBytes = 64 * 1024, batchBytes, ...sizes }: WriteOptions = {},
): AsyncGenerator<RowGroup> {
  const decoder = createDecoder({ name: 'test', columns })
  const rowGroup = createRowGroupWriter({ columns, codec, ...sizes })
  const chunks = chunksOf(copyStream(columns, rows), chunkBytes)
  const framing = { thing: 'test', columns, ...(batchBytes !== undefined && { batchBytes }) }
  for await (const batch of copyOf(chunks, rows.length, framing)) {
    rowGroup.add({ moveInto: (vectors) => decoder.decode(batch, everyRow(batch), vectors) })
    if (rowGroup.isFull) yield await rowGroup.finish()
  }
  if (rowGroup.rows > 0) yield await rowGroup.finish()
}

/** Cuts it into chunks of so many bytes, or of as many as are asked for anew each time: copies, for whoever gives them back. */
export function* chunksOf(stream: Uint8Array, bytes: number | (() => number)): Generator<Uint8Array> {
  for (let at = 0; at < stream.length; ) {
    const end = at + (typeof bytes === 'number' ? bytes : bytes())
    yield new Uint8Array(stream.subarray(at, end))
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
