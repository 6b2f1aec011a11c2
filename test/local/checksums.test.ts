import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { openTarget, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const at = (key: string) => ({ Bucket: target.bucket, Key: `${target.prefix}${key}` })
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

/** Checksums of the text `123456789`: the check values that the definitions of the algorithms publish. */
const published = {
  CRC32: base64('cbf43926'),
  CRC32C: base64('e3069283'),
  CRC64NVME: base64('ae8b14860a799888'),
  SHA1: base64('f7c3bc1d808e04732adf679965ccc34ca7ae3441'),
  SHA256: base64('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'),
} as const
const algorithms = Object.keys(published) as (keyof typeof published)[]

/** Five megabytes of the text, so that the whole is a part of S3's smallest size. */
const large = Buffer.from('123456789'.repeat(600_000))
const small = Buffer.from('123456789')

describe.each(algorithms)('a checksum of the algorithm %s', (algorithm) => {
  const member = `Checksum${algorithm}` as const

  test('is verified, kept and returned', async () => {
    const value = published[algorithm]
    const put = (Body: string) =>
      target.s3.send(new PutObjectCommand({ ...at(algorithm), Body, [member]: value }))
    expect((await put('123456789'))[member]).toBe(value)
    expect(await refusal(put('12345678X'))).toEqual(['BadDigest', 400])
    const { Body, ...read } = await target.s3.send(
      new GetObjectCommand({ ...at(algorithm), ChecksumMode: 'ENABLED' }),
    )
    // Reading to the end, the SDK holds the bytes against it too.
    expect([await Body?.transformToString(), read[member], read.ChecksumType]).toEqual([
      '123456789',
      value,
      'FULL_OBJECT',
    ])
  })

  test('is of the parts or of the whole, as the algorithm can', async () => {
    const can: Record<string, readonly ChecksumType[]> = {
      CRC32: ['COMPOSITE', 'FULL_OBJECT'],
      CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
      CRC64NVME: ['FULL_OBJECT'],
      SHA1: ['COMPOSITE'],
      SHA256: ['COMPOSITE'],
    }
    const whole = await single(algorithm)
    for (const type of ['COMPOSITE', 'FULL_OBJECT'] as const) {
      const uploaded = upload(`multi-${algorithm}-${type}`, algorithm, type)
      if (can[algorithm]?.includes(type) !== true) {
        expect(await refusal(uploaded)).toEqual(['InvalidRequest', 400])
        continue
      }
      const head = await target.s3.send(
        new HeadObjectCommand({ ...at(await uploaded), ChecksumMode: 'ENABLED' }),
      )
      expect(head.ChecksumType).toBe(type)
      if (type === 'FULL_OBJECT') expect(head[member]).toBe(whole)
      else expect(head[member]).toMatch(/^[A-Za-z0-9+/]+=*-2$/)
      // A copy is one object again.
      const copied = await target.s3.send(
        new CopyObjectCommand({
          ...at(`copy-${algorithm}-${type}`),
          CopySource: `${target.bucket}/${at(`multi-${algorithm}-${type}`).Key}`,
        }),
      )
      expect(copied.CopyObjectResult?.[member]).toBe(whole)
    }
  })

  /** What S3 says the checksum of both parts is, sent in one piece. */
  async function single(name: ChecksumAlgorithm): Promise<string> {
    const { [member]: value = '' } = await target.s3.send(
      new PutObjectCommand({ ...at('single'), Body: Buffer.concat([large, small]), ChecksumAlgorithm: name }),
    )
    return value
  }
})

async function upload(
  key: string,
  ChecksumAlgorithm: ChecksumAlgorithm,
  type: ChecksumType,
): Promise<string> {
  const { UploadId = '' } = await target.s3.send(
    new CreateMultipartUploadCommand({ ...at(key), ChecksumAlgorithm, ChecksumType: type }),
  )
  const Parts = []
  for (const [index, Body] of [large, small].entries()) {
    const PartNumber = index + 1
    const part = await target.s3.send(
      new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body, ChecksumAlgorithm }),
    )
    const name = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32'
    Parts.push({ PartNumber, ETag: part.ETag, [name]: part[name] })
  }
  await target.s3.send(
    new CompleteMultipartUploadCommand({
      ...at(key),
      UploadId,
      ChecksumType: type,
      MultipartUpload: { Parts },
    }),
  )
  return key
}

