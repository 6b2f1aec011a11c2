/** How long anybody is waited for: how a program ends is settled, and whoever waits for it wants to know. */

/** Milliseconds. A process that was told to stop has seconds left. */
export const patienceMs = 2_500

/** A signal that ends work after {@link patienceMs}, and a promise that rejects then, for work that does not listen. */
export interface Patience {
  readonly signal: AbortSignal
  readonly over: Promise<never>
}

/** @param who is waited for, for the message */
export function patience(who: string): Patience {
  const signal = AbortSignal.timeout(patienceMs)
  const over = new Promise<never>((_, reject) => {
    const end = () => reject(new Error(`${who} did not answer within ${patienceMs / 1_000} s`))
    signal.addEventListener('abort', end, { once: true })
  })
  over.catch(() => {})
  return { signal, over }
}
