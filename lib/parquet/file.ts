/**
 * A Parquet file as a stream of bytes: row groups one after another, then the footer
 * (Parquet format, README.md "File format"). Knows nothing of where rows come from or bytes go.
 */

import { releaseBytes, type Vector, vectorBytes } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'
import { createColumnChunkWriter, createScratch } from './column-chunk.ts'
import type { Codec } from './compression.ts'
import { createCompressor } from './compressor.ts'
import { createFooter, magic, type WrittenChunk } from './footer.ts'

export interface ParquetWriter {
  /** Bytes written to the current file. */
  readonly fileBytes: number
  /** Whether the current file is to end now that its row group has: it is as large as asked for, or its footer would be. */
  readonly isFileFull: boolean
  /** Whether rows came since the last file ended. */
  readonly hasRows: boolean
  /** Cuts the pages that are full. @returns whether the row group is full */
  absorb(): boolean
  /** Ends the row group with what has been absorbed and what the vectors still hold. */
  endRowGroup(): Promise<void>
  /** Ends the last row group and the file; the next row begins another. */
  endFile(): Promise<FileSummary>
}

export interface FileSummary {
  readonly rows: number
  readonly rowGroups: number
  readonly bytes: number
}

export interface ParquetWriterOptions {
  readonly columns: Readonly<Record<string, Column>>
  /** One a column, filled by the reader of rows and cleared here. */
  readonly vectors: readonly Vector[]
  readonly codec: Codec
  /** Takes a copy, or is done with the bytes when its promise resolves. */
  readonly write: (bytes: Uint8Array) => Promise<void> | undefined
  /** Key-value metadata of the footer. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly pageBytes?: number
  readonly rowGroupBytes?: number
  readonly rowGroupRows?: number
  readonly maxFileBytes?: number
  /** Of page indexes and footer, which are held until the file ends. */
  readonly maxFooterBytes?: number
}

/** From here on levels, offsets and dictionaries of the pages under way weigh more than their values. */
const manyColumns = 256

export function createParquetWriter({
  columns,
  vectors,
  codec,
  write,
  metadata = {},
  pageBytes = 1024 * 1024,
  // A row group's pages are held until it ends, and uncompressed ones are as large as its values.
  rowGroupBytes = (codec === 'none' ? 32 : 48) * 1024 * 1024,
  rowGroupRows = 1024 * 1024,
  maxFileBytes = Number.POSITIVE_INFINITY,
  maxFooterBytes = 16 * 1024 * 1024,
}: ParquetWriterOptions): ParquetWriter {
  const scratch = createScratch(createCompressor(codec, pageBytes))
  const chunks = Object.entries(columns).map(([name, column], at) =>
    createColumnChunkWriter(name, column, vectors[at]!, scratch),
  )
  // So that a thousand columns take no more memory than a few: what stands around values counts with them.
  const share = chunks.length > manyColumns ? rowGroupBytes / 4 : rowGroupBytes
  const fullPage = Math.min(pageBytes, Math.ceil(share / chunks.length))

  const footer = createFooter(columns, metadata)
  let position = 0
  /** Of the row group, in pages cut. */
  let cutBytes = 0
  /** Of the first column in pages cut; all columns have the same rows. */
  let cutRows = 0

  async function put(bytes: Uint8Array): Promise<void> {
    position += bytes.length
    await write(bytes)
  }

  function cut(at: number): void {
    const vector = vectors[at]!
    cutBytes += vectorBytes(vector)
    if (at === 0) cutRows += vector.rows
    chunks[at]!.cutPage()
  }

  async function endRowGroup(): Promise<void> {
    for (let at = 0; at < chunks.length; at++) cut(at)
    if (cutRows === 0) return
    if (position === 0) await put(magic)
    const written: WrittenChunk[] = []
    let uncompressedBytes = 0
    for (const chunk of chunks) {
      const { pages, ...finished } = await chunk.finish(position)
      for (const { header, body } of pages) {
        await put(header)
        await put(body)
        releaseBytes(body)
      }
      uncompressedBytes += finished.uncompressedBytes
      written.push(finished)
    }
    footer.add({ rows: cutRows, uncompressedBytes, chunks: written })
    cutRows = 0
    cutBytes = 0
  }

  return {
    get fileBytes() {
      return position
    },
    get isFileFull() {
      return position >= maxFileBytes || footer.bytes >= maxFooterBytes
    },
    get hasRows() {
      return footer.rows > 0 || cutRows > 0 || vectors[0]!.rows > 0
    },
    absorb() {
      let held = 0
      for (let at = 0; at < chunks.length; at++) {
        const bytes = vectorBytes(vectors[at]!)
        if (bytes >= fullPage) cut(at)
        else held += bytes
      }
      return cutBytes + held >= rowGroupBytes || cutRows + vectors[0]!.rows >= rowGroupRows
    },
    endRowGroup,
    async endFile() {
      await endRowGroup()
      if (position === 0) await put(magic)
      const { rows, rowGroups } = footer
      for (const part of footer.end(position)) await put(part)
      const summary = { rows, rowGroups, bytes: position }
      position = 0
      return summary
    },
  }
}
