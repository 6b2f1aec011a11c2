/** Row groups to files: the next file begins once one is as large as asked for. */
import { countsAgree } from '../failure/counts-agree.ts'
import type { WrittenFile } from '../lake/facts.ts'
import { fileName } from '../lake/file-name.ts'
import type { LakeFile } from '../lake/lake.ts'
import { createParquetFile, type ParquetFile, type ParquetFileOptions } from '../parquet/file.ts'
import type { RowGroup } from '../parquet/row-group.ts'

export interface RollingFiles {
  /** Bytes written so far, to all files. */
  readonly bytes: number
  append(rowGroup: RowGroup): Promise<void>
  /**
   * Ends the last file. A table always has one, without rows too; a partition has none then.
   * @throws Failure (4) where other bytes are kept than were written, and what keeps them throws
   */
  finish(): Promise<readonly WrittenFile[]>
  /** Stops the file under way; those that have ended stay. Never throws; harmless after finish. */
  abort(): Promise<void>
}

export interface RollOptions extends Pick<ParquetFileOptions, 'columns' | 'metadata' | 'fieldIds'> {
  /** Whose name files bear. */
  readonly table: string
  /** The slice they are of, from 0; null or absent: they are the whole table's. */
  readonly slice?: number | null
  /** What the partition is called that they are of; absent: they are of none. */
  readonly partition?: string
  readonly openFile: (name: string) => LakeFile
  readonly maxFileBytes: number
  /** Bytes of page indexes and footer, which are held until a file ends. */
  readonly maxFooterBytes?: number
}

interface OpenFile {
  readonly name: string
  readonly sink: LakeFile
  readonly parquet: ParquetFile
}

export function createRollingFiles({
  table,
  slice = null,
  partition,
  openFile,
  maxFileBytes,
  maxFooterBytes = 16 * 1024 * 1024,
  ...options
}: RollOptions): RollingFiles {
  const files: WrittenFile[] = []
  let bytes = 0
  let open: OpenFile | undefined

  function openNext(): OpenFile {
    const name = fileName(table, files.length, partition ?? slice)
    const sink = openFile(name)
    return { name, sink, parquet: createParquetFile({ ...options, write: (part) => sink.write(part) }) }
  }

  async function end({ name, sink, parquet }: OpenFile): Promise<void> {
    const written = await parquet.finish()
    const kept = await sink.finish()
    open = undefined
    countsAgree(table, `bytes of ${name} kept`, kept.bytes, 'bytes written', written.bytes)
    bytes += written.bytes
    const { rows, metrics } = written
    files.push({ name, rows, ...kept, ...(metrics && { metrics }) })
  }

  return {
    get bytes() {
      return bytes + (open?.parquet.bytes ?? 0)
    },
    async append(rowGroup) {
      open ??= openNext()
      const { parquet } = open
      await parquet.append(rowGroup)
      if (parquet.bytes >= maxFileBytes || parquet.footerBytes >= maxFooterBytes) await end(open)
    },
    async finish() {
      // Only the first of several slices has one without rows.
      if (open !== undefined || (files.length === 0 && !slice && partition === undefined)) {
        open ??= openNext()
        await end(open)
      }
      return files
    },
    async abort() {
      await open?.sink.abort()
    },
  }
}
