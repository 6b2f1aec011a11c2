import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet'
import { createRollingFiles } from '../../lib/pipeline/roll.ts'
import * as t from '../../lib/table.ts'
import { type ClusteredTable, clusteredTable } from '../support/clustered.ts'
import { encode, metadataOf, type Written, writeParquet } from '../support/parquet.ts'
import { isList, type Scalar, type Value } from '../support/wire.ts'

setDefaultTimeout(300_000)

type Chunk = ReturnType<typeof parquetMetadata>['row_groups'][number]['columns'][number]

function viewOf(file: Buffer<ArrayBuffer>, from: bigint, length: number): DataView {
  return new DataView(file.buffer, file.byteOffset + Number(from), length)
}

function pagesOf(file: Buffer<ArrayBuffer>, { offset_index_offset, offset_index_length }: Chunk) {
  const view = viewOf(file, offset_index_offset!, offset_index_length!)
  const reader = { view, offset: 0 }
  const { page_locations } = readOffsetIndex(reader)
  expect(reader.offset).toBe(offset_index_length!)
  return page_locations
}

/** With bounds as the bytes they are. */
function indexOf(file: Buffer<ArrayBuffer>, { column_index_offset, column_index_length }: Chunk) {
  if (column_index_offset === undefined) return undefined
  const reader = { view: viewOf(file, column_index_offset, column_index_length!), offset: 0 }
  const parsers = { stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes) as never }
  const index = readColumnIndex(reader, { type: 'BYTE_ARRAY', name: 'x' }, parsers)
  expect(reader.offset).toBe(column_index_length!)
  const bytes = (bounds: readonly unknown[]) => bounds as Buffer[]
  return { ...index, min_values: bytes(index.min_values), max_values: bytes(index.max_values) }
}

type Key = number | bigint | Buffer

const postgresEpoch = 946_684_800_000_000n

/** A value as the file has it, in something that compares. */
function keyOf({ parquet: { physical, logical } }: t.Column, value: Exclude<Scalar, null>): Key {
  if (value instanceof Uint8Array || physical === 'BYTE_ARRAY') return Buffer.from(value as string)
  if (logical.kind === 'decimal') return BigInt(String(value).replace('.', ''))
  if (logical.kind === 'date') return BigInt(Number(value) + 10_957)
  if (logical.kind === 'timestamp') return BigInt(value as bigint) + postgresEpoch
  return physical === 'FLOAT' || physical === 'DOUBLE' ? Number(value) : BigInt(value)
}

function keyOfBound({ parquet: { physical } }: t.Column, bytes: Buffer): Key {
  switch (physical) {
    case 'INT32':
      return BigInt(bytes.readInt32LE())
    case 'INT64':
      return bytes.readBigInt64LE()
    case 'FLOAT':
      return bytes.readFloatLE()
    case 'DOUBLE':
      return bytes.readDoubleLE()
    case 'BOOLEAN':
      return BigInt(bytes.readUInt8())
    case 'FIXED_LEN_BYTE_ARRAY':
      return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
    case 'BYTE_ARRAY':
      return bytes
  }
}

