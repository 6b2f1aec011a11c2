import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { ListWorkGroupsCommand } from '@aws-sdk/client-athena'
import { GetDatabaseCommand } from '@aws-sdk/client-glue'
import { ListObjectsV2Command, UploadPartCommand } from '@aws-sdk/client-s3'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { until } from '../support/until.ts'

/** Servers that misbehave below HTTP. */
const sockets = new Set<Socket>()
/** Since the start. */
let connections = 0
async function listen(answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket)
    connections++
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

let silent: Server
let stalling: Server
let closing: Server
beforeAll(async () => {
  silent = await listen((socket) => socket.on('data', () => {}))
  stalling = await listen((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<a>')),
  )
  closing = await listen((socket) => socket.once('data', () => socket.destroy()))
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of [silent, stalling, closing]) server.close()
})

const connect = (server: Server, maxAttempts = 1, requestTimeout = 300) =>
  connectAws({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestTimeout,
    maxAttempts,
  })

const calls: [string, (aws: Aws, abortSignal?: AbortSignal) => Promise<unknown>][] = [
  ['S3', (aws, abortSignal) => aws.s3.send(new ListObjectsV2Command({ Bucket: 'b' }), sending(abortSignal))],
  [
    'an upload to S3',
    (aws, abortSignal) =>
      aws.s3.send(
        new UploadPartCommand({
          Bucket: 'b',
          Key: 'k',
          UploadId: 'u',
          PartNumber: 1,
          Body: Buffer.alloc(8 << 20),
          ChecksumCRC32: 'AAAAAA==',
        }),
        sending(abortSignal),
      ),
  ],
  ['Glue', (aws, abortSignal) => aws.glue.send(new GetDatabaseCommand({ Name: 'd' }), sending(abortSignal))],
  ['Athena', (aws, abortSignal) => aws.athena.send(new ListWorkGroupsCommand({}), sending(abortSignal))],
]

function sending(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal }
}

describe.each(calls)('a request to %s', (_, call) => {
  test('ends with a TimeoutError when the server is silent, and hangs up', async () => {
    const before = sockets.size
    const aws = connect(silent)
    await expect(call(aws)).rejects.toMatchObject({ name: 'TimeoutError' })
    await until(() => sockets.size <= before)
    expect(sockets.size).toBeLessThanOrEqual(before)
    aws.close()
  })

  test('ends with a TimeoutError when the answer stalls', async () => {
    const aws = connect(stalling)
    await expect(call(aws)).rejects.toMatchObject({ name: 'TimeoutError' })
    aws.close()
  })

  test('is sent again when the connection closes', async () => {
    const aws = connect(closing, 3)
    await expect(call(aws)).rejects.toMatchObject({ code: 'ECONNRESET', $metadata: { attempts: 3 } })
    aws.close()
  })

  test('ends with an AbortError at once on abort', async () => {
    const aws = connect(silent, 1, 600_000)
    const before = connections
    const stop = new AbortController()
    const request = call(aws, stop.signal)
    await until(() => connections !== before)
    stop.abort()
    await expect(request).rejects.toMatchObject({ name: 'AbortError' })
    await expect(call(aws, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    aws.close()
  })
})

describe('the clients', () => {
  const seen: { path: string; headers: Headers }[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      seen.push({ path: new URL(request.url).pathname, headers: request.headers })
      return new Response(null, { headers: { etag: '"e"' } })
    },
  })
  afterAll(() => server.stop(true))

  test('take the endpoint from the environment, with the bucket in the path whatever its host is called', async () => {
    const outer = { ...process.env }
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://localhost:${server.port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    })
    try {
      const aws = connectAws()
      await aws.s3.send(
        new UploadPartCommand({ Bucket: 'lake', Key: "a b(c)'é", UploadId: 'u', PartNumber: 1, Body: 'x' }),
      )
      expect(await aws.timings()).toMatchObject({ crawlerPoll: 50 })
      aws.close()
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in outer)) delete process.env[name]
      Object.assign(process.env, outer)
    }
    const { path, headers } = seen.at(-1) ?? {}
    expect(path).toBe('/lake/a%20b%28c%29%27%C3%A9')
    expect(headers?.get('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD')
    expect(headers?.get('expect')).toBeNull()
    expect(headers?.get('authorization')).toContain('/eu-west-1/s3/aws4_request')
  })

  test('are patient with a Glue that is not on this machine', async () => {
    for (const [endpoint, crawlerPoll] of [
      ['https://glue.example.com', 5_000],
      ['http://[::1]:4566', 50],
      ['http://127.0.0.2:4566', 50],
    ] as const) {
      const aws = connectAws({ endpoint, region: 'us-east-1' })
      expect((await aws.timings()).crawlerPoll).toBe(crawlerPoll)
      aws.close()
    }
  })
})

test('calls are tried again after longer and longer pauses, and each try more is told', async () => {
  const told: string[] = []
  const aws = connectAws({
    endpoint: `http://127.0.0.1:${(closing.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
    onRetry: (message) => void told.push(message),
  })
  try {
    const { retryMode } = aws.glue.config
    expect(typeof retryMode === 'function' ? await retryMode() : retryMode).toBe('standard')
    await aws.glue.send(new GetDatabaseCommand({ Name: 'd' })).catch(() => {})
    expect(told).toEqual(Array(2).fill(expect.stringMatching(/^glue:GetDatabase: .*ECONN.*; again$/)))
  } finally {
    aws.close()
  }
})
