/** Waiting that an abort or a deadline ends. */

/**
 * How long a call may take that stops or removes what nobody needs any more: whoever was told to stop has seconds, not
 * minutes.
 */
export const patienceMs = 5_000

/** Resolves after `ms`, or at once when the signal aborts; the caller looks at the signal. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