describe('a copy', () => {
  const source = (key: string) => `${target.bucket}/${encodeURIComponent(at(key).Key)}`
  const copy = (key: string, more: object) =>
    target.s3.send(new CopyObjectCommand({ ...at(key), CopySource: source('original ü+'), ...more }))
  beforeAll(async () => {
    await target.s3.send(
      new PutObjectCommand({
        ...at('original ü+'),
        Body: 'text',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
      }),
    )
  })
  const head = (key: string) => target.s3.send(new HeadObjectCommand(at(key)))

  test('has the bytes and the metadata of its source, or metadata of its own', async () => {
    const original = await head('original ü+')
    const { CopyObjectResult } = await copy('same', {})
    expect(CopyObjectResult?.ETag).toBe(original.ETag ?? '')
    expect(await head('same')).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      ContentLength: 4,
    })
    await copy('other', { MetadataDirective: 'REPLACE', Metadata: { b: '2' } })
    expect((await head('other')).Metadata).toEqual({ b: '2' })
  })

  test('is made on a condition, never of nothing, and never onto itself unchanged', async () => {
    const failed: [string, number] = ['PreconditionFailed', 412]
    expect(await refusal(copy('x', { CopySourceIfMatch: '"other"' }))).toEqual(failed)
    expect(await refusal(copy('same', { IfNoneMatch: '*' }))).toEqual(failed)
    expect(await refusal(copy('x', { CopySource: source('absent') }))).toEqual(['NoSuchKey', 404])
    expect(await refusal(copy('original ü+', {}))).toEqual(['InvalidRequest', 400])
    expect(await refusal(head('x'))).toEqual(['NotFound', 404])
  })

  test('of a range may be a part', async () => {
    await target.s3.send(new PutObjectCommand({ ...at('big'), Body: large }))
    const begun = new CreateMultipartUploadCommand({ ...at('pieced'), ChecksumAlgorithm: 'SHA256' })
    const { UploadId = '' } = await target.s3.send(begun)
    const Parts = []
    for (const [PartNumber, range] of [
      [1, undefined],
      [2, 'bytes=9-17'],
    ] as const) {
      const part = new UploadPartCopyCommand({
        ...at('pieced'),
        UploadId,
        PartNumber,
        CopySource: source('big'),
        CopySourceRange: range,
      })
      const { CopyPartResult } = await target.s3.send(part)
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag, ChecksumSHA256: CopyPartResult?.ChecksumSHA256 })
    }
    expect(Parts[1]?.ChecksumSHA256).toBe(published.SHA256)
    const done = new CompleteMultipartUploadCommand({ ...at('pieced'), UploadId, MultipartUpload: { Parts } })
    await target.s3.send(done)
    const { ObjectParts, ObjectSize, Checksum } = await target.s3.send(
      new GetObjectAttributesCommand({
        ...at('pieced'),
        ObjectAttributes: ['ObjectParts', 'ObjectSize', 'Checksum'],
      }),
    )
    expect(ObjectSize).toBe(large.length + 9)
    expect(ObjectParts?.Parts?.map(({ Size }) => Size)).toEqual([large.length, 9])
    expect(Checksum?.ChecksumType).toBe('COMPOSITE')
    const { Body, ContentRange } = await target.s3.send(
      new GetObjectCommand({ ...at('pieced'), PartNumber: 2 }),
    )
    expect([await Body?.transformToString(), ContentRange]).toEqual([
      '123456789',
      `bytes ${large.length}-${large.length + 8}/${large.length + 9}`,
    ])
  })
})