/** Compares as the format orders values, where both zeros are one. */
function compareKeys(a: Key, b: Key): number {
  if (a instanceof Buffer && b instanceof Buffer) return Buffer.compare(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** With −0 before +0, as some readers have it. */
function compareStrictly(a: Key, b: Key): number {
  return a === 0 && b === 0 ? Number(Object.is(b, -0)) - Number(Object.is(a, -0)) : compareKeys(a, b)
}

interface Page {
  readonly keys: readonly Key[]
  readonly nulls: number
}

/** What the rows have for the file: an empty list, a null one and a null element have a place without a value. */
function pageOf(column: t.Column, values: readonly Value[]): Page {
  const places = values.flatMap((value): readonly Scalar[] =>
    isList(value) ? (value.length === 0 ? [null] : value) : [value],
  )
  const keys = places.flatMap((value) => (value === null ? [] : [keyOf(column.element ?? column, value)]))
  return { keys, nulls: places.length - keys.length }
}

/** Whether the format has bounds for it that are worth writing: no NaN, and something short above the greatest. */
function hasBounds({ keys }: Page): boolean {
  return keys.every((key) => !Number.isNaN(key) && !(key instanceof Buffer && isAllGreatest(key)))
}

function isAllGreatest(key: Buffer): boolean {
  const [cut, greatest] = [key.subarray(0, 64), Buffer.from('\u{10ffff}')]
  return key.length > 64 && (cut.equals(Buffer.alloc(64, 0xff)) || cut.equals(Buffer.alloc(64, greatest)))
}

const tables = {
  few: {
    rows: 3000,
    count: 60,
    rowGroupRows: 1000,
    encodings: ['RLE_DICTIONARY'],
    orders: ['ASCENDING', 'UNORDERED'],
  },
  many: {
    rows: 8000,
    count: 30_000,
    rowGroupRows: 2500,
    encodings: ['PLAIN', 'DELTA_BINARY_PACKED'],
    orders: ['ASCENDING'],
  },
} as const

describe.each(['few', 'many'] as const)('page indexes of every type, of %s values in clusters', (which) => {
  const { rows, count, rowGroupRows, encodings, orders } = tables[which]
  let made: ClusteredTable
  let written: Written
  let chunks: {
    readonly name: string
    readonly column: t.Column
    readonly chunk: Chunk
    readonly pages: readonly (Page & { readonly offset: number; readonly bytes: number })[]
  }[]

  beforeAll(async () => {
    made = clusteredTable(rows, 11, count)
    written = await writeParquet(made.columns, made.rows, {
      batchBytes: 8192,
      pageBytes: 1024,
      rowGroupRows,
    })
    const { row_groups } = metadataOf(written.file)
    expect(row_groups.length).toBeGreaterThan(1)
    let from = 0
    chunks = row_groups.flatMap((group) => {
      const first = from
      const groupRows = Number(group.num_rows)
      from += groupRows
      return Object.entries(made.columns).map(([name, column], at) => {
        const chunk = group.columns[at]!
        const locations = pagesOf(written.file, chunk)
        const starts = [...locations.map((page) => Number(page.first_row_index)), groupRows]
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b))
        expect(starts[0]).toBe(0)
        const pages = locations.map(({ offset, compressed_page_size }, page) => {
          const rows = made.rows.slice(first + starts[page]!, first + starts[page + 1]!)
          return {
            ...pageOf(
              column,
              rows.map((row) => row[at] ?? null),
            ),
            offset: Number(offset),
            bytes: compressed_page_size,
          }
        })
        return { name, column, chunk, pages }
      })
    })
  })

  test('are of pages in the encodings that such values get', () => {
    const used = new Set(chunks.flatMap(({ chunk }) => chunk.meta_data?.encodings ?? []))
    for (const encoding of encodings) expect(used).toContain(encoding)
  })

  test('name where each page begins and ends, one after another to the end of its chunk', () => {
    let most = 0
    for (const { chunk, pages } of chunks) {
      const { meta_data } = chunk
      const [first] = pages
      expect(first?.offset).toBe(Number(meta_data?.data_page_offset))
      pages.reduce((end, { offset, bytes }) => {
        expect(offset).toBe(end)
        return offset + bytes
      }, first?.offset ?? 0)
      const last = pages.at(-1)!
      const start = Number(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset)
      expect(last.offset + last.bytes).toBe(start + Number(meta_data?.total_compressed_size))
      most = Math.max(most, pages.length)
    }
    expect(most).toBeGreaterThan(5)
  })

  test('stand before the footer, those of columns before those of offsets, and leave no byte between', () => {
    const { row_groups, metadata_length } = metadataOf(written.file)
    const all = row_groups.flatMap(({ columns }) => columns)
    const spans = [
      ...all.map((chunk) => [chunk.column_index_offset, chunk.column_index_length] as const),
      ...all.map((chunk) => [chunk.offset_index_offset, chunk.offset_index_length] as const),
    ].flatMap(([offset, length]) =>
      offset === undefined ? [] : [{ from: Number(offset), to: Number(offset) + length! }],
    )
    for (const [at, { from }] of spans.slice(1).entries()) expect(from).toBe(spans[at]!.to)
    const chunkEnds = chunks.map(({ pages }) => pages.at(-1)!.offset + pages.at(-1)!.bytes)
    expect(spans[0]?.from).toBe(Math.max(...chunkEnds))
    expect(spans.at(-1)?.to).toBe(written.file.length - 8 - metadata_length)
  })

  test('count the nulls of each page, and tell which have nothing else', () => {
    for (const { chunk, pages } of chunks) {
      const index = indexOf(written.file, chunk)
      if (index === undefined) continue
      expect(index.null_counts).toEqual(pages.map(({ nulls }) => BigInt(nulls)))
      expect(index.null_pages).toEqual(pages.map(({ keys }) => keys.length === 0))
    }
    const barren = chunks.flatMap(({ chunk }) => indexOf(written.file, chunk)?.null_pages ?? [])
    expect(barren).toContain(true)
  })

  test('have bounds that no value of the page, and of the chunk, lies outside of', () => {
    for (const { name, column, chunk, pages } of chunks) {
      const index = indexOf(written.file, chunk)
      if (index === undefined) continue
      const bounds = pages.map(({ keys }, at) => {
        const [min, max] = [index.min_values[at]!, index.max_values[at]!]
        expect(Math.max(min.length, max.length)).toBeLessThanOrEqual(65)
        if (keys.length === 0) expect([min.length, max.length]).toEqual([0, 0])
        return keys.length === 0 ? [] : [keyOfBound(column, min), keyOfBound(column, max)]
      })
      const outside = pages.flatMap(({ keys }, at) => {
        const [min, max] = bounds[at]!
        return keys.filter((key) => compareStrictly(key, min!) < 0 || compareStrictly(key, max!) > 0)
      })
      expect({ name, outside }).toEqual({ name, outside: [] })
    }
  })

  test('have the nearest bounds there are, but for those of long strings', () => {
    for (const { name, column, chunk, pages } of chunks) {
      const index = indexOf(written.file, chunk)
      if (index === undefined) continue
      for (const [at, { keys }] of pages.entries()) {
        if (keys.length === 0) continue
        const sorted = [...keys].sort(compareKeys)
        const [least, greatest] = [sorted[0]!, sorted.at(-1)!]
        const short = (key: Key) => !(key instanceof Buffer && key.length > 64)
        const equal = (bound: Buffer, key: Key) => compareKeys(keyOfBound(column, bound), key) === 0
        expect({ name, min: !short(least) || equal(index.min_values[at]!, least) }).toEqual({
          name,
          min: true,
        })
        expect({ name, max: !short(greatest) || equal(index.max_values[at]!, greatest) }).toEqual({
          name,
          max: true,
        })
      }
    }
  })

  test('are there for every chunk, but for bounds where a page has none', () => {
    const without = new Set<string>()
    for (const { name, chunk, pages } of chunks) {
      expect(chunk.offset_index_length).toBeGreaterThan(0)
      const bounded = pages.every(hasBounds)
      expect({ name, index: indexOf(written.file, chunk) !== undefined }).toEqual({ name, index: bounded })
      const { min_value, max_value } = chunk.meta_data?.statistics ?? {}
      const any = pages.some(({ keys }) => keys.length > 0)
      expect({ name, bounds: [min_value !== undefined, max_value !== undefined] }).toEqual({
        name,
        bounds: [bounded && any, bounded && any],
      })
      if (!bounded) without.add(name)
    }
    const unbounded = ['float4', 'float8', 'bytea', 'text'].flatMap((kind) => [
      kind,
      `${kind}_null`,
      `${kind}_list`,
    ])
    expect([...without].sort()).toEqual(unbounded.sort())
  })

  test('call their bounds ordered where they are, whichever way', () => {
    const told = new Set<string>()
    for (const { name, column, chunk } of chunks) {
      const index = indexOf(written.file, chunk)
      if (index === undefined) continue
      const some = index.null_pages.flatMap((isNull, at) => (isNull ? [] : [at]))
      const ordered = (sign: 1 | -1) =>
        some.slice(1).every((page, at) =>
          [index.min_values, index.max_values].every((bounds) => {
            const [before, after] = [
              keyOfBound(column, bounds[some[at]!]!),
              keyOfBound(column, bounds[page]!),
            ]
            return compareKeys(before, after) * sign <= 0
          }),
        )
      const order = ordered(1) ? 'ASCENDING' : ordered(-1) ? 'DESCENDING' : 'UNORDERED'
      expect({ name, order: index.boundary_order as string }).toEqual({ name, order })
      told.add(order)
    }
    for (const order of orders) expect(told).toContain(order)
  })
})

