/** A script's functions over rows of a COPY, through the real decoder, deriver and encoder, without a database. */

import type { Vector } from '../../lib/batch/vector.ts'
import { createCopyDecoder } from '../../lib/copy/copy.ts'
import type { Lookup } from '../../lib/declare/lookup.ts'
import { createFinder, type Finder } from '../../lib/lookup/lookup-function.ts'
import { createLookupRows, type LookupRows } from '../../lib/lookup/rows.ts'
import { createParquetWriter } from '../../lib/parquet/file.ts'
import type { Table } from '../../lib/table.ts'
import { createDeriver } from '../../lib/transform/derive.ts'
import { chunksOf } from '../support/parquet.ts'
import { copyStream, type Value } from '../support/wire.ts'

type Rows = readonly (readonly Value[])[]

export interface Derived {
  readonly file: Buffer<ArrayBuffer>
  readonly rowsRead: number
  readonly rows: number
  readonly rowGroups: number
  readonly nulls: Readonly<Record<string, number>>
  readonly softened: Readonly<Record<string, number>>
}

export interface DerivedOptions {
  /** Of each lookup, by its name. */
  readonly lookups?: Readonly<Record<string, Rows>>
  readonly primaryKey?: readonly string[]
  readonly chunkBytes?: number | (() => number)
  readonly batchBytes?: number
  readonly rowGroupRows?: number
  /** Sees what derived columns hold before it is cut into pages. */
  readonly onVectors?: (vectors: readonly Vector[]) => void
}

/** @throws Failure as a load does */
export async function derive(
  table: Table,
  rows: Rows,
  {
    lookups = {},
    primaryKey = ['id'],
    chunkBytes = 64 * 1024,
    batchBytes,
    rowGroupRows,
    onVectors,
  }: DerivedOptions = {},
): Promise<Derived> {
  const found = Object.entries(table.lookups).map(([name, lookup]) => [
    name,
    finderOf(lookup, lookups[name] ?? [], name),
  ])
  const deriver = createDeriver({ table, finders: Object.fromEntries(found), primaryKey })
  const decoder = createCopyDecoder({
    table: table.name,
    columns: table.columns,
    internal: table.internal,
    onRows: (wire) => deriver.take(wire),
    ...(batchBytes !== undefined && { batchBytes }),
  })
  const parts: Buffer[] = []
  const writer = createParquetWriter({
    columns: table.output,
    vectors: [...decoder.vectors, ...deriver.vectors],
    codec: 'zstd',
    write(bytes) {
      parts.push(Buffer.from(bytes))
      return undefined
    },
    ...(rowGroupRows !== undefined && { rowGroupRows }),
  })
  async function absorb(): Promise<void> {
    onVectors?.(deriver.vectors)
    if (writer.absorb()) await writer.endRowGroup()
  }
  const stream = copyStream(table.columns, rows)
  for (const chunk of chunksOf(stream, chunkBytes)) {
    let decoded = decoder.push(chunk)
    for (; decoded; decoded = decoder.resume()) await absorb()
  }
  while (decoder.flush()) await absorb()
  decoder.finish()
  const { rows: written, rowGroups } = await writer.endFile()
  const { softened } = decoder
  const { nulls } = deriver
  return { file: Buffer.concat(parts), rowsRead: decoder.rows, rows: written, rowGroups, nulls, softened }
}

/** @throws Error that is the key, for one that two rows have */
export function finderOf(lookup: Lookup, rows: Rows, name = 'found'): Finder {
  return createFinder(name, lookup, lookupRows(lookup, rows))
}

export function lookupRows(lookup: Lookup, rows: Rows): LookupRows {
  const builder = createLookupRows(lookup)
  const decoder = createCopyDecoder({
    table: 'lookup',
    columns: lookup.columns,
    internal: Object.keys(lookup.columns),
    batchBytes: 1024,
    onRows({ wire, offsets, stride, rows: count }) {
      for (let row = 0; row < count; row++) builder.add(wire, offsets, row * stride)
      return { taken: count, kept: 0 }
    },
  })
  decoder.push(copyStream(lookup.columns, rows))
  decoder.finish()
  const finished = builder.finish()
  if (typeof finished === 'string') throw new Error(finished)
  return finished
}
