/** How a command runs a script or a check as a process of its own. */
import type { Told } from '../../cli/parent.ts'
import { type End, startChild } from './child.ts'

export interface Finished extends End {
  /** What --json prints; undefined: it has not come as far as to say how it ended. */
  readonly json: object | undefined
  /** Whether its work had begun; before that it has done nothing. */
  readonly begun: boolean
  /** The last line it said on stderr. */
  readonly lastLine: string
}

export interface RunOptions {
  readonly signal: AbortSignal
  /** Milliseconds; a process that has told nothing for so long is ended. */
  readonly stuckAfterMs?: number
  /** Whatever else is made of what it tells. */
  heard?(told: Told): void
}

/** How long a program may take to end when it has told how it ended. */
const endMs = 5_000

/**
 * Runs a script or a check as a process of its own, with this one's environment. When the signal aborts it is told to
 * stop, and still waited for: it cleans up, and knows what is published.
 * @param path absolute
 */
export async function runScript(
  path: string,
  args: readonly string[],
  { signal, stuckAfterMs = 120_000, heard = () => {} }: RunOptions,
): Promise<Finished> {
  signal.throwIfAborted()
  let json: object | undefined
  let begun = false
  let ending: Timer | undefined
  const child = startChild([path, ...args], {
    stuckAfterMs,
    heard(told) {
      begun = true
      heard(told)
      if (told.kind !== 'report') return
      json = told.json
      ending ??= setTimeout(() => child.stop('SIGKILL'), endMs)
    },
  })
  const stop = () => child.stop('SIGTERM')
  signal.addEventListener('abort', stop)
  try {
    const end = await child.ended
    return { ...end, json, begun, lastLine: child.lastLine }
  } finally {
    clearTimeout(ending)
    signal.removeEventListener('abort', stop)
  }
}
