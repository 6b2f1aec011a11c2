/** What happens in one load, told at once and kept for its summary: phases, warnings, and what was tried again. */
import type { Observe, Phase } from './events.ts'

export interface Journal {
  readonly observe: Observe
  /** Tells that the phase begins and measures the work. */
  time<T>(phase: Phase, work: () => Promise<T>): Promise<T>
  warn(message: string): void
  /** Something failed that may pass, and is tried again. */
  retried(message: string): void
  /** Seconds since it was opened. */
  readonly seconds: number
  /** Seconds a phase so far. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>
  readonly warnings: readonly string[]
  readonly retries: number
}

export function openJournal(observe: Observe): Journal {
  const started = performance.now()
  const phases: Partial<Record<Phase, number>> = {}
  const warnings: string[] = []
  let retries = 0
  return {
    observe,
    phases,
    warnings,
    async time(phase, work) {
      observe({ kind: 'phase', phase })
      const began = performance.now()
      let failed = true
      try {
        const result = await work()
        failed = false
        return result
      } finally {
        phases[phase] = secondsSince(began)
        observe({ kind: 'done', phase, failed })
      }
    },
    warn(message) {
      warnings.push(message)
      observe({ kind: 'warning', message })
    },
    retried(message) {
      retries++
      observe({ kind: 'retry', message })
    },
    get seconds() {
      return secondsSince(started)
    },
    get retries() {
      return retries
    },
  }
}

/** The time that has passed, to the millisecond. @param started on performance.now()'s clock */
export function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1000
}
