/** The stand-in that a bench loads into, in a process of its own. */
import { join } from 'node:path'

export interface Lake {
  /** The environment of a script, but for the database. */
  readonly env: Readonly<Record<string, string>>
  readonly pid: number
  stop(): Promise<void>
}

/**
 * `bun run local` beside that database: in a process of its own, as S3 is, so that its work is not counted as the load's.
 * @param flags of it
 * @throws Error when it ends before it is up
 */
export async function startLake(databaseUrl: string, flags: readonly string[] = []): Promise<Lake> {
  const shell = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/tmp' }
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, '../local.ts'), ...flags], {
    env: { ...shell, TMPDIR: process.env['TMPDIR'] ?? '/tmp', DATABASE_URL: databaseUrl },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
  })
  const env: Record<string, string> = {}
  const decoder = new TextDecoder()
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true })
    for (const [, name = '', value = ''] of printed.matchAll(/^export (\w+)='(.*)'$/gm)) env[name] = value
    if (env['DRACULA_ATHENA_OUTPUT'] !== undefined) break
  }
  if (env['DRACULA_ATHENA_OUTPUT'] === undefined) throw new Error('the stand-in did not start')
  return {
    env: { ...env, ...shell },
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM')
      await child.exited
    },
  }
}
