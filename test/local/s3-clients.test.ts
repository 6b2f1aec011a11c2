import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalAws, startLocalAws } from '../../lib/local/aws/server.ts'
import { elements, send, signed } from './raw-request.ts'

let aws: LocalAws
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-clients-'))
  aws = await startLocalAws({ folder })
  await send(aws, 'PUT', '/lake')
})
afterAll(async () => {
  await aws.stop()
  await rm(folder, { recursive: true, force: true })
})

const put = (key: string, body: string, headers: Record<string, string> = {}) =>
  send(aws, 'PUT', `/lake/${key}`, headers, body)
const get = (key: string, headers: Record<string, string> = {}) => send(aws, 'GET', `/lake/${key}`, headers)
const codeOf = ({ status, text }: { status: number; text: string }) => [status, elements(text, 'Code')[0]]

describe('Trino’s client lists and writes', () => {
  test('asking for optional attributes that no object has', async () => {
    await put('trino/a', 'x')
    const headers = {
      'x-amz-optional-object-attributes': 'RestoreStatus',
      'amz-sdk-invocation-id': 'e0',
      'amz-sdk-request': 'attempt=1; max=21',
    }
    const { status, text } = await send(aws, 'GET', '/lake?list-type=2&prefix=trino%2F', headers)
    expect([status, elements(text, 'Key')]).toEqual([200, ['trino/a']])
  })

  const chunked = (content: string, trailer: string) => ({
    body: `9;chunk-signature=00\r\n${content}\r\n0;chunk-signature=00\r\n${trailer}\r\nx-amz-trailer-signature:00\r\n\r\n`,
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '9',
      'x-amz-sdk-checksum-algorithm': 'CRC64NVME',
      'x-amz-trailer': 'x-amz-checksum-crc64nvme',
    },
  })

  test('in signed chunks with a checksum behind them', async () => {
    const { body, headers } = chunked('123456789', 'x-amz-checksum-crc64nvme:rosUhgp5mIg=')
    const written = await put('trino/chunks', body, headers)
    expect([written.status, written.headers.get('x-amz-checksum-crc64nvme')]).toEqual([200, 'rosUhgp5mIg='])
    const read = await get('trino/chunks', { 'x-amz-checksum-mode': 'ENABLED' })
    expect([read.text, read.headers.get('content-encoding')]).toEqual(['123456789', null])
    expect(read.headers.get('x-amz-checksum-type')).toBe('FULL_OBJECT')
  })

  test('and nothing, where the checksum is not that of the chunks', async () => {
    const { body, headers } = chunked('12345678X', 'x-amz-checksum-crc64nvme:rosUhgp5mIg=')
    expect(codeOf(await put('trino/torn', body, headers))).toEqual([400, 'BadDigest'])
    expect((await get('trino/torn')).status).toBe(404)
  })
})

describe('pyarrow’s client', () => {
  const version = { 'x-amz-api-version': '2006-03-01' }

  test('reads and names the version of the API each time', async () => {
    await put('arrow/a', '0123456789', version)
    expect((await get('arrow/a', { ...version, range: 'bytes=2-4' })).text).toBe('234')
    expect((await get('arrow/a', { ...version, 'x-amz-checksum-mode': 'enabled' })).text).toBe('0123456789')
    expect((await send(aws, 'HEAD', '/lake/arrow/a', version)).headers.get('content-length')).toBe('10')
  })

  test('deletes by a document with white space between its elements', async () => {
    await put('arrow/gone', 'x')
    const body =
      '<?xml version="1.0"?>\n<Delete>\n  <Object>\n    <Key>arrow/gone</Key>\n  </Object>\n  <Quiet>true</Quiet>\n</Delete>\n'
    const md5 = createHash('md5').update(body).digest('base64')
    const { status, text } = await send(
      aws,
      'POST',
      '/lake?delete=',
      { ...version, 'content-md5': md5 },
      body,
    )
    expect([status, elements(text, 'Key')]).toEqual([200, []])
    expect((await get('arrow/gone')).status).toBe(404)
    const wrong = { 'content-md5': createHash('md5').update('x').digest('base64') }
    expect(codeOf(await send(aws, 'POST', '/lake?delete=', wrong, body))).toEqual([400, 'BadDigest'])
  })

  test('reads a whole object without a name of a file that it never had', async () => {
    await put('arrow/plain', 'x')
    expect((await get('arrow/plain')).headers.get('content-disposition')).toBeNull()
  })
})

