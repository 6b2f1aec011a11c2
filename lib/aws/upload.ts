/** One object, uploaded while its bytes are still being made. */
import { Failure } from '../failure/failure.ts'
import { type Call, inTrouble } from './calls.ts'
import type { Aws } from './clients.ts'
import { awsFailure } from './failure.ts'
import { multipart, type UploadedPart } from './multipart.ts'
import { abortUploadCalls } from './objects.ts'
import { headStored, headStoredCalls, type Stored, type StoredObject } from './stored-object.ts'
import { completeUpload, completeUploadCalls, type UnfinishedUpload } from './unfinished-upload.ts'

export interface Upload {
  /**
   * Copies the bytes. Returns undefined while there is room; else a promise that resolves once they are copied: the
   * caller awaits it before touching the bytes or writing again.
   * @throws Failure when an earlier part could not be uploaded
   */
  write(bytes: Uint8Array): Promise<void> | undefined
  /**
   * Uploads the rest and makes the object visible.
   * @throws Failure when it is not there, whole, under its key; then abort
   */
  finish(): Promise<StoredObject>
  /**
   * Uploads the rest, in parts however small it is, and leaves the object invisible: whoever is told what this returns
   * may complete it.
   * @throws as `finish`
   */
  leave(): Promise<UnfinishedUpload>
  /** Stops, waits for what is under way and drops the parts; never throws; harmless after finish, not after leave. */
  abort(): Promise<void>
}

export interface UploadOptions {
  readonly bucket: string
  readonly key: string
  readonly kmsKey: string | undefined
  /** Aborts requests under way; the parts stay until `abort()`. */
  readonly signal: AbortSignal
  /** Bytes of all parts but the last; S3 takes at least 5 MiB. Two buffers of this size are held. */
  readonly partBytes?: number | undefined
}

/** A part has so many, unless told otherwise. */
export const defaultPartBytes = 8 << 20

const leastBufferBytes = 64 << 10

/** S3 User Guide, "Amazon S3 multipart upload limits". */
const mostParts = 10_000

