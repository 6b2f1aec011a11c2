/** How a step is tried again that failed for a reason which may pass, and that left nothing behind. */
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../../failure/failure.ts'
import type { Journal } from '../journal.ts'

export interface RetryOptions {
  readonly signal: AbortSignal
  /** No try begins later than this after the first. */
  readonly withinMs: number
  /** At the most, the first included. */
  readonly tries?: number
  /** Before the second try, at the most; doubles from there. */
  readonly pauseMs: number
  /** Whether a failure of exit code 1 is worth another try; all are by default. */
  readonly passes?: (failure: Failure) => boolean
}

const longestPauseMs = 8_000

/** A try more is counted and told. Pauses are random between half and whole, so that loads started together part. */
export async function retrying<T>(
  { retried }: Pick<Journal, 'retried'>,
  { signal, withinMs, pauseMs, tries = Number.POSITIVE_INFINITY, passes = () => true }: RetryOptions,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now()
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      const ms = Math.min(pauseMs * 2 ** (tried - 1), longestPauseMs) * (0.5 + Math.random() / 2)
      const late = tried >= tries || performance.now() - started + ms > withinMs
      if (signal.aborted || late || !(error instanceof Failure) || !error.retry || !passes(error)) throw error
      retried(`${error.summary}; again in ${(ms / 1_000).toFixed(1)} s`)
      await pause(ms, undefined, { signal }).catch(() => {})
      signal.throwIfAborted()
    }
  }
}
