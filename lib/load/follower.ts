/** Whoever follows a load beside its log, and tells others of it. Types only. */
import type { Observe } from './events.ts'
import type { LoadSummary } from './summary.ts'

export interface Follower {
  readonly observe: Observe
  /**
   * Tells how it ended, within a few seconds, and never throws.
   * @returns why it could not, a sentence each, without secrets
   */
  end(ending: Ending): Promise<readonly string[]>
}

export type Ending =
  | { readonly kind: 'loaded'; readonly summary: LoadSummary }
  | {
      readonly kind: 'failed'
      readonly exit: number
      /** Cause and remedy, without secrets. */
      readonly message: string
      /** Whether somebody has stopped it. */
      readonly interrupted: boolean
    }
