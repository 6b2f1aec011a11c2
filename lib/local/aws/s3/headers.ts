import { notImplemented, ServiceError } from '../service-error.ts'
import { quoted } from './answer.ts'
import { checksumHeader } from './checksum.ts'
import type { S3Call } from './operation.ts'
import { type Condition, noSuchKey, type S3Object, type S3Store, unconditional } from './store.ts'

/** The condition a write carries. */
export function conditionOf({ headers }: Request): Condition {
  const ifNoneMatch = headers.get('if-none-match')
  const ifMatch = headers.get('if-match')
  if (ifNoneMatch !== null && ifNoneMatch !== '*')
    throw notImplemented('If-None-Match other than * on a write')
  return ifNoneMatch === null && ifMatch === null ? unconditional : { ifNoneMatch, ifMatch }
}

const sse = 'x-amz-server-side-encryption'
const kmsKey = `${sse}-aws-kms-key-id`

/** What is recorded with an object and returned with it. Without a word S3 encrypts with its own keys. */
export function objectHeaders({ headers }: Request): Record<string, string> {
  const recorded: Record<string, string> = {
    'content-type': headers.get('content-type') ?? 'binary/octet-stream',
    [sse]: headers.get(sse) ?? 'AES256',
  }
  for (const [name, value] of headers) {
    if (/^(x-amz-meta-|cache-control$|content-disposition$|content-language$|expires$)/.test(name)) {
      recorded[name] = value
    }
  }
  const encoding = headers.get('content-encoding')?.replace(/\s*aws-chunked\s*,?\s*/, '')
  if (encoding) recorded['content-encoding'] = encoding
  const key = headers.get(kmsKey)
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(recorded[sse] ?? '')) {
    throw new ServiceError(
      'InvalidEncryptionAlgorithmError',
      'The encryption request you specified is not valid. The valid value is AES256.',
    )
  }
  if (recorded[sse] === 'AES256') {
    if (key === null) return recorded
    throw new ServiceError(
      'InvalidArgument',
      `Server Side Encryption with AWS KMS managed key requires HTTP header ${sse} : aws:kms`,
    )
  }
  recorded[kmsKey] = key ?? 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3'
  const bucketKey = headers.get(`${sse}-bucket-key-enabled`)
  if (bucketKey !== null) recorded[`${sse}-bucket-key-enabled`] = bucketKey
  return recorded
}

export function encryption(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(sse)))
}

export function checksumHeaders({ checksum }: S3Object): Record<string, string> {
  if (checksum === undefined) return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

export function headersOf(object: S3Object, { headers }: Request): Record<string, string> {
  // A checksum is of the whole object and would not verify a range of it.
  const whole = !headers.has('range') && headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  return {
    ...object.headers,
    etag: quoted(object.etag),
    'last-modified': new Date(object.modified).toUTCString(),
    'accept-ranges': 'bytes',
    ...(whole ? checksumHeaders(object) : {}),
  }
}

/** The object a read asks for, its conditions on the ETag held. */
export function requested(store: S3Store, { bucket, key, request }: S3Call): S3Object {
  const object = store.find(bucket, key)
  if (object === undefined) throw noSuchKey(key)
  const matches = (header: string | null) =>
    header !== null && (header === '*' || header.replaceAll('"', '') === object.etag)
  const ifMatch = request.headers.get('if-match')
  if (ifMatch !== null && !matches(ifMatch)) {
    throw new ServiceError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    )
  }
  if (matches(request.headers.get('if-none-match')))
    throw new ServiceError('NotModified', 'Not Modified', 304)
  return object
}

/** First and last byte, both inclusive (RFC 9110, 14.1.2); one range only, as in S3. */
export function rangeOf({ headers }: Request, { bytes }: S3Object): [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', final = ''] = match
  const from = first === '' ? Math.max(0, bytes - Number(final)) : Number(first)
  const to = first === '' || final === '' ? bytes - 1 : Math.min(Number(final), bytes - 1)
  if (from > to || from >= bytes) {
    throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: headers.get('range') ?? '',
      ActualObjectSize: bytes,
    })
  }
  return [from, to]
}
