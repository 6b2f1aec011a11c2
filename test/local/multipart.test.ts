import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { openTarget, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const MiB = 1 << 20
const at = (key: string) => ({ Bucket: target.bucket, Key: `${target.prefix}${key}` })

async function begin(key: string, more: object = {}) {
  const { UploadId = '', ...created } = await target.s3.send(
    new CreateMultipartUploadCommand({ ...at(key), ChecksumAlgorithm: 'CRC32', ...more }),
  )
  const upload = { ...at(key), UploadId }
  return {
    upload,
    created,
    part: async (PartNumber: number, Body: Uint8Array, extra: object = {}): Promise<CompletedPart> => {
      const { ETag = '', ChecksumCRC32 = '' } = await target.s3.send(
        new UploadPartCommand({ ...upload, PartNumber, Body, ...extra }),
      )
      return { PartNumber, ETag, ChecksumCRC32 }
    },
    complete: (Parts: CompletedPart[], extra: object = {}) =>
      target.s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...extra })),
    abort: () => target.s3.send(new AbortMultipartUploadCommand(upload)),
  }
}

function bytes(length: number, seed: number): Uint8Array {
  const made = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) made[index] = (index * 31 + seed * 7 + (index >> 8)) & 255
  return made
}

async function sha256(key: string): Promise<string> {
  const { Body } = await target.s3.send(new GetObjectCommand(at(key)))
  return hash((await Body?.transformToByteArray()) ?? new Uint8Array())
}
const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex')
const big = [bytes(5 * MiB, 1), bytes(5 * MiB, 2), bytes(1000, 3)] as const

describe('a multipart upload', () => {
  test('appears whole on completion and not before, encrypted as asked', async () => {
    const { upload, created, part, complete } = await begin('whole', {
      ServerSideEncryption: 'AES256',
      ContentType: 'application/vnd.apache.parquet',
    })
    expect(created).toMatchObject({ ChecksumAlgorithm: 'CRC32', ServerSideEncryption: 'AES256' })
    const parts = [await part(1, big[0]), await part(2, big[1]), await part(3, big[2])]
    expect(await refusal(target.s3.send(new HeadObjectCommand(at('whole'))))).toEqual(['NotFound', 404])
    const listed = await target.s3.send(new ListPartsCommand({ ...upload, MaxParts: 2 }))
    expect(listed).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' })
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MiB],
      [2, 5 * MiB],
    ])
    const done = await complete(parts)
    expect(done.ETag).toEndWith('-3"')
    const crcs = Buffer.concat(parts.map(({ ChecksumCRC32 = '' }) => Buffer.from(ChecksumCRC32, 'base64')))
    const composite = Buffer.alloc(4)
    composite.writeUInt32BE(Bun.hash.crc32(crcs))
    expect(done.ChecksumCRC32).toBe(`${composite.toString('base64')}-3`)
    const head = await target.s3.send(new HeadObjectCommand({ ...at('whole'), ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({
      ContentLength: 10 * MiB + 1000,
      ContentType: 'application/vnd.apache.parquet',
      ServerSideEncryption: 'AES256',
      ETag: done.ETag ?? '',
      ChecksumType: 'COMPOSITE',
      ChecksumCRC32: done.ChecksumCRC32 ?? '',
    })
    expect(await sha256('whole')).toBe(hash(...big))
    expect(await refusal(target.s3.send(new ListPartsCommand(upload)))).toEqual(['NoSuchUpload', 404])
  })

  test('has its parts in order however they came: last first, replaced, of all sizes', async () => {
    const { part, complete } = await begin('shuffled')
    const sizes = [bytes(6 * MiB, 4), bytes(5 * MiB, 5), bytes(7 * MiB, 6), bytes(10, 7)] as const
    const last = await part(9, sizes[3])
    await part(2, bytes(5 * MiB, 99))
    const third = await part(4, sizes[2])
    const second = await part(2, sizes[1])
    const first = await part(1, sizes[0])
    await complete([first, second, third, last])
    expect(await sha256('shuffled')).toBe(hash(...sizes))
  })

  test('may leave out parts that were sent, and have gaps in their numbers', async () => {
    const { part, complete } = await begin('gaps')
    const [first, , third] = [await part(1, big[0]), await part(2, bytes(5 * MiB, 9)), await part(3, big[1])]
    await complete([first, third])
    expect(await sha256('gaps')).toBe(hash(big[0], big[1]))
  })

  test('takes a checksum of the full object', async () => {
    const { part, complete } = await begin('full', { ChecksumType: 'FULL_OBJECT' })
    const parts = [await part(1, big[0]), await part(2, big[2])]
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(Bun.hash.crc32(Buffer.concat([big[0], big[2]])))
    const wrong = { ChecksumType: 'FULL_OBJECT', ChecksumCRC32: 'AAAAAA==' }
    expect(await refusal(complete(parts, wrong))).toEqual(['BadDigest', 400])
    const done = await complete(parts, { ...wrong, ChecksumCRC32: crc.toString('base64') })
    expect(done).toMatchObject({ ChecksumCRC32: crc.toString('base64'), ChecksumType: 'FULL_OBJECT' })
  })

  test('takes what the SDK does when no checksum is asked for', async () => {
    const { part, complete } = await begin('plain', { ChecksumAlgorithm: undefined })
    await complete([await part(1, big[2])])
    expect(await sha256('plain')).toBe(hash(big[2]))
  })
})

