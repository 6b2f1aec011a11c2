import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { CreateMultipartUploadCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import {
  abortUpload,
  deleteObjects,
  getText,
  listObjects,
  listUploads,
  putNew,
} from '../../lib/aws/objects.ts'
import { inParallel } from '../../lib/concurrency/in-parallel.ts'
import { failureOf, openLake } from '../support/aws.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())
afterEach(() => lake.faults.clear())

const bucket = 'lake'
const put = (key: string, body = 'x', kmsKey?: string) =>
  putNew(lake.aws, { bucket, key, body, contentType: 'application/json', kmsKey })

test('A listing has every object of the prefix, over more than one page, and no neighbour', async () => {
  const keys = Array.from({ length: 1003 }, (_, i) => `many/o-${String(i).padStart(4, '0')}`)
  await inParallel(16, [...keys, 'many_more/o', 'man'], (key) => put(key))
  const listed = await listObjects(lake.aws, { bucket, prefix: 'many/' })
  expect(listed.map(({ key }) => key)).toEqual(keys)
  expect(listed[0]).toEqual({
    key: 'many/o-0000',
    bytes: 1,
    etag: expect.stringMatching(/^"\w+"$/),
    modified: expect.any(Date),
  })
  const goesOn = (key: string) => key < 'many/o-0002'
  const first = await listObjects(lake.aws, { bucket, prefix: 'many/', goesOn })
  expect(first.map(({ key }) => key)).toEqual(keys.slice(0, 2))

  await deleteObjects(lake.aws, { bucket, keys: [...keys, 'many/never-was'] })
  expect(await listObjects(lake.aws, { bucket, prefix: 'many/' })).toEqual([])
  expect(await listObjects(lake.aws, { bucket, prefix: 'man' })).toHaveLength(2)
})

test('A record is written encrypted, once, and read back', async () => {
  await put('a b/é.json', '{"rows":"é"}', 'arn:aws:kms:us-east-1:000000000000:key/k')
  expect(await getText(lake.aws, { bucket, key: 'a b/é.json' })).toBe('{"rows":"é"}')
  const head = await lake.aws.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a b/é.json' }))
  expect(head).toMatchObject({ ContentType: 'application/json', ServerSideEncryption: 'aws:kms' })
  expect(await failureOf(put('a b/é.json', '{"rows":"e"}'))).toMatchObject({ exit: 1 })
  expect(await getText(lake.aws, { bucket, key: 'a b/é.json' })).toBe('{"rows":"é"}')
})

test('A write whose answer is lost counts as done', async () => {
  lake.faults.add({ operation: 'PutObject', times: 1, action: { kind: 'lost answer' } })
  await put('lost', 'kept')
  expect(await getText(lake.aws, { bucket, key: 'lost' })).toBe('kept')
})

test('A write that is never answered fails and may be tried again', async () => {
  lake.faults.add({ operation: 'PutObject', action: { kind: 'drop' } })
  const failure = await failureOf(put('unanswered'))
  expect(failure).toMatchObject({ exit: 1, retry: true })
  expect(failure.message).toContain('Cannot write "s3://lake/unanswered"')
})

test('What is missing or refused is named', async () => {
  expect((await failureOf(getText(lake.aws, { bucket, key: 'none' }))).message).toStartWith(
    'Cannot read "s3://lake/none": NoSuchKey',
  )
  expect(await failureOf(listObjects(lake.aws, { bucket: 'nowhere', prefix: '' }))).toMatchObject({ exit: 2 })
  lake.faults.add({ operation: 'DeleteObjects', action: { kind: 'error', code: 'AccessDenied' } })
  expect(await failureOf(deleteObjects(lake.aws, { bucket, keys: ['a'] }))).toMatchObject({ exit: 2 })
})

test('Unfinished uploads are listed by prefix and aborted, twice if need be', async () => {
  for (const Key of ['u/1', 'u/2', 'u2/1']) {
    await lake.aws.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))
  }
  const [first, second, ...more] = await listUploads(lake.aws, { bucket, prefix: 'u/' })
  expect([first?.key, second?.key, more.length]).toEqual(['u/1', 'u/2', 0])
  expect(first?.initiated).toBeInstanceOf(Date)
  const id = first?.id ?? ''
  await abortUpload(lake.aws, { bucket, key: 'u/1', id })
  await abortUpload(lake.aws, { bucket, key: 'u/1', id })
  expect(await listUploads(lake.aws, { bucket, prefix: 'u/' })).toHaveLength(1)
})
