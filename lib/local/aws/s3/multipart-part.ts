/** A part of a multipart upload, and which parts may be completed to an object. */
import { ServiceError } from '../service-error.ts'
import type { Algorithm, Checksum } from './checksum.ts'

export interface UploadOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly algorithm: Algorithm | undefined
  readonly checksumType: Checksum['type']
}

export interface Part {
  readonly number: number
  readonly bytes: number
  readonly etag: string
  readonly checksum: string | undefined
  readonly modified: number
  readonly blob: string
  readonly offset: number
}

/** A part as CompleteMultipartUpload names it. */
export interface PartNamed {
  readonly number: number
  readonly etag: string
  readonly checksum: string | undefined
}

const smallestPart = 5 * 1024 ** 2

/**
 * The parts of a request to complete, in its order.
 * @throws ServiceError InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest
 */
export function chosenParts(
  upload: UploadOptions,
  sent: readonly Part[],
  named: readonly PartNamed[],
): Part[] {
  if (named.some(({ number }, index) => index > 0 && number <= (named[index - 1]?.number ?? 0))) {
    throw new ServiceError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    )
  }
  const known = new Map(sent.map((part) => [part.number, part]))
  return named.map(({ number, etag, checksum }, index) => {
    const part = known.get(number)
    if (part?.etag !== etag || (checksum !== undefined && checksum !== part.checksum)) {
      throw new ServiceError(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { PartNumber: number },
      )
    }
    if (upload.algorithm !== undefined && upload.checksumType === 'COMPOSITE' && checksum === undefined) {
      throw new ServiceError(
        'InvalidRequest',
        `The upload was created using a ${upload.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      )
    }
    if (index < named.length - 1 && part.bytes < smallestPart) {
      throw new ServiceError(
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        400,
        { ProposedSize: part.bytes, MinSizeAllowed: smallestPart, PartNumber: number, ETag: part.etag },
      )
    }
    return part
  })
}