/** Starts nothing yet: an object smaller than one part goes up in a single request when it is finished. */
export function openUpload(aws: Aws, options: UploadOptions): Upload {
  const { bucket, key, kmsKey, partBytes = defaultPartBytes } = options
  const thing = `s3://${bucket}/${key}`
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const requests = multipart(aws, { bucket, key, kmsKey, signal })

  // Two buffers, used over and over: one fills while the other is under way, or both are and write() waits. They grow to
  // the size of a part, as most objects may be small.
  const free = [Buffer.allocUnsafeSlow(0), Buffer.allocUnsafeSlow(0)]
  const underWay = new Set<Promise<void>>()
  const parts: UploadedPart[] = []
  let current: Buffer<ArrayBuffer> | undefined
  let filled = 0
  let sent = 0
  let bytes = 0
  let crc = 0
  let uploadId: Promise<string> | undefined
  let failure: Failure | undefined
  let finished = false

  async function sendPart(number: number, body: Uint8Array): Promise<void> {
    uploadId ??= requests.create()
    parts.push(await requests.part(await uploadId, number, body))
  }

  function dispatch(buffer: Buffer<ArrayBuffer>): void {
    const body = buffer.subarray(0, filled)
    crc = Bun.hash.crc32(body, crc)
    current = undefined
    filled = 0
    const part = sendPart(++sent, body)
      .catch((error: unknown) => {
        failure ??= awsFailure(error, 'upload', thing)
        stop.abort()
      })
      .finally(() => {
        underWay.delete(part)
        free.push(buffer)
      })
    underWay.add(part)
  }

  function check(): void {
    if (failure !== undefined) throw failure
    if (sent < mostParts) return
    throw new Failure({
      exit: 2,
      act: 'upload',
      thing,
      reason: `it is larger than ${mostParts} parts of ${partBytes} bytes`,
      advice: 'Choose a smaller file size.',
    })
  }

  /** With so many bytes of room behind what it has. */
  function grown(buffer: Buffer<ArrayBuffer>, room: number): Buffer<ArrayBuffer> {
    if (filled + room <= buffer.length) return buffer
    const wanted = sent > 0 ? partBytes : Math.max(filled + room, 2 * buffer.length, leastBufferBytes)
    const larger = Buffer.allocUnsafeSlow(Math.min(partBytes, wanted))
    larger.set(buffer.subarray(0, filled))
    return larger
  }

  /** Copies what fits into free buffers; returns how far it came. */
  function fill(source: Uint8Array, from: number): number {
    let offset = from
    while (offset < source.length) {
      check()
      current ??= free.pop()
      if (current === undefined) break
      const take = Math.min(partBytes - filled, source.length - offset)
      current = grown(current, take)
      current.set(take === source.length ? source : source.subarray(offset, offset + take), filled)
      filled += take
      offset += take
      bytes += take
      if (filled === partBytes) dispatch(current)
    }
    return offset
  }

  async function fillWaiting(source: Uint8Array, from: number): Promise<void> {
    for (let offset = from; offset < source.length; offset = fill(source, offset)) {
      await Promise.race(underWay)
    }
  }

  /** In one request. */
  async function putWhole(): Promise<StoredObject> {
    const body = current?.subarray(0, filled) ?? new Uint8Array(0)
    crc = Bun.hash.crc32(body)
    let stored: Stored | undefined
    try {
      stored = await requests.put(body, crc)
    } catch (error) {
      // A repeat of a request that did succeed is answered 412, and an answer may be lost: look.
      if (!signal.aborted) stored = await headStored(aws, { bucket, key, bytes, crc, signal })
      if (stored === undefined) throw awsFailure(error, 'upload', thing)
    }
    const { ETag: etag = '', ChecksumCRC32: checksum } = stored
    return { key, bytes, etag, parts: 1, checksum }
  }

  async function sendRest(): Promise<UnfinishedUpload> {
    if (sent === 0) current ??= free.pop()
    if (current !== undefined) {
      check()
      dispatch(current)
    }
    await Promise.all(underWay)
    if (failure !== undefined) throw failure
    return { key, id: (await uploadId) ?? '', parts: parts.toSorted(byNumber), bytes, crc }
  }

  return {
    write(source) {
      const offset = fill(source, 0)
      return offset === source.length ? undefined : fillWaiting(source, offset)
    },

    async finish() {
      const object =
        sent === 0 ? await putWhole() : await completeUpload(aws, { bucket, signal }, await sendRest())
      finished = true
      free.length = 0
      current = undefined
      return object
    },

    async leave() {
      const unfinished = await sendRest()
      free.length = 0
      return unfinished
    },

    async abort() {
      if (finished) return
      stop.abort()
      await Promise.all(underWay)
      try {
        if (uploadId !== undefined) await requests.abort(await uploadId)
      } catch {
        // What stays behind is invisible, and a later load removes it.
      }
    },
  }
}

function byNumber(a: UploadedPart, b: UploadedPart): number {
  return a.PartNumber - b.PartNumber
}

/** @param bytes of the object: one that is smaller than a part goes up in a single request */
export function uploadCalls(bucket: string, key: string, bytes: number): Call[] {
  const on = { kind: 'object', bucket, key } as const
  const whole: Call[] = [{ call: 's3:PutObject', on }]
  if (bytes < defaultPartBytes) return [...whole, ...inTrouble(headStoredCalls(bucket, key))]
  return [...leftUploadCalls(bucket, key), ...completeUploadCalls(bucket, key)]
}

/** Calls of one that is left for another process to complete. */
export function leftUploadCalls(bucket: string, key: string): Call[] {
  const on = { kind: 'object', bucket, key } as const
  return [
    { call: 's3:CreateMultipartUpload', on },
    { call: 's3:UploadPart', on },
    ...inTrouble(abortUploadCalls(bucket, key)),
  ]
}
