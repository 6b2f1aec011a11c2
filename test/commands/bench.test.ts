import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { chmod, readdir } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cpuSecondsOf } from '../../lib/commands/bench/accounts.ts'
import { findPeers } from '../../lib/commands/bench/peers.ts'
import { startProxy } from '../../lib/commands/bench/proxy.ts'
import { takeTurns } from '../../lib/commands/bench/turns.ts'
import { temporaryFolder } from '../support/temporary.ts'

const command = join(import.meta.dir, '../../lib/commands/bench.ts')

async function bench(args: readonly string[]) {
  await using folder = await temporaryFolder()
  // If root runs this, Postgres runs as somebody else, who has to get at its files.
  await chmod(folder.path, 0o711)
  const child = Bun.spawn([process.execPath, command, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: homedir(), TMPDIR: folder.path },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr, left: await readdir(folder.path) }
}

interface Figures {
  readonly wall_s: number
  readonly cpu_s: number
  readonly server_cpu_s?: number
  readonly ratio: number
}

test('a bench measures a load and a dry run beside COPY, and what a load of nothing takes, and leaves nothing', async () => {
  const small = ['--rows', '500', '--sample', '50', '--repeat', '1', '--connections', '1']
  const { exit, stdout, stderr, left } = await bench([
    ...small,
    ...['--parts', 'empty,tables', '--tables', 'currencies', '--json'],
  ])
  expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
  expect(left).toEqual([])
  const { tables, empty } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  const { contenders, rows }: { contenders: Record<string, Figures>; rows: number } = tables.currencies
  const [copy = '', ...loads] = Object.keys(contenders)
  expect(copy).toStartWith('COPY drained by')
  expect(loads.slice(0, 2)).toEqual(['load, 1 connection', 'dry run, 1 connection'])
  expect(Object.keys(empty)).toEqual([copy, 'load, 1 connection'])
  expect(rows).toBeGreaterThanOrEqual(500)
  expect(contenders[copy]?.ratio).toBe(1)
  for (const { wall_s, cpu_s, ratio, server_cpu_s } of Object.values(contenders)) {
    expect(wall_s).toBeGreaterThan(0)
    expect(cpu_s).toBeGreaterThan(0)
    expect(ratio).toBeGreaterThan(0)
    if (process.platform === 'linux') expect(server_cpu_s).toBeGreaterThanOrEqual(0)
  }
  expect(stdout).toMatch(/^ {2}load, 1 connection +\d+\.\d\d s +\d+\.\d\d /m)
}, 300_000)

test('a bench loads what has changed beside the whole, and some of many days, and tells what each has written', async () => {
  const small = ['--rows', '600', '--days', '12', '--repeat', '1']
  const { exit, stdout, stderr, left } = await bench([...small, '--parts', 'incremental', '--json'])
  expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
  expect(left).toEqual([])
  const { changes, commits } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '').incremental
  const filesOf = ({ contenders }: { contenders: Record<string, { files: number }> }) =>
    Object.fromEntries(Object.entries(contenders).map(([name, { files }]) => [name, files]))
  expect(filesOf(changes)).toEqual({
    'whole load': 6,
    'incremental load': 1,
    'incremental, keys compared daily': 1,
  })
  expect(filesOf(commits)).toEqual({ 'whole load': 12, 'of neighbours': 1, 'spread over all': 1 })
  for (const { metadata_kb, publish_s } of Object.values<Record<string, number>>(commits.contenders)) {
    expect(metadata_kb).toBeGreaterThan(1)
    expect(publish_s).toBeGreaterThan(0)
  }
  expect(changes.time_share).toBeGreaterThan(0)
  expect(stdout).toMatch(/^ {2}The incremental load takes \d+\.\d % of the time, /m)
}, 300_000)

test('a part that there is not is told in a line, exit code 2, before anything starts', async () => {
  const { exit, stderr, left } = await bench(['--parts', 'tables,speed'])
  expect(stderr).toContain(
    'There is no speed: choose from tables, empty, all, throttled, latency, growth, incremental, quotas.',
  )
  expect({ exit, left }).toEqual({ exit: 2, left: [] })
})

