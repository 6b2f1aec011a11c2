/** Ends the process, with a word, where an input takes far too long: what never ends cannot say so itself. */
import type { Watched } from './watchdog.ts'

export interface Watch {
  /** The number of the input that is looked at from now on. */
  begin(input: number): void
  stop(): void
}

/** @param limitMs for one input @param replay the command that has one again, but for its number, which comes last */
export function startWatch(limitMs: number, replay: string): Watch {
  const current = new Float64Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL('./watchdog.ts', import.meta.url).href)
  const watched: Watched = { current, limitMs, replay }
  worker.postMessage(watched)
  worker.unref()
  return {
    begin(input) {
      current[0] = input
    },
    stop: () => worker.terminate(),
  }
}