describe('boto3 lists', () => {
  const names = ['a b', 'a+b', 'ü%2F', '&<>', '\u0001', '=?#']
  const shown = ['%01', '%26%3C%3E', '%3D%3F%23', 'a+b', 'a%2Bb', '%C3%BC%252F']
  beforeAll(async () => {
    for (const name of names) await put(`odd/${encodeURIComponent(name)}`, 'x')
  })

  test('keys of any characters as a query writes them, by both operations', async () => {
    const keys = shown.map((name) => `odd/${name}`)
    for (const path of [
      '/lake?list-type=2&encoding-type=url&prefix=odd/',
      '/lake?encoding-type=url&prefix=odd/',
    ]) {
      const { text } = await send(aws, 'GET', path)
      expect(elements(text, 'Key').toSorted()).toEqual(keys.toSorted())
      expect(elements(text, 'EncodingType')).toEqual(['url'])
    }
    expect(codeOf(await send(aws, 'GET', '/lake?list-type=1'))).toEqual([400, 'InvalidArgument'])
    expect(codeOf(await send(aws, 'GET', '/lake?encoding-type=base64'))).toEqual([400, 'InvalidArgument'])
  })

  test('by the older operation in pages, each folder once', async () => {
    for (const name of ['a/1', 'a/2', 'b/1', 'c', 'd/1']) await put(`pages/${name}`, 'x')
    const found: string[] = []
    let marker = ''
    do {
      const { text } = await send(
        aws,
        'GET',
        `/lake?prefix=pages/&delimiter=/&max-keys=1&marker=${encodeURIComponent(marker)}`,
      )
      found.push(
        ...elements(text, 'Key'),
        ...elements(text.replace(/^.*<CommonPrefixes>/s, ''), 'Prefix').slice(
          0,
          text.includes('<CommonPrefixes>') ? 1 : 0,
        ),
      )
      marker = elements(text, 'NextMarker')[0] ?? ''
    } while (marker !== '')
    expect(found).toEqual(['pages/a/', 'pages/b/', 'pages/c', 'pages/d/'])
  })
})

describe('the AWS CLI', () => {
  test('asks where a bucket is, and whether it keeps versions', async () => {
    const made =
      '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>'
    expect((await send(aws, 'PUT', '/western', {}, made)).status).toBe(200)
    const place = async (bucket: string) => (await send(aws, 'GET', `/${bucket}?location`)).text
    expect(elements(await place('western'), 'LocationConstraint')).toEqual(['eu-west-1'])
    expect(elements(await place('lake'), 'LocationConstraint')).toEqual([''])
    const head = await send(aws, 'HEAD', '/western')
    expect(head.headers.get('x-amz-bucket-region')).toBe('eu-west-1')
    expect((await send(aws, 'GET', '/lake?versioning')).text).not.toContain('Status')
    expect(elements((await send(aws, 'GET', '/?prefix=west')).text, 'Name')).toEqual(['western'])
  })

  test('asks who it is', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const who = await send(aws, 'POST', '/', form, 'Action=GetCallerIdentity&Version=2011-06-15')
    expect(elements(who.text, 'Account')).toEqual(['000000000000'])
    const other = await send(aws, 'POST', '/', form, 'Action=ListUsers&Version=2010-05-08')
    expect(codeOf(other)).toEqual([400, 'InvalidAction'])
  })
})

