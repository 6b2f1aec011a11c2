/** Small objects and listings: all of S3 but the upload of a table's files. */
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Failure } from '../failure/failure.ts'
import { type Call, inTrouble } from './calls.ts'
import { crc32Text } from './checksum.ts'
import type { Aws } from './clients.ts'
import { rememberCall } from './denied.ts'
import { encryption } from './encryption.ts'
import { awsFailure, tell } from './failure.ts'
import { sending } from './sending.ts'
import { headStored, headStoredCalls } from './stored-object.ts'

export interface ListedObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly modified: Date
}

export interface ListedUpload {
  readonly key: string
  readonly id: string
  readonly initiated: Date
}

export interface Listing {
  readonly bucket: string
  readonly prefix: string
  /** The listing ends before the first key that this says no to; absent: it goes to the end. */
  readonly goesOn?: (key: string) => boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Every object whose key begins with the prefix, in key order.
 * @throws Failure exit 2 when refused or the bucket is missing, 1 otherwise
 */
export async function listObjects(
  aws: Aws,
  { bucket, prefix, goesOn, signal }: Listing,
): Promise<ListedObject[]> {
  const found: ListedObject[] = []
  // What ends early often does so at once.
  const first = goesOn === undefined ? {} : { MaxKeys: 20 }
  try {
    for (let page: ListObjectsV2CommandOutput | undefined; ; ) {
      const from = page === undefined ? first : { ContinuationToken: page.NextContinuationToken }
      const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...from })
      page = await aws.s3.send(list, sending(signal))
      for (const { Key, Size, ETag = '', LastModified } of page.Contents ?? []) {
        if (Key === undefined || Size === undefined || LastModified === undefined) continue
        if (goesOn?.(Key) === false) return found
        found.push({ key: Key, bytes: Size, etag: ETag, modified: LastModified })
      }
      if (page.NextContinuationToken === undefined) return found
    }
  } catch (error) {
    throw awsFailure(error, 'list', `s3://${bucket}/${prefix}`)
  }
}

export function listCalls(bucket: string, prefix: string): Call[] {
  return [{ call: 's3:ListObjectsV2', on: { kind: 'listing', bucket, prefix } }]
}

/**
 * Writes a small object under a key that must be free. An answer that was lost is settled by looking at the object.
 * @throws Failure exit 1 when another object has the key; as `awsFailure` otherwise
 */
export async function putNew(
  aws: Aws,
  object: {
    bucket: string
    key: string
    body: string | Uint8Array
    contentType: string
    kmsKey: string | undefined
    signal?: AbortSignal | undefined
  },
): Promise<void> {
  const { bucket, key, signal } = object
  const Body = Buffer.from(object.body)
  const crc = Bun.hash.crc32(Body)
  try {
    await aws.s3.send(
      new PutObjectCommand({
        ...encryption(object.kmsKey),
        Bucket: bucket,
        Key: key,
        Body,
        ContentType: object.contentType,
        ChecksumCRC32: crc32Text(crc),
        IfNoneMatch: '*',
      }),
      sending(signal),
    )
  } catch (error) {
    const stopped = signal?.aborted ?? false
    if (!stopped && (await headStored(aws, { bucket, key, bytes: Body.length, crc, signal }))) return
    throw awsFailure(error, 'write', `s3://${bucket}/${key}`)
  }
}

export function putNewCalls(bucket: string, key: string): Call[] {
  return [
    { call: 's3:PutObject', on: { kind: 'object', bucket, key } },
    ...inTrouble(headStoredCalls(bucket, key)),
  ]
}

/**
 * Writes a small object, in place of the one that has the key, if any. Done twice it comes to the same.
 * @throws Failure as `awsFailure`
 */
export async function putOver(
  aws: Aws,
  object: Parameters<typeof putNew>[1] & { readonly cacheControl: string },
): Promise<void> {
  const { bucket, key, signal } = object
  const Body = Buffer.from(object.body)
  const put = new PutObjectCommand({
    ...encryption(object.kmsKey),
    Bucket: bucket,
    Key: key,
    Body,
    ContentType: object.contentType,
    CacheControl: object.cacheControl,
    ChecksumCRC32: crc32Text(Bun.hash.crc32(Body)),
  })
  try {
    await aws.s3.send(put, sending(signal))
  } catch (error) {
    throw awsFailure(error, 'write', `s3://${bucket}/${key}`)
  }
}

export function putOverCalls(bucket: string, key: string): Call[] {
  return [{ call: 's3:PutObject', on: { kind: 'object', bucket, key } }]
}

