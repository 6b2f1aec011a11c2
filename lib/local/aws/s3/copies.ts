/** S3's CopyObject and UploadPartCopy. */
import { createHash } from 'node:crypto'
import { constants, copyFileSync } from 'node:fs'
import { notImplemented, ServiceError } from '../service-error.ts'
import { document, iso, quoted } from './answer.ts'
import { type Algorithm, algorithmNamed, checksumOf, runningChecksum } from './checksum.ts'
import { conditionOf, conditionsOf, encryption, objectHeaders, preconditionFailed } from './headers.ts'
import type { Multipart } from './multipart.ts'
import { readBytes, readStretch } from './multipart-file.ts'
import type { Handler, S3Call } from './operation.ts'
import { bytesRange } from './range.ts'
import { noSuchKey, type S3Object, type S3Store } from './store.ts'
import { partNumber } from './uploads.ts'

/** Objects, and parts, made of an object that is there. */
export function copyHandlers(store: S3Store, multipart: Multipart): Record<string, Handler> {
  return {
    CopyObject: (call) => {
      const { bucket, key, request } = call
      const source = sourceOf(store, call)
      const replaces = directive(request) === 'REPLACE'
      const asked = objectHeaders(request)
      if (source.bucket === bucket && source.object.key === key && !replaces) {
        throw new ServiceError(
          'InvalidRequest',
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        )
      }
      const blob = store.newBlob()
      copyFileSync(store.path(source.object.blob), store.path(blob), constants.COPYFILE_FICLONE)
      const algorithm = request.headers.get('x-amz-checksum-algorithm')
      const object: S3Object = {
        ...digests(store, source.object, algorithm === null ? undefined : algorithmNamed(algorithm)),
        key,
        blob,
        bytes: source.object.bytes,
        modified: Date.now(),
        headers: replaces ? asked : { ...source.object.headers, ...encryption(asked) },
      }
      try {
        store.put(bucket, object, conditionOf(request))
      } catch (error) {
        store.dropBlob(blob)
        throw error
      }
      return document('CopyObjectResult', result(object), encryption(object.headers))
    },

    UploadPartCopy: (call) => {
      const { bucket, key, query, request } = call
      const upload = multipart.find(bucket, key, query.get('uploadId') ?? '')
      const number = partNumber(query)
      const { object } = sourceOf(store, call)
      const bytes = readRange(store, object, request.headers.get('x-amz-copy-source-range'))
      const { algorithm } = upload
      const checksum = algorithm && { algorithm, value: checksumOf(algorithm, bytes) }
      const part = multipart.put(bucket, upload, number, { bytes, checksum })
      return document(
        'CopyPartResult',
        {
          ETag: quoted(part.etag),
          LastModified: iso(part.modified),
          ...(checksum && { [`Checksum${checksum.algorithm}`]: checksum.value }),
        },
        encryption(upload.headers),
      )
    },
  }
}

/** `/bucket/key` or `bucket/key`, as in a URL. */
function sourceOf(store: S3Store, { request }: S3Call): { bucket: string; object: S3Object } {
  const named = (request.headers.get('x-amz-copy-source') ?? '').replace(/^\//, '')
  const [path = '', version] = named.split('?')
  if (version !== undefined) throw notImplemented('a copy of a version of an object')
  const [bucket = '', ...rest] = unescaped(path).split('/')
  const key = rest.join('/')
  if (key === '') {
    throw new ServiceError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    )
  }
  store.bucket(bucket)
  const object = store.find(bucket, key)
  if (object === undefined) throw noSuchKey(key)
  if (conditionsOf(object, (name) => request.headers.get(`x-amz-copy-source-${name}`)) !== 'held') {
    throw preconditionFailed()
  }
  return { bucket, object }
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function directive({ headers }: Request): string {
  const named = headers.get('x-amz-metadata-directive') ?? 'COPY'
  if (named === 'COPY' || named === 'REPLACE') return named
  throw new ServiceError('InvalidArgument', 'Unknown metadata directive.')
}

/** A copy is one piece, whatever its source was made of: its ETag is the MD5, its checksum one of the whole. */
function digests(
  store: S3Store,
  { blob, bytes, etag, checksum }: S3Object,
  asked: Algorithm | undefined,
): Pick<S3Object, 'etag' | 'checksum'> {
  const algorithm = asked ?? checksum?.algorithm
  const known = checksum?.type === 'FULL_OBJECT' && checksum.algorithm === algorithm
  if (/^[0-9a-f]{32}$/.test(etag) && (known || algorithm === undefined)) return { etag, checksum }
  const md5 = createHash('md5')
  const running = algorithm && runningChecksum(algorithm)
  readStretch({ path: store.path(blob), offset: 0, bytes }, (chunk) => {
    md5.update(chunk)
    running?.update(chunk)
  })
  return {
    etag: md5.digest('hex'),
    checksum: algorithm && running && { algorithm, type: 'FULL_OBJECT', value: running.value() },
  }
}

function result(object: S3Object): Record<string, string | undefined> {
  const { checksum } = object
  return {
    ETag: quoted(object.etag),
    LastModified: iso(object.modified),
    ...(checksum && { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
  }
}

function readRange(store: S3Store, { blob, bytes }: S3Object, header: string | null): Uint8Array {
  const range = header === null ? ([0, bytes - 1] as const) : bytesRange(header, bytes)
  if (range === undefined) {
    throw new ServiceError(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    )
  }
  const [from, to] = range
  return readBytes({ path: store.path(blob), offset: from, bytes: to - from + 1 })
}
