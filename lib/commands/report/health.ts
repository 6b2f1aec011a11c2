/** Whether anybody has to look at a table: by its script, what readers see, and what its load has recorded. */
import { formatDuration } from '../../cli/duration.ts'
import { type AgeExpectation, formatTime } from '../../declare/expectation.ts'
import type { Published } from '../../lake/published.ts'
import type { Failing } from '../../notify/failing.ts'
import type { Health } from './facts.ts'
import { formatCount, formatMoment } from './words.ts'

export interface HealthOf {
  readonly published: Published
  /** Whether there is a script of its name. */
  readonly script: boolean
  /** Why the script is no table, a sentence; undefined: it is one. */
  readonly broken: string | undefined
  /** Why nobody can tell what readers see, a sentence. */
  readonly unreadable: string | undefined
  readonly ages: readonly AgeExpectation[]
  readonly failing: readonly Failing[]
  /** Whether there is a record of the load that readers see. */
  readonly recorded: boolean
  /** How the files that readers see are not as they were written, a clause; undefined: they are. */
  readonly damage: string | undefined
  /** Expectations that are told, and did not hold for what readers see. */
  readonly warnings: number
  /** Milliseconds since 1970. */
  readonly now: number
}

type Finding = readonly [grade: 'bad' | 'warn', reason: string]

export function healthOf({ script, broken, unreadable, failing, ...of }: HealthOf): Health {
  const found: Finding[] = []
  if (broken !== undefined) found.push(['bad', broken])
  for (const { what, since, failures } of failing) {
    const often = failures === 1 ? 'once' : `${formatCount(failures)} times`
    found.push(['bad', `its ${what} has failed ${often} since ${formatMoment(since)}`])
  }
  if (unreadable !== undefined) found.push(['bad', unreadable])
  else found.push(...findings(of, script))
  const isBad = found.some(([grade]) => grade === 'bad')
  return {
    grade: isBad ? 'bad' : found.length > 0 ? 'warn' : 'good',
    reasons: found.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, reason]) => reason),
  }
}

function findings(
  {
    published,
    ages,
    warnings,
    damage,
    recorded,
    now,
  }: Omit<HealthOf, 'script' | 'broken' | 'unreadable' | 'failing'>,
  script: boolean,
): Finding[] {
  if (published.kind === 'absent') return [['bad', 'no load has published it yet']]
  if (published.kind === 'unmanaged') {
    return script ? [['bad', 'the table of its name in Glue is not one that Dracula has made']] : []
  }
  const age = now - Date.parse(published.snapshotAt)
  const stale = ages
    .filter(({ withinMs }) => age > withinMs)
    .map(({ severity, withinMs }): Finding => {
      const reason = `${formatDuration(age)} old, and ${formatTime(withinMs)} is expected`
      return [severity === 'stop' ? 'bad' : 'warn', reason]
    })
  const why = published.pin?.reason === undefined ? '' : `: ${published.pin.reason}`
  return [
    ...(damage === undefined ? [] : [['bad', `its files are not as they were written: ${damage}`] as const]),
    ...stale,
    ...(published.pin === undefined ? [] : [['warn', `pinned by a rollback${why}`] as const]),
    ...(published.changes === undefined ? [] : [['warn', 'others have changed it since its load'] as const]),
    ...(recorded ? [] : [['warn', 'the record of its load is damaged or gone'] as const]),
    ...(warnings === 0 ? [] : [['warn', 'not all that is expected of its rows holds'] as const]),
    ...(script ? [] : [['warn', 'it has no script any more'] as const]),
  ]
}
