/** How objects are encrypted where they are kept. */
import type { Call } from './calls.ts'

/**
 * Server-side encryption, asked for on every object: by the KMS key if one is configured, else by S3's own keys.
 * A bucket key spares KMS a call per object (S3 User Guide, "Reducing the cost of SSE-KMS").
 */
export function encryption(kmsKey: string | undefined) {
  return kmsKey === undefined
    ? ({ ServerSideEncryption: 'AES256' } as const)
    : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey, BucketKeyEnabled: true } as const)
}

/** What S3 asks of the key, for whoever writes objects, in parts too, and reads them. */
export function encryptionCalls(kmsKey: string | undefined): Call[] {
  if (kmsKey === undefined) return []
  const on = { kind: 'key', name: kmsKey } as const
  return [
    { call: 'kms:GenerateDataKey', on, by: 's3' },
    { call: 'kms:Decrypt', on, by: 's3' },
  ]
}
