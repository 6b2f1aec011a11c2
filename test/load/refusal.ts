/** What every load has in common that is refused, or fails: a clear line, and nothing else. */
import { expect } from 'bun:test'
import { type ExitCode, mayRunAgain } from '../../lib/failure/exit-code.ts'
import type { FinishedScript, TestStandIn } from '../support/stand-in.ts'

export interface Refusal {
  readonly exit: ExitCode
  /** What the line must contain: the table, column, value, and what to do. */
  readonly says: readonly (string | RegExp)[]
}

/**
 * Runs the load, and expects of it one clear line that says all this, the exit code, no secret, and everything else as
 * it was: what readers see, objects, uploads, staged tables, connections.
 * Takes away the faults of the stand-in before it looks.
 */
export async function expectRefusal(
  lake: TestStandIn,
  table: string,
  load: () => Promise<FinishedScript>,
  { exit, says }: Refusal,
): Promise<FinishedScript> {
  const before = await stateOf(lake, table)
  const finished = await load()
  lake.faults.clear()
  expectClearLine(finished, table, exit)
  for (const each of says) expect(finished.message).toMatch(each)
  expectNoSecret(finished, [lake.env['DATABASE_URL'] ?? ''])
  expect(await stateOf(lake, table)).toEqual(before)
  return finished
}

/** The last of stderr, the only error there, and the same as in the summary. */
export function expectClearLine(finished: FinishedScript, table: string, exit: ExitCode): void {
  const { message, stderr } = finished
  expect({ exit: finished.exit, message }).toEqual({ exit, message })
  const known = exit === 5 ? 'not known whether it was published' : '(not published|dry run failed)'
  const retry = mayRunAgain(exit) ? 'yes' : 'no'
  expect(message).toMatch(
    new RegExp(`^${table}: ${known}[^.]*(\\.\\d+[^.]*)*\\. Cause: \\S.*\\S Do: [A-Z].* Retry: ${retry}\\.$`),
  )
  expect(message).not.toMatch(/undefined|\[object|NaN is|unexpected error|\.\.|\n| {2}|\. \.|:\./)
  const lines = stderr.trimEnd().split('\n')
  const errors = lines.filter((line) => JSON.parse(line).level === 'error')
  expect(errors).toEqual(lines.slice(-1))
  expect(stderr).not.toMatch(/\bat \S+ \(|\.ts:\d+/)
  expect(finished.failure()).toMatchObject({
    table,
    published: exit === 5 ? null : false,
    error: { exit, retry: mayRunAgain(exit) },
  })
}

/** @param urls whose passwords nobody may see */
export function expectNoSecret({ stdout, stderr }: FinishedScript, urls: readonly string[]): void {
  for (const url of urls) {
    const { password } = new URL(url)
    if (password === '') continue
    for (const secret of [password, decodeURIComponent(password)]) {
      expect(stdout).not.toContain(secret)
      expect(stderr).not.toContain(secret)
    }
  }
}

/** All that a load could change. The server may take a moment to see that a process has gone. */
export async function stateOf(lake: TestStandIn, table: string) {
  for (let attempt = 0; ; attempt++) {
    const [seen, remains] = await Promise.all([lake.readersSee(table), lake.remains(table)])
    if (remains.backends.length === 0 || attempt === 100) return { seen, ...remains }
    await Bun.sleep(50)
  }
}
