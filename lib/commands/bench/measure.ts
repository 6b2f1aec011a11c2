/** One command, from start to exit: its time, and what the operating system has counted for it and for what runs beside it. */
import { cpuSecondsOf } from './accounts.ts'

/** Processes that work for what is measured without being it, by name: their ids. */
export type Beside = Readonly<Record<'server' | 's3', number>>

/** One run. */
export interface Measured {
  readonly seconds: number
  /** User and system, of its children too. */
  readonly cpuSeconds: number
  /** The highest resident set, in bytes. */
  readonly peakBytes: number
  /** What the processes beside it used meanwhile; undefined where there is no /proc. */
  readonly besideSeconds: Readonly<Record<keyof Beside, number | undefined>>
  /** What it printed, if that was asked for. */
  readonly output: string
}

export interface Measurement {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Keeps what it prints; else that goes nowhere. */
  readonly listen?: boolean | undefined
  readonly cwd?: string | undefined
}

/**
 * Runs a command from start to exit.
 * @param signal ends the command
 * @throws Error with what it said on stderr when it fails
 */
export async function measure(
  { command, env, listen = false, cwd }: Measurement,
  beside: Beside,
  signal: AbortSignal,
): Promise<Measured> {
  const [server, s3] = await timesOf(beside)
  const started = performance.now()
  const child = Bun.spawn([...command], {
    env,
    ...(cwd !== undefined && { cwd }),
    stdin: 'ignore',
    stdout: listen ? 'pipe' : 'ignore',
    stderr: 'pipe',
    signal,
  })
  const printed = listen ? new Response(child.stdout).text() : ''
  const said = new Response(child.stderr).text()
  const code = await child.exited
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${command[0]} exited with ${code}: ${(await said).trim()}`)
  const usage = child.resourceUsage()
  const [serverAfter, s3After] = await timesOf(beside)
  return {
    seconds,
    cpuSeconds: Number(usage?.cpuTime.total ?? 0) / 1e6,
    peakBytes: usage?.maxRSS ?? 0,
    besideSeconds: { server: difference(serverAfter, server), s3: difference(s3After, s3) },
    output: await printed,
  }
}

async function timesOf({ server, s3 }: Beside): Promise<readonly [number | undefined, number | undefined]> {
  return Promise.all([cpuSecondsOf(server), cpuSecondsOf(s3)])
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before
}
