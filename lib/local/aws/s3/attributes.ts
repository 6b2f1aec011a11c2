/** S3's GetObjectAttributes. */
import { ServiceError } from '../service-error.ts'
import { document, type S3Answer } from './answer.ts'
import type { S3Call } from './operation.ts'
import type { S3Object } from './store.ts'
import type { Element } from './xml.ts'

const known = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']

/** GetObjectAttributes: what is asked for in `x-amz-object-attributes`, of an object as it was written. */
export function attributes(object: S3Object, { request: { headers } }: S3Call): S3Answer {
  const asked = (headers.get('x-amz-object-attributes') ?? '').split(',').map((each) => each.trim())
  if (asked.some((name) => !known.includes(name))) {
    throw new ServiceError('InvalidArgument', 'Invalid attribute name specified.')
  }
  const { checksum } = object
  const all: Record<string, Element> = {
    ETag: object.etag,
    Checksum: checksum && { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type },
    ObjectParts: partsOf(object, headers),
    StorageClass: 'STANDARD',
    ObjectSize: object.bytes,
  }
  return document(
    'GetObjectAttributesResponse',
    Object.fromEntries(Object.entries(all).filter(([name]) => asked.includes(name))),
    { 'last-modified': new Date(object.modified).toUTCString() },
  )
}

/** The parts one by one only where each has a checksum, as in S3. */
function partsOf({ parts, checksum }: S3Object, headers: Headers): Element {
  if (parts === undefined) return undefined
  if (checksum?.type !== 'COMPOSITE') return { TotalPartsCount: parts.length }
  const marker = Number(headers.get('x-amz-part-number-marker') ?? 0)
  const limit = Math.min(Number(headers.get('x-amz-max-parts') ?? 1000), 1000)
  const page = parts.slice(marker, marker + limit)
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: marker + page.length,
    MaxParts: limit,
    IsTruncated: marker + page.length < parts.length,
    Part: page.map((part, index) => ({
      PartNumber: marker + index + 1,
      Size: part.bytes,
      [`Checksum${checksum.algorithm}`]: part.checksum,
    })),
  }
}
