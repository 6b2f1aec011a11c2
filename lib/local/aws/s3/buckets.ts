/** S3's operations about buckets. */
import { ServiceError } from '../service-error.ts'
import { count, document, empty, iso, owner } from './answer.ts'
import { readBody } from './body.ts'
import type { Handler } from './operation.ts'
import type { S3Store } from './store.ts'
import { parseXml } from './xml.ts'

/** The buckets themselves. */
export function bucketHandlers(store: S3Store): Record<string, Handler> {
  return {
    ListBuckets: ({ query }) => {
      const prefix = query.get('prefix') ?? ''
      const token = query.get('continuation-token') ?? ''
      const limit = count(query, 'max-buckets')
      const rest = store.buckets().filter(({ name }) => name.startsWith(prefix) && name > token)
      const page = rest.slice(0, limit)
      return document('ListAllMyBucketsResult', {
        Buckets: { Bucket: page.map(({ name, created }) => ({ Name: name, CreationDate: iso(created) })) },
        Owner: owner,
        Prefix: prefix === '' ? undefined : prefix,
        ContinuationToken: rest.length > page.length ? page.at(-1)?.name : undefined,
      })
    },

    CreateBucket: async ({ bucket, request }) => {
      const { bytes } = await readBody(request)
      const asked = bytes.length === 0 ? {} : parseXml(bytes, 'CreateBucketConfiguration')
      const more = Object.keys(asked).find((name) => !['LocationConstraint', '?xml', '#text'].includes(name))
      if (more !== undefined) {
        throw new ServiceError(
          'NotImplemented',
          `The local stand-in does not implement CreateBucket with ${more}.`,
          501,
        )
      }
      store.createBucket(bucket, String(asked['LocationConstraint'] ?? defaultRegion))
      return empty(200, { location: `/${bucket}` })
    },

    HeadBucket: ({ bucket }) => empty(200, { 'x-amz-bucket-region': store.bucket(bucket).region }),

    /** The oldest region is the one without a name. */
    GetBucketLocation: ({ bucket }) => {
      const { region } = store.bucket(bucket)
      return document('LocationConstraint', region === defaultRegion ? '' : region)
    },

    /** No bucket here was ever versioned, which S3 says by an empty document. */
    GetBucketVersioning: () => document('VersioningConfiguration', ''),

    DeleteBucket: ({ bucket }) => {
      store.deleteBucket(bucket)
      return empty(204)
    },
  }
}

const defaultRegion = 'us-east-1'