test('pages of falling values have a descending index', async () => {
  const rows = Array.from({ length: 3000 }, (_, row) => [-row])
  const sizes = { chunkBytes: 2048, batchBytes: 2048, pageBytes: 1024 }
  const { file } = await writeParquet({ x: t.integer }, rows, sizes)
  expect(indexOf(file, metadataOf(file).row_groups[0]!.columns[0]!)?.boundary_order).toBe('DESCENDING')
})

test('a file is full before what is held for its footer gets large, and the next begins with nothing', async () => {
  const columns = { x: t.integer, y: t.text }
  const written: Buffer<ArrayBuffer>[] = []
  const files = createRollingFiles({
    ...{ table: 'test', columns, maxFileBytes: Number.POSITIVE_INFINITY, maxFooterBytes: 8000 },
    openFile() {
      const parts: Buffer[] = []
      return {
        write(bytes) {
          parts.push(Buffer.from(bytes))
          return undefined
        },
        async finish() {
          const file = Buffer.concat(parts)
          written.push(file)
          return { bytes: file.length, uri: undefined, etag: undefined, crc32: undefined }
        },
        abort: async () => {},
      }
    },
  })
  const rows = Array.from({ length: 20_000 }, (_, row) => [row, `name ${row}`])
  const sizes = { chunkBytes: 1024, batchBytes: 1024, pageBytes: 256, rowGroupRows: 200 }
  for await (const rowGroup of encode(columns, rows, { codec: 'none', ...sizes }))
    await files.append(rowGroup)
  const all = await files.finish()
  expect(all.map((file) => file.bytes)).toEqual(written.map((file) => file.length))
  const rowGroups = written.map((file) => metadataOf(file).row_groups.length)
  const full = rowGroups.slice(0, -1)
  expect(full.length).toBeGreaterThan(3)
  expect(Math.min(...full)).toBeGreaterThan(3)
  expect(Math.max(...full)).toBeLessThan(2 * Math.min(...full))
  expect(rowGroups.at(-1)).toBeLessThanOrEqual(Math.max(...full))
})

test('an empty file has no row group to index', async () => {
  const { file } = await writeParquet({ x: t.integer }, [])
  expect(metadataOf(file).row_groups).toEqual([])
})
