/** S3's ListObjectsV2 and ListObjects. */
import { ServiceError } from '../service-error.ts'
import { count, document, iso, keyEncoding, owner, quoted } from './answer.ts'
import type { Handler } from './operation.ts'
import { lastCharacter, type S3Object, type S3Store } from './store.ts'
import type { Element } from './xml.ts'

/** What is in a bucket, by the newer and the older operation. */
export function listingHandlers(store: S3Store): Record<string, Handler> {
  const cut = (bucket: string, query: URLSearchParams, after: string) => {
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const limit = count(query, 'max-keys')
    const { name: EncodingType, encode } = keyEncoding(query)
    const { objects, prefixes, next } = store.list(bucket, { prefix, delimiter, after, limit })
    const IsTruncated = next !== undefined && limit > 0
    return {
      encode,
      objects,
      prefixes,
      next: IsTruncated ? next : undefined,
      common: {
        Name: bucket,
        Prefix: encode(prefix),
        Delimiter: delimiter === '' ? undefined : encode(delimiter),
        MaxKeys: limit,
        EncodingType,
        IsTruncated,
        CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: encode(Prefix) })),
      },
    }
  }

  return {
    ListObjectsV2: ({ bucket, query }) => {
      if (query.get('list-type') !== '2')
        throw new ServiceError('InvalidArgument', 'Invalid List Type specified.')
      const token = query.get('continuation-token')
      const startAfter = query.get('start-after')
      const after = token === null ? (startAfter ?? '') : Buffer.from(token, 'base64url').toString()
      const { encode, objects, prefixes, next, common } = cut(bucket, query, after)
      const owned = query.get('fetch-owner') === 'true'
      return document('ListBucketResult', {
        ...common,
        KeyCount: objects.length + prefixes.length,
        StartAfter: startAfter === null ? undefined : encode(startAfter),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: next === undefined ? undefined : Buffer.from(next).toString('base64url'),
        Contents: objects.map((object) => content(object, encode, owned)),
      })
    },

    ListObjects: ({ bucket, query }) => {
      const marker = query.get('marker') ?? ''
      const delimiter = query.get('delimiter') ?? ''
      // The marker of a folded page is a common prefix, and what lies below it was listed.
      const folded = delimiter !== '' && marker.endsWith(delimiter)
      const { encode, objects, next, common } = cut(bucket, query, folded ? marker + lastCharacter : marker)
      return document('ListBucketResult', {
        ...common,
        Marker: encode(marker),
        NextMarker:
          next === undefined || delimiter === '' ? undefined : encode(next.replace(lastCharacter, '')),
        Contents: objects.map((object) => content(object, encode, true)),
      })
    },
  }
}

function content(object: S3Object, encode: (text: string) => string, owned: boolean): Element {
  return {
    Key: encode(object.key),
    LastModified: iso(object.modified),
    ETag: quoted(object.etag),
    ChecksumAlgorithm: object.checksum?.algorithm,
    ChecksumType: object.checksum?.type,
    Size: object.bytes,
    StorageClass: 'STANDARD',
    Owner: owned ? owner : undefined,
  }
}
