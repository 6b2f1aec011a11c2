/** Which operation of S3 a request means. */
import { account } from '../account.ts'
import { notImplemented, ServiceError } from '../service-error.ts'
import type { S3Answer } from './answer.ts'
import { refuseExpired, signature, withSignedHeaders } from './presigned.ts'

/** An S3 request, its operation known. */
export interface S3Call {
  readonly operation: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly request: Request
}

export type Handler = (call: S3Call) => S3Answer | Promise<S3Answer>

interface Known {
  readonly name: string
  readonly method: string
  readonly on: 'service' | 'bucket' | 'object'
  /** The query word that tells it apart. */
  readonly word: string
  /** The header that tells it apart. */
  readonly header?: string
  /** Other query words it may have. */
  readonly more: readonly string[]
}

const known = (place: string, name: string, word = '', more = '', header?: string): Known => {
  const [method = '', on] = place.split(' ')
  if (on !== 'service' && on !== 'bucket' && on !== 'object') throw new RangeError(`No such place: ${on}`)
  return { name, method, on, word, more: more.split(' '), ...(header === undefined ? {} : { header }) }
}

const overrides = ['cache-control', 'content-disposition', 'content-encoding', 'content-language']
  .concat('content-type', 'expires')
  .map((name) => `response-${name}`)
  .join(' ')
const listing = 'prefix delimiter max-keys encoding-type'

/** S3 API reference: method, where it is aimed, and what tells it apart; the first that fits is the one. */
const operations: readonly Known[] = [
  known('GET service', 'ListBuckets', '', 'prefix max-buckets continuation-token'),
  known('PUT bucket', 'CreateBucket'),
  known('HEAD bucket', 'HeadBucket'),
  known('DELETE bucket', 'DeleteBucket'),
  known('GET bucket', 'GetBucketLocation', 'location'),
  known('GET bucket', 'GetBucketVersioning', 'versioning'),
  known('POST bucket', 'DeleteObjects', 'delete'),
  known('GET bucket', 'ListObjectsV2', 'list-type', `${listing} start-after continuation-token fetch-owner`),
  known(
    'GET bucket',
    'ListMultipartUploads',
    'uploads',
    'prefix max-uploads key-marker upload-id-marker encoding-type',
  ),
  known('GET bucket', 'ListObjects', '', `${listing} marker`),
  known('PUT object', 'UploadPartCopy', 'partNumber', 'uploadId', 'x-amz-copy-source'),
  known('PUT object', 'UploadPart', 'partNumber', 'uploadId'),
  known('PUT object', 'CopyObject', '', '', 'x-amz-copy-source'),
  known('PUT object', 'PutObject'),
  known('GET object', 'ListParts', 'uploadId', 'max-parts part-number-marker'),
  known('GET object', 'GetObjectAttributes', 'attributes'),
  known('GET object', 'GetObject', '', `partNumber ${overrides}`),
  known('HEAD object', 'HeadObject', '', `partNumber ${overrides}`),
  known('DELETE object', 'AbortMultipartUpload', 'uploadId'),
  known('DELETE object', 'DeleteObject'),
  known('POST object', 'CreateMultipartUpload', 'uploads'),
  known('POST object', 'CompleteMultipartUpload', 'uploadId'),
]

export const s3Operations: readonly string[] = operations.map(({ name }) => name)

export function isOperation(name: string): boolean {
  return s3Operations.includes(name)
}

/** Whether a word of the query says no more than which operation is meant, or how it is signed. */
export function namesOperation(operation: string, word: string): boolean {
  const found = operations.find(({ name }) => name === operation)
  return (found?.word === word && !['partNumber', 'uploadId'].includes(word)) || signature.test(word)
}

