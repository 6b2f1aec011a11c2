import { notImplemented, ServiceError } from '../service-error.ts'

/** An S3 request, its operation known; path style. */
export interface S3Call {
  readonly operation: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly request: Request
}

export type Handler = (call: S3Call) => Response | Promise<Response>

/** S3 API reference: method, where it is aimed, the query word that tells it apart, and the rest it may have. */
const operations: readonly [
  method: string,
  on: 'service' | 'bucket' | 'object',
  word: string,
  name: string,
  more?: string,
][] = [
  ['GET', 'service', '', 'ListBuckets'],
  ['PUT', 'bucket', '', 'CreateBucket'],
  ['HEAD', 'bucket', '', 'HeadBucket'],
  ['DELETE', 'bucket', '', 'DeleteBucket'],
  ['POST', 'bucket', 'delete', 'DeleteObjects'],
  [
    'GET',
    'bucket',
    'list-type',
    'ListObjectsV2',
    'prefix delimiter max-keys start-after continuation-token encoding-type fetch-owner',
  ],
  [
    'GET',
    'bucket',
    'uploads',
    'ListMultipartUploads',
    'prefix max-uploads key-marker upload-id-marker encoding-type',
  ],
  ['PUT', 'object', 'partNumber', 'UploadPart', 'uploadId'],
  ['PUT', 'object', '', 'PutObject'],
  ['GET', 'object', 'uploadId', 'ListParts', 'max-parts part-number-marker'],
  ['GET', 'object', '', 'GetObject'],
  ['HEAD', 'object', '', 'HeadObject'],
  ['DELETE', 'object', 'uploadId', 'AbortMultipartUpload'],
  ['DELETE', 'object', '', 'DeleteObject'],
  ['POST', 'object', 'uploads', 'CreateMultipartUpload'],
  ['POST', 'object', 'uploadId', 'CompleteMultipartUpload'],
]

/** Headers that mean something to the stand-in, or nothing to anyone. */
const headers =
  /^x-amz-(acl|checksum-.*|content-sha256|date|decoded-content-length|expected-bucket-owner|meta-.*|mp-object-size|request-payer|sdk-checksum-algorithm|security-token|server-side-encryption|server-side-encryption-aws-kms-key-id|server-side-encryption-bucket-key-enabled|trailer|user-agent)$/

/** Of a signed URL. */
const signature = /^(x-id|X-Amz-.*)$/

/** Never fails, so that every request can be logged under a name; `refuse` says what it asks that is not there. */
export function s3Call(request: Request): S3Call {
  const url = new URL(request.url)
  const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const key = rest.join('/')
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object'
  const found = operations.find(
    ([method, target, word]) =>
      method === request.method && target === on && (word === '' || url.searchParams.has(word)),
  )
  return {
    operation: found?.[3] ?? `${request.method} ${on}`,
    bucket,
    key,
    query: url.searchParams,
    request,
  }
}

/** `bucket/key`, or `bucket`; DeleteObjects' keys, one after the other. */
export async function s3Subject({ operation, bucket, key, request }: S3Call): Promise<string> {
  if (operation !== 'DeleteObjects') return key === '' ? bucket : `${bucket}/${key}`
  const keys = [...(await request.clone().text()).matchAll(/<Key>(.*?)<\/Key>/g)]
  return keys.map(([, each]) => `${bucket}/${each}`).join(' ')
}

/** @throws ServiceError for what the stand-in would otherwise ignore */
export function refuse({ operation, query, request }: S3Call): void {
  const found = operations.find(([, , , name]) => name === operation)
  const allowed = found === undefined ? [] : [found[2], ...(found[4]?.split(' ') ?? [])]
  const parameter = [...query.keys()].find((name) => !allowed.includes(name) && !signature.test(name))
  if (found === undefined || parameter !== undefined) {
    throw notImplemented(`${operation}${parameter === undefined ? '' : ` with "${parameter}"`}`)
  }
  const header = [...request.headers.keys()].find((name) => /^x-amz-/.test(name) && !headers.test(name))
  if (header !== undefined) throw notImplemented(`${operation} with the header ${header}`)
  if (!request.headers.has('authorization') && !query.has('X-Amz-Signature')) {
    throw new ServiceError('AccessDenied', 'Access Denied', 403)
  }
}
