/** The checksums of S3: their algorithms, their headers, and how they are computed. */
import { createHash } from 'node:crypto'
import { notImplemented, ServiceError } from '../service-error.ts'
import { crc } from './crc.ts'

export const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
export type Algorithm = (typeof algorithms)[number]

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
  const found = algorithms.find((each) => each === upper)
  if (found !== undefined) return found
  if (['MD5', 'SHA512', 'XXHASH3', 'XXHASH64', 'XXHASH128'].includes(upper)) {
    throw notImplemented(`the checksum ${upper}`)
  }
  throw new ServiceError('InvalidRequest', 'Checksum algorithm provided is unsupported.')
}

/**
 * The type of a multipart upload's checksum: S3 User Guide, "Checking object integrity", has what each algorithm can.
 * @throws ServiceError InvalidRequest
 */
export function checksumTypeOf(algorithm: Algorithm | undefined, asked: string | null): Checksum['type'] {
  if (asked !== null && asked !== 'COMPOSITE' && asked !== 'FULL_OBJECT') {
    throw new ServiceError('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.')
  }
  const only =
    algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : algorithm?.startsWith('SHA') ? 'COMPOSITE' : undefined
  if (asked !== null && only !== undefined && asked !== only) {
    throw new ServiceError(
      'InvalidRequest',
      `The ${asked} checksum type cannot be used with the ${algorithm?.toLowerCase()} checksum algorithm.`,
    )
  }
  return asked ?? only ?? 'COMPOSITE'
}

/** A checksum that takes its bytes piece by piece; its value is base64, as in the `x-amz-checksum-*` headers. */
export function runningChecksum(algorithm: Algorithm): { update(bytes: Uint8Array): void; value(): string } {
  if (algorithm === 'CRC32') {
    let sum = 0
    return {
      update: (bytes) => {
        sum = Bun.hash.crc32(bytes, sum)
      },
      value: () => {
        const bytes = Buffer.alloc(4)
        bytes.writeUInt32BE(sum)
        return bytes.toString('base64')
      },
    }
  }
  if (algorithm === 'CRC32C' || algorithm === 'CRC64NVME') {
    const running = crc(algorithm)
    return { update: running.update, value: () => running.digest().toString('base64') }
  }
  const hash = createHash(algorithm.toLowerCase())
  return { update: (bytes) => hash.update(bytes), value: () => hash.digest('base64') }
}

export function checksumOf(algorithm: Algorithm, bytes: Uint8Array): string {
  const running = runningChecksum(algorithm)
  running.update(bytes)
  return running.value()
}

/** S3's checksum of checksums: of the parts' raw checksums in their order. */
export function compositeChecksum(algorithm: Algorithm, parts: readonly string[]): string {
  const raw = Buffer.concat(parts.map((value) => Buffer.from(value, 'base64')))
  return `${checksumOf(algorithm, raw)}-${parts.length}`
}
