import { afterAll, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { GetQueryExecutionCommand } from '@aws-sdk/client-athena'
import { GetTableCommand } from '@aws-sdk/client-glue'
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { awsFailure } from '../../lib/aws/failure.ts'
import type { Failure } from '../../lib/failure/failure.ts'

let respond: () => Response = () => new Response()
const web = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => respond() })
const here = `http://127.0.0.1:${web.port}`
afterAll(() => web.stop(true))

const connect = (endpoint = here) =>
  connectAws({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })

const calls: Readonly<Record<string, (aws: Aws) => Promise<unknown>>> = {
  Glue: (aws) => aws.glue.send(new GetTableCommand({ DatabaseName: 'lake', Name: 'taxes' })),
  Athena: (aws) => aws.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: 'q' })),
  'a list of S3': (aws) => aws.s3.send(new ListObjectsV2Command({ Bucket: 'lake' })),
  'an upload to S3': (aws) => aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'k', Body: 'x' })),
}

async function failureOf(call: (aws: Aws) => Promise<unknown>, endpoint?: string): Promise<Failure> {
  const aws = connect(endpoint)
  try {
    const answer = await call(aws)
    throw new Error(`It was taken for good: ${JSON.stringify(answer)}`)
  } catch (error) {
    return awsFailure(error, 'ask', 'the service')
  } finally {
    aws.close()
  }
}

const page =
  (status: number, title: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(
      `<!DOCTYPE html>\n<html><head><title>${title}</title><style>p { color: red }</style></head>
     <body><script>alert("x")</script><p>Ask   your&nbsp;administrator.</p></body></html>`,
      { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers } },
    )

describe.each(Object.entries(calls))('%s', (_, call) => {
  test.each([
    [502, 1],
    [503, 1],
    [504, 1],
    [429, 1],
    [200, 2],
    [403, 2],
    [404, 2],
    [407, 2],
    [501, 2],
    [511, 2],
  ] as const)(
    'that is answered with a web page and HTTP %i ends with %i, and says what page it was',
    async (status, exit) => {
      respond = page(status, 'Blocked by Acme')
      const failure = await failureOf(call)
      expect(failure.exit).toBe(exit)
      expect(failure.summary).toBe(
        `Cannot ask "the service": ${here} answers with HTTP ${status} and "Blocked by Acme Ask your administrator."`,
      )
      expect(failure.advice).toContain(
        exit === 1 ? 'proxy or load balancer' : 'what answers there is not AWS',
      )
    },
  )

  test('that is led to a login page ends with 2, and says where it was led, without what comes with it', async () => {
    respond = () =>
      new Response(null, {
        status: 302,
        headers: { location: 'https://login.example.com/wifi?session=sesame' },
      })
    const failure = await failureOf(call)
    expect(failure.exit).toBe(2)
    expect(failure.summary).toEndWith(
      `${here} answers with HTTP 302 and sends on to https://login.example.com/wifi`,
    )
  })

  test('that is answered in plain words says them', async () => {
    respond = () => new Response('no healthy upstream', { status: 503 })
    expect((await failureOf(call)).summary).toEndWith(
      `${here} answers with HTTP 503 and "no healthy upstream"`,
    )
  })

  test('that is answered by the gateway of something else says so', async () => {
    respond = () => Response.json({ message: 'no Route matched with those values' }, { status: 404 })
    const failure = await failureOf(call)
    expect(failure.exit).toBe(2)
    expect(failure.summary).toContain('HTTP 404 and "{ message : no Route matched')
  })

  test('that is answered with nothing but HTTP 502 names who answered', async () => {
    respond = () => new Response(null, { status: 502 })
    expect((await failureOf(call)).summary).toContain(`${here} answers with HTTP 502`)
  })

  test('to where nothing listens names the place', async () => {
    const failure = await failureOf(call, 'http://127.0.0.1:1')
    expect(failure.exit).toBe(1)
    expect(failure.summary).toEndWith('ECONNREFUSED: nothing listens at http://127.0.0.1:1')
  })

  test('to a name that nobody knows says so', async () => {
    const failure = await failureOf(call, `http://${'x'.repeat(64)}.example`)
    expect(failure.exit).toBe(1)
    expect(failure.summary).toMatch(/ENOTFOUND: the name is not known of http:/)
  })

  test('by TLS to a server that speaks none ends with 2', async () => {
    respond = page(200, 'It works')
    const failure = await failureOf(call, here.replace('http:', 'https:'))
    expect(failure.exit).toBe(2)
    expect(failure.summary).toEndWith(`EPROTO: no TLS is spoken by https://127.0.0.1:${web.port}`)
    expect(failure.advice).toContain('AWS_ENDPOINT_URL')
  })
})

