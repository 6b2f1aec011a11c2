/** S3's operations about multipart uploads. */
import { ServiceError } from '../service-error.ts'
import { count, document, empty, iso, keyEncoding, quoted } from './answer.ts'
import { checksumSent, readBody, readDocument } from './body.ts'
import { type Algorithm, algorithmNamed, checksumHeader, checksumTypeOf } from './checksum.ts'
import { conditionOf, encryption, objectHeaders } from './headers.ts'
import type { Multipart } from './multipart.ts'
import type { Part, PartNamed } from './multipart-part.ts'
import type { Handler } from './operation.ts'
import { type Element, parseXml } from './xml.ts'

/** Multipart uploads. */
export function uploadHandlers(multipart: Multipart): Record<string, Handler> {
  return {
    CreateMultipartUpload: ({ bucket, key, request }) => {
      const named = request.headers.get('x-amz-checksum-algorithm')
      const algorithm = named === null ? undefined : algorithmNamed(named)
      const upload = multipart.create(bucket, key, {
        headers: objectHeaders(request),
        algorithm,
        checksumType: checksumTypeOf(algorithm, request.headers.get('x-amz-checksum-type')),
      })
      return document(
        'InitiateMultipartUploadResult',
        { Bucket: bucket, Key: key, UploadId: upload.id },
        {
          ...encryption(upload.headers),
          ...(algorithm === undefined
            ? {}
            : { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': upload.checksumType }),
        },
      )
    },

    UploadPart: async ({ bucket, key, query, request }) => {
      const id = query.get('uploadId') ?? ''
      const number = partNumber(query)
      multipart.find(bucket, key, id)
      const body = await readBody(request)
      const upload = multipart.find(bucket, key, id)
      const { etag } = multipart.put(bucket, upload, number, body)
      return empty(200, {
        etag: quoted(etag),
        ...encryption(upload.headers),
        ...(body.checksum === undefined
          ? {}
          : { [checksumHeader(body.checksum.algorithm)]: body.checksum.value }),
      })
    },

    CompleteMultipartUpload: async ({ bucket, key, query, request }) => {
      const body = parseXml(await readDocument(request), 'CompleteMultipartUpload')
      const upload = multipart.find(bucket, key, query.get('uploadId') ?? '')
      const bytes = request.headers.get('x-amz-mp-object-size')
      const object = multipart.complete(
        bucket,
        upload,
        partsNamed(body, upload.algorithm),
        { checksum: checksumSent(request.headers), bytes: bytes === null ? undefined : Number(bytes) },
        conditionOf(request),
      )
      const { checksum } = object
      return document(
        'CompleteMultipartUploadResult',
        {
          Location: `${new URL(request.url).origin}/${bucket}/${encodeURIComponent(key)}`,
          Bucket: bucket,
          Key: key,
          ETag: quoted(object.etag),
          ...(checksum === undefined
            ? {}
            : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
        },
        encryption(object.headers),
      )
    },

    AbortMultipartUpload: ({ bucket, key, query }) => {
      multipart.abort(multipart.find(bucket, key, query.get('uploadId') ?? ''))
      return empty(204)
    },

    ListParts: ({ bucket, key, query }) => {
      const upload = multipart.find(bucket, key, query.get('uploadId') ?? '')
      const limit = count(query, 'max-parts')
      const marker = Number(query.get('part-number-marker') ?? 0)
      const rest = multipart.parts(upload).filter(({ number }) => number > marker)
      const page = rest.slice(0, limit)
      return document('ListPartsResult', {
        Bucket: bucket,
        Key: key,
        UploadId: upload.id,
        PartNumberMarker: marker,
        NextPartNumberMarker: page.at(-1)?.number ?? 0,
        MaxParts: limit,
        IsTruncated: rest.length > page.length,
        StorageClass: 'STANDARD',
        ChecksumAlgorithm: upload.algorithm,
        ChecksumType: upload.algorithm === undefined ? undefined : upload.checksumType,
        Part: page.map((part) => partElement(part, upload.algorithm)),
      })
    },

    ListMultipartUploads: ({ bucket, query }) => {
      const prefix = query.get('prefix') ?? ''
      const limit = count(query, 'max-uploads')
      const marker = query.get('key-marker') ?? ''
      const idMarker = query.get('upload-id-marker') ?? ''
      const { name: EncodingType, encode } = keyEncoding(query)
      const all = multipart.list(bucket, prefix)
      const at = all.findIndex(({ key, id }) => key === marker && id === idMarker)
      const rest = at < 0 ? all.filter(({ key }) => key > marker) : all.slice(at + 1)
      const page = rest.slice(0, limit)
      const truncated = rest.length > page.length
      return document('ListMultipartUploadsResult', {
        Bucket: bucket,
        EncodingType,
        Prefix: encode(prefix),
        KeyMarker: encode(marker),
        UploadIdMarker: idMarker,
        MaxUploads: limit,
        IsTruncated: truncated,
        NextKeyMarker: truncated ? encode(page.at(-1)?.key ?? '') : undefined,
        NextUploadIdMarker: truncated ? page.at(-1)?.id : undefined,
        Upload: page.map(({ key, id, initiated, algorithm }) => ({
          Key: encode(key),
          UploadId: id,
          Initiated: iso(initiated),
          StorageClass: 'STANDARD',
          ChecksumAlgorithm: algorithm,
        })),
      })
    },
  }
}

/** @throws ServiceError InvalidArgument */
export function partNumber(query: URLSearchParams): number {
  const number = Number(query.get('partNumber'))
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number
  throw new ServiceError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
}

function partsNamed(body: Record<string, unknown>, algorithm: Algorithm | undefined): PartNamed[] {
  const listed = (body['Part'] ?? []) as Record<string, unknown>[]
  const parts = listed.map((part) => {
    const checksum = algorithm === undefined ? undefined : part[`Checksum${algorithm}`]
    return {
      number: Number(part['PartNumber']),
      etag: String(part['ETag'] ?? '').replaceAll('"', ''),
      checksum: checksum === undefined ? undefined : String(checksum),
    }
  })
  if (parts.length === 0 || parts.some(({ number }) => !Number.isInteger(number))) {
    throw new ServiceError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
  }
  return parts
}

function partElement(part: Part, algorithm: Algorithm | undefined): Element {
  return {
    PartNumber: part.number,
    LastModified: iso(part.modified),
    ETag: quoted(part.etag),
    Size: part.bytes,
    ...(algorithm === undefined ? {} : { [`Checksum${algorithm}`]: part.checksum }),
  }
}
