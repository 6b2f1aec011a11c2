/** Freshness for people: a line a table, and what is stale. */
import { formatDuration } from '../../lib/cli/duration.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import { commandLine } from '../../lib/failure/command-line.ts'
import type { Unchecked } from '../check.ts'
import type { Freshness } from './measure.ts'

export function adviceFor([first]: readonly Freshness[]): string {
  const table = first?.table ?? '<table>'
  return `Load it, for example: bun scripts/${table}.ts. If it was loaded, look at what its rows come from; ${commandLine(`loads ${table}`)} shows its loads.`
}

export function screen(found: readonly Freshness[], unchecked: readonly Unchecked[]): string {
  const lines = found.map(({ table, load, age_s, status, findings }) => [
    table,
    load ?? '',
    age_s === null ? '' : formatDuration(age_s * 1_000),
    status === 'stale' ? 'STALE' : status,
    findings.join('; '),
  ])
  const failed = unchecked.map(({ table }) => [table, '', '', 'not looked at', ''])
  return textTable([['table', 'load', 'age', '', ''], ...lines, ...failed], [2])
}
