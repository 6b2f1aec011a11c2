/** Headers that S3 keeps with an object, and the conditions it reads from a request. */
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
  const encodings = (headers.get('content-encoding') ?? '').split(',').map((each) => each.trim())
  const encoding = encodings.filter((each) => each !== '' && each !== 'aws-chunked').join(',')
  if (encoding !== '') recorded['content-encoding'] = encoding
  refuseLongMetadata(recorded)
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

/** S3 User Guide, "Working with object metadata": keys and values together, in UTF-8, take 2 KB at most. */
function refuseLongMetadata(recorded: Readonly<Record<string, string>>): void {
  const prefix = 'x-amz-meta-'
  const size = Object.entries(recorded)
    .filter(([name]) => name.startsWith(prefix))
    .reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name.slice(prefix.length)) + Buffer.byteLength(value),
      0,
    )
  if (size <= 2048) return
  throw new ServiceError(
    'MetadataTooLarge',
    'Your metadata headers exceed the maximum allowed metadata size',
    400,
    {
      Size: size,
      MaxSizeAllowed: 2048,
    },
  )
}

export function encryption(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(sse)))
}

export function checksumHeaders({ checksum }: S3Object): Record<string, string> {
  if (checksum === undefined) return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

/** Query words of a read that replace what was recorded with the object. */
const overrides =
  /^response-(cache-control|content-disposition|content-encoding|content-language|content-type|expires)$/

export function headersOf(object: S3Object, { query, request: { headers } }: S3Call): Record<string, string> {
  // A checksum is of the whole object and would not verify a range of it.
  const whole = !headers.has('range') && headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  const asked = [...query].flatMap(([name, value]) => {
    const header = overrides.exec(name)?.[1]
    return header === undefined ? [] : [[header, value] as const]
  })
  return {
    ...object.headers,
    ...Object.fromEntries(asked),
    ...validators(object),
    'accept-ranges': 'bytes',
    ...(whole ? checksumHeaders(object) : {}),
  }
}

function validators({ etag, modified }: S3Object): { etag: string; 'last-modified': string } {
  return { etag: quoted(etag), 'last-modified': new Date(modified).toUTCString() }
}

/** The object a read asks for, its conditions on ETag and time held. */
export function requested(store: S3Store, { bucket, key, request }: S3Call): S3Object {
  const object = store.find(bucket, key)
  if (object === undefined) throw noSuchKey(key)
  const outcome = conditionsOf(object, (name) => request.headers.get(name))
  if (outcome === 'not modified') {
    throw new ServiceError('NotModified', 'Not Modified', 304, {}, validators(object))
  }
  if (outcome === 'failed') throw preconditionFailed()
  return object
}

export function preconditionFailed(): ServiceError {
  return new ServiceError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
  )
}

/** RFC 9110, 13.2.2: what names an ETag decides, and times only where no ETag is named. */
export function conditionsOf(
  { etag, modified }: S3Object,
  header: (name: string) => string | null,
): 'held' | 'failed' | 'not modified' {
  const names = (list: string) =>
    list.split(',').some((each) => each.trim() === '*' || each.trim().replaceAll('"', '') === etag)
  // HTTP dates have whole seconds.
  const changedSince = (date: string) => Math.floor(modified / 1000) * 1000 > Date.parse(date)
  const ifMatch = header('if-match')
  const ifUnmodified = header('if-unmodified-since')
  if (ifMatch === null ? ifUnmodified !== null && changedSince(ifUnmodified) : !names(ifMatch))
    return 'failed'
  const ifNoneMatch = header('if-none-match')
  const ifModified = header('if-modified-since')
  const unmodified =
    ifNoneMatch === null ? ifModified !== null && !changedSince(ifModified) : names(ifNoneMatch)
  return unmodified ? 'not modified' : 'held'
}
