/** All operations of S3 that there are, and which one answers a request. */
import type { Violations } from '../model/violations.ts'
import { notImplemented } from '../service-error.ts'
import { bucketHandlers } from './buckets.ts'
import { copyHandlers } from './copies.ts'
import { listingHandlers } from './listings.ts'
import type { Multipart } from './multipart.ts'
import { objectHandlers } from './objects.ts'
import { type Handler, refuse } from './operation.ts'
import type { S3Store } from './store.ts'
import { uploadHandlers } from './uploads.ts'
import { heldToModel } from './validated.ts'

/** S3's REST/XML interface, as its API reference documents it. */
export function s3Service(store: S3Store, multipart: Multipart, violations: Violations): Handler {
  const handlers: Record<string, Handler> = {
    ...bucketHandlers(store),
    ...listingHandlers(store),
    ...objectHandlers(store),
    ...copyHandlers(store, multipart),
    ...uploadHandlers(multipart),
  }
  const answer = heldToModel((call) => {
    const handler = handlers[call.operation]
    if (handler === undefined) throw notImplemented(call.operation)
    return handler(call)
  }, violations)
  return (call) => {
    refuse(call)
    if (call.bucket !== '' && call.operation !== 'CreateBucket') store.bucket(call.bucket)
    return answer(call)
  }
}
