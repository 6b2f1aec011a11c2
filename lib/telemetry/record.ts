/** What is remembered of one load until it has ended, for spans and metrics. Types only; times are those of `Date.now()`. */
import type { Phase } from '../load/events.ts'
import type { Ending } from '../load/follower.ts'

export interface RecordedLoad {
  readonly table: string
  readonly began: number
  readonly ended: number
  readonly ending: Ending
  readonly phases: readonly RecordedPhase[]
  readonly remarks: readonly Remark[]
  /** undefined: it was not known yet. */
  readonly load: string | undefined
  readonly source: string | undefined
  readonly target: string | undefined
  /** Those that were written when it ended. */
  readonly rows: number
  readonly bytes: number
  readonly retries: number
}

export interface RecordedPhase {
  readonly phase: Phase
  readonly began: number
  readonly ended: number
  readonly failed: boolean
}

/** A warning, or what was tried again. */
export interface Remark {
  readonly kind: 'warning' | 'retry'
  readonly at: number
  /** Without secrets. */
  readonly message: string
}
