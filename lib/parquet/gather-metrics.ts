/** Adds the row groups of a file up to what is known of each of its columns. */
import type { Column } from '../types/type.ts'
import type { ChunkFacts } from './column-metadata.ts'
import type { ColumnMetrics, FileMetrics } from './file-metrics.ts'
import { mergeBounds, type PageContents } from './page-index.ts'
import { valueOrder } from './value-order.ts'

export interface MetricsGatherer {
  /** @param position where the row group begins in the file */
  add(chunks: readonly { readonly facts: ChunkFacts }[], position: number): void
  readonly metrics: FileMetrics
}

export function gatherMetrics(columns: Readonly<Record<string, Column>>): MetricsGatherer {
  const offsets: number[] = []
  const gathered = Object.entries(columns).map(([name, { parquet }]) => ({
    name,
    compare: valueOrder(parquet.physical),
    bytes: 0,
    contents: { rows: 0, values: 0, nulls: 0, bounds: undefined } as PageContents,
  }))
  return {
    add(chunks, position) {
      offsets.push(position)
      for (const [at, { facts }] of chunks.entries()) {
        const column = gathered[at]!
        column.bytes += facts.pageBytes.reduce((sum, bytes) => sum + bytes, facts.dictionaryBytes)
        const all = [column.contents, contentsOf(facts)]
        column.contents = {
          rows: sumOf(all, 'rows'),
          values: sumOf(all, 'values'),
          nulls: sumOf(all, 'nulls'),
          bounds: mergeBounds(all, column.compare),
        }
      }
    },
    get metrics() {
      return {
        columns: Object.fromEntries(
          gathered.map(({ name, bytes, contents }) => [name, columnMetrics(bytes, contents)]),
        ),
        rowGroupOffsets: [...offsets],
      }
    },
  }
}

function contentsOf({ contents, bounds }: ChunkFacts): PageContents {
  return {
    rows: sumOf(contents, 'rows'),
    values: sumOf(contents, 'values'),
    nulls: sumOf(contents, 'nulls'),
    bounds,
  }
}

function sumOf(all: readonly PageContents[], what: 'rows' | 'values' | 'nulls'): number {
  return all.reduce((sum, contents) => sum + contents[what], 0)
}

function columnMetrics(bytes: number, { values, nulls, bounds }: PageContents): ColumnMetrics {
  return {
    bytes,
    values: values + nulls,
    nulls,
    ...(bounds && { min: base64(bounds.min), max: base64(bounds.max) }),
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
