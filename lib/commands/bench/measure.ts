/** A process as the operating system accounts for it. */
export interface Measured {
  readonly seconds: number
  /** User and system. */
  readonly cpuSeconds: number
  /** The highest resident set, in bytes. */
  readonly peakBytes: number
  /** What it printed, if that was asked for. */
  readonly output: string
}

/**
 * Runs a command from start to exit; what it prints goes nowhere unless `listen` says to keep it.
 * @param signal ends the command
 * @throws Error with what it said on stderr when it fails
 */
export async function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  listen = false,
): Promise<Measured> {
  const started = performance.now()
  const child = Bun.spawn([...command], {
    env,
    stdin: 'ignore',
    stdout: listen ? 'pipe' : 'ignore',
    stderr: 'pipe',
    signal,
  })
  const printed = listen ? new Response(child.stdout).text() : ''
  const said = new Response(child.stderr).text()
  const code = await child.exited
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}: ${(await said).trim()}`)
  const usage = child.resourceUsage()
  return {
    seconds,
    cpuSeconds: Number(usage?.cpuTime.total ?? 0) / 1e6,
    peakBytes: usage?.maxRSS ?? 0,
    output: await printed,
  }
}

/** The median of each figure by itself. */
export function median(runs: readonly Measured[]): Measured {
  const of = (figure: Exclude<keyof Measured, 'output'>): number => {
    const sorted = runs.map((run) => run[figure]).sort((a, b) => a - b)
    const middle = sorted.length >> 1
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  }
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), peakBytes: of('peakBytes'), output: '' }
}
