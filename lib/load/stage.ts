/**
 * Step 3 of a load: the table by binary COPY, decoded into columns, encoded as row groups and sent to new
 * objects under the load's prefix while rows still flow. Nothing touches the local disk, and reading waits
 * whenever uploads lag.
 */

import type { StoredObject } from '../aws/stored-object.ts'
import { openUpload, type Upload } from '../aws/upload.ts'
import { createParquetWriter } from '../parquet/file.ts'
import type { Reader } from '../postgres/connect.ts'
import { createCopyDecoder } from '../postgres/copy.ts'
import { countsAgree } from './counts.ts'
import type { Load } from './load.ts'

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
  /** What S3 holds; empty for a dry run. */
  readonly objects: readonly StoredObject[]
}

/**
 * @throws Failure (3) for a value that does not fit, (1) for a stream or an upload that breaks, (2) for refused
 * access. All uploads are aborted then; objects of files finished before stay for the caller to remove.
 */
export async function stage(reader: Reader, query: string, load: Load): Promise<Staged> {
  const { table, id, prefix, target, options, observe, signal } = load
  const objects: StoredObject[] = []
  let upload: Upload | undefined
  let rows = 0
  let bytes = 0

  function openNext(): Upload | undefined {
    if (target === undefined) return undefined
    const { aws, lake } = target
    const file = `${table.name}-${String(objects.length).padStart(5, '0')}.parquet`
    const key = prefix + file
    load.keys.push(key)
    return openUpload(aws, { bucket: lake.bucket, key, kmsKey: lake.kmsKey, signal })
  }

  const decoder = createCopyDecoder({ table: table.name, columns: table.columns })
  const writer = createParquetWriter({
    columns: table.columns,
    vectors: decoder.vectors,
    codec: options.codec,
    metadata: { 'dracula.table': table.name, 'dracula.load': id },
    write(part) {
      if (target === undefined) return undefined
      upload ??= openNext()
      return upload?.write(part)
    },
  })

  async function endFile(): Promise<void> {
    const file = await writer.endFile()
    rows += file.rows
    bytes += file.bytes
    if (upload === undefined) return
    const object = await upload.finish()
    upload = undefined
    objects.push(object)
    countsAgree(table.name, `bytes of ${object.key} in S3`, object.bytes, 'bytes written', file.bytes)
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
    for await (const chunk of stream) {
      if (!decoder.push(chunk)) continue
      if (writer.absorb()) {
        await writer.endRowGroup()
        // What a row group leaves is large and lies outside the heap, where the collector hardly sees it grow.
        Bun.gc(true)
        if (writer.fileBytes >= options.maxFileBytes) await endFile()
      }
      progress()
    }
    signal.throwIfAborted()
    decoder.finish()
    countsAgree(table.name, "rows in the server's COPY tag", await tag, 'rows decoded', decoder.rows)
    if (writer.hasRows || rows === 0) await endFile()
    countsAgree(table.name, 'rows in the footers', rows, 'rows decoded', decoder.rows)
    progress()
    const { softened } = decoder
    return { rowsRead: decoder.rows, rows, bytesRead: decoder.bytes, bytes, softened, objects }
  } catch (error) {
    await upload?.abort()
    throw error
  }
}
