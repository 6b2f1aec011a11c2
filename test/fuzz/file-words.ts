/** What hyparquet finds in a Parquet file, in the words of kind.ts, and in raw bytes what the file says of its pages. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'
import { compressors } from 'hyparquet-compressors'
import type { Column, Columns } from '../../lib/table.ts'
import { latin1 } from './kind.ts'

/** @returns one list of words a column, in the order of its rows */
export async function fileWords(columns: Columns, file: ArrayBuffer): Promise<(string | null)[][]> {
  const metadata = parquetMetadata(file)
  // Without its annotation a leaf is read as the number or bytes that are stored.
  for (const element of metadata.schema) {
    if (element.type === undefined) continue
    delete element.converted_type
    delete element.logical_type
  }
  const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false })
  return Object.entries(columns).map(([name, column]) =>
    rows.map((row) =>
      column.element === undefined ? leafWords(column, row[name]) : listWords(column, row[name]),
    ),
  )
}

function listWords(column: Column, value: unknown): string | null {
  return Array.isArray(value) ? JSON.stringify(value.map((each) => leafWords(column, each))) : null
}

const bits = new DataView(new ArrayBuffer(8))

function leafWords({ parquet: { physical } }: Column, value: unknown): string | null {
  if (value === null || value === undefined) return null
  switch (physical) {
    case 'FLOAT':
      bits.setFloat32(0, Number(value))
      return Number.isNaN(value) ? 'NaN' : String(bits.getInt32(0))
    case 'DOUBLE':
      bits.setFloat64(0, Number(value))
      return Number.isNaN(value) ? 'NaN' : String(bits.getBigInt64(0))
    case 'BYTE_ARRAY':
      return latin1(value as Uint8Array)
    case 'FIXED_LEN_BYTE_ARRAY':
      return String(signed(value as Uint8Array))
    case 'BOOLEAN':
      return value === true ? '1' : '0'
    default:
      return String(value)
  }
}

/** Two's complement, big-endian. */
export function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

/** A bit pattern that is no number has many forms, which a reader makes one of. */
export function readWords(column: Column, words: string | null): string | null {
  if (words === null || (column.parquet.physical !== 'FLOAT' && column.parquet.physical !== 'DOUBLE'))
    return words
  if (column.element !== undefined)
    return JSON.stringify(
      (JSON.parse(words) as (string | null)[]).map((each) => each && floatWords(column, each)),
    )
  return floatWords(column, words)
}

function floatWords(column: Column, words: string): string {
  return Number.isNaN(floatOf(column, words)) ? 'NaN' : words
}

export function floatOf({ parquet: { physical } }: Column, words: string): number {
  if (words === 'NaN') return Number.NaN
  if (physical === 'FLOAT') {
    bits.setInt32(0, Number(words))
    return bits.getFloat32(0)
  }
  bits.setBigInt64(0, BigInt(words))
  return bits.getFloat64(0)
}

/** What parquet.thrift has of a page, or of a column chunk as a whole. */
export interface Facts {
  readonly rows: number
  readonly nulls: number | undefined
  /** In PLAIN form, without a length. */
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
}

export interface ChunkFacts extends Facts {
  /** Places for values, nulls among them. */
  readonly places: number
  readonly pages: readonly Facts[]
  /** Whether the pages' bounds go up (1), down (2) or neither (0). */
  readonly order: number | undefined
  /** The first page whose checksum is not that of its bytes. */
  readonly brokenPage: number | undefined
}

/** @returns for each row group, one for each column */
export function fileFacts(file: ArrayBuffer): ChunkFacts[][] {
  const view = new DataView(file)
  const struct = (from: number | bigint) => {
    const reader = { view, offset: Number(from) }
    return { fields: deserializeTCompactProtocol(reader), end: reader.offset }
  }
  const footer = struct(view.byteLength - 8 - view.getUint32(view.byteLength - 8, true)).fields
  return (footer['field_4'] ?? []).map((group: Thrift) =>
    group['field_1'].map((chunk: Thrift): ChunkFacts => {
      const { field_5: places, field_12: statistics } = chunk['field_3']
      const rows = Number(group['field_3'])
      const locations: Thrift[] = struct(chunk['field_4']).fields['field_1']
      const index = chunk['field_6'] === undefined ? undefined : struct(chunk['field_6']).fields
      const pages = locations.map((location, at): Facts => {
        const next = locations[at + 1]?.['field_3'] ?? rows
        const isEmpty = index?.['field_1'][at] === true
        return {
          rows: Number(next) - Number(location['field_3']),
          nulls: index && Number(index['field_5'][at]),
          min: isEmpty ? undefined : index?.['field_2'][at],
          max: isEmpty ? undefined : index?.['field_3'][at],
        }
      })
      const brokenPage = locations.findIndex((location) => {
        const { fields, end } = struct(location['field_1'])
        const body = new Uint8Array(file, end, fields['field_3'])
        return (Bun.hash.crc32(body) | 0) !== fields['field_4']
      })
      return {
        rows,
        places: Number(places),
        nulls: statistics?.field_3 === undefined ? undefined : Number(statistics.field_3),
        min: statistics?.field_6,
        max: statistics?.field_5,
        pages,
        order: index?.['field_4'],
        brokenPage: brokenPage < 0 ? undefined : brokenPage,
      }
    }),
  )
}

type Thrift = ReturnType<typeof deserializeTCompactProtocol>
