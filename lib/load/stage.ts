/**
 * Step 3 of a load: the table by binary COPY, decoded into columns, encoded as row groups and sent to their
 * sink while rows still flow: new objects under the load's prefix, or for a dry run a folder or nothing. Reading waits
 * whenever writing lags.
 */

import type { Call } from '../aws/calls.ts'
import { encryptionCalls } from '../aws/encryption.ts'
import type { StoredObject } from '../aws/stored-object.ts'
import { uploadCalls } from '../aws/upload.ts'
import type { Deriver } from '../derive/deriver.ts'
import { fileName, loadFolder } from '../lake/hive/layout.ts'
import { createParquetWriter } from '../parquet/file.ts'
import type { Reader } from '../postgres/connect.ts'
import { createCopyDecoder } from '../postgres/copy.ts'
import { releaseBytes } from '../vectors.ts'
import { countsAgree } from './counts.ts'
import type { Load } from './load.ts'
import type { LoadNames } from './load-names.ts'
import { openSinkFile, type SinkFile } from './sink.ts'

export interface Staged {
  /** Rows decoded, which the server's tag confirmed. */
  readonly rowsRead: number
  /** Rows in the footers of all files. */
  readonly rows: number
  readonly bytesRead: number
  /** Bytes of all files. */
  readonly bytes: number
  /** Values that lossy columns have let pass, by column. */
  readonly softened: Readonly<Record<string, number>>
  /** Nulls that functions of the script have given, by column. */
  readonly nulls: Readonly<Record<string, number>>
  /** As they were encoded, kept or not. */
  readonly files: readonly StagedFile[]
  /** What S3 holds; empty for a dry run. */
  readonly objects: readonly StoredObject[]
}

export interface StagedFile {
  readonly name: string
  readonly rows: number
  readonly bytes: number
}

/**
 * Bytes whose rows leave values to collect. What lookups take lies outside the heap and counts as alive: by itself the
 * collector would wait until as much again is garbage.
 */
const litterBytes = 16 * 1024 * 1024

/** Bytes that arrive without a whole row among them only where a value is huge. */
const hugeRowBytes = 24 * 1024 * 1024

export interface StageOptions {
  /** Runs the script's functions, if it has any. */
  readonly deriver: Deriver | undefined
  /** Columns of the source's primary key, for messages. */
  readonly primaryKey: readonly string[]
}

/**
 * @throws Failure (3) for a value that does not fit, (1) for a stream or an upload that breaks, (2) for refused
 * access. What is under way is aborted then; files finished before stay for the caller to remove.
 */
export async function stage(
  reader: Reader,
  query: string,
  load: Load,
  { deriver, primaryKey }: StageOptions,
): Promise<Staged> {
  const { table, id, options, observe, signal } = load
  const objects: StoredObject[] = []
  const files: StagedFile[] = []
  const nextName = () => fileName(table.name, files.length)
  let open: SinkFile | undefined
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
    metadata: { 'dracula.table': table.name, 'dracula.load': id },
    write(part) {
      open ??= openSinkFile(load, nextName())
      return open?.write(part)
    },
  })

  async function endFile(): Promise<void> {
    const file = await writer.endFile()
    rows += file.rows
    bytes += file.bytes
    const name = nextName()
    files.push({ name, rows: file.rows, bytes: file.bytes })
    if (open === undefined) return
    const { object, bytes: kept } = await open.finish()
    open = undefined
    if (object !== undefined) objects.push(object)
    countsAgree(table.name, `bytes of ${object?.key ?? name} kept`, kept, 'bytes written', file.bytes)
  }

  async function absorb(): Promise<void> {
    if (!writer.absorb()) return
    await writer.endRowGroup()
    if (writer.fileBytes >= options.maxFileBytes) await endFile()
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
    return { rowsRead: decoder.rows, rows, bytesRead: decoder.bytes, bytes, softened, nulls, files, objects }
  } catch (error) {
    await open?.abort()
    throw error
  }
}

export function stageCalls({ lake, table, load, files }: LoadNames): Call[] {
  const folder = loadFolder(lake.prefix, table, load)
  return [
    ...files.flatMap(({ bytes }, at) => uploadCalls(lake.bucket, folder + fileName(table, at), bytes)),
    ...encryptionCalls(lake.kmsKey),
  ]
}
