import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { GetObjectCommand, HeadObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3'
import { abortUpload, listObjects, listUploads, putNew } from '../../lib/aws/objects.ts'
import { completeUpload, type UnfinishedUpload } from '../../lib/aws/unfinished-upload.ts'
import { openUpload, type Upload } from '../../lib/aws/upload.ts'
import { failureOf, never, openLake } from '../support/aws.ts'
import { until } from '../support/until.ts'

const MiB = 1 << 20
const partBytes = 5 * MiB

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())
afterEach(() => lake.faults.clear())

let keys = 0
function open(options: { key?: string; kmsKey?: string; signal?: AbortSignal; bucket?: string } = {}) {
  const { key = `t/${++keys}.parquet`, bucket = 'lake', kmsKey, signal = never } = options
  return { key, upload: openUpload(lake.aws, { bucket, key, kmsKey, signal, partBytes }) }
}

function noise(bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536))
  return all
}

async function writeAll(upload: Upload, bytes: Uint8Array, step: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += step) await upload.write(bytes.subarray(at, at + step))
}

async function stored(key: string): Promise<Uint8Array> {
  const { Body } = await lake.aws.s3.send(new GetObjectCommand({ Bucket: 'lake', Key: key }))
  return (await Body?.transformToByteArray()) ?? new Uint8Array(0)
}

async function head(key: string) {
  return lake.aws.s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: key, ChecksumMode: 'ENABLED' }))
}

const leftUploads = async () => (await listUploads(lake.aws, { bucket: 'lake', prefix: '' })).length
const crcOf = (bytes: Uint8Array) => Buffer.from(Bun.hash.crc32(bytes).toString(16).padStart(8, '0'), 'hex')

describe('an upload', () => {
  test('of several parts gives the bytes that were written, whatever the size of the writes', async () => {
    for (const step of [1_000_003, partBytes, 12 * MiB]) {
      const bytes = noise(2 * partBytes + 777)
      const { key, upload } = open()
      await writeAll(upload, bytes, step)
      const object = await upload.finish()
      expect(object).toEqual({
        key,
        bytes: bytes.length,
        etag: expect.stringContaining('-3'),
        parts: 3,
        checksum: crcOf(bytes).toString('base64'),
      })
      expect(Bun.hash.crc32(await stored(key))).toBe(Bun.hash.crc32(bytes))
    }
  })

  test('of exactly two parts sends no empty third', async () => {
    const { upload } = open()
    await writeAll(upload, noise(2 * partBytes), MiB)
    expect((await upload.finish()).parts).toBe(2)
  })

  test('smaller than a part is one request', async () => {
    const before = lake.calls('CreateMultipartUpload')
    const { key, upload } = open()
    expect(upload.write(noise(100_000))).toBeUndefined()
    expect(await upload.finish()).toMatchObject({ key, bytes: 100_000, parts: 1 })
    expect(lake.calls('CreateMultipartUpload')).toBe(before)
    expect((await head(key)).ContentLength).toBe(100_000)
  })

  test('of nothing is an empty object', async () => {
    const { key, upload } = open()
    expect(await upload.finish()).toMatchObject({ key, bytes: 0 })
    expect((await head(key)).ContentLength).toBe(0)
  })

  test('asks for encryption by S3, or by the configured KMS key, however large it is', async () => {
    for (const size of [10, partBytes + 1]) {
      const plain = open()
      await plain.upload.write(noise(size))
      await plain.upload.finish()
      expect((await head(plain.key)).ServerSideEncryption).toBe('AES256')
      const kms = open({ kmsKey: 'arn:aws:kms:us-east-1:000000000000:key/k' })
      await kms.upload.write(noise(size))
      await kms.upload.finish()
      expect(await head(kms.key)).toMatchObject({
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: 'arn:aws:kms:us-east-1:000000000000:key/k',
      })
    }
  })

  test('makes its writer wait while two parts are under way, and never has a third', async () => {
    lake.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
    const { upload } = open()
    const before = lake.calls('UploadPart')
    expect(upload.write(noise(2 * partBytes))).toBeUndefined()
    const bytes = noise(3)
    let copied = false
    const waiting = upload.write(bytes)?.then(() => {
      copied = true
    })
    await until(() => lake.calls('UploadPart') >= before + 2)
    // A request of the same client that is sent after a third part would have been.
    await lake.aws.s3.send(new ListBucketsCommand({}))
    expect(copied).toBe(false)
    expect(lake.calls('UploadPart')).toBe(before + 2)
    lake.faults.clear()
    lake.faults.release()
    await waiting
    expect((await upload.finish()).bytes).toBe(2 * partBytes + 3)
  })
})

