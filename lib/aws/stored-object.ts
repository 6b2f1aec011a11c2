/** An object as S3 keeps it, and whether a write whose answer was lost or refused has made it. */
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import type { Call } from './calls.ts'
import { crc32Text } from './checksum.ts'
import type { Aws } from './clients.ts'

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly parts: number
  /** CRC32 of the whole object as S3 reports it: base64, big-endian. */
  readonly checksum: string | undefined
}

/** What the answers of PutObject, CompleteMultipartUpload and HeadObject have in common. */
export interface Stored {
  readonly ETag?: string | undefined
  readonly ChecksumCRC32?: string | undefined
}

/**
 * The object under this key, if it has exactly these bytes: this size and this CRC32 (where S3 reports one).
 * undefined: it is absent, another one, or cannot be read.
 */
export async function headStored(
  aws: Aws,
  wanted: { bucket: string; key: string; bytes: number; crc: number; signal?: AbortSignal | undefined },
): Promise<Stored | undefined> {
  try {
    const head = await aws.s3.send(
      new HeadObjectCommand({ Bucket: wanted.bucket, Key: wanted.key, ChecksumMode: 'ENABLED' }),
      wanted.signal === undefined ? {} : { abortSignal: wanted.signal },
    )
    const sum = head.ChecksumCRC32
    if (head.ContentLength !== wanted.bytes) return undefined
    return sum === undefined || sum === crc32Text(wanted.crc) ? head : undefined
  } catch {
    return undefined
  }
}

export function headStoredCalls(bucket: string, key: string): Call[] {
  return [{ call: 's3:HeadObject', on: { kind: 'object', bucket, key } }]
}
