/** The requests that make one object, in parts or whole (S3 User Guide, "Multipart upload"). */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { crc32Text } from './checksum.ts'
import type { Aws } from './clients.ts'
import { encryption } from './encryption.ts'
import type { Stored } from './stored-object.ts'
import { patienceMs } from './wait.ts'

export interface UploadedPart {
  readonly PartNumber: number
  readonly ETag: string | undefined
  readonly ChecksumCRC32: string
}

/** A body takes its time on a slow line: 8 MiB at 70 KB/s. */
const bodyTimeout = 120_000

/** Every request carries a CRC32 that S3 verifies, and the object is made only if its key is free. */
export function multipart(
  aws: Aws,
  options: { bucket: string; key: string; kmsKey: string | undefined; signal: AbortSignal },
) {
  const target = { Bucket: options.bucket, Key: options.key }
  const written = {
    ...target,
    ...encryption(options.kmsKey),
    ContentType: 'application/vnd.apache.parquet',
  }
  const sending = { abortSignal: options.signal }
  const sendingBody = { ...sending, requestTimeout: bodyTimeout }

  return {
    async create(): Promise<string> {
      const { UploadId } = await aws.s3.send(
        new CreateMultipartUploadCommand({
          ...written,
          ChecksumAlgorithm: 'CRC32',
          ChecksumType: 'FULL_OBJECT',
        }),
        sending,
      )
      if (UploadId === undefined) throw new Error('S3 answered without an upload id')
      return UploadId
    },

    async part(UploadId: string, PartNumber: number, Body: Uint8Array): Promise<UploadedPart> {
      const ChecksumCRC32 = crc32Text(Bun.hash.crc32(Body))
      const { ETag } = await aws.s3.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body, ChecksumCRC32 }),
        sendingBody,
      )
      return { PartNumber, ETag, ChecksumCRC32 }
    },

    /** @param parts in their order @param whole bytes and CRC32 of the object, which S3 compares with what it holds */
    complete(
      UploadId: string,
      parts: readonly UploadedPart[],
      whole: { bytes: number; crc: number },
    ): Promise<Stored> {
      return aws.s3.send(
        new CompleteMultipartUploadCommand({
          ...target,
          UploadId,
          MultipartUpload: { Parts: [...parts] },
          ChecksumCRC32: crc32Text(whole.crc),
          ChecksumType: 'FULL_OBJECT',
          MpuObjectSize: whole.bytes,
          IfNoneMatch: '*',
        }),
        sendingBody,
      )
    },

    /** The object in one request, for one smaller than a part. */
    put(Body: Uint8Array, crc: number): Promise<Stored> {
      return aws.s3.send(
        new PutObjectCommand({ ...written, Body, ChecksumCRC32: crc32Text(crc), IfNoneMatch: '*' }),
        sendingBody,
      )
    },

    async abort(UploadId: string): Promise<void> {
      const patience = { abortSignal: AbortSignal.timeout(patienceMs) }
      await aws.s3.send(new AbortMultipartUploadCommand({ ...target, UploadId }), patience)
    },
  }
}
