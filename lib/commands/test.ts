#!/usr/bin/env bun
/** `bun run test`: all tests, the longest files first, with one line for each that is done and all of what failed. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { runCommand } from '../cli/command.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { standInPackages } from '../local/packages.ts'
import { makeTemplate } from '../local/postgres.ts'
import { startWatchdog } from '../local/watchdog.ts'

const root = join(import.meta.dir, '../..')
/** How long each file took when that was last noted, in milliseconds. */
const timings = 'test/timings.json'
/** Against tests that hang: none should come near it on a busy machine. */
const timeoutMs = 300_000

/** One more than there are cores: a file mostly waits, for a server to start or a process to end. */
const filesAtOnce = availableParallelism() + 1

/** Lines that are of no file. */
const ofAll = /^ *\d+ (pass|fail|skip|todo|error|expect|snapshot|test)|^Ran /

const command = new Command('bun run test')
  .description(
    'Runs the tests, one file more at a time than there are cores, and tells of each file when it is done.',
  )
  .argument('[file...]', 'which test files; all unless named')
  .option('--update-timings', 'note how long the files take, for the order of later runs')
  .option('--junit <file>', 'write there, as JUnit does, how each test ended')

await runCommand(command, async (signal) => {
  requirePackages(command.name(), standInPackages)
  const { updateTimings = false, junit } = command.opts<{ updateTimings?: boolean; junit?: string }>()
  const all = await Array.fromAsync(new Bun.Glob('test/**/*.test.ts').scan(root))
  const files = command.args.length === 0 ? all : command.args
  // Whatever the tests leave, interrupted ones too, goes with it.
  const folder = await mkdtemp(join(tmpdir(), 'dracula-tests-'))
  const watchdog = startWatchdog(folder)
  const template = await makeTemplate(folder)
  try {
    signal.throwIfAborted()
    // Most of a file's own cost is importing what all of them import.
    const args = [
      `--parallel=${filesAtOnce}`,
      '--no-isolate',
      `--timeout=${timeoutMs}`,
      `--timings=${timings}`,
    ]
    if (updateTimings) args.push('--update-timings')
    if (junit !== undefined) args.push('--reporter=junit', `--reporter-outfile=${resolve(junit)}`)
    const child = Bun.spawn([process.execPath, 'test', ...args, ...command.args], {
      cwd: root,
      env: { ...process.env, TMPDIR: folder, DRACULA_TEST_TEMPLATE: template.folder },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    const stop = () => child.kill('SIGINT')
    signal.addEventListener('abort', stop)
    await tell(child.stderr, files.length)
    const exit = await child.exited
    await template.remove()
    const left = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    if (exit === 0 && left.length > 0)
      process.stderr.write(`Left behind, and removed now: ${left.join(', ')}\n`)
    return exit
  } finally {
    await template.remove()
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    watchdog.stop()
  }
})

/**
 * Passes on what the test runner says, but for the tests that passed: of each file its name, when its first test is
 * done, and whatever goes wrong in it. Lines of several files take turns, each after the name of its file.
 */
async function tell(output: ReadableStream<Uint8Array>, files: number): Promise<void> {
  const begun = new Set<string>()
  let current = ''
  let told = ''
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of output) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, file] = /^(test\/.*\.test\.ts):$/.exec(line) ?? []
      if (file !== undefined) {
        current = file
        if (begun.has(file)) continue
        process.stderr.write(`${begun.add(file).size} of ${files}: ${file}\n`)
        told = file
      } else if (line !== '' && !line.startsWith('(pass)')) {
        if (told !== current && !ofAll.test(line)) process.stderr.write(`${current}:\n`)
        told = current
        process.stderr.write(`${line}\n`)
      }
    }
  }
  process.stderr.write(rest)
}
