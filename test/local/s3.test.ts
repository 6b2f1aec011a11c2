import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { openTarget, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const real = process.env['DRACULA_TEST_S3_URI'] !== undefined
const at = (key: string) => ({ Bucket: target.bucket, Key: `${target.prefix}${key}` })
const put = (key: string, Body: string, more: object = {}) =>
  target.s3.send(new PutObjectCommand({ ...at(key), Body, ...more }))
const read = async (key: string, more: object = {}) => {
  const { Body } = await target.s3.send(new GetObjectCommand({ ...at(key), ...more }))
  return (await Body?.transformToString()) ?? ''
}

describe('an object', () => {
  test('comes back as it was put, with its type, metadata and checksum', async () => {
    const written = await put('one/ä b+c.txt', 'grüße', {
      ContentType: 'text/plain',
      Metadata: { load: '7' },
    })
    expect(written.ETag).toBe(`"${createHash('md5').update('grüße').digest('hex')}"`)
    expect(await read('one/ä b+c.txt')).toBe('grüße')
    const head = await target.s3.send(
      new HeadObjectCommand({ ...at('one/ä b+c.txt'), ChecksumMode: 'ENABLED' }),
    )
    expect(head).toMatchObject({
      ContentLength: 7,
      ContentType: 'text/plain',
      Metadata: { load: '7' },
      ETag: written.ETag ?? '',
      ChecksumType: 'FULL_OBJECT',
      ServerSideEncryption: 'AES256',
    })
    expect(head.ChecksumCRC32).toBe(written.ChecksumCRC32 ?? '')
    expect(Math.abs(Date.now() - Number(head.LastModified))).toBeLessThan(3_600_000)
  })

  test('is replaced whole by a later put, and may be empty', async () => {
    await put('twice', 'first')
    await put('twice', '', { ContentLength: 0 })
    expect(await read('twice')).toBe('')
  })

  test('is not there after it is deleted, and deleting it again is no error', async () => {
    await put('gone', 'x')
    await target.s3.send(new DeleteObjectCommand(at('gone')))
    await target.s3.send(new DeleteObjectCommand(at('gone')))
    expect(await refusal(read('gone'))).toEqual(['NoSuchKey', 404])
    expect(await refusal(target.s3.send(new HeadObjectCommand(at('gone'))))).toEqual(['NotFound', 404])
  })

  test('can be read in ranges', async () => {
    await put('digits', '0123456789')
    expect(await read('digits', { Range: 'bytes=2-4' })).toBe('234')
    expect(await read('digits', { Range: 'bytes=7-' })).toBe('789')
    expect(await read('digits', { Range: 'bytes=-3' })).toBe('789')
    expect(await read('digits', { Range: 'bytes=8-99' })).toBe('89')
    const { ContentRange, $metadata } = await target.s3.send(
      new GetObjectCommand({ ...at('digits'), Range: 'bytes=0-0' }),
    )
    expect([ContentRange, $metadata.httpStatusCode]).toEqual(['bytes 0-0/10', 206])
    expect(await refusal(read('digits', { Range: 'bytes=10-' }))).toEqual(['InvalidRange', 416])
  })

  test('can be read on the condition of its ETag', async () => {
    const { ETag = '' } = await put('tagged', 'x')
    expect(await read('tagged', { IfMatch: ETag })).toBe('x')
    expect(await refusal(read('tagged', { IfMatch: '"other"' }))).toEqual(['PreconditionFailed', 412])
    expect((await refusal(read('tagged', { IfNoneMatch: ETag })))[1]).toBe(304)
  })
})

describe('a conditional put', () => {
  test('with If-None-Match creates, and never overwrites', async () => {
    await put('new', 'first', { IfNoneMatch: '*' })
    expect(await refusal(put('new', 'second', { IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412])
    expect(await read('new')).toBe('first')
  })

  test('with If-Match replaces only what it names', async () => {
    const { ETag = '' } = await put('match', 'first')
    expect(await refusal(put('match', 'x', { IfMatch: '"0"' }))).toEqual(['PreconditionFailed', 412])
    await put('match', 'second', { IfMatch: ETag })
    expect(await read('match')).toBe('second')
    expect(await refusal(put('absent', 'x', { IfMatch: ETag }))).toEqual(['NoSuchKey', 404])
  })

  test('lets one of many racing writers through', async () => {
    const writers = Array.from({ length: 8 }, (_, n) => put('race', String(n), { IfNoneMatch: '*' }))
    const settled = await Promise.allSettled(writers)
    const winner = settled.findIndex(({ status }) => status === 'fulfilled')
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await read('race')).toBe(String(winner))
  })
})

describe('a body', () => {
  test('is refused if its checksum is another', async () => {
    expect(await refusal(put('bad', 'x', { ChecksumCRC32: 'AAAAAA==' }))).toEqual(['BadDigest', 400])
    expect(await refusal(put('bad', 'x', { ChecksumSHA256: btoa('x'.repeat(32)) }))).toEqual([
      'BadDigest',
      400,
    ])
    expect(await refusal(put('bad', 'x', { ContentMD5: btoa('x'.repeat(16)) }))).toEqual(['BadDigest', 400])
    expect(await refusal(read('bad'))).toEqual(['NoSuchKey', 404])
  })

  test('is refused if the hash it was signed with is another', async () => {
    const command = new PutObjectCommand({ ...at('bad'), Body: 'x' })
    command.middlewareStack.add(
      (next) => (given) => {
        const { headers } = given.request as { headers: Record<string, string> }
        headers['x-amz-content-sha256'] = createHash('sha256').update('y').digest('hex')
        return next(given)
      },
      { step: 'build', name: 'wrongHash' },
    )
    expect(await refusal(target.s3.send(command))).toEqual(['XAmzContentSHA256Mismatch', 400])
  })

  test('may be a stream, chunked and with its checksum as a trailer', async () => {
    const text = 'chunk\r\n'.repeat(40_000)
    await target.s3.send(
      new PutObjectCommand({
        ...at('stream'),
        Body: Readable.from([Buffer.from(text.slice(0, 100_000)), Buffer.from(text.slice(100_000))]),
        ContentLength: text.length,
      }),
    )
    expect(await read('stream')).toBe(text)
    const head = await target.s3.send(new HeadObjectCommand({ ...at('stream'), ChecksumMode: 'ENABLED' }))
    expect(head.ChecksumCRC32).toBeDefined()
    expect(head.ContentEncoding ?? '').not.toContain('aws-chunked')
  })
})

describe('encryption', () => {
  test.skipIf(real)('with a KMS key is recorded and returned', async () => {
    const key = 'arn:aws:kms:us-east-1:000000000000:key/7'
    const sse = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key } as const
    expect(await put('kms', 'x', sse)).toMatchObject(sse)
    expect(await target.s3.send(new HeadObjectCommand(at('kms')))).toMatchObject(sse)
  })

  test('of a kind S3 does not know is refused', async () => {
    expect((await refusal(put('kms', 'x', { ServerSideEncryption: 'rot13' })))[1]).toBe(400)
    const broken = target.local?.violations.all.splice(0).map(({ path }) => path)
    expect(broken ?? ['serverSideEncryption']).toEqual(['serverSideEncryption'])
  })
})

describe('a listing', () => {
  const keys = ['a/1', 'a/2', 'a/b/3', 'a/b/4', 'a.txt', 'b/5', 'ü/6', 'Z']
  const list = async (more: object) => {
    const Prefix = `${target.prefix}list/`
    const found: string[] = []
    for await (const page of paginateListObjectsV2(
      { client: target.s3 },
      { Bucket: target.bucket, Prefix, ...more },
    )) {
      const names = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map((each) => each.Prefix),
      ]
      expect(names.length).toBe(page.KeyCount ?? -1)
      found.push(...names.map((name) => String(name).slice(Prefix.length)))
    }
    return found
  }
  beforeAll(async () => {
    for (const key of keys) await put(`list/${key}`, key)
  })

  test('is in the order of UTF-8 bytes', async () => {
    expect(await list({})).toEqual(['Z', 'a.txt', 'a/1', 'a/2', 'a/b/3', 'a/b/4', 'b/5', 'ü/6'])
  })

  test('comes in pages of any size, each key once', async () => {
    for (const MaxKeys of [1, 2, 3, 8]) expect(await list({ MaxKeys })).toHaveLength(keys.length)
  })

  test('folds what lies below a delimiter, over pages too', async () => {
    for (const MaxKeys of [1, 2, 1000]) {
      expect((await list({ Delimiter: '/', MaxKeys })).sort()).toEqual(['Z', 'a.txt', 'a/', 'b/', 'ü/'])
    }
    expect((await list({ Delimiter: '/', Prefix: `${target.prefix}list/a/` })).sort()).toEqual([
      'a/1',
      'a/2',
      'a/b/',
    ])
  })

  test('starts after a key', async () => {
    expect(await list({ StartAfter: `${target.prefix}list/a/b/3` })).toEqual(['a/b/4', 'b/5', 'ü/6'])
  })

  test('tells size, ETag and time', async () => {
    const { Contents: [first] = [], IsTruncated } = await target.s3.send(
      new ListObjectsV2Command({ Bucket: target.bucket, Prefix: `${target.prefix}list/Z` }),
    )
    expect(first).toMatchObject({ Size: 1, ETag: `"${createHash('md5').update('Z').digest('hex')}"` })
    expect(first?.LastModified).toBeInstanceOf(Date)
    expect(IsTruncated).toBe(false)
  })

  test('of what is not there is empty', async () => {
    expect(await list({ Prefix: `${target.prefix}nothing` })).toEqual([])
  })
})

