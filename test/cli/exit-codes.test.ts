/** What an exit code means is said in several places, and in one way. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { settingsHelp } from '../../lib/cli/settings.ts'
import { retryStrategy } from '../../lib/commands/argo/pod.ts'
import { type ExitCode, mayRunAgain } from '../../lib/failure/exit-code.ts'

const codes: readonly ExitCode[] = [1, 2, 3, 4, 5]
const readme = await Bun.file(join(import.meta.dir, '../../README.md')).text()

test('the README, --help and the messages agree on it, and on what is run again', () => {
  const rows = [...readme.matchAll(/^\| (\d) +\| (.*?) +\| (.*?) +\|$/gm)]
  expect(rows.map(([, code]) => Number(code))).toEqual([0, ...codes])
  for (const [, code = '', meaning = '', retry = ''] of rows) {
    // The one row of --help that has an advice in it has it after a semicolon.
    expect(settingsHelp.replace('; a retry may help', '')).toContain(`\n  ${code}  ${meaning}\n`)
    if (code !== '0') expect(retry !== 'no').toBe(mayRunAgain(Number(code) as ExitCode))
  }
})

test('Argo runs again what may be run again, and pods that were lost', () => {
  const { expression } = retryStrategy
  expect(expression).toBe(`asInt(lastRetry.exitCode) in [-1, ${codes.filter(mayRunAgain).join(', ')}]`)
})
