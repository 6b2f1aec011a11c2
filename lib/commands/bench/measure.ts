/** A process as the operating system accounts for it. */
export interface Measured {
  readonly seconds: number
  /** User and system. */
  readonly cpuSeconds: number
  /** The highest resident set, in bytes. */
  readonly peakBytes: number
}

/**
 * Runs a command from start to exit; what it prints to stdout goes nowhere.
 * @param signal ends the command
 * @throws Error with what it said on stderr when it fails
 */
export async function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Measured> {
  const started = performance.now()
  const child = Bun.spawn([...command], { env, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', signal })
  const said = new Response(child.stderr).text()
  const code = await child.exited
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}: ${(await said).trim()}`)
  const usage = child.resourceUsage()
  return {
    seconds,
    cpuSeconds: Number(usage?.cpuTime.total ?? 0) / 1e6,
    peakBytes: usage?.maxRSS ?? 0,
  }
}

/** Of each figure by itself. */
export function median(runs: readonly Measured[]): Measured {
  const of = (figure: keyof Measured): number => {
    const sorted = runs.map((run) => run[figure]).sort((a, b) => a - b)
    const middle = sorted.length >> 1
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  }
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), peakBytes: of('peakBytes') }
}