/** @throws Failure exit 1 when there is no such object, as `awsFailure` otherwise */
export async function getText(aws: Aws, object: ObjectName): Promise<string> {
  return textOf((await getObject(aws, object)).bytes)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

interface ObjectName {
  readonly bucket: string
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

async function getObject(
  aws: Aws,
  { bucket, key, signal }: ObjectName,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string | undefined }> {
  try {
    const get = new GetObjectCommand({ Bucket: bucket, Key: key })
    const { Body, ETag: etag } = await aws.s3.send(get, sending(signal))
    return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag }
  } catch (error) {
    // A policy that lets us list below a prefix only has S3 refuse what is not there (S3 API, GetObject, "Permissions").
    const refused = tell(error).status === 403
    const gone = refused && (await isAbsent(aws, { bucket, key, signal }))
    throw awsFailure(gone ? noSuchKey() : error, 'read', `s3://${bucket}/${key}`)
  }
}

/** Reads it as {@link getText} does. @returns undefined: there is no such object */
export async function findText(aws: Aws, object: ObjectName): Promise<string | undefined> {
  return (await findTagged(aws, object))?.text
}

/** The same, with the tag by which S3 tells what it was when it was read. */
export async function findTagged(
  aws: Aws,
  object: ObjectName,
): Promise<{ readonly text: string; readonly etag: string | undefined } | undefined> {
  const found = await ifThere(() => getObject(aws, object))
  return found && { text: textOf(found.bytes), etag: found.etag }
}

/** Reads it whole, as {@link findText} does. */
export async function findBytes(aws: Aws, object: ObjectName): Promise<Uint8Array | undefined> {
  return (await ifThere(() => getObject(aws, object)))?.bytes
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Failure && error.cause instanceof Error && error.cause.name === 'NoSuchKey')
      return undefined
    throw error
  }
}

async function isAbsent(
  aws: Aws,
  { bucket, key, signal }: { bucket: string; key: string; signal?: AbortSignal | undefined },
): Promise<boolean> {
  try {
    const listed = await listObjects(aws, { bucket, prefix: key, signal })
    return listed.every((each) => each.key !== key)
  } catch {
    return false
  }
}

function noSuchKey(): Error {
  return Object.assign(new Error('The specified key does not exist.'), { name: 'NoSuchKey' })
}

export function getTextCalls(bucket: string, key: string): Call[] {
  return [{ call: 's3:GetObject', on: { kind: 'object', bucket, key } }, ...inTrouble(listCalls(bucket, key))]
}

/** A request of S3 names at most this many keys (S3 API, DeleteObjects). */
const deletedAtOnce = 1000

/** Keys that do not exist count as deleted. @throws Failure when any of them stays */
export async function deleteObjects(
  aws: Aws,
  { bucket, keys, signal }: { bucket: string; keys: readonly string[]; signal?: AbortSignal | undefined },
): Promise<void> {
  for (let at = 0; at < keys.length; at += deletedAtOnce) {
    const Objects = keys.slice(at, at + deletedAtOnce).map((Key) => ({ Key }))
    const thing = `s3://${bucket}/${keys[at]}`
    try {
      const answer = await aws.s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        sending(signal),
      )
      const [refused] = answer.Errors ?? []
      if (refused === undefined) continue
      const error = Object.assign(new Error(refused.Message ?? ''), { name: refused.Code ?? 'Error' })
      rememberCall(error, 's3:DeleteObjects')
      throw error
    } catch (error) {
      throw awsFailure(error, 'delete', thing)
    }
  }
}

export function deleteObjectsCalls(bucket: string, key: string): Call[] {
  return [{ call: 's3:DeleteObjects', on: { kind: 'object', bucket, key } }]
}

/** Multipart uploads neither completed nor aborted, of keys that begin with the prefix. */
export async function listUploads(
  aws: Aws,
  { bucket, prefix, signal }: { bucket: string; prefix: string; signal?: AbortSignal | undefined },
): Promise<ListedUpload[]> {
  const found: ListedUpload[] = []
  try {
    let from: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {}
    while (from !== undefined) {
      const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from })
      const page: ListMultipartUploadsCommandOutput = await aws.s3.send(command, sending(signal))
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || Initiated === undefined) continue
        found.push({ key: Key, id: UploadId, initiated: Initiated })
      }
      from = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined
    }
  } catch (error) {
    throw awsFailure(error, 'list uploads under', `s3://${bucket}/${prefix}`)
  }
  return found
}

export function listUploadsCalls(bucket: string, prefix: string): Call[] {
  return [{ call: 's3:ListMultipartUploads', on: { kind: 'uploads', bucket, prefix } }]
}

/** One that is gone already counts as aborted. */
export async function abortUpload(
  aws: Aws,
  { bucket, key, id, signal }: { bucket: string; key: string; id: string; signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    await aws.s3.send(
      new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id }),
      sending(signal),
    )
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchUpload') return
    throw awsFailure(error, 'abort the upload of', `s3://${bucket}/${key}`)
  }
}

export function abortUploadCalls(bucket: string, key: string): Call[] {
  return [{ call: 's3:AbortMultipartUpload', on: { kind: 'object', bucket, key } }]
}
