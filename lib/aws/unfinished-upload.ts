/** An upload whose parts are all in S3 and whose object nobody sees yet: plain data, which any process may complete. */
import type { Call } from './calls.ts'
import { inTrouble } from './calls.ts'
import type { Aws } from './clients.ts'
import { awsFailure } from './failure.ts'
import { multipart, type UploadedPart } from './multipart.ts'
import { headStored, headStoredCalls, type Stored, type StoredObject } from './stored-object.ts'

export interface UnfinishedUpload {
  readonly key: string
  /** S3's id of it: there may be several of one key. */
  readonly id: string
  readonly parts: readonly UploadedPart[]
  /** Sum of all parts. */
  readonly bytes: number
  /** CRC32 of the whole object. */
  readonly crc: number
}

/**
 * Makes the object visible, under its key if that is free: S3 holds it against size and CRC32. Done twice, or again after
 * its answer was lost, it comes to the same.
 * @throws Failure when it is not there, whole, under its key
 */
export async function completeUpload(
  aws: Aws,
  { bucket, signal }: { readonly bucket: string; readonly signal: AbortSignal },
  { key, id, parts, bytes, crc }: UnfinishedUpload,
): Promise<StoredObject> {
  // Encryption was decided when it was begun.
  const requests = multipart(aws, { bucket, key, kmsKey: undefined, signal })
  let stored: Stored | undefined
  try {
    stored = await requests.complete(id, parts, { bytes, crc })
  } catch (error) {
    // A repeat of a request that did succeed is answered 404 or 412, and an answer may be lost: look.
    if (!signal.aborted) stored = await headStored(aws, { bucket, key, bytes, crc, signal })
    if (stored === undefined) throw awsFailure(error, 'upload', `s3://${bucket}/${key}`)
  }
  const { ETag: etag = '', ChecksumCRC32: checksum } = stored
  return { key, bytes, etag, parts: parts.length, checksum }
}

export function completeUploadCalls(bucket: string, key: string): Call[] {
  const on = { kind: 'object', bucket, key } as const
  return [{ call: 's3:CompleteMultipartUpload', on }, ...inTrouble(headStoredCalls(bucket, key))]
}
