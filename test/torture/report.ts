/** What a campaign has found, as a table. */
import { textTable } from '../../lib/cli/text-table.ts'
import type { Charge } from './judge.ts'
import type { Outcome } from './strike.ts'

const charges: readonly Charge[] = [
  'wrong publish',
  'reader',
  'exit code',
  'message',
  'leftover',
  'next load',
  'campaign',
]

export interface CampaignReport {
  readonly seed: number
  readonly faults: number
  readonly reached: number
  /** Looks of readers while faults struck. */
  readonly looks: number
  readonly byExit: Readonly<Record<string, number>>
  readonly charges: Readonly<Record<string, number>>
  readonly outcomes: readonly Outcome[]
}

export function reportOf(seed: number, outcomes: readonly Outcome[]): CampaignReport {
  return {
    seed,
    faults: outcomes.length,
    reached: outcomes.filter(({ reached }) => reached).length,
    looks: outcomes.reduce((sum, { looks }) => sum + looks, 0),
    byExit: countBy(outcomes.map(({ exit }) => exitText(exit))),
    charges: Object.fromEntries(
      charges.map((each) => [
        each,
        outcomes.filter(({ wrong }) => wrong.some((one) => one.charge === each)).length,
      ]),
    ),
    outcomes,
  }
}

export function reportText({
  seed,
  faults,
  reached,
  looks,
  byExit,
  charges: found,
  outcomes,
}: CampaignReport): string {
  const exits = Object.keys(byExit).sort()
  const groups = Object.entries(Object.groupBy(outcomes, ({ group }) => group))
  const rows = groups.map(([group, some = []]) => {
    const ends = countBy(some.map(({ exit }) => exitText(exit)))
    const wrong = some.filter((each) => each.wrong.length > 0).length
    return [group, String(some.length), ...exits.map((exit) => String(ends[exit] ?? 0)), String(wrong)]
  })
  const wrong = outcomes.filter((each) => each.wrong.length > 0)
  return [
    textTable([['faults', 'number', ...exits, 'wrong'], ...rows]),
    '',
    `${faults} faults by seed ${seed}, ${reached} of which struck; readers looked ${looks} times.`,
    Object.entries(found)
      .map(([name, count]) => `${name}: ${count}`)
      .join(', '),
    ...wrong.map(lineOf),
  ].join('\n')
}

export function lineOf({ number, kind, subject, exit, wrong, seconds, message }: Outcome): string {
  const words = wrong.map((each) => `\n    ${each.charge}: ${each.words}`).join('')
  return `${number}. ${subject}: ${kind}: ${exitText(exit)}, ${seconds.toFixed(1)} s${words === '' ? '' : `${words}\n    said: ${message}`}`
}

function exitText(exit: number | null): string {
  return exit === null ? 'killed' : `exit ${exit}`
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
