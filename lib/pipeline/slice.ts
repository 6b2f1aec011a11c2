/**
 * Step 3 of a load: the table by binary COPY, decoded into columns, encoded as row groups and written to the lake's
 * files while rows still flow. Reading waits whenever writing lags.
 */

import { releaseBytes } from '../batch/vector.ts'
import { createCopyDecoder } from '../copy/copy.ts'
import type { Table } from '../declare/table.ts'
import { countsAgree } from '../failure/counts-agree.ts'
import type { SliceFacts, WrittenFile } from '../lake/facts.ts'
import { fileName } from '../lake/file-name.ts'
import type { LakeFile } from '../lake/lake.ts'
import type { Codec } from '../parquet/compression.ts'
import { createParquetWriter } from '../parquet/file.ts'
import type { Reader } from '../postgres/connect.ts'
import type { Deriver } from '../transform/derive.ts'

export interface Progress {
  readonly kind: 'progress'
  readonly rows: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

export interface SliceOptions {
  readonly table: Table
  /** The load it is of. */
  readonly load: string
  readonly openFile: (name: string) => LakeFile
  readonly options: { readonly codec: Codec; readonly maxFileBytes: number }
  /** Runs the script's functions, if it has any. */
  readonly deriver: Deriver | undefined
  /** Columns of the source's primary key, for messages. */
  readonly primaryKey: readonly string[]
  readonly observe: (progress: Progress) => void
  readonly signal: AbortSignal
}

/**
 * Bytes whose rows leave values to collect. What lookups take lies outside the heap and counts as alive: by itself the
 * collector would wait until as much again is garbage.
 */
const litterBytes = 16 * 1024 * 1024

/** Bytes that arrive without a whole row among them only where a value is huge. */
const hugeRowBytes = 24 * 1024 * 1024

/**
 * @throws Failure (3) for a value that does not fit, (1) for a stream or an upload that breaks, (2) for refused
 * access. What is under way is aborted then; files finished before stay for the caller to remove.
 */
export async function readSlice(
  reader: Reader,
  query: string,
  { table, load, openFile, options, deriver, primaryKey, observe, signal }: SliceOptions,
): Promise<SliceFacts> {
  const files: WrittenFile[] = []
  const nextName = () => fileName(table.name, files.length)
  let open: LakeFile | undefined
  let rows = 0
  let bytes = 0

  const decoder = createCopyDecoder({
    table: table.name,
    columns: table.columns,
    source: table.source,
    primaryKey,
    internal: table.internal,
    ...(deriver && { onRows: (rows) => deriver.take(rows) }),
  })
  const writer = createParquetWriter({
    columns: table.output,
    vectors: [...decoder.vectors, ...(deriver?.vectors ?? [])],
    codec: options.codec,
    maxFileBytes: options.maxFileBytes,
    metadata: { 'dracula.table': table.name, 'dracula.load': load },
    write(part) {
      open ??= openFile(nextName())
      return open.write(part)
    },
  })

  async function endFile(): Promise<void> {
    const file = await writer.endFile()
    rows += file.rows
    bytes += file.bytes
    const name = nextName()
    open ??= openFile(name)
    const kept = await open.finish()
    open = undefined
    countsAgree(table.name, `bytes of ${name} kept`, kept.bytes, 'bytes written', file.bytes)
    files.push({ name, rows: file.rows, ...kept })
  }

  async function absorb(): Promise<void> {
    if (!writer.absorb()) return
    await writer.endRowGroup()
    if (writer.isFileFull) await endFile()
  }

  function progress(): void {
    observe({
      kind: 'progress',
      rows: decoder.rows,
      bytesRead: decoder.bytes,
      bytesWritten: bytes + writer.fileBytes,
    })
  }

  try {
    const { stream, tag } = reader.copy(query)
    let litter = 0
    let gathered = 0
    let huge = false
    for await (const chunk of stream) {
      gathered += chunk.length
      if (deriver !== undefined) litter += chunk.length
      let decoded = decoder.push(chunk)
      releaseBytes(chunk)
      if (litter >= litterBytes) {
        Bun.gc(true)
        litter = 0
      }
      // One huge row is arriving, or has just been decoded: the buffers it outgrew, then its own, are garbage as large.
      if (gathered >= hugeRowBytes) {
        Bun.gc(true)
        gathered = 0
        huge = true
      }
      if (!decoded) continue
      if (huge) Bun.gc(true)
      gathered = 0
      huge = false
      for (; decoded; decoded = decoder.resume()) await absorb()
      progress()
    }
    signal.throwIfAborted()
    while (decoder.flush()) await absorb()
    decoder.finish()
    countsAgree(table.name, "rows in the server's COPY tag", await tag, 'rows decoded', decoder.rows)
    if (writer.hasRows || rows === 0) await endFile()
    countsAgree(table.name, 'rows in the footers', rows, 'rows kept', decoder.kept)
    progress()
    const { softened } = decoder
    const nulls = deriver?.nulls ?? {}
    return { rowsRead: decoder.rows, rows, bytesRead: decoder.bytes, bytes, softened, nulls, files }
  } catch (error) {
    await open?.abort()
    throw error
  }
}
