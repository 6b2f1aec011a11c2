/** How long those have waited who wait for a lock behind a load. */
import type { Waiter } from '../../postgres/waiters.ts'

export interface Waited {
  readonly waiter: Waiter
  readonly ms: number
}

interface Known {
  /** Milliseconds of waits that are over. */
  before: number
  /** Length of the wait that goes on, when it was seen last. */
  ms: number
  /** When the wait that goes on was first seen; undefined: none does. */
  since: number | undefined
}

/**
 * How long each has waited, from one look to the next. Who gives up and tries again, as migrations with a lock_timeout
 * do, is taken to wait on.
 */
export function createPatience() {
  const known = new Map<string, Known>()
  return {
    /** @param now milliseconds, on any clock that only goes forward */
    longest(waiters: readonly Waiter[], now: number): Waited | undefined {
      let longest: Waited | undefined
      const waiting = new Set<string>()
      for (const waiter of waiters) {
        const key = `${waiter.pid} ${waiter.mode} ${waiter.relation}`
        waiting.add(key)
        const last = known.get(key)
        const since = last?.since ?? now
        const ms = waiter.waitedMs ?? now - since
        const before = (last?.before ?? 0) + (last !== undefined && ms < last.ms ? last.ms : 0)
        known.set(key, { before, ms, since })
        if (longest === undefined || before + ms > longest.ms) longest = { waiter, ms: before + ms }
      }
      for (const [key, last] of known) {
        if (!waiting.has(key)) known.set(key, { before: last.before + last.ms, ms: 0, since: undefined })
      }
      return longest
    },
  }
}
