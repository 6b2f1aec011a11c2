/**
 * Rows as a row group: a page of a column as soon as it is full, and at the end a value that may stand anywhere in any
 * file of its columns (Parquet format, README.md "Unit of parallelization").
 *
 * I want to…                                        → file
 * change when a page or a row group is full         → row-group.ts
 * change how a page is encoded                      → column-chunk.ts, page.ts, rle.ts, delta.ts, dictionary.ts
 * change what is known of values without them       → statistics.ts, short-bounds.ts, page-index.ts
 * change how pages are compressed                   → compression.ts, compressor.ts
 * change what stands around row groups              → file.ts, footer.ts, column-metadata.ts
 * know what a file holds, column by column          → file-metrics.ts, gather-metrics.ts
 * change how a type is declared in a file           → schema.ts
 */
import type { Rows } from '../batch/batch.ts'
import { createVector, vectorBytes } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'
import { type ColumnChunk, createColumnChunkWriter, createScratch } from './column-chunk.ts'
import type { Codec } from './compression.ts'
import { createCompressor } from './compressor.ts'

/** Plain data. */
export interface RowGroup {
  readonly rows: number
  /** One a column. */
  readonly chunks: readonly ColumnChunk[]
}

export interface RowGroupWriter {
  /** Rows of the row group under way. */
  readonly rows: number
  /** Whether it is to end now: it has as many rows or bytes as asked for. */
  readonly isFull: boolean
  add(rows: Rows): void
  /** Ends the row group; the next row begins another. */
  finish(): Promise<RowGroup>
}

export interface RowGroupOptions {
  readonly columns: Readonly<Record<string, Column>>
  readonly codec: Codec
  readonly pageBytes?: number
  readonly rowGroupBytes?: number
  readonly rowGroupRows?: number
}

/** From here on levels, offsets and dictionaries of the pages under way weigh more than their values. */
const manyColumns = 256

export function createRowGroupWriter({
  columns,
  codec,
  pageBytes = 1024 * 1024,
  // A row group's pages are held until it ends, and uncompressed ones are as large as its values.
  rowGroupBytes = (codec === 'none' ? 32 : 48) * 1024 * 1024,
  rowGroupRows = 1024 * 1024,
}: RowGroupOptions): RowGroupWriter {
  const scratch = createScratch(createCompressor(codec, pageBytes))
  const vectors = Object.values(columns).map(createVector)
  const chunks = Object.entries(columns).map(([name, column], at) =>
    createColumnChunkWriter(name, column, vectors[at]!, scratch),
  )
  // So that a thousand columns take no more memory than a few: what stands around values counts with them.
  const share = chunks.length > manyColumns ? rowGroupBytes / 4 : rowGroupBytes
  const fullPage = Math.min(pageBytes, Math.ceil(share / chunks.length))

  /** In pages, of all columns; and of the first, as all have the same rows. */
  let writtenBytes = 0
  let writtenRows = 0
  /** In vectors still. */
  let heldBytes = 0

  function writePage(at: number): void {
    const vector = vectors[at]!
    writtenBytes += vectorBytes(vector)
    if (at === 0) writtenRows += vector.rowCount
    chunks[at]!.writePage()
  }

  function writeFullPages(): void {
    heldBytes = 0
    for (let at = 0; at < chunks.length; at++) {
      const bytes = vectorBytes(vectors[at]!)
      if (bytes >= fullPage) writePage(at)
      else heldBytes += bytes
    }
  }

  function rowCount(): number {
    return writtenRows + vectors[0]!.rowCount
  }

  return {
    get rows() {
      return rowCount()
    },
    get isFull() {
      return writtenBytes + heldBytes >= rowGroupBytes || rowCount() >= rowGroupRows
    },
    add(rows) {
      rows.moveInto(vectors)
      writeFullPages()
    },
    async finish() {
      for (let at = 0; at < chunks.length; at++) writePage(at)
      const rows = writtenRows
      writtenBytes = 0
      writtenRows = 0
      heldBytes = 0
      const finished: ColumnChunk[] = []
      for (const chunk of chunks) finished.push(await chunk.finish())
      return { rows, chunks: finished }
    },
  }
}
