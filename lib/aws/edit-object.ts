/** A small object that several processes change: each writes only over what it has read. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { encryption } from './encryption.ts'
import { awsFailure, tell } from './failure.ts'
import { findTagged, getTextCalls } from './objects.ts'
import { sending } from './sending.ts'
import { wait } from './wait.ts'

export interface EditedObject {
  readonly bucket: string
  readonly key: string
  readonly contentType: string
  readonly kmsKey: string | undefined
  readonly signal: AbortSignal
}

/** Others may come first so often; a load and all checks of a table may end at the same time. */
const attempts = 12
/** Milliseconds before another attempt, at random below. */
const pauseMs = 50

/**
 * Reads the object, and writes what `edit` makes of its text; again from the start where another process has written it
 * meanwhile. Where the answer of a write was lost, `edit` sees what was written.
 * @param edit is given undefined where there is no object; gives undefined where nothing is to be written
 * @returns what `edit` gave at last beside the text
 * @throws Failure as `awsFailure`, (1) where others come first each time
 */
export async function editObject<T>(
  aws: Aws,
  { bucket, key, contentType, kmsKey, signal }: EditedObject,
  edit: (text: string | undefined) => { readonly text: string | undefined; readonly result: T },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const found = await findTagged(aws, { bucket, key, signal })
    const { text, result } = edit(found?.text)
    if (text === undefined || text === found?.text) return result
    try {
      const condition = found === undefined ? { IfNoneMatch: '*' } : { IfMatch: found.etag }
      const object = { Bucket: bucket, Key: key, Body: Buffer.from(text), ContentType: contentType }
      await aws.s3.send(
        new PutObjectCommand({ ...encryption(kmsKey), ...object, ...condition }),
        sending(signal),
      )
      return result
    } catch (error) {
      if (attempt === attempts || !cameFirst(error)) throw awsFailure(error, 'write', `s3://${bucket}/${key}`)
      await wait(Math.random() * pauseMs, signal)
    }
  }
}

/** S3 User Guide, "Add preconditions to S3 operations with conditional requests"; 404: it was deleted meanwhile. */
function cameFirst(error: unknown): boolean {
  return [404, 409, 412].includes(tell(error).status ?? 0) && tell(error).name !== 'NoSuchBucket'
}

export function editObjectCalls(bucket: string, key: string): Call[] {
  return [...getTextCalls(bucket, key), { call: 's3:PutObject', on: { kind: 'object', bucket, key } }]
}
