/** Who follows a rollback beside its log, as the environment says. */
import { readLineage } from '../config/config.ts'
import type { FollowedRollback } from '../lineage/rollback.ts'
import { type Followed, withoutFail } from './followers.ts'
import { isInterrupted } from './interruption.ts'
import type { Report } from './report.ts'

export interface RollbackFollower {
  /** It is known which load it goes back to. */
  begin(rollback: Omit<FollowedRollback, 'began'>): void
  /** Before the last line, which stays the last; takes a few seconds at the most, and never throws. */
  end(report: Report): Promise<void>
}

/** @param signal of the program: it says whether somebody has stopped it */
export function followRollback({
  log,
  scrub,
  signal,
}: Pick<Followed, 'log' | 'scrub'> & { readonly signal: AbortSignal }): RollbackFollower {
  const lineage = readLineage()
  let followed: FollowedRollback | undefined
  return {
    begin(rollback) {
      followed = { ...rollback, began: new Date() }
    },
    async end({ exit, line = '' }) {
      const rollback = followed
      if (rollback === undefined || lineage === undefined) return
      const ended = { message: exit === 0 ? undefined : line, interrupted: isInterrupted(signal) }
      const warnings = await withoutFail(async () => {
        const { tellRollback } = await import('../lineage/rollback.ts')
        return tellRollback(rollback, ended, { lineage, scrub })
      })
      for (const warning of warnings) log.warn(warning, { exit })
    },
  }
}
