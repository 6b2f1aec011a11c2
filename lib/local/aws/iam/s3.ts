/** S3 behind the guard: what is refused, and how. */
import { document } from '../s3/answer.ts'
import { type Location, visibleObjects } from '../s3/location.ts'
import type { Handler } from '../s3/operation.ts'
import type { S3Store } from '../s3/store.ts'
import { parseXml } from '../s3/xml.ts'
import { ServiceError } from '../service-error.ts'
import { accessKeyOf, type Guard } from './guard.ts'
import { s3Needs, type TableRead } from './needs.ts'

export function guardedS3(s3: Handler, store: S3Store, guard: Guard): Handler {
  return async (call) => {
    const { operation, bucket, key, request } = call
    const caller = accessKeyOf(request)
    if (!guard.restricts(caller)) return s3(call)
    const keys = operation === 'DeleteObjects' ? await deletedKeys(request) : []
    const refused = guard.refusal(caller, s3Needs(call, keys, kmsKeyOf(store, bucket, key)))
    if (refused !== undefined && operation === 'DeleteObjects') {
      // S3 answers each key by itself; here one that may not be deleted keeps all.
      const errors = keys.map((Key) => ({ Key, Code: 'AccessDenied', Message: refused }))
      return document('DeleteResult', { Error: errors })
    }
    if (refused !== undefined) throw denied(refused)
    try {
      return await s3(call)
    } catch (error) {
      // Whoever may not list the bucket does not learn what is not there (S3 API, GetObject, "Permissions").
      const list = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` }
      if (!(error instanceof ServiceError && error.code === 'NoSuchKey') || guard.mayAlso(caller, list))
        throw error
      throw denied('Access Denied')
    }
  }
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDenied', message, 403)
}

async function deletedKeys(request: Request): Promise<string[]> {
  const { Object: listed = [] } = parseXml(await request.clone().bytes(), 'Delete')
  return (listed as { Key?: unknown }[]).map(({ Key }) => String(Key ?? ''))
}

/** undefined: no such object, or one that S3's own keys encrypt. */
export function kmsKeyOf(store: S3Store, bucket: string, key: string): string | undefined {
  return store.find(bucket, key)?.headers['x-amz-server-side-encryption-aws-kms-key-id']
}

/** The objects of a table's folder, as they are when it is read. */
export function objectsRead(store: S3Store, location: Location | undefined): TableRead['objects'] {
  if (location === undefined || !store.hasBucket(location.bucket)) return []
  return visibleObjects(store, location).map(({ key }) => ({
    key,
    kmsKey: kmsKeyOf(store, location.bucket, key),
  }))
}
