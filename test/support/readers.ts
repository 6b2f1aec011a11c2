/**
 * Three readers of Parquet that are not ours, brought to the same words: integers and decimals in decimal digits,
 * dates as days and timestamps as microseconds since 1970, bytes in hex, floats as JavaScript prints them (−0 as `-0`), lists in JSON
 * of the words of their elements.
 */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'
import { type Data, RecordBatchReader, Table } from 'apache-arrow'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { readParquet } from 'parquet-wasm/node'
import type { Column } from '../../lib/types/type.ts'

export type Columns = Readonly<Record<string, Column>>
export type ReadParquet = (path: string, columns: Columns) => Promise<Record<string, (string | null)[]>>

export const readers: Readonly<Record<string, ReadParquet>> = {
  DuckDB: readWithDuckdb,
  hyparquet: readWithHyparquet,
  'parquet-wasm': readWithParquetWasm,
}

/** One for all reads of a process: a new one costs more than most files do. */
let duckdb: Promise<DuckDBInstance> | undefined

async function readWithDuckdb(path: string, columns: Columns): ReturnType<ReadParquet> {
  duckdb ??= DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await (await duckdb).connect()
  try {
    const names = Object.keys(columns)
    const list = Object.entries(columns)
      .map(([name, column]) => duckdbValue(column, `"${name}"`))
      .join(', ')
    const result = await connection.runAndReadAll(
      `select ${list} from read_parquet('${path}', file_row_number = true) order by file_row_number`,
    )
    const values = result.getColumns()
    return Object.fromEntries(
      names.map((name, at) => [name, (values[at] ?? []).map((value) => duckdbWords(columns[name]!, value))]),
    )
  } finally {
    connection.closeSync()
  }
}

/** Text as its bytes: the package drops a byte order mark. */
function duckdbValue({ parquet, element }: Column, name: string): string {
  if (parquet.logical.kind !== 'string') return name
  return element === undefined ? `encode(${name})` : `list_transform(${name}, lambda x: encode(x))`
}

function duckdbWords({ parquet, element }: Column, value: unknown): string | null {
  if (value === null) return null
  if (value instanceof DuckDBListValue)
    return listWords(value.items.map((each) => duckdbWords(element!, each)))
  if (value instanceof DuckDBDecimalValue) return scaled(value.value, value.scale)
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return String(value.micros)
  if (value instanceof DuckDBDateValue) return String(value.days)
  if (value instanceof DuckDBBlobValue)
    return Buffer.from(value.bytes).toString(parquet.logical.kind === 'string' ? 'utf8' : 'hex')
  return typeof value === 'number' ? floatWords(value) : String(value)
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
  const parsers = {
    timestampFromMicroseconds: same,
    dateFromDays: same,
    // Its own drops a byte order mark.
    stringFromBytes: (bytes?: Uint8Array) => bytes && Buffer.from(bytes).toString('utf8'),
  }
  const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false, parsers })
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      rows.map((row) => storedWords(column, row[name])),
    ]),
  )
}

function storedWords({ parquet, element }: Column, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (element !== undefined && Array.isArray(value)) {
    return listWords(value.map((each: unknown) => storedWords(element, each)))
  }
  const { logical } = parquet
  if (logical.kind === 'decimal') {
    return scaled(value instanceof Uint8Array ? signed(value) : BigInt(value as bigint), logical.scale)
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'number' ? floatWords(value) : String(value)
}

/** Through the buffers: Arrow's getters make milliseconds of timestamps and dates. */
async function readWithParquetWasm(path: string, columns: Columns): ReturnType<ReadParquet> {
  const bytes = await Bun.file(path).bytes()
  const table = new Table(RecordBatchReader.from(readParquet(bytes).intoIPCStream()).readAll())
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const chunks = table.getChild(name)?.data ?? []
      return [
        name,
        chunks.flatMap((chunk) =>
          Array.from({ length: chunk.length }, (_, row) => arrowWords(column, chunk, row)),
        ),
      ]
    }),
  )
}

function arrowWords(column: Column, data: Data, row: number): string | null {
  if (!data.getValid(row)) return null
  const { element, parquet } = column
  if (element !== undefined) {
    const child = data.children[0]!
    const from = Number(data.valueOffsets[row])
    const length = Number(data.valueOffsets[row + 1]) - from
    return listWords(Array.from({ length }, (_, i) => arrowWords(element, child, from + i)))
  }
  const values = data.values as ArrayLike<number | bigint>
  if (parquet.logical.kind === 'decimal') {
    const limbs = Array.from(
      { length: 4 },
      (_, limb) => BigInt(Number(values[row * 4 + limb])) << BigInt(32 * limb),
    )
    const unscaled = limbs.reduce((sum, limb) => sum + limb, 0n)
    return scaled(BigInt.asIntN(128, unscaled), parquet.logical.scale)
  }
  switch (parquet.physical) {
    case 'BYTE_ARRAY': {
      const bytes = data.values.subarray(Number(data.valueOffsets[row]), Number(data.valueOffsets[row + 1]))
      return Buffer.from(bytes).toString(parquet.logical.kind === 'string' ? 'utf8' : 'hex')
    }
    case 'BOOLEAN':
      return String(
        (((data.values[(data.offset + row) >> 3] as number) >> ((data.offset + row) & 7)) & 1) === 1,
      )
    case 'FLOAT':
    case 'DOUBLE':
      return floatWords(Number(values[row]))
    default:
      return String(values[row])
  }
}

/** The number as JavaScript prints it, but for the negative zero, whose sign it would drop. */
export function floatWords(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function listWords(words: readonly (string | null)[]): string {
  return JSON.stringify(words)
}

function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

function scaled(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}
