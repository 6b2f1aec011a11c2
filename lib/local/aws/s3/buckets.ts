import { count, document, empty, iso, quoted } from './answer.ts'
import type { Handler } from './operation.ts'
import type { S3Store } from './store.ts'

/** Buckets, and what is in one. */
export function bucketHandlers(store: S3Store): Record<string, Handler> {
  return {
    ListBuckets: () =>
      document('ListAllMyBucketsResult', {
        Buckets: {
          Bucket: store.buckets().map(({ name, created }) => ({ Name: name, CreationDate: iso(created) })),
        },
      }),

    CreateBucket: ({ bucket }) => {
      store.createBucket(bucket)
      return empty(200, { location: `/${bucket}` })
    },

    HeadBucket: () => empty(200),

    DeleteBucket: ({ bucket }) => {
      store.deleteBucket(bucket)
      return empty(204)
    },

    ListObjectsV2: ({ bucket, query }) => {
      const prefix = query.get('prefix') ?? ''
      const delimiter = query.get('delimiter') ?? ''
      const limit = count(query, 'max-keys')
      const token = query.get('continuation-token')
      const startAfter = query.get('start-after')
      const after = token === null ? (startAfter ?? '') : Buffer.from(token, 'base64url').toString()
      const { objects, prefixes, next } = store.list(bucket, { prefix, delimiter, after, limit })
      return document('ListBucketResult', {
        Name: bucket,
        Prefix: prefix,
        Delimiter: delimiter || undefined,
        MaxKeys: limit,
        KeyCount: objects.length + prefixes.length,
        StartAfter: startAfter ?? undefined,
        ContinuationToken: token ?? undefined,
        IsTruncated: next !== undefined && limit > 0,
        NextContinuationToken: next === undefined || limit === 0 ? undefined : base64(next),
        Contents: objects.map((object) => ({
          Key: object.key,
          LastModified: iso(object.modified),
          ETag: quoted(object.etag),
          ChecksumAlgorithm: object.checksum?.algorithm,
          ChecksumType: object.checksum?.type,
          Size: object.bytes,
          StorageClass: 'STANDARD',
        })),
        CommonPrefixes: prefixes.map((Prefix) => ({ Prefix })),
      })
    },
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64url')
