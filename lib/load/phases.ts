import type { Observe, Phase } from './types.ts'

export interface Phases {
  /** Tells that the phase begins and measures the work. */
  time<T>(phase: Phase, work: () => Promise<T>): Promise<T>
  /** Seconds a phase so far, to the millisecond. */
  readonly seconds: Readonly<Partial<Record<Phase, number>>>
}

export function createPhases(observe: Observe): Phases {
  const seconds: Partial<Record<Phase, number>> = {}
  return {
    seconds,
    async time(phase, work) {
      observe({ kind: 'phase', phase })
      const started = performance.now()
      try {
        return await work()
      } finally {
        seconds[phase] = secondsSince(started)
      }
    },
  }
}

export function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1000
}