describe('completing', () => {
  test('with If-None-Match never overwrites, and leaves the upload to be aborted', async () => {
    const { upload, part, complete, abort } = await begin('taken')
    const parts = [await part(1, big[2])]
    await target.s3.send(new PutObjectCommand({ ...at('taken'), Body: 'first' }))
    expect(await refusal(complete(parts, { IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412])
    expect(await sha256('taken')).toBe(hash(Buffer.from('first')))
    await target.s3.send(new ListPartsCommand(upload))
    await abort()
  })

  test('refuses a part too small unless it is the last', async () => {
    const { part, complete, abort } = await begin('small')
    const parts = [await part(1, big[2]), await part(2, big[2])]
    expect(await refusal(complete(parts))).toEqual(['EntityTooSmall', 400])
    await abort()
  })

  test('refuses parts out of order, unknown, changed or without their checksum', async () => {
    const { part, complete, abort } = await begin('order')
    const first = await part(1, big[0])
    const second = await part(2, big[2])
    const { ChecksumCRC32: _, ...bare } = second
    expect(await refusal(complete([second, first]))).toEqual(['InvalidPartOrder', 400])
    expect(await refusal(complete([first, { ...second, PartNumber: 3 }]))).toEqual(['InvalidPart', 400])
    expect(await refusal(complete([first, { ...second, ETag: first.ETag }]))).toEqual(['InvalidPart', 400])
    expect(await refusal(complete([first, { ...second, ChecksumCRC32: first.ChecksumCRC32 }]))).toEqual([
      'InvalidPart',
      400,
    ])
    expect(await refusal(complete([first, bare]))).toEqual(['InvalidRequest', 400])
    expect(await refusal(complete([]))).toEqual(['MalformedXML', 400])
    await abort()
  })

  test('or anything else after it is done or aborted answers NoSuchUpload', async () => {
    const { part, complete, abort } = await begin('done')
    const parts = [await part(1, big[2])]
    await complete(parts)
    expect(await refusal(part(2, big[2]))).toEqual(['NoSuchUpload', 404])
    expect(await refusal(abort())).toEqual(['NoSuchUpload', 404])
    const other = await begin('aborted')
    await other.part(1, big[2])
    await other.abort()
    expect(await refusal(other.complete(parts))).toEqual(['NoSuchUpload', 404])
    expect(await refusal(target.s3.send(new HeadObjectCommand(at('aborted'))))).toEqual(['NotFound', 404])
  })
})

test('a part is refused if its checksum is wrong, of another kind, or its number out of range', async () => {
  const { part, abort } = await begin('refused')
  expect(await refusal(part(1, big[2], { ChecksumCRC32: 'AAAAAA==' }))).toEqual(['BadDigest', 400])
  const sha = createHash('sha256').update(big[2]).digest('base64')
  expect(await refusal(part(1, big[2], { ChecksumSHA256: sha }))).toEqual(['InvalidRequest', 400])
  expect(await refusal(part(10_001, big[2]))).toEqual(['InvalidArgument', 400])
  await abort()
})

test('unfinished uploads are listed by prefix, in pages, and gone once aborted', async () => {
  const uploads = [await begin('left/a'), await begin('left/a'), await begin('left/b')]
  const list = (more: object) =>
    target.s3.send(
      new ListMultipartUploadsCommand({ Bucket: target.bucket, Prefix: at('left/').Key, ...more }),
    )
  const first = await list({ MaxUploads: 2 })
  expect(first.Uploads?.map(({ Key }) => Key)).toEqual([at('left/a').Key, at('left/a').Key])
  const rest = await list({ KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker })
  expect(rest.Uploads?.map(({ UploadId }) => UploadId)).toEqual([uploads[2]?.upload.UploadId])
  expect(rest.Uploads?.[0]?.Initiated).toBeInstanceOf(Date)
  for (const { abort } of uploads) await abort()
  expect((await list({})).Uploads ?? []).toEqual([])
})
