/**
 * Server-side encryption, asked for on every object: by the KMS key if one is configured, else by S3's own keys.
 * A bucket key spares KMS a call per object (S3 User Guide, "Reducing the cost of SSE-KMS").
 */
export function encryption(kmsKey: string | undefined) {
  return kmsKey === undefined
    ? ({ ServerSideEncryption: 'AES256' } as const)
    : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey, BucketKeyEnabled: true } as const)
}
