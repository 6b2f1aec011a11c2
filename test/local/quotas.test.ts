import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import {
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  GetTableCommand,
  GlueClient,
  StartCrawlerCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describeMet } from '../../lib/local/aws/quotas/met.ts'
import { countQuotas, rateQuotas } from '../../lib/local/aws/quotas/published.ts'
import { enforceQuotas, type Quotas } from '../../lib/local/aws/quotas/quotas.ts'
import { type LocalAws, startLocalAws } from '../../lib/local/aws/server.ts'
import { refusal } from './aws-target.ts'

/** Milliseconds; no time goes by but what a test says. */
let clock = 0
const second = 1_000

/** A thousandth: 3.5 writes and 5.5 reads a second of S3, and one of each thing that is counted but tables. */
const share = 0.001

let folder: string
let aws: LocalAws
let quotas: Quotas
let s3: S3Client
let glue: GlueClient
let athena: AthenaClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-quotas-'))
  quotas = enforceQuotas({ share, now: () => clock })
  aws = await startLocalAws({ folder, quotas })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const settings = { endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 }
  s3 = new S3Client({ ...settings, forcePathStyle: true })
  glue = new GlueClient(settings)
  athena = new AthenaClient(settings)
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }))
  await s3.send(new CreateBucketCommand({ Bucket: 'other' }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lake' } }))
})
// All that was used up has come back by then.
beforeEach(() => {
  clock += 1_000 * second
})
afterAll(async () => {
  for (const client of [s3, glue, athena]) client.destroy()
  await aws.stop()
  await rm(folder, { recursive: true, force: true })
})

const put = (Key: string, Bucket = 'lake') => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
const slowDown: [string, number] = ['SlowDown', 503]
const rateExceeded: [string, number] = ['ThrottlingException', 400]

test('S3 takes as many writes to a bucket as its rate has, then asks to slow down until time goes by', async () => {
  for (const key of ['1', '2', '3']) await put(key)
  expect(await refusal(put('4'))).toEqual(slowDown)
  clock += 0.1 * second
  expect(await refusal(put('4'))).toEqual(slowDown)
  clock += 0.1 * second
  await put('4')
  expect(await refusal(put('5'))).toEqual(slowDown)
})

test('what is refused is not done', async () => {
  for (const key of ['kept/1', 'kept/2', 'kept/3']) await put(key)
  expect(await refusal(put('kept/refused'))).toEqual(slowDown)
  const get = new GetObjectCommand({ Bucket: 'lake', Key: 'kept/refused' })
  expect(await refusal(s3.send(get))).toEqual(['NoSuchKey', 404])
})

test('S3 has a rate for reads, and one for each bucket', async () => {
  for (const key of ['a', 'b', 'c']) await put(key)
  expect(await refusal(put('d'))).toEqual(slowDown)
  await put('d', 'other')
  await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: 'a' }))
})

test('each object of a DeleteObjects is a write', async () => {
  await Promise.all(['1', '2', '3'].map((key) => put(key)))
  clock += second
  const Objects = ['1', '2', '3'].map((Key) => ({ Key }))
  await s3.send(new DeleteObjectsCommand({ Bucket: 'lake', Delete: { Objects } }))
  expect(await refusal(put('1'))).toEqual(slowDown)
})

test('a request that costs more than there ever is, is done when nothing was used, and paid off later', async () => {
  const Objects = Array.from({ length: 10 }, (_, at) => ({ Key: `many/${at}` }))
  await s3.send(new DeleteObjectsCommand({ Bucket: 'lake', Delete: { Objects } }))
  clock += second
  expect(await refusal(put('after'))).toEqual(slowDown)
  clock += 2 * second
  await put('after')
})

test('each operation of Glue has a rate of its own', async () => {
  const get = (Name: string) => glue.send(new GetTableCommand({ DatabaseName: 'lake', Name }))
  expect(await refusal(get('none'))).toEqual(['EntityNotFoundException', 400])
  expect(await refusal(get('none'))).toEqual(rateExceeded)
  const create = new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'own' } })
  await glue.send(create)
  clock += 99 * second
  expect(await refusal(get('none'))).toEqual(rateExceeded)
  clock += second
  expect(await refusal(get('none'))).toEqual(['EntityNotFoundException', 400])
})

test('versions of a table are counted, and one that takes the place of another is none', async () => {
  const TableInput = { Name: 'versions' }
  await glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))
  for (let at = 0; at < 100; at++) {
    clock += 100 * second
    const update = new UpdateTableCommand({ DatabaseName: 'lake', TableInput, SkipArchive: true })
    await glue.send(update)
  }
  for (let at = 1; at < 100; at++) {
    clock += 100 * second
    await glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
  }
  clock += 100 * second
  const more = new UpdateTableCommand({ DatabaseName: 'lake', TableInput })
  expect(await refusal(glue.send(more))).toEqual(['ResourceNumberLimitExceededException', 400])
})

test('crawlers are counted, and those at work', async () => {
  const crawler = {
    ...{ Role: 'arn:aws:iam::000000000000:role/local', DatabaseName: 'lake' },
    Targets: { S3Targets: [{ Path: 's3://lake/nothing/' }] },
  }
  await glue.send(new CreateCrawlerCommand({ Name: 'one', ...crawler }))
  clock += 100 * second
  const another = new CreateCrawlerCommand({ Name: 'two', ...crawler })
  expect(await refusal(glue.send(another))).toEqual(['ResourceNumberLimitExceededException', 400])
  aws.faults.add({ operation: 'StartCrawler', action: { kind: 'crawl hangs' } })
  await glue.send(new StartCrawlerCommand({ Name: 'one' }))
  aws.faults.clear()
  clock += 100 * second
  const again = new StartCrawlerCommand({ Name: 'one' })
  expect(await refusal(glue.send(again))).toEqual(['ResourceNumberLimitExceededException', 400])
})

test('Athena refuses a query while others are at work, and looks at queries beyond their rate', async () => {
  const start = () =>
    athena.send(
      new StartQueryExecutionCommand({
        ...{ QueryString: 'select 1', WorkGroup: 'primary' },
        ResultConfiguration: { OutputLocation: 's3://other/results/' },
      }),
    )
  aws.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
  const { QueryExecutionId } = await start()
  aws.faults.clear()
  clock += 100 * second
  expect(await refusal(start())).toEqual(['TooManyRequestsException', 400])
  const look = () => athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  await look()
  expect(await refusal(look())).toEqual(rateExceeded)
  clock += 10 * second
  await look()
})

test('it says what was met, those that refused most first, and what of it AWS does not publish', () => {
  const own = enforceQuotas({ share: 0.1, now: () => clock })
  const ask = (service: string, operation: string) =>
    own.refusal({ service, operation, subject: 'lake/key', count: () => undefined })
  for (let at = 0; at < 10; at++) ask('athena', 'StartQueryExecution')
  for (let at = 0; at < 2; at++) ask('glue', 'GetTable')
  ask('s3', 'GetObject')
  expect(describeMet(own.met(), 0.1)).toBe(
    `What was asked of 0.1 of AWS' default quotas:
  athena:StartQueryExecution: refused 2 of 10, at most 10 of 2 a second
  glue:GetTable: refused 1 of 2, at most 2 of 1 a second, which AWS does not publish
  s3: reads of a bucket: never met of 1, at most 1 of 550 a second`,
  )
  expect(ask('sns', 'Publish')).toBeUndefined()
})

test('every quota says where it is from', () => {
  for (const { source } of [...rateQuotas, ...countQuotas])
    expect(source).toMatch(/^https:\/\/(docs\.aws\.amazon\.com|repost\.aws)\//)
})