test('many objects are deleted at once, odd names and all', async () => {
  const keys = ['del/<&>"\'', 'del/\r\n', 'del/ ', 'del/plain']
  for (const key of keys) await put(key, 'x')
  const { Deleted } = await target.s3.send(
    new DeleteObjectsCommand({
      Bucket: target.bucket,
      Delete: { Objects: keys.map((key) => ({ Key: at(key).Key })) },
    }),
  )
  expect((Deleted ?? []).map(({ Key }) => Key).sort()).toEqual(keys.map((key) => at(key).Key).sort())
  const { KeyCount } = await target.s3.send(
    new ListObjectsV2Command({ Bucket: target.bucket, Prefix: at('del/').Key }),
  )
  expect(KeyCount).toBe(0)
})

describe('a bucket', () => {
  const Bucket = 'dracula-no-such-bucket-4f1c'

  test('that is not there refuses everything', async () => {
    expect((await refusal(target.s3.send(new HeadBucketCommand({ Bucket }))))[1]).toBe(404)
    expect(await refusal(target.s3.send(new ListObjectsV2Command({ Bucket })))).toEqual(['NoSuchBucket', 404])
    expect(await refusal(target.s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' })))).toEqual([
      'NoSuchBucket',
      404,
    ])
    await target.s3.send(new HeadBucketCommand({ Bucket: target.bucket }))
  })

  test.skipIf(real)('cannot be created twice, or under a bad name', async () => {
    const create = (name: string) => target.s3.send(new CreateBucketCommand({ Bucket: name }))
    expect(await refusal(create(target.bucket))).toEqual(['BucketAlreadyOwnedByYou', 409])
    expect(await refusal(create('Bad_Name'))).toEqual(['InvalidBucketName', 400])
  })
})

