import { createHash } from 'node:crypto'
import { notImplemented, ServiceError } from '../service-error.ts'

export type Algorithm = 'CRC32' | 'SHA1' | 'SHA256'

/** `value` is base64; a composite one, of the parts' checksums, ends in `-<parts>`. */
export interface Checksum {
  readonly algorithm: Algorithm
  readonly value: string
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

/** @throws ServiceError for an algorithm S3 knows and the stand-in does not, or neither knows */
export function algorithmNamed(name: string): Algorithm {
  const upper = name.toUpperCase()
  if (upper === 'CRC32' || upper === 'SHA1' || upper === 'SHA256') return upper
  if (['CRC32C', 'CRC64NVME', 'MD5', 'SHA512', 'XXHASH3', 'XXHASH64', 'XXHASH128'].includes(upper)) {
    throw notImplemented(`the checksum ${upper}`)
  }
  throw new ServiceError('InvalidRequest', 'Checksum algorithm provided is unsupported.')
}

/** Base64, as in the `x-amz-checksum-*` headers. */
export function checksumOf(algorithm: Algorithm, bytes: Uint8Array): string {
  if (algorithm === 'CRC32') return crc32Value(Bun.hash.crc32(bytes))
  return createHash(algorithm.toLowerCase()).update(bytes).digest('base64')
}

/** Base64 of the four bytes, big-endian. */
export function crc32Value(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}

/** S3's checksum of checksums: of the parts' raw checksums in their order. */
export function compositeChecksum(algorithm: Algorithm, parts: readonly string[]): string {
  const raw = Buffer.concat(parts.map((value) => Buffer.from(value, 'base64')))
  return `${checksumOf(algorithm, raw)}-${parts.length}`
}
