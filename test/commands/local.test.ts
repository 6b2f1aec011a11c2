import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startLocalPostgres } from '../../lib/local/postgres.ts'
import { samePostgres } from '../support/needs-postgres.ts'
import { until } from '../support/until.ts'

const command = join(import.meta.dir, '../../lib/commands/local.ts')
const bun = process.execPath

/** What the command leaves behind would be in here. */
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  // If root runs this, Postgres runs as somebody else, who has to get at its files.
  await chmod(folder, 0o711)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Settles when stdout holds the text. */
  printed(text: string): Promise<string>
}

function local(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(bun, [command, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: homedir(), TMPDIR: folder, ...samePostgres, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    ended: ended.then((code) => ({ code, ...output })),
    async printed(text) {
      while (!output.stdout.includes(text)) {
        if (child.exitCode !== null) throw new Error(`It ended without "${text}": ${output.stderr}`)
        await Bun.sleep(20)
      }
      return output.stdout
    },
  }
}

/** A server that does not end when it is told to is killed ten seconds later. */
async function leftovers(): Promise<string[]> {
  for (let tries = 0; tries < 1_500 && (await readdir(folder)).length > 0; tries++) await Bun.sleep(20)
  return readdir(folder)
}

/** What the tables of its Postgres take; those of a new one 25 MB. */
async function tablesBytes(): Promise<number> {
  let bytes = 0
  const files = new Bun.Glob('*/postgres/data/base/*/*').scan({ cwd: folder, absolute: true })
  try {
    for await (const file of files) bytes += Bun.file(file).size
  } catch {
    // Files come and go.
  }
  return bytes
}

/** Counts currencies through the only thing it is told: its environment. */
const count = `
  const postgres = (await import(${JSON.stringify(import.meta.resolve('postgres'))})).default
  const sql = postgres(process.env.DATABASE_URL)
  console.log(process.env.AWS_REGION, process.env.SECRET, (await sql\`select count(*) from currencies\`)[0].count)
  await sql.end()
  process.exit(7)`

test('a command runs in the environment of the stand-in alone, and its exit code is ours', async () => {
  const run = local(['--scale', '0.001', '--', bun, '-e', count], {
    SECRET: 'of the shell',
    AWS_REGION: 'mars',
  })
  const { code, stdout } = await run.ended
  expect(stdout).toBe('us-east-1 undefined 200\n')
  expect(code).toBe(7)
  expect(await leftovers()).toEqual([])
}, 300_000)

test('it prints lines a shell can run, stays up, and ends cleanly', async () => {
  const astray = { AWS_PROFILE: 'elsewhere', DRACULA_KMS_KEY: 'theirs', HTTP_PROXY: 'http://127.0.0.1:1' }
  const run = local(['--scale', '0.001'], astray)
  const lines = await run.printed('DRACULA_ATHENA_OUTPUT')
  const shell = Bun.spawnSync(
    [
      'sh',
      '-c',
      `${lines}\necho $DRACULA_S3_URI; echo "$AWS_PROFILE$DRACULA_KMS_KEY$HTTP_PROXY"; echo $DATABASE_URL`,
    ],
    { env: { PATH: process.env['PATH'] ?? '', ...astray } },
  )
  const [lake, unset, url] = shell.stdout.toString().split('\n')
  expect([lake, unset]).toEqual(['s3://lake/tables', ''])
  const sql = postgres(url ?? '', { max: 1 })
  expect([...(await sql`select count(*)::int as rows from taxes`)]).toEqual([{ rows: 60 }])
  await sql.end()
  run.child.kill('SIGTERM')
  const { code, stdout, stderr } = await run.ended
  expect(code).toBe(0)
  expect(stdout).toBe(lines)
  expect(stderr).toContain('Ctrl-C')
  expect(await leftovers()).toEqual([])
}, 300_000)

test('it enforces a share of AWS quotas where that is asked for, and says at the end what was met', async () => {
  const url = 'postgres://nobody@127.0.0.1:1/none'
  const requests =
    'for (const _ of "1234") console.log((await fetch(process.env.AWS_ENDPOINT_URL + "/lake/x")).status)'
  const run = local(['--quota-share', '0.0001', '--', bun, '-e', requests], { DATABASE_URL: url })
  const { code, stdout, stderr } = await run.ended
  expect(code).toBe(0)
  expect(stdout.split('\n')).toContain('503')
  expect(stderr).toMatch(
    /^What was asked of 0.0001 of AWS' default quotas:\n {2}s3: reads of a bucket: refused \d of \d, at most \d of 0.55 a second$/m,
  )
}, 300_000)

test('a signal is passed on to the command, which has the last word', async () => {
  const run = local([
    '--scale',
    '0.001',
    'sh',
    '-c',
    'trap "echo told; exit 9" TERM; echo up; while :; do sleep 0.05; done',
  ])
  await run.printed('up')
  run.child.kill('SIGTERM')
  const { code, stdout } = await run.ended
  expect(stdout).toBe('up\ntold\n')
  expect(code).toBe(9)
  expect(await leftovers()).toEqual([])
}, 300_000)

test('killed, it leaves nothing', async () => {
  const run = local(['--scale', '0.001'])
  await run.printed('DRACULA_ATHENA_OUTPUT')
  expect(await readdir(folder)).toHaveLength(1)
  run.child.kill('SIGKILL')
  await run.ended
  expect(await leftovers()).toEqual([])
}, 300_000)

test('interrupted while it fills the database, it leaves nothing', async () => {
  const run = local(['--scale', '5'])
  await until(async () => (await tablesBytes()) >= 50_000_000)
  run.child.kill('SIGINT')
  const { code, stdout, stderr } = await run.ended
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('interrupted by SIGINT')
  expect(await leftovers()).toEqual([])
}, 300_000)

test('beside a database of the user it seeds nothing and repeats no password', async () => {
  const own = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  const server = await startLocalPostgres({ folder: own })
  try {
    const inside = local(['--', 'sh', '-c', 'echo $DATABASE_URL'], { DATABASE_URL: server.url })
    expect((await inside.ended).stdout).toBe(`${server.url}\n`)

    const run = local([], { DATABASE_URL: server.url })
    await run.printed('DRACULA_ATHENA_OUTPUT')
    run.child.kill('SIGINT')
    const { code, stdout, stderr } = await run.ended
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain(new URL(server.url).password)
    const sql = postgres(server.url, { max: 1 })
    expect([...(await sql`select tablename from pg_tables where schemaname = 'public'`)]).toEqual([])
    await sql.end()
    expect(await leftovers()).toEqual([])
  } finally {
    await server.stop()
    await rm(own, { recursive: true, force: true })
  }
}, 300_000)

test('wrong flags and a command that is not there are told in a line, exit code 2', async () => {
  const flag = await local(['--scale', 'big']).ended
  expect(flag.code).toBe(2)
  expect(flag.stderr).toContain('It is a number greater than 0.')
  const missing = await local(['--scale', '0.001', '--', 'no-such-command']).ended
  expect(missing.code).toBe(2)
  expect(missing.stderr).toContain('Cannot run "no-such-command"')
  expect(await leftovers()).toEqual([])
}, 300_000)
