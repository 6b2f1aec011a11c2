/** Where a load's files go while they are made: to S3, to a folder, or nowhere. */
import type { StoredObject } from '../aws/stored-object.ts'
import { openUpload } from '../aws/upload.ts'
import { openFolderFile } from './folder.ts'
import type { Load } from './load.ts'

export interface SinkFile {
  /** As {@link Upload.write}: the caller awaits a promise before it touches the bytes or writes again. */
  write(bytes: Uint8Array): Promise<void> | undefined
  finish(): Promise<Kept>
  /** Stops what is under way; never throws; harmless after finish. */
  abort(): Promise<void>
}

/** What is kept of a file; the object if it is in S3. */
export interface Kept {
  readonly object?: StoredObject
  readonly bytes: number
}

/**
 * Opens a file by its name. Keys and paths are noted in the load, for what removes them should it fail; undefined: the
 * bytes go nowhere.
 */
export function openSinkFile(load: Load, name: string): SinkFile | undefined {
  const { target, prefix, signal, options } = load
  if (target !== undefined) {
    const { aws, lake } = target
    const key = prefix + name
    load.keys.push(key)
    const upload = openUpload(aws, { bucket: lake.bucket, key, kmsKey: lake.kmsKey, signal })
    return {
      write: (bytes) => upload.write(bytes),
      async finish() {
        const object = await upload.finish()
        return { object, bytes: object.bytes }
      },
      abort: () => upload.abort(),
    }
  }
  return options.out === undefined ? undefined : openFolderFile(options.out, name, load.paths)
}