test('an answer that ends in the middle may pass', async () => {
  respond = () =>
    new Response('{"Table": {"Name": "taxes"', { headers: { 'content-type': 'application/x-amz-json-1.1' } })
  const json = await failureOf(calls['Glue']!)
  expect([json.exit, json.summary]).toEqual([1, expect.stringContaining(`${here} broke off its answer`)])
  respond = () =>
    new Response('<?xml version="1.0"?><ListBucketResult><Contents>', {
      headers: { 'content-type': 'application/xml' },
    })
  const xml = await failureOf(calls['a list of S3']!)
  expect([xml.exit, xml.summary]).toEqual([1, expect.stringContaining(`${here} broke off its answer`)])
})

test('whoever gives the credentials and answers in no JSON is told as that', async () => {
  const error = await new Response('<html>Blocked by Acme</html>').json().catch((each: unknown) => each)
  const failure = awsFailure(error, 'ask', 'the service')
  expect(failure.exit).toBe(1)
  expect(failure.message).toContain('what gives this machine its AWS credentials')
})

test('a server that speaks no HTTP is told as one', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('SSH-2.0-OpenSSH_9.2\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
  const failure = await failureOf(calls['Glue']!, `http://127.0.0.1:${address.port}`)
  await new Promise((resolve) => server.close(resolve))
  expect(failure.exit).toBe(2)
  expect(failure.summary).toContain('no HTTP is spoken by')
})

describe('a bucket of another region', () => {
  const elsewhere = (code: string, status: number) => () =>
    new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>Elsewhere.</Message></Error>`, {
      status,
      headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': 'eu-central-1' },
    })

  test.each([
    ['PermanentRedirect', 301],
    ['AuthorizationHeaderMalformed', 400],
    ['IllegalLocationConstraintException', 400],
  ])('is told by %s, with its region', async (code, status) => {
    respond = elsewhere(code, status)
    const failure = await failureOf(calls['a list of S3']!)
    expect(failure.exit).toBe(2)
    expect(failure.advice).toBe('Set AWS_REGION to eu-central-1, where the bucket is.')
  })

  test('is told by a redirect without a body, with its region', async () => {
    respond = () => new Response(null, { status: 301, headers: { 'x-amz-bucket-region': 'eu-central-1' } })
    const failure = await failureOf((aws) => aws.s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: 'k' })))
    expect(failure.exit).toBe(2)
    expect(failure.advice).toBe('Set AWS_REGION to eu-central-1, where the bucket is.')
  })
})

test('what S3 answers without a body is no foreign answer', async () => {
  const moto = { 'x-amzn-requestid': 'r', 'content-type': 'text/html; charset=utf-8' }
  for (const [status, headers] of [
    [403, { 'x-amz-request-id': 'r' }],
    [404, { 'x-amz-request-id': 'r' }],
    [404, moto],
  ] as const) {
    respond = () => new Response(null, { status, headers })
    const failure = await failureOf((aws) => aws.s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: 'k' })))
    expect(failure.summary).toContain(`HTTP ${status}`)
    expect(failure.summary).not.toContain('answers with')
  }
})

describe('a proxy', () => {
  test.each([
    ['407 Proxy Authentication Required', 2, 'Check HTTPS_PROXY and NO_PROXY'],
    ['403 Forbidden', 2, 'Check HTTPS_PROXY and NO_PROXY'],
    ['502 Bad Gateway', 1, 'look at the proxy that HTTPS_PROXY names'],
  ] as const)('that refuses a tunnel with %s is told as one', async (status, exit, advice) => {
    const proxy = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
    const error = await fetch('https://glue.example.com', {
      proxy: `http://127.0.0.1:${address.port}`,
    }).catch((each: unknown) => each)
    await new Promise((resolve) => proxy.close(resolve))
    const failure = awsFailure(error, 'ask', 'the service')
    expect(failure.exit).toBe(exit)
    expect(failure.summary).toContain(status)
    expect(failure.advice).toContain(advice)
  })

  test('that is none is told as one', async () => {
    for (const proxy of ['nonsense', 'socks5://127.0.0.1:1']) {
      const error = await fetch('https://glue.example.com', { proxy }).catch((each: unknown) => each)
      const failure = awsFailure(error, 'ask', 'the service')
      expect([failure.exit, failure.advice]).toEqual([2, expect.stringContaining('HTTPS_PROXY')])
    }
  })
})