describe('an upload whose requests fail', () => {
  test('sends a part again whose connection broke', async () => {
    lake.faults.add({ operation: 'UploadPart', times: 2, action: { kind: 'drop' } })
    const bytes = noise(partBytes + 5)
    const { key, upload } = open()
    await upload.write(bytes)
    await upload.finish()
    expect(Bun.hash.crc32(await stored(key))).toBe(Bun.hash.crc32(bytes))
  })

  test('stands when the answer to its completion is lost', async () => {
    for (const [size, operation] of [
      [partBytes + 5, 'CompleteMultipartUpload'],
      [5, 'PutObject'],
    ] as const) {
      lake.faults.clear()
      lake.faults.add({ operation, times: 1, action: { kind: 'lost answer' } })
      const bytes = noise(size)
      const { key, upload } = open()
      await upload.write(bytes)
      expect(await upload.finish()).toMatchObject({
        key,
        bytes: size,
        checksum: crcOf(bytes).toString('base64'),
      })
    }
  })

  test('fails when its key is taken by another object of that size, which stays', async () => {
    for (const size of [partBytes + 5, 5]) {
      const { key, upload } = open()
      const theirs = 'x'.repeat(size)
      await putNew(lake.aws, {
        bucket: 'lake',
        key,
        body: theirs,
        contentType: 'text/plain',
        kmsKey: undefined,
      })
      await upload.write(noise(size))
      const failure = await failureOf(upload.finish())
      await upload.abort()
      expect(failure.message).toContain(`Cannot upload "s3://lake/${key}": PreconditionFailed`)
      expect(failure.exit).toBe(1)
      expect(new TextDecoder().decode(await stored(key))).toBe(theirs)
    }
    expect(await leftUploads()).toBe(0)
  })

  test('fails at the next write or at the end when a part fails for good, and abort leaves nothing', async () => {
    lake.faults.add({
      operation: 'UploadPart',
      action: { kind: 'error', code: 'InternalError', message: 'We encountered an internal error.' },
    })
    const { key, upload } = open()
    const failure = await failureOf(
      (async () => {
        for (let i = 0; i < 50; i++) await upload.write(noise(MiB))
      })(),
    )
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('We encountered an internal error')
    expect(await failureOf(upload.finish())).toBe(failure)
    await upload.abort()
    await upload.abort()
    expect(await leftUploads()).toBe(0)
    expect(await listObjects(lake.aws, { bucket: 'lake', prefix: key })).toEqual([])
  })

  test('says so when access is refused or the bucket is missing', async () => {
    lake.faults.add({ operation: 'CreateMultipartUpload', action: { kind: 'error', code: 'AccessDenied' } })
    const refused = open()
    await refused.upload.write(noise(partBytes))
    expect(await failureOf(refused.upload.finish())).toMatchObject({ exit: 2 })
    await refused.upload.abort()

    const missing = open({ bucket: 'nowhere' })
    await missing.upload.write(noise(10))
    const failure = await failureOf(missing.upload.finish())
    expect(failure.exit).toBe(2)
    expect(failure.message).toContain('NoSuchBucket')
    await missing.upload.abort()
  })

  test('ends at once when its signal aborts, and abort removes its parts', async () => {
    const stop = new AbortController()
    const { upload } = open({ signal: stop.signal })
    await upload.write(noise(partBytes))
    await until(async () => (await leftUploads()) > 0)
    lake.faults.add({ operation: 'UploadPart', action: { kind: 'hold' } })
    await upload.write(noise(partBytes))
    await lake.faults.held('UploadPart')
    stop.abort()
    expect(await failureOf(upload.finish())).toMatchObject({ exit: 1 })
    lake.faults.clear()
    lake.faults.release()
    await upload.abort()
    expect(await leftUploads()).toBe(0)
  })

  test('keeps quiet when even aborting fails', async () => {
    const { upload } = open()
    await upload.write(noise(partBytes))
    await until(async () => (await leftUploads()) > 0)
    lake.faults.add({ operation: 'AbortMultipartUpload', action: { kind: 'error', code: 'AccessDenied' } })
    await upload.abort()
    const [left] = await listUploads(lake.aws, { bucket: 'lake', prefix: '' })
    lake.faults.clear()
    await abortUpload(lake.aws, { bucket: 'lake', key: left?.key ?? '', id: left?.id ?? '' })
    expect(await leftUploads()).toBe(0)
  })
})

