/** A script's functions over rows of a COPY, through the real decoder, functions and encoder, without a database. */

import type { Vector } from '../../lib/batch/vector.ts'
import { createFramer } from '../../lib/copy/frame.ts'
import type { Lookup } from '../../lib/declare/lookup.ts'
import { createLookupFunction, type LookupFunction } from '../../lib/lookup/lookup-function.ts'
import { createLookupRows, type LookupRows } from '../../lib/lookup/rows.ts'
import { createRowGroupWriter, type RowGroup } from '../../lib/parquet/row-group.ts'
import type { Table } from '../../lib/table.ts'
import { createTransformation } from '../../lib/transform/transform.ts'
import { copyOf } from '../support/copy.ts'
import { chunksOf, writeFile } from '../support/parquet.ts'
import { copyStream, type Value } from '../support/wire.ts'

type Rows = readonly (readonly Value[])[]

export interface Derived {
  readonly file: Buffer<ArrayBuffer>
  readonly rowsRead: number
  readonly rows: number
  readonly rowGroups: number
  readonly nulls: Readonly<Record<string, number>>
  readonly lossy: Readonly<Record<string, number>>
}

export interface DerivedOptions {
  /** The rows of each lookup, by its name. */
  readonly lookups?: Readonly<Record<string, Rows>>
  readonly primaryKey?: readonly string[]
  readonly chunkBytes?: number | (() => number)
  readonly batchBytes?: number
  readonly rowGroupRows?: number
  /** Sees what all columns hold before their pages are written. */
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
    lookupFunction(lookup, lookups[name] ?? [], name),
  ])
  const transformation = createTransformation({ table, lookups: Object.fromEntries(found), primaryKey })
  const rowGroup = createRowGroupWriter({
    columns: table.output,
    codec: 'zstd',
    ...(rowGroupRows !== undefined && { rowGroupRows }),
  })
  const batches = copyOf(chunksOf(copyStream(table.columns, rows), chunkBytes), rows.length, {
    ...{ thing: table.name, columns: table.columns },
    ...(batchBytes !== undefined && { batchBytes }),
  })
  const rowGroups: RowGroup[] = []
  for await (const batch of batches) {
    const transformed = transformation.transform(batch)
    rowGroup.add({
      moveInto(vectors) {
        transformed.moveInto(vectors)
        onVectors?.(vectors)
      },
    })
    if (rowGroup.isFull) rowGroups.push(await rowGroup.finish())
  }
  if (rowGroup.rows > 0) rowGroups.push(await rowGroup.finish())
  const { file, rows: written } = await writeFile(table.output, rowGroups)
  const { lossy, nulls } = transformation
  return { file, rowsRead: batches.rows, rows: written, rowGroups: rowGroups.length, nulls, lossy }
}

/** @throws Error that is the key, for one that two rows have */
export function lookupFunction(lookup: Lookup, rows: Rows, name = 'found'): LookupFunction {
  return createLookupFunction(name, lookup, lookupRows(lookup, rows))
}

export function lookupRows(lookup: Lookup, rows: Rows): LookupRows {
  const builder = createLookupRows(lookup)
  const framer = createFramer({ thing: 'lookup', columns: lookup.columns, batchBytes: 1024 })
  framer.push(copyStream(lookup.columns, rows))
  for (let batch = framer.next(); batch !== undefined; batch = framer.next()) builder.add(batch)
  for (let batch = framer.last(); batch !== undefined; batch = framer.last()) builder.add(batch)
  const finished = builder.finish()
  if (typeof finished === 'string') throw new Error(finished)
  return finished
}
