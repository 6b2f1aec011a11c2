/** Who follows a load beside its log, as the environment says: each is loaded only where it is wanted. */
import { type Config, readLineage } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { Observe } from '../load/events.ts'
import type { Follower } from '../load/follower.ts'
import type { LoadSummary } from '../load/summary.ts'
import type { Log } from './log.ts'
import type { Report } from './report.ts'

export interface Followers {
  readonly observe: Observe
  /** Before the last line, which stays the last; takes a few seconds at the most, and never throws. */
  end(end: EndedLoad): Promise<void>
}

export interface EndedLoad {
  readonly report: Report
  /** undefined: it failed. */
  readonly summary: LoadSummary | undefined
  /** Whether somebody has stopped it. */
  readonly interrupted: boolean
}

export interface Followed {
  readonly table: Table
  readonly config: Config
  readonly log: Pick<Log, 'warn'>
  scrub(text: string): string
}

export async function openFollowers(load: Followed): Promise<Followers> {
  const followers: Follower[] = []
  const lineage = readLineage()
  if (lineage !== undefined) {
    const { openLineage } = await import('../lineage/lineage.ts')
    followers.push(openLineage(load, lineage))
  }
  return {
    observe(event) {
      for (const each of followers) each.observe(event)
    },
    async end({ report: { exit, failure }, summary, interrupted }) {
      const message = failure === undefined ? '' : `${failure.summary}. ${failure.advice}`
      const ending =
        summary === undefined
          ? ({ kind: 'failed', exit, message, interrupted } as const)
          : ({ kind: 'loaded', summary } as const)
      const warnings = await Promise.all(followers.map((each) => each.end(ending)))
      for (const warning of warnings.flat()) load.log.warn(warning, { exit })
    },
  }
}