describe('an upload that is left', () => {
  const complete = (unfinished: UnfinishedUpload) =>
    completeUpload(lake.aws, { bucket: 'lake', signal: never }, unfinished)
  const crossing = (unfinished: UnfinishedUpload): UnfinishedUpload => JSON.parse(JSON.stringify(unfinished))

  async function leave(bytes: Uint8Array, key?: string): Promise<UnfinishedUpload> {
    const { upload } = open(key === undefined ? {} : { key })
    await writeAll(upload, bytes, MiB)
    return crossing(await upload.leave())
  }

  test.each([
    ['of several parts', 2 * partBytes + 777, 3],
    ['of exactly two', 2 * partBytes, 2],
    ['smaller than one', 1_000, 1],
    ['of nothing', 0, 1],
  ])('%s is no object before whoever reads about it completes it, once or twice', async (_, size, parts) => {
    const bytes = noise(size)
    const unfinished = await leave(bytes)
    const { key } = unfinished
    expect(await listObjects(lake.aws, { bucket: 'lake', prefix: key })).toEqual([])
    const object = await complete(unfinished)
    expect(object).toEqual({
      ...{ key, bytes: size, parts },
      etag: expect.stringContaining(`-${parts}`),
      checksum: crcOf(bytes).toString('base64'),
    })
    expect(Bun.hash.crc32(await stored(key))).toBe(Bun.hash.crc32(bytes))
    expect(await complete(unfinished)).toMatchObject({ etag: object.etag, bytes: size })
  })

  test('is completed though the answer is lost, and not where S3 holds other bytes than are told of', async () => {
    const unfinished = await leave(noise(partBytes + 1))
    lake.faults.add({ operation: 'CompleteMultipartUpload', times: 1, action: { kind: 'lost answer' } })
    expect(await complete(unfinished)).toMatchObject({ bytes: partBytes + 1 })
    const other = await leave(noise(2_000))
    expect((await failureOf(complete({ ...other, crc: other.crc ^ 1 }))).detail.act).toBe('upload')
    expect((await failureOf(complete({ ...other, bytes: 1_999 }))).detail.act).toBe('upload')
    expect(await complete(other)).toMatchObject({ bytes: 2_000 })
  })

  test('of a key that has an object by then does not replace it, nor does one that was aborted make it', async () => {
    const [first, second] = [await leave(noise(3_000)), await leave(noise(3_000))]
    const late = { ...(await leave(noise(3_000), first.key)) }
    await complete(first)
    expect((await failureOf(complete(late))).summary).toContain(first.key)
    await abortUpload(lake.aws, { bucket: 'lake', key: second.key, id: second.id })
    await failureOf(complete(second))
    expect(await listObjects(lake.aws, { bucket: 'lake', prefix: second.key })).toEqual([])
  })

  test('is dropped by whoever has left it', async () => {
    const before = await leftUploads()
    const { upload } = open()
    await writeAll(upload, noise(partBytes + 1), MiB)
    await upload.leave()
    expect(await leftUploads()).toBe(before + 1)
    await upload.abort()
    expect(await leftUploads()).toBe(before)
  })
})