describe('a presigned URL', () => {
  const seconds = () => Math.floor(Date.now() / 1000)
  const basic = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
  const anonymous = (method: string, path: string, body?: string) =>
    fetch(`${aws.url}${path}`, { method, ...(body === undefined ? {} : { body }) })

  test('of version 4 writes what its query says, headers too', async () => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=local%2Fx&X-Amz-Date=${basic(Date.now())}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00`
    const sums = 'x-amz-sdk-checksum-algorithm=CRC32&x-amz-checksum-crc32=y%2FQ5Jg%3D%3D&x-amz-meta-load=7'
    expect((await anonymous('PUT', `/lake/presigned?${query}&${sums}`, '123456789')).status).toBe(200)
    expect((await anonymous('PUT', `/lake/presigned?${query}&${sums}`, '12345678X')).status).toBe(400)
    const read = await anonymous('GET', `/lake/presigned?${query}&response-content-type=text%2Fx`)
    expect([read.headers.get('x-amz-meta-load'), read.headers.get('content-type')]).toEqual(['7', 'text/x'])
    expect(await read.text()).toBe('123456789')
  })

  test('of version 2 reads', async () => {
    await put('older', 'x')
    const query = (until: number) => `AWSAccessKeyId=local&Signature=00&Expires=${until}`
    expect((await anonymous('GET', `/lake/older?${query(seconds() + 60)}`)).status).toBe(200)
    expect((await anonymous('GET', `/lake/older?${query(seconds() - 1)}`)).status).toBe(403)
  })

  test('is refused once its time is over', async () => {
    const query = `X-Amz-Date=${basic(Date.now() - 61_000)}&X-Amz-Expires=60&X-Amz-Signature=00`
    const { status, headers } = await anonymous('GET', `/lake/presigned?${query}`)
    expect([status, headers.get('content-type')]).toEqual([403, 'application/xml'])
  })
})

test('a bucket may be named by the host', async () => {
  await put('hosted/a', 'x')
  for (const host of ['lake.localhost:4566', 'lake.s3.us-east-1.amazonaws.com', 'lake.s3.amazonaws.com']) {
    expect((await send(aws, 'GET', '/hosted/a', { host })).text).toBe('x')
    expect(elements((await send(aws, 'GET', '/?list-type=2&prefix=hosted', { host })).text, 'Key')).toEqual([
      'hosted/a',
    ])
  }
})

describe('a delete', () => {
  test('may be on the condition of an ETag', async () => {
    await put('kept', 'x')
    const remove = (etag: string) => send(aws, 'DELETE', '/lake/kept', { 'if-match': etag })
    expect(codeOf(await remove('"other"'))).toEqual([412, 'PreconditionFailed'])
    expect((await get('kept')).status).toBe(200)
    expect((await remove('*')).status).toBe(204)
    expect((await get('kept')).status).toBe(404)
  })
})

describe('a read', () => {
  test('on a condition of time or ETags is answered as HTTP says', async () => {
    const { headers } = await put('timed', 'x')
    const etag = headers.get('etag') ?? ''
    const modified = (await get('timed')).headers.get('last-modified') ?? ''
    const before = new Date(Date.parse(modified) - 1000).toUTCString()
    const statusOf = async (conditions: Record<string, string>) => (await get('timed', conditions)).status
    expect(await statusOf({ 'if-modified-since': modified })).toBe(304)
    expect(await statusOf({ 'if-modified-since': before })).toBe(200)
    expect(await statusOf({ 'if-unmodified-since': before })).toBe(412)
    expect(await statusOf({ 'if-unmodified-since': modified })).toBe(200)
    expect(await statusOf({ 'if-match': `"other", ${etag}`, 'if-unmodified-since': before })).toBe(200)
    expect(await statusOf({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200)
    const unmodified = await get('timed', { 'if-none-match': etag })
    expect([unmodified.status, unmodified.headers.get('etag')]).toEqual([304, etag])
  })

  test('of a range that is none, or of many, gets the whole object', async () => {
    await put('whole', '0123456789')
    for (const range of ['bytes=5-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-']) {
      const { status, text } = await get('whole', { range })
      expect([range, status, text]).toEqual([range, 200, '0123456789'])
    }
    const head = await send(aws, 'HEAD', '/lake/whole', { range: 'bytes=-3' })
    expect([head.status, head.headers.get('content-length'), head.headers.get('content-range')]).toEqual([
      206,
      '3',
      'bytes 7-9/10',
    ])
    await put('hollow', '')
    expect(codeOf(await get('hollow', { range: 'bytes=0-' }))).toEqual([416, 'InvalidRange'])
    expect((await get('whole?partNumber=1')).status).toBe(206)
    expect(codeOf(await get('whole?partNumber=2'))).toEqual([416, 'InvalidPartNumber'])
  })

  test('may be given other headers than were recorded', async () => {
    await put('headers', 'x', { 'content-encoding': 'gzip, aws-chunked', 'cache-control': 'no-cache' })
    const plain = await send(aws, 'HEAD', '/lake/headers')
    expect([plain.headers.get('content-encoding'), plain.headers.get('cache-control')]).toEqual([
      'gzip',
      'no-cache',
    ])
    const other = await send(aws, 'HEAD', '/lake/headers?response-cache-control=private&response-expires=0')
    expect([other.headers.get('cache-control'), other.headers.get('expires')]).toEqual(['private', '0'])
  })
})

describe('what S3 takes from nobody is refused', () => {
  test('a key, metadata or path beyond its bounds', async () => {
    expect((await put('ü'.repeat(512), 'x')).status).toBe(200)
    expect(codeOf(await put(`${'ü'.repeat(512)}a`, 'x'))).toEqual([400, 'KeyTooLongError'])
    expect((await put('meta', 'x', { 'x-amz-meta-a': 'x'.repeat(2047) })).status).toBe(200)
    expect(codeOf(await put('meta', 'x', { 'x-amz-meta-a': 'x'.repeat(2048) }))).toEqual([
      400,
      'MetadataTooLarge',
    ])
  })

  test('a request for the bucket of another account', async () => {
    const owner = (id: string) => ({ 'x-amz-expected-bucket-owner': id })
    expect((await put('mine', 'x', owner('000000000000'))).status).toBe(200)
    expect(codeOf(await put('mine', 'y', owner('123456789012')))).toEqual([403, 'AccessDenied'])
  })

  test('and what the stand-in lacks it names, with the status 501', async () => {
    const missing: [string, string, Record<string, string>][] = [
      ['GET', '/lake?policy', {}],
      ['PUT', '/lake?versioning', {}],
      ['GET', '/lake/whole?tagging', {}],
      ['GET', '/lake/whole?versionId=1', {}],
      ['GET', '/lake?versions', {}],
      ['PUT', '/lake/x', { 'x-amz-storage-class': 'GLACIER' }],
      ['PUT', '/lake/x', { 'x-amz-object-lock-mode': 'GOVERNANCE' }],
      ['PUT', '/lake/x', { 'x-amz-checksum-xxhash3': 'AAAAAAAAAAA=' }],
    ]
    for (const [method, path, headers] of missing) {
      const answer = await send(aws, method, path, headers)
      expect([path, ...codeOf(answer)]).toEqual([path, 501, 'NotImplemented'])
      expect(answer.text).toContain('does not implement')
    }
    expect((await send(aws, 'GET', '/lake/x')).status).toBe(404)
  })

  test('a request that nobody signed', async () => {
    const answer = await fetch(`${aws.url}/lake/whole`)
    expect([answer.status, signed.length > 0]).toEqual([403, true])
  })
})
