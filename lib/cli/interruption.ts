/** What stops work before its end: signals of the system, the deadline, and errors that nobody awaited. */
import { constants } from 'node:os'
import { Failure } from '../failure/failure.ts'
import { formatDuration } from './duration.ts'

const signals = ['SIGINT', 'SIGTERM'] as const

/** Package runners pass a terminal's Ctrl-C on to a process that already had it: that is one signal, not two. */
const sameSignalMs = 500

/** How long work may take to clean up after it was told to stop. */
export const graceMs = 60_000

/** Reasons that are a signal of the system. */
const interruptions = new WeakSet<Failure>()

/** Whether somebody has stopped the work, and not its deadline or an error. */
export function isInterrupted({ reason }: AbortSignal): boolean {
  return reason instanceof Failure && interruptions.has(reason)
}

export interface Interruption {
  /** Aborts with the first SIGINT or SIGTERM, at the deadline, or with an error that nobody awaited. */
  readonly signal: AbortSignal
  /** Rejects when work told to stop has not ended in time. */
  readonly overdue: Promise<never>
  stopAfter(deadlineMs: number): void
  /** Watches no longer, in a process that outlives the work. */
  release(): void
}

/** From now on the first signal asks the work to stop and clean up; a second one ends the process at once. */
export function watchForInterruption(thing: string): Interruption {
  const controller = new AbortController()
  const { promise: overdue, reject } = Promise.withResolvers<never>()
  overdue.catch(() => {})
  const timers: Timer[] = []
  let firstAt: number | undefined

  function after(ms: number, act: () => void): void {
    const timer = setTimeout(act, ms)
    timer.unref()
    timers.push(timer)
  }

  function stop(reason: unknown): void {
    if (controller.signal.aborted) return
    controller.abort(reason)
    after(graceMs, () => reject(reason))
  }

  const listeners = signals.map((signal) => {
    const hear = () => {
      firstAt ??= performance.now()
      if (performance.now() - firstAt > sameSignalMs) process.exit(128 + constants.signals[signal])
      const reason = stopped(thing, `interrupted by ${signal}`, 'Start it again when you like.')
      interruptions.add(reason)
      stop(reason)
    }
    process.on(signal, hear)
    return { signal, hear }
  })
  // A driver's lost promise is a failure of this run like any other, not a stack trace and a dead process.
  process.on('uncaughtException', stop)
  process.on('unhandledRejection', stop)

  return {
    signal: controller.signal,
    overdue,
    stopAfter(deadlineMs) {
      const reason = `it did not end within ${formatDuration(deadlineMs)}`
      const advice = 'Give it more with --deadline, or find out what slows it down.'
      after(deadlineMs, () => stop(stopped(thing, reason, advice)))
    },
    release() {
      timers.forEach(clearTimeout)
      for (const { signal, hear } of listeners) process.off(signal, hear)
      process.off('uncaughtException', stop)
      process.off('unhandledRejection', stop)
    },
  }
}

function stopped(thing: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 1, act: 'finish', thing, reason, advice })
}