/** Headers that mean something to the stand-in, or nothing to anyone. */
const headers =
  /^x-amz-(acl|api-version|checksum-.*|content-sha256|copy-source(-range|-if-.*)?|date|decoded-content-length|expected-bucket-owner|max-parts|meta-.*|metadata-directive|mp-object-size|object-attributes|optional-object-attributes|part-number-marker|request-payer|sdk-checksum-algorithm|security-token|server-side-encryption|server-side-encryption-aws-kms-key-id|server-side-encryption-bucket-key-enabled|source-expected-bucket-owner|storage-class|trailer|user-agent)$/

/** Headers that may say one thing alone; another would be ignored, and the client never know. */
const values: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-storage-class': ['STANDARD'],
}

/** Never fails, so that every request can be logged under a name; `refuse` says what it asks that is not there. */
export function s3Call(sent: Request): S3Call {
  const url = new URL(sent.url)
  const request = withSignedHeaders(sent, url.searchParams)
  const path = url.pathname.slice(1).split('/').map(decoded)
  const hosted = bucketInHost(request.headers.get('host') ?? '')
  const [bucket = '', ...rest] = hosted === undefined ? path : [hosted, ...path]
  const key = rest.join('/')
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object'
  const place = `${request.method} ${on}`
  const found = operations.find(
    (each) =>
      `${each.method} ${each.on}` === place &&
      (each.word === '' || url.searchParams.has(each.word)) &&
      (each.header === undefined || request.headers.has(each.header)),
  )
  // `?policy` names another operation, `?list-type=2` narrows one.
  const other = [...url.searchParams].find(([name, value]) => value === '' && !takes(found, name))
  return {
    operation:
      found === undefined || other !== undefined ? `${place}${other ? ` ?${other[0]}` : ''}` : found.name,
    bucket,
    key,
    query: url.searchParams,
    request,
  }
}

function takes(operation: Known | undefined, parameter: string): boolean {
  return operation?.word === parameter || operation?.more.includes(parameter) || signature.test(parameter)
}

/** The bucket of a virtual-hosted address, `lake.localhost:4566` or `lake.s3.us-east-1.amazonaws.com`. */
function bucketInHost(host: string): string | undefined {
  return /^(.+)\.(?:localhost|s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com)(?::\d+)?$/.exec(host)?.[1]
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

/** `bucket/key`, or `bucket`; DeleteObjects' keys, one after the other. */
export async function s3Subject({ operation, bucket, key, request }: S3Call): Promise<string> {
  if (operation !== 'DeleteObjects') return key === '' ? bucket : `${bucket}/${key}`
  const keys = [...(await request.clone().text()).matchAll(/<Key>(.*?)<\/Key>/g)]
  return keys.map(([, each]) => `${bucket}/${each}`).join(' ')
}

/** @throws ServiceError for what the stand-in would otherwise ignore, and for what S3 takes from nobody */
export function refuse({ operation, key, query, request }: S3Call): void {
  const found = operations.find(({ name }) => name === operation)
  const parameter = [...query.keys()].find((name) => !takes(found, name))
  if (found === undefined || parameter !== undefined) {
    throw notImplemented(`${operation}${found === undefined ? '' : ` with "${parameter}"`}`)
  }
  for (const [name, value] of request.headers) {
    if (!name.startsWith('x-amz-')) continue
    if (!headers.test(name)) throw notImplemented(`${operation} with the header ${name}`)
    if (values[name]?.includes(value) === false) throw notImplemented(`${operation} with ${name}: ${value}`)
    if (/expected-bucket-owner$/.test(name) && value !== account) throw accessDenied('Access Denied')
  }
  if (!request.headers.has('authorization') && !query.has('X-Amz-Signature') && !query.has('Signature')) {
    throw accessDenied('Access Denied')
  }
  refuseExpired(query)
  if (Buffer.byteLength(key) > 1024) {
    throw new ServiceError('KeyTooLongError', 'Your key is too long', 400, { MaxSizeAllowed: 1024 })
  }
  if (/%(?![0-9a-f]{2})/i.test(new URL(request.url).pathname)) {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.")
  }
}

function accessDenied(message: string): ServiceError {
  return new ServiceError('AccessDenied', message, 403)
}
