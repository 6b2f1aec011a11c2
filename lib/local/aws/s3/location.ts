/** Folders in S3, and the objects in them that Hive sees. */
import type { S3Object, S3Store } from './store.ts'

/** A folder in S3; the prefix is empty or ends in a slash. */
export interface Location {
  readonly bucket: string
  readonly prefix: string
}

/** `s3://bucket/prefix`, with or without a slash at its end. */
export function parseLocation(uri: string): Location | undefined {
  const match = /^s3a?:\/\/([^/]+)\/?(.*)$/.exec(uri)
  if (match === null) return undefined
  const [, bucket = '', path = ''] = match
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/` }
}

/** Objects with content below the folder, leaving out names Hive hides: `_` or `.` begins any step of the path. */
export function visibleObjects(store: S3Store, { bucket, prefix }: Location): S3Object[] {
  store.bucket(bucket)
  return store
    .list(bucket, { prefix })
    .objects.filter(
      ({ key, bytes }) => bytes > 0 && !/(^|\/)[_.]/.test(key.slice(prefix.length)) && !key.endsWith('/'),
    )
}
