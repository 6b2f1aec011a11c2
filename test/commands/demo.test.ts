import { afterEach, beforeEach, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterwards, whileUp } from '../../lib/commands/demo/next.ts'
import { tableNames } from '../../lib/declare/find-tables.ts'
import { samePostgres } from '../support/needs-postgres.ts'

const command = join(import.meta.dir, '../../lib/commands/demo.ts')

/** What the demo leaves behind would be in here. */
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  // If root runs this, Postgres runs as somebody else, who has to get at its files.
  await chmod(folder, 0o711)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Moment {
  readonly holds: string
  readonly signal: NodeJS.Signals
  /** Done before the signal is sent. */
  readonly first?: (stdout: string) => Promise<void>
}

/** Runs it without a terminal and sends the signal, if any, when its output holds the text. */
async function demo(args: readonly string[], when?: Moment) {
  const child = spawn(process.execPath, [command, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: homedir(),
      TMPDIR: folder,
      ...samePostgres,
      // A user's own settings, which the demo must not touch.
      DATABASE_URL: 'postgres://nobody@203.0.113.1/production',
      DRACULA_S3_URI: 's3://production/lake',
      AWS_PROFILE: 'production',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  let told = false
  let first = Promise.resolve()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString()
      if (when === undefined || told || !output[name].includes(when.holds)) return
      // A second one, half a second later, would end it at once.
      told = true
      first = (when.first?.(output.stdout) ?? Promise.resolve()).finally(() => child.kill(when.signal))
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  await first
  return { code, ...output, left: await readdir(folder) }
}

test('the demo loads all tables, checks them, asks the lake what only they together know, loads the days that have changed, and with --stay prints how to go on until a signal, leaving nothing', async () => {
  const tried: unknown[] = []
  const when: Moment = {
    ...{ holds: whileUp.at(-1)?.[0] ?? '', signal: 'SIGTERM' as const },
    async first(stdout) {
      const lines = stdout.split('\n').filter((line) => /^(?:export|unset) /.test(line))
      for (const [proposal] of whileUp) tried.push(await tryOut(proposal, lines))
    },
  }
  const { code, stdout, stderr, left } = await demo(['--scale', '0.02', '--stay'], when)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/local: DuckDB in place of Athena/)
  expect(stdout).toMatch(/^ {2}organization +month +ordered +invoiced$/m)
  expect(stdout).toMatch(/^ {2}.+ \d{4}-\d\d +[\d,]+\.\d\d +-?[\d,]+\.\d\d$/m)
  const tables = await tableNames()
  for (const table of tables) expect(stdout).toMatch(new RegExp(`^ {2}${table} +\\w+ +[\\d,]+ .* ok$`, 'm'))
  expect(stdout).toContain(`\n  tables   ${tables.length}\n`)
  for (const table of ['events', 'events_emails']) {
    expect(stdout).toMatch(
      new RegExp(
        `^ {2}${table} +[\\d,]+ rows +[\\d.]+ s +[\\d,]+ rows +[\\d.]+ s +\\d of \\d+ days +\\d+% of the time$`,
        'm',
      ),
    )
  }
  expect(stdout).toMatch(/^export DATABASE_URL='postgres:\/\/dracula:[^']+@127\.0\.0\.1:\d+\/postgres'$/m)
  expect(stdout).toMatch(/^unset AWS_PROFILE$/m)
  expect(left).toEqual([])
  expect(tried).toEqual(whileUp.map(([proposal]) => ({ proposal, code: 0, stderr: '', said: true })))
}, 300_000)

test('what it proposes at its end can be done', async () => {
  const [stay, ...others] = afterwards.map(([proposal]) => proposal)
  expect(stay).toBe('bun run demo --stay')
  for (const proposal of others) {
    const small = proposal.replace(' -- ', ' --scale 0.01 -- ')
    expect(await tryOut(small, [])).toEqual({ proposal: small, code: 0, stderr: '', said: true })
  }
}, 300_000)

/** Runs it the way another terminal would. @param lines run there before */
async function tryOut(proposal: string, lines: readonly string[]) {
  const bun = `bun() { '${process.execPath}' "$@"; }`
  const child = Bun.spawn(['sh', '-c', [...lines, bun, proposal].join('\n')], {
    cwd: join(import.meta.dir, '../..'),
    env: { PATH: process.env['PATH'] ?? '', HOME: homedir(), TMPDIR: folder, ...samePostgres },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { proposal, code, stderr: code === 0 ? '' : stderr, said: stdout !== '' }
}

test('interrupted in the middle of a load it says so, fails and leaves nothing', async () => {
  const when = { holds: '$ bun run all', signal: 'SIGINT' } as const
  const { code, stderr, left } = await demo(['--scale', '0.05'], when)
  expect(stderr).toContain('interrupted by SIGINT')
  expect(code).toBe(1)
  expect(left).toEqual([])
}, 300_000)

test('wrong flags are told in a line, exit code 2, before anything starts', async () => {
  const { code, stderr, left } = await demo(['--scale', '0'])
  expect(stderr).toContain("option '--scale <n>' argument '0' is invalid")
  expect(code).toBe(2)
  expect(left).toEqual([])
})
