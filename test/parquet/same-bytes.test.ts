/** The same rows make the same file, however the network has cut the stream they came in. */
import { describe, expect, test } from 'bun:test'
import { compress, zstdLevel } from '../../lib/parquet/compression.ts'
import { array, integer, jsonb, lookup, nullable, numeric, table, text, timestamp } from '../../lib/table.ts'
import { metadataOf, writeParquet } from '../support/parquet.ts'
import { randomFrom } from '../support/random.ts'
import type { Value } from '../support/wire.ts'
import { derive } from '../transform/derived-file.ts'

/** From a byte to some megabytes, small ones and large ones mixed. */
function cutsOf(seed: number): () => number {
  const random = randomFrom(seed)
  return () => 1 + random.integer(2 ** random.integer(22))
}

const seeds = [1, 2, 3, 4, 5, 6]

describe('however a stream is cut into chunks, the file is the same', () => {
  const columns = {
    id: integer,
    note: nullable(text),
    price: nullable(numeric(18, 6)),
    wide: numeric(38, 2),
    at: timestamp,
    tags: nullable(array(text)),
    doc: nullable(jsonb),
  }
  const random = randomFrom(7)
  const rows = Array.from({ length: 12_000 }, (_, id): Value[] => [
    id,
    id % 9 === 0 ? null : 'n'.repeat(random.integer(id % 1000 === 0 ? 400_000 : 90)) + random.integer(50),
    id % 5 === 0 ? null : `${random.integer(1e9)}.${random.integer(1e6)}`,
    `${random.integer(1e9)}${random.integer(1e9)}`,
    BigInt(random.integer(2 ** 31)) * 4096n,
    id % 7 === 0 ? null : Array.from({ length: random.integer(4) }, () => `tag ${random.integer(20)}`),
    id % 3 === 0 ? null : JSON.stringify({ id, more: random.integer(1e6) }),
  ])

  test('of pages and row groups of any size', async () => {
    const sizes = { pageBytes: 64 * 1024, rowGroupBytes: 1024 * 1024 }
    const whole = await writeParquet(columns, rows, { ...sizes, chunkBytes: Number.MAX_SAFE_INTEGER })
    const { row_groups } = metadataOf(whole.file)
    expect(row_groups.length).toBeGreaterThan(2)
    for (const seed of seeds) {
      const { file } = await writeParquet(columns, rows, { ...sizes, chunkBytes: cutsOf(seed) })
      expect(file.equals(whole.file)).toBe(true)
    }
  })

  test('of filtered rows with derived columns, whose pages are cut in the middle of a batch', async () => {
    const declared = table({
      name: 'derived',
      columns: { id: integer, note: text },
      lookups: {
        document: lookup({ from: 'documents', key: 'id', columns: { id: integer, body: text } }),
      },
      derive: {
        body: {
          type: nullable(text),
          value: ({ id }, { document }) => document(id % 3)?.body ?? null,
        },
      },
      filter: ({ id }) => id % 11 !== 0,
    })
    const bodies = [0, 1].map((id): Value[] => [id, `${id} `.repeat(15_000)])
    const some = rows.slice(0, 1_500).map(([id, note]): Value[] => [id ?? 0, note ?? ''])
    const options = { lookups: { document: bodies }, rowGroupRows: 400 }
    const whole = await derive(declared, some, { ...options, chunkBytes: Number.MAX_SAFE_INTEGER })
    expect(whole.rowGroups).toBeGreaterThan(2)
    for (const seed of seeds) {
      const { file } = await derive(declared, some, { ...options, chunkBytes: cutsOf(seed) })
      expect(file.equals(whole.file)).toBe(true)
    }
  })

  test('of rows that each take more than a batch, or a fraction of one', async () => {
    const few = Array.from({ length: 9 }, (_, id): Value[] => [id, 'x'.repeat(id * 100_000)])
    const options = { pageBytes: 1024 * 1024, rowGroupBytes: 1_500_000 }
    const two = { id: integer, note: text }
    const whole = await writeParquet(two, few, { ...options, chunkBytes: Number.MAX_SAFE_INTEGER })
    for (const seed of seeds) {
      const { file } = await writeParquet(two, few, { ...options, chunkBytes: cutsOf(seed) })
      expect(file.equals(whole.file)).toBe(true)
    }
  })
})

test('a page becomes the same bytes on whichever thread it is compressed', async () => {
  const random = randomFrom(3)
  for (const length of [40_000, 1_000_000, 3_000_000]) {
    const page = Uint8Array.from({ length }, (_, at) => (at % 7 === 0 ? random.integer(256) : at >> 5))
    const elsewhere = await Bun.zstdCompress(page, { level: zstdLevel })
    expect(Buffer.from(elsewhere).equals(compress('zstd', page))).toBe(true)
  }
})
