/**
 * A Parquet file as a stream of bytes: row groups one after another, then the footer
 * (Parquet format, README.md "File format"). Knows nothing of where row groups come from or bytes go.
 */
import { serializeThrift } from 'parquetjs-lite/lib/util.js'
import { releaseBytes } from '../batch/vector.ts'
import type { Column } from '../types/type.ts'
import { columnMetadata } from './column-metadata.ts'
import type { FieldIds, FileMetrics } from './file-metrics.ts'
import { createFooter, magic, type WrittenChunk } from './footer.ts'
import { gatherMetrics } from './gather-metrics.ts'
import { offsetIndex } from './page-index.ts'
import type { RowGroup } from './row-group.ts'

export interface ParquetFile {
  /** Bytes written. */
  readonly bytes: number
  /** Bytes of page indexes and footer so far, which are held until the file ends. */
  readonly footerBytes: number
  /** Writes a row group of the file's columns, and gives the memory of its pages back. */
  append(rowGroup: RowGroup): Promise<void>
  finish(): Promise<FileSummary>
}

export interface FileSummary {
  readonly rows: number
  readonly rowGroups: number
  readonly bytes: number
  /** There for a file whose columns have field ids. */
  readonly metrics?: FileMetrics
}

export interface ParquetFileOptions {
  readonly columns: Readonly<Record<string, Column>>
  /** Takes a copy, or is done with the bytes when its promise resolves. */
  readonly write: (bytes: Uint8Array) => Promise<void> | undefined
  /** Key-value metadata of the footer. */
  readonly metadata?: Readonly<Record<string, string>>
  /** What the footer's schema calls the columns beside their names. */
  readonly fieldIds?: FieldIds | undefined
}

export function createParquetFile({
  columns,
  write,
  metadata = {},
  fieldIds,
}: ParquetFileOptions): ParquetFile {
  const footer = createFooter(columns, metadata, fieldIds)
  const gatherer = fieldIds && gatherMetrics(columns)
  let position = 0

  async function put(bytes: Uint8Array): Promise<void> {
    position += bytes.length
    await write(bytes)
  }

  return {
    get bytes() {
      return position
    },
    get footerBytes() {
      return footer.bytes
    },
    async append({ rows, chunks }) {
      if (position === 0) await put(magic)
      gatherer?.add(chunks, position)
      const written: WrittenChunk[] = []
      for (const { pages, facts, columnIndex } of chunks) {
        written.push({
          metadata: serializeThrift(columnMetadata(facts, position)),
          columnIndex,
          offsetIndex: offsetIndex(facts.contents, facts.pageBytes, position + facts.dictionaryBytes),
        })
        for (const { header, body } of pages) {
          await put(header)
          await put(body)
          releaseBytes(body)
        }
      }
      const uncompressedBytes = chunks.reduce((sum, { facts }) => sum + facts.uncompressedBytes, 0)
      footer.add({ rows, uncompressedBytes, chunks: written })
    },
    async finish() {
      if (position === 0) await put(magic)
      const { rows, rowGroups } = footer
      for (const part of footer.end(position)) await put(part)
      return { rows, rowGroups, bytes: position, ...(gatherer && { metrics: gatherer.metrics }) }
    },
  }
}
