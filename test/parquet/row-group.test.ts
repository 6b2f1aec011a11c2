/** A row group is a value: it may be made anywhere, and stand anywhere in a file of its columns. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type parquetMetadata, parquetScan, readOffsetIndex } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { RowGroup } from '../../lib/parquet/row-group.ts'
import { integer } from '../../lib/table.ts'
import { clusteredTable } from '../support/clustered.ts'
import { encode, metadataOf, queryWithDuckdb, writeFile } from '../support/parquet.ts'
import { readers } from '../support/readers.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

type Chunk = ReturnType<typeof parquetMetadata>['row_groups'][number]['columns'][number]

const made = clusteredTable(1500, 11)
const columns = { ...made.columns, place: integer }
const rows = made.rows.map((row, at) => [...row, at])

/** Each makes a row group of other rows, in pages of another size. */
const makers = {
  first: () => encode(columns, rows.slice(0, 900), { batchBytes: 2048, pageBytes: 1024 }),
  second: () => encode(columns, rows.slice(900), { batchBytes: 1024, pageBytes: 512 }),
}
type Name = keyof typeof makers

/** Made anew each time, as a file takes the memory of its pages. */
async function make(name: Name): Promise<RowGroup> {
  const [rowGroup, ...more] = await Array.fromAsync(makers[name]())
  expect(more).toEqual([])
  return rowGroup!
}

const orders: readonly (readonly Name[])[] = [['first'], ['second'], ['first', 'second'], ['second', 'first']]
const files = new Map<string, Buffer<ArrayBuffer>>()
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  folder = await temporaryFolder()
  for (const order of orders) {
    const { file } = await writeFile(columns, await Promise.all(order.map(make)))
    files.set(order.join(), file)
    await Bun.write(pathOf(order), file)
  }
})

afterAll(() => folder?.[Symbol.asyncDispose]())

function pathOf(order: readonly Name[]): string {
  return `${folder.path}/${order.join('-')}.parquet`
}

function bytesAt(file: Buffer<ArrayBuffer>, offset: bigint | undefined, length: number | undefined): Buffer {
  return file.subarray(Number(offset), Number(offset) + length!)
}

function pagesOf(file: Buffer<ArrayBuffer>, { offset_index_offset, offset_index_length }: Chunk) {
  const { buffer, byteOffset, byteLength } = bytesAt(file, offset_index_offset, offset_index_length)
  return readOffsetIndex({ view: new DataView(buffer, byteOffset, byteLength), offset: 0 }).page_locations
}

describe.each(orders.slice(2))('row groups made apart, appended as %s and %s', (...order) => {
  const file = () => files.get(order.join())!

  test.each(Object.keys(readers))('are read by %s as each alone, in that order', async (reader) => {
    const read = readers[reader]!
    const [one, other] = await Promise.all(order.map((name) => read(pathOf([name]), columns)))
    const both = await read(pathOf(order), columns)
    for (const name of Object.keys(columns)) expect(both[name]).toEqual([...one![name]!, ...other![name]!])
  })

  test('have the statistics, the indexes and the pages that each has alone', () => {
    const { row_groups } = metadataOf(file())
    for (const [group, name] of order.entries()) {
      const alone = files.get(name)!
      const [expected] = metadataOf(alone).row_groups
      expect(row_groups[group]?.num_rows).toBe(expected!.num_rows)
      for (const [at, chunk] of row_groups[group]!.columns.entries()) {
        const own = expected!.columns[at]!
        expect(chunk.meta_data?.statistics).toEqual(own.meta_data!.statistics!)
        expect(bytesAt(file(), chunk.column_index_offset, chunk.column_index_length)).toEqual(
          bytesAt(alone, own.column_index_offset, own.column_index_length),
        )
        const pages = pagesOf(file(), chunk)
        const ownPages = pagesOf(alone, own)
        expect(pages.map(({ first_row_index }) => first_row_index)).toEqual(
          ownPages.map(({ first_row_index }) => first_row_index),
        )
        for (const [page, { offset, compressed_page_size }] of pages.entries()) {
          const { offset: ownOffset, compressed_page_size: ownSize } = ownPages[page]!
          expect(
            bytesAt(file(), offset, compressed_page_size).equals(bytesAt(alone, ownOffset, ownSize)),
          ).toBe(true)
        }
      }
    }
  })

  test('lead readers that skip what bounds rule out to every row', async () => {
    const bytes = file().buffer.slice(file().byteOffset, file().byteOffset + file().length)
    const places = order.flatMap((name) =>
      Array.from({ length: name === 'first' ? 900 : 600 }, (_, at) => (name === 'first' ? at : 900 + at)),
    )
    for (const sought of [0, 450, 899, 900, 1499]) {
      const { ranges } = await parquetScan({
        file: { byteLength: bytes.byteLength, slice: (from, to) => bytes.slice(from, to) },
        compressors,
        pruningFilter: { place: { $eq: sought } },
      })
      const place = places.indexOf(sought)
      expect(ranges.some(({ rowStart, rowEnd }) => rowStart <= place && place < rowEnd)).toBe(true)
      expect(ranges.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0)).toBeLessThan(1000)
      expect(await queryWithDuckdb(pathOf(order), `select place from $file where place = ${sought}`)).toEqual(
        [[String(sought)]],
      )
    }
  })
})

test('a row group is plain data: one that has come from another thread makes the same file', async () => {
  const sent: RowGroup = structuredClone(await make('first'))
  expect((await writeFile(columns, [sent])).file.equals(files.get('first')!)).toBe(true)
})
