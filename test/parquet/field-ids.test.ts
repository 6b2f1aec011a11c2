/** A file for a catalog of files: columns with field ids, and what is known of each of them, as an independent reader finds it. */
import { describe, expect, test } from 'bun:test'
import type { FieldIds } from '../../lib/parquet/file-metrics.ts'
import * as t from '../../lib/table.ts'
import { encode, metadataOf, writeFile } from '../support/parquet.ts'
import type { Value } from '../support/wire.ts'

const columns = {
  id: t.bigint,
  ratio: t.nullable(t.doublePrecision),
  tags: t.nullable(t.array(t.text)),
  name: t.nullable(t.text),
}
const fieldIds: FieldIds = { id: { id: 7 }, ratio: { id: 1 }, tags: { id: 3, element: 9 }, name: { id: 12 } }

const rows: Value[][] = Array.from({ length: 3000 }, (_, at) => [
  BigInt((at * 7919) % 3000) - 1500n,
  at % 3 === 0 ? null : at / 7,
  at % 5 === 0 ? null : ['a', null, `${at}`].slice(0, at % 4),
  at % 2 === 0 ? null : `${'x'.repeat(at % 90)}${at}`,
])

const made = await Array.fromAsync(encode(columns, rows, { rowGroupRows: 1024, batchBytes: 4096 }))
const plain = await writeFile(
  columns,
  await Array.fromAsync(encode(columns, rows, { rowGroupRows: 1024, batchBytes: 4096 })),
)
const withIds = await writeFile(columns, made, { fieldIds })
const footer = metadataOf(withIds.file)

describe('a file with field ids', () => {
  test('names each column by its id, a list and its element by one each, and nothing between them', () => {
    const ids = footer.schema.map(({ name, field_id }) => [name, field_id])
    expect(ids).toEqual([
      ['schema', undefined],
      ['id', 7],
      ['ratio', 1],
      ['tags', 3],
      ['list', undefined],
      ['element', 9],
      ['name', 12],
    ])
  })

  test('is in all else the file it would be without, which tells no metrics', () => {
    expect(plain.metrics).toBeUndefined()
    const plainFooter = metadataOf(plain.file)
    const { metadata_length } = plainFooter
    expect(metadataOf(plain.file).schema.map(({ field_id }) => field_id)).toEqual(Array(7).fill(undefined))
    const end = plain.file.length - 8 - metadata_length
    expect(withIds.file.subarray(0, end).equals(plain.file.subarray(0, end))).toBe(true)
  })

  test('has metrics that are the sums and the extremes of its row groups in the footer', () => {
    const { metrics } = withIds
    expect(footer.row_groups.length).toBeGreaterThan(2)
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics)
    expect(metrics?.rowGroupOffsets).toEqual(
      footer.row_groups.map(({ columns: [first] }) =>
        Number(first!.meta_data!.dictionary_page_offset ?? first!.meta_data!.data_page_offset),
      ),
    )
    for (const [at, name] of Object.keys(columns).entries()) {
      const chunks = footer.row_groups.map((group) => group.columns[at]!.meta_data!)
      const sum = (of: (chunk: (typeof chunks)[number]) => bigint | undefined) =>
        Number(chunks.reduce((all, chunk) => all + BigInt(of(chunk)!), 0n))
      expect({ name, ...metrics!.columns[name] }).toMatchObject({
        name,
        bytes: sum(({ total_compressed_size }) => total_compressed_size),
        values: sum(({ num_values }) => num_values),
        nulls: sum(({ statistics }) => statistics?.null_count),
      })
    }
    const ids = footer.row_groups.flatMap(({ columns: [id] }) => [
      id!.meta_data!.statistics!.min_value as bigint,
      id!.meta_data!.statistics!.max_value as bigint,
    ])
    const { min, max } = metrics!.columns['id']!
    const stated = [min!, max!].map((bound) => Buffer.from(bound, 'base64').readBigInt64LE())
    expect(stated).toEqual([-1500n, 1499n])
    expect(ids).toContain(-1500n)
    expect(ids).toContain(1499n)
  })

  test('has no bounds for a column once one row group has values without an order', async () => {
    const one = { x: t.nullable(t.doublePrecision) }
    const groups = await Promise.all(
      [[1, 2], [Number.NaN], [3]].map((values) =>
        Array.fromAsync(
          encode(
            one,
            values.map((value) => [value]),
          ),
        ),
      ),
    )
    const { metrics } = await writeFile(one, groups.flat(), { fieldIds: { x: { id: 1 } } })
    expect(metrics?.columns['x']).toEqual({ bytes: expect.any(Number), values: 4, nulls: 0 })
  })

  test('has metrics of no values where it has no rows', async () => {
    const { metrics } = await writeFile(columns, [], { fieldIds })
    expect(metrics).toEqual({
      columns: Object.fromEntries(
        Object.keys(columns).map((name) => [name, { bytes: 0, values: 0, nulls: 0 }]),
      ),
      rowGroupOffsets: [],
    })
  })
})
