/**
 * Three readers of Parquet that are not ours, brought to the same words: integers and decimals in decimal digits,
 * dates as days and timestamps as microseconds since 1970, bytes in hex, floats as JavaScript prints them.
 */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'
import { RecordBatchReader, Table, type Vector } from 'apache-arrow'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { readParquet } from 'parquet-wasm/node'
import type { Column } from '../../lib/columns.ts'

export type Columns = Readonly<Record<string, Column>>
export type ReadParquet = (path: string, columns: Columns) => Promise<Record<string, (string | null)[]>>

export const readers: Readonly<Record<string, ReadParquet>> = {
  DuckDB: readWithDuckdb,
  hyparquet: readWithHyparquet,
  'parquet-wasm': readWithParquetWasm,
}

async function readWithDuckdb(path: string, columns: Columns): ReturnType<ReadParquet> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const names = Object.keys(columns)
    const list = names.map((name) => `"${name}"`).join(', ')
    const result = await connection.runAndReadAll(
      `select ${list} from read_parquet('${path}', file_row_number = true) order by file_row_number`,
    )
    const values = result.getColumns()
    return Object.fromEntries(names.map((name, at) => [name, (values[at] ?? []).map(duckdbWords)]))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function duckdbWords(value: unknown): string | null {
  if (value === null) return null
  if (value instanceof DuckDBDecimalValue) return scaled(value.value, value.scale)
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return String(value.micros)
  if (value instanceof DuckDBDateValue) return String(value.days)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex')
  return String(value)
}

/** hyparquet makes doubles of decimals; without their annotation it gives the integers and bytes that are stored. */
async function readWithHyparquet(path: string, columns: Columns): ReturnType<ReadParquet> {
  const file = await Bun.file(path).arrayBuffer()
  const metadata = parquetMetadata(file)
  for (const element of metadata.schema) {
    if (element.converted_type !== 'DECIMAL') continue
    delete element.converted_type
    delete element.logical_type
  }
  const same = <T>(value: T): T => value
  const parsers = { timestampFromMicroseconds: same, dateFromDays: same }
  const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false, parsers })
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      rows.map((row) => storedWords(column, row[name])),
    ]),
  )
}

function storedWords({ parquet: { logical } }: Column, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (logical.kind === 'decimal') {
    return scaled(value instanceof Uint8Array ? signed(value) : BigInt(value as bigint), logical.scale)
  }
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}

async function readWithParquetWasm(path: string, columns: Columns): ReturnType<ReadParquet> {
  const bytes = await Bun.file(path).bytes()
  const table = new Table(RecordBatchReader.from(readParquet(bytes).intoIPCStream()).readAll())
  return Object.fromEntries(
    Object.entries(columns).map(([name, { parquet }]) => {
      const words: (string | null)[] = []
      // Through the buffers: Arrow's getters make milliseconds of timestamps and dates.
      for (const { length, values, data } of chunksOf(table.getChild(name))) {
        for (let i = 0; i < length; i++) {
          if (!data.getValid(i)) {
            words.push(null)
          } else if (parquet.logical.kind === 'decimal') {
            const limbs = Array.from(
              { length: 4 },
              (_, limb) => BigInt(Number(values[i * 4 + limb])) << BigInt(32 * limb),
            )
            words.push(
              scaled(
                BigInt.asIntN(
                  128,
                  limbs.reduce((sum, limb) => sum + limb, 0n),
                ),
                parquet.logical.scale,
              ),
            )
          } else if (parquet.logical.kind === 'date' || parquet.logical.kind === 'timestamp') {
            words.push(String(values[i]))
          } else {
            const value: unknown = data.get(i)
            words.push(value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value))
          }
        }
      }
      return [name, words]
    }),
  )
}

interface ArrowChunk {
  readonly length: number
  readonly values: ArrayLike<number | bigint>
  readonly data: { getValid(row: number): boolean; get(row: number): unknown }
}

function chunksOf(vector: Vector | null): ArrowChunk[] {
  if (vector === null) throw new Error('parquet-wasm does not know the column')
  return vector.data.map((chunk, at) => {
    const { length, values } = chunk
    const before = vector.data.slice(0, at).reduce((sum, { length: rows }) => sum + rows, 0)
    const get = (row: number): unknown => vector.get(before + row)
    return { length, values, data: { getValid: (row) => chunk.getValid(row), get } }
  })
}

function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

function scaled(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}
