/** One table that is being loaded, in one line of a terminal. */
import { formatDuration } from '../../cli/duration.ts'
import type { Standing } from '../../cli/parent.ts'
import { meter, phaseWords } from '../../cli/progress.ts'

/** Characters of the names, at the most. */
const longestName = 24

/** A rate is not worth telling before so many seconds, nor what is left by it. */
const firstRate = 1

/** @param names of all tables whose lines stand together */
export function nameWidth(names: readonly string[], width: number): number {
  const longest = Math.max(...names.map((name) => name.length))
  return Math.min(longest, longestName, Math.max(8, Math.floor(width / 3)))
}

export interface RunningTable {
  readonly table: string
  /** Undefined: it has not told yet. */
  readonly standing: Standing | undefined
}

/**
 * The longest form that fits.
 * @param named the width of the name
 * @param width of the whole line, in characters
 */
export function runningLine({ table, standing }: RunningTable, named: number, width: number): string {
  const name = table.length > named ? `${table.slice(0, named - 1)}…` : table.padEnd(named)
  const forms = formsOf(standing).map((form) => `  ${name}  ${form}`)
  const fitting = forms.find((form) => form.length <= width)
  return fitting ?? (forms.at(-1) ?? '').slice(0, width)
}

/** What is said of it, from the longest to the shortest. */
function formsOf(standing: Standing | undefined): string[] {
  if (standing === undefined) return ['starting']
  if (standing.phase !== 'read') return [phaseWords[standing.phase], standing.phase]
  const { rows, seconds, estimatedRows = 0 } = standing
  const count = `${rows.toLocaleString('en')} rows`
  const rate = seconds < firstRate ? 0 : rows / seconds
  const speed = rate === 0 ? '' : ` · ${Math.round(rate).toLocaleString('en')} rows/s`
  if (estimatedRows <= 0) return [count + speed, count]
  const share = Math.min(rows / estimatedRows, 1)
  const missing = estimatedRows - rows
  // More than was estimated: nobody knows how much more.
  const left = rate === 0 || missing <= 0 ? '' : ` · ${formatDuration((missing / rate) * 1_000)} left`
  return [
    `${meter(share)}  ${count}${speed}${left}`,
    `${meter(share)}${speed}${left}`,
    `${meter(share, 6)}${left}`,
    `${meter(share, 6)}`,
  ]
}
