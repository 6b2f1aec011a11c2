/** Waiting for what must come. */
import type { RunningScript } from './stand-in.ts'

/** Less than a test may take: a wait in vain is told in its own words, not as a test that timed out. */
const patienceMs = 200_000

/**
 * Asks again and again until there is something.
 * @param run the process that is to bring it about
 * @returns what the probe has found, once that is something
 * @throws an error that has the probe's own text when it finds nothing for 200 s, or when the process has ended
 */
export async function until<T>(
  probe: () => T | Promise<T>,
  run?: Pick<RunningScript, 'exitCode' | 'stderr'>,
): Promise<Exclude<T, false | undefined>> {
  for (const started = performance.now(); ; ) {
    const ended = run !== undefined && run.exitCode !== null
    const found = await probe()
    if (found) return found as Exclude<T, false | undefined>
    const seconds = Math.round((performance.now() - started) / 1_000)
    if (ended) throw new Error(`It ended before ${text(probe)}: ${run.stderr()}`)
    if (seconds * 1_000 >= patienceMs) throw new Error(`Waited ${seconds} s in vain for ${text(probe)}`)
    await Bun.sleep(10)
  }
}

function text(probe: () => unknown): string {
  return probe
    .toString()
    .replace(/^(async )?\(\) => /, '')
    .replace(/\s+/g, ' ')
}
