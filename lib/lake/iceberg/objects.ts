/** Objects of an Iceberg table in S3, which its metadata knows by their whole paths: `s3://bucket/key`. */
import { type Call, inTrouble } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { encryptionCalls } from '../../aws/encryption.ts'
import { findBytes, getTextCalls, putNew, putNewCalls } from '../../aws/objects.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { LakeConfig } from '../../config/config.ts'
import { Failure } from '../../failure/failure.ts'
import type { NewObject, ReadObject } from '../../iceberg/read-object.ts'

const writesAtOnce = 8

export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
}

/** @throws Failure (4) for a path that is none of S3, as a table of others may have */
export function placeOf(path: string): ObjectPlace {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (bucket !== undefined && key !== undefined) return { bucket, key }
  throw new Failure({
    exit: 4,
    act: 'read',
    thing: path,
    reason: 'it is no object of S3',
    advice: 'Publish under another name.',
  })
}

/** Each is read once: what a path names never changes. @returns what throws as `findBytes` does */
export function objectReader(aws: Aws, signal: AbortSignal): ReadObject {
  const known = new Map<string, Promise<Uint8Array | undefined>>()
  return (path) => {
    const before = known.get(path)
    if (before !== undefined) return before
    const reading = findBytes(aws, { ...placeOf(path), signal })
    known.set(path, reading)
    // It may be there the next time, or answer.
    reading.then(
      (bytes) => bytes ?? known.delete(path),
      () => known.delete(path),
    )
    return reading
  }
}

/** @throws Failure (1) when another object has one of the paths; as `awsFailure` otherwise */
export async function writeObjects(
  { aws, config }: { readonly aws: Aws; readonly config: Pick<LakeConfig, 'kmsKey'> },
  objects: readonly NewObject[],
  signal: AbortSignal,
): Promise<void> {
  await inParallel(writesAtOnce, objects, ({ path, bytes: body }) => {
    const contentType = path.endsWith('.json') ? 'application/json' : 'application/octet-stream'
    return putNew(aws, { ...placeOf(path), body, contentType, kmsKey: config.kmsKey, signal })
  })
}

/** Calls of reading what metadata names, and of writing more of it. */
export function readObjectsCalls(bucket: string, folder: string): Call[] {
  return getTextCalls(bucket, folder)
}

export function writeObjectsCalls({ bucket, kmsKey }: LakeConfig, folder: string): Call[] {
  return [...putNewCalls(bucket, folder), ...inTrouble(encryptionCalls(kmsKey))]
}
