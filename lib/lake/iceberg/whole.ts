/** Whether all files of a snapshot are there, whichever loads have written them. */
import type { ListedObject } from '../../aws/objects.ts'
import { Failure } from '../../failure/failure.ts'
import { liveFiles } from '../../iceberg/live-files.ts'
import type { Snapshot, TableMetadata } from '../../iceberg/metadata.ts'
import type { ReadObject } from '../../iceberg/read-object.ts'
import { icebergOwnerOf } from './layout.ts'

export interface Listing {
  readonly bucket: string
  /** The table's, which all keys begin with. */
  readonly folder: string
  readonly listed: readonly ListedObject[]
  /** What the load's record has of its own files. */
  readonly objects: readonly { readonly key: string; readonly bytes: number; readonly etag: string }[]
}

/** A snapshot whose manifests can be read. */
export interface ReadableSnapshot {
  readonly metadata: TableMetadata
  readonly snapshot: Snapshot
  readonly read: ReadObject
}

/**
 * Others' files, which compaction may have put in the place of ours, are looked for by nobody.
 * @returns how it is not, a clause; undefined: it is
 */
export async function describeLost(
  table: string,
  { metadata, snapshot, read }: ReadableSnapshot,
  { bucket, folder, listed, objects }: Listing,
): Promise<string | undefined> {
  const found = new Map(listed.map((object) => [`s3://${bucket}/${object.key}`, object]))
  const recorded = new Map(objects.map((object) => [`s3://${bucket}/${object.key}`, object]))
  try {
    for (const { file } of await liveFiles(table, metadata, snapshot, read)) {
      const there = found.get(file.path)
      const key = file.path.slice(`s3://${bucket}/`.length)
      if (there === undefined) {
        if (icebergOwnerOf(key, folder) === undefined) continue
        return `${key} is gone`
      }
      if (there.bytes !== file.bytes) return `${key} has ${there.bytes} bytes, but ${file.bytes} were written`
      const etag = recorded.get(file.path)?.etag
      if (etag !== undefined && etag !== there.etag) {
        return `${key} has the ETag ${there.etag}, but was written as ${etag}`
      }
    }
    return undefined
  } catch (error) {
    if (error instanceof Failure && error.exit === 4) return `${error.detail.thing}: ${error.detail.reason}`
    throw error
  }
}