describe.skipIf(real)('what the stand-in lacks', () => {
  test('it names and does not do', async () => {
    const policy = new GetBucketPolicyCommand({ Bucket: target.bucket })
    expect(await refusal(target.s3.send(policy))).toEqual(['NotImplemented', 501])
    expect(await refusal(put('tags', 'x', { Tagging: 'a=b' }))).toEqual(['NotImplemented', 501])
    expect(await refusal(put('cold', 'x', { StorageClass: 'GLACIER' }))).toEqual(['NotImplemented', 501])
    expect(await refusal(put('open', 'x', { ACL: 'public-read' }))).toEqual(['NotImplemented', 501])
    expect(await refusal(read('x', { VersionId: '1' }))).toEqual(['NotImplemented', 501])
  })

  test('and it takes no anonymous request', async () => {
    const answer = await fetch(`${target.local?.url}/${target.bucket}/x`)
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('AccessDenied')])
  })
})

test.skipIf(real)('the server keeps what it has over a restart, in its folder alone', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const { startLocalAws } = await import('../../lib/local/aws/server.ts')
  const folder = await mkdtemp(join(tmpdir(), 'dracula-aws-'))
  for (const step of ['write', 'read']) {
    const aws = await startLocalAws({ folder })
    const s3 = new S3Client({
      endpoint: aws.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const object = { Bucket: 'kept', Key: 'k' }
    if (step === 'write') {
      await s3.send(new CreateBucketCommand({ Bucket: 'kept' }))
      await s3.send(new PutObjectCommand({ ...object, Body: 'still here' }))
    } else {
      const { Body } = await s3.send(new GetObjectCommand(object))
      expect(await Body?.transformToString()).toBe('still here')
    }
    s3.destroy()
    await aws.stop()
  }
  await rm(folder, { recursive: true })
})
