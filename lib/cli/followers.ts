/** Who follows a load beside its log, as the environment says: each is loaded only where it is wanted. */
import { type Config, findTelemetry, readLineage } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import { unexpected } from '../failure/unexpected.ts'
import type { Observe } from '../load/events.ts'
import type { Ending, Follower } from '../load/follower.ts'
import type { LoadSummary } from '../load/summary.ts'
import type { Log } from './log.ts'
import type { Report } from './report.ts'

export interface Followers {
  readonly observe: Observe
  /** It is known from where to where it goes. */
  begin(load: { readonly table: Table; readonly config: Config }): Promise<void>
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
  /** The table's name. */
  readonly table: string
  readonly log: Pick<Log, 'warn'>
  scrub(text: string): string
}

export async function openFollowers({ table: name, log, scrub }: Followed): Promise<Followers> {
  const followers: Follower[] = []
  const broken = new Map<Follower, unknown>()
  const telemetry = findTelemetry()
  if (telemetry !== undefined) {
    const { openTelemetry } = await import('../telemetry/telemetry.ts')
    followers.push(openTelemetry({ table: name, scrub }, telemetry))
  }
  return {
    observe(event) {
      for (const each of followers) {
        try {
          each.observe(event)
        } catch (error) {
          broken.set(each, error)
        }
      }
    },
    async begin({ table, config }) {
      const lineage = readLineage()
      if (lineage === undefined) return
      const { openLineage } = await import('../lineage/lineage.ts')
      followers.push(openLineage({ table, config, scrub }, lineage))
    },
    async end(end) {
      const { exit } = end.report
      const ending = endingOf(end)
      const tell = async (each: Follower) => {
        if (broken.has(each)) throw broken.get(each)
        return each.end(ending)
      }
      const warnings = await Promise.all(followers.map((each) => withoutFail(() => tell(each))))
      for (const warning of warnings.flat()) log.warn(warning, { exit })
    },
  }
}

/** Longer than any follower takes that keeps its word. */
const patienceMs = 6_000

/** Whatever becomes of those who tell others, a load ends as it would. */
export async function withoutFail(tell: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const late = Bun.sleep(patienceMs).then(() => [`Others were not told within ${patienceMs / 1_000} s.`])
  const lost = (error: unknown) => [`Others were not told: ${unexpected(error).reason}.`]
  return Promise.race([tell().catch(lost), late])
}

function endingOf({ report: { exit, failure }, summary, interrupted }: EndedLoad): Ending {
  if (summary !== undefined && exit === 0) return { kind: 'loaded', summary }
  const message = failure === undefined ? '' : `${failure.summary}. ${failure.advice}`
  return { kind: 'failed', exit, message, interrupted }
}
