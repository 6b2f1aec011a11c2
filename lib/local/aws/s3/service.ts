/** All operations of S3 that there are, and which one answers a request. */
import { notImplemented } from '../service-error.ts'
import { bucketHandlers } from './buckets.ts'
import { copyHandlers } from './copies.ts'
import { listingHandlers } from './listings.ts'
import type { Multipart } from './multipart.ts'
import { objectHandlers } from './objects.ts'
import { type Handler, refuse } from './operation.ts'
import type { S3Store } from './store.ts'
import { uploadHandlers } from './uploads.ts'

/** S3's REST/XML interface, as its API reference documents it. */
export function s3Service(store: S3Store, multipart: Multipart): Handler {
  const handlers: Record<string, Handler> = {
    ...bucketHandlers(store),
    ...listingHandlers(store),
    ...objectHandlers(store),
    ...copyHandlers(store, multipart),
    ...uploadHandlers(multipart),
  }
  return (call) => {
    refuse(call)
    const handler = handlers[call.operation]
    if (handler === undefined) throw notImplemented(call.operation)
    if (call.bucket !== '' && call.operation !== 'CreateBucket') store.bucket(call.bucket)
    return handler(call)
  }
}