test('a folder without peers, and one that is not there, are refused', async () => {
  await using folder = await temporaryFolder()
  for (const path of [folder.path, join(folder.path, 'elsewhere')]) {
    const refusal = findPeers(path)
    await expect(refusal).rejects.toThrow(`Cannot find peers in "${path}": `)
    await expect(refusal).rejects.toMatchObject({ detail: { exit: 2 } })
  }
})

test('who fails, or takes another number of rows, is left out and the others are measured on', async () => {
  const exiting = (code: number) => [process.execPath, '--eval', `process.exit(${code})`]
  const said: string[] = []
  const rounds = await takeTurns(
    'taxes',
    [
      { name: 'fails', command: exiting(3), env: {}, optional: true },
      {
        name: 'loses',
        command: exiting(0),
        env: {},
        optional: true,
        rows: { expected: 7, taken: async () => 6 },
      },
      { name: 'works', command: exiting(0), env: {} },
    ],
    {
      repeat: 1,
      beside: { server: process.pid, s3: process.pid },
      signal: new AbortController().signal,
      say: (line) => said.push(line),
    },
  )
  expect([...rounds.keys()]).toEqual(['works'])
  expect(rounds.get('works')).toHaveLength(1)
  expect(said).toContain('taxes: loses is left out: Error: it took 6 rows of 7')
  expect(said.join('\n')).toMatch(/^taxes: fails is left out: .* exited with 3/m)
})

test.skipIf(process.platform !== 'linux')(
  "a process's time has that of its children, those that have ended too",
  async () => {
    const before = await cpuSecondsOf(process.pid)
    const child = Bun.spawn([process.execPath, '--eval', 'for (let at = 0; at < 1e8; at++);'])
    await child.exited
    const after = await cpuSecondsOf(process.pid)
    const spent = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6
    // The kernel counts in hundredths.
    expect((after ?? 0) - (before ?? 0)).toBeGreaterThanOrEqual(spent - 0.03)
    expect(await cpuSecondsOf(2 ** 22 + 1)).toBeUndefined()
  },
)

/** A server that says as many bytes as it is asked for, and goes. */
let server: Server
let port: number
const content = Buffer.from(Uint32Array.from({ length: 2 ** 21 }, (_, at) => at * 2654435761).buffer)

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (asked) => socket.end(content.subarray(0, Number(asked))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})

afterAll(() => void server?.close())

/** Asks and listens to the end. */
async function ask(at: number, bytes: number): Promise<{ readonly heard: Buffer; readonly ms: number }> {
  const started = performance.now()
  const chunks: Buffer[] = []
  const socket = connect({ host: '127.0.0.1', port: at })
  socket.write(String(bytes))
  for await (const chunk of socket) chunks.push(chunk)
  return { heard: Buffer.concat(chunks), ms: performance.now() - started }
}

const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')

test('a proxy brings all bytes, later each way and no faster than it may, to each connection by itself', async () => {
  const proxy = await startProxy(port, { delayMs: 30, bytesPerSecond: 2_000_000 })
  try {
    const answers = await Promise.all([ask(proxy.port, 300_000), ask(proxy.port, 300_000)])
    for (const { heard, ms } of answers) {
      expect(digest(heard)).toBe(digest(content.subarray(0, 300_000)))
      // Two ways, and 300 kB at 2 MB/s; a clock may be a millisecond off at each end.
      expect(ms).toBeGreaterThanOrEqual(2 * 30 + 150 - 5)
    }
  } finally {
    proxy.stop()
  }
})

test('a proxy that only delays brings more than is on its way at once', async () => {
  const proxy = await startProxy(port, { delayMs: 1 })
  try {
    const { heard } = await ask(proxy.port, content.length)
    expect(digest(heard)).toBe(digest(content))
  } finally {
    proxy.stop()
  }
})

test('a proxy to nobody cuts the connection', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const address = closed.address()
  await new Promise((resolve) => closed.close(resolve))
  const proxy = await startProxy(typeof address === 'object' && address !== null ? address.port : 0, {
    delayMs: 0,
  })
  try {
    const socket = connect({ host: '127.0.0.1', port: proxy.port })
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
  } finally {
    proxy.stop()
  }
})
