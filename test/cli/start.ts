import { join } from 'node:path'
import { runInProcess } from '../support/in-process.ts'
import type { Behaviour } from './fixture.ts'

const fixture = join(import.meta.dir, 'fixture.ts')

export const secret = 'hunter-2%/x'

export interface Started {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** Complete for a script; nothing of it is ever reached. */
const environment = {
  DATABASE_URL: `postgres://reader:${encodeURIComponent(secret)}@localhost:1/shop`,
  DRACULA_S3_URI: 's3://lake/tables',
  DRACULA_GLUE_DATABASE: 'lake',
}

export function start(
  args: readonly string[],
  behaviour: Behaviour = { end: { kind: 'succeed' } },
  env: Readonly<Record<string, string | undefined>> = {},
) {
  return Bun.spawn([process.execPath, fixture, ...args], {
    env: { ...environment, BEHAVE: JSON.stringify(behaviour), ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

/** Runs the fixture to its end in this process, away from any terminal. */
export function runToEnd(
  args: readonly string[],
  behaviour: Behaviour = { end: { kind: 'succeed' } },
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Started> {
  return runInProcess(fixture, args, { ...environment, BEHAVE: JSON.stringify(behaviour), ...env })
}

/** The same in a process of its own. */
export async function runProcessToEnd(...given: Parameters<typeof start>): Promise<Started> {
  const child = start(...given)
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

/** @throws SyntaxError when a line is not JSON */
export function logLines({ stderr }: Pick<Started, 'stderr'>): Record<string, unknown>[] {
  return stderr
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

export function lastMessage(started: Pick<Started, 'stderr'>): string {
  return String(logLines(started).at(-1)?.['message'])
}
