/** Compared partitions for people: a line a table, and what to do about those that differ. */
import { formatSize } from '../../lib/cli/size.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import type { Unchecked } from '../check.ts'
import type { ComparedPartitions } from './compare.ts'

/** @param wrong one at the least */
export function adviceFor(wrong: readonly ComparedPartitions[]): string {
  const repairs = wrong.flatMap(({ repair }) => (repair === null ? [] : [repair]))
  const [first] = wrong
  return repairs.length > 0
    ? `Load them again: ${repairs.join('; ')}`
    : `Load it: bun scripts/${first?.table}.ts --full`
}

export function screen(tables: readonly ComparedPartitions[], uncompared: readonly Unchecked[]): string {
  const head = ['table', 'partitions', 'due', 'rows', 'scanned', '']
  const compared = tables.map(
    ({ table, load, partitions, due, rows, bytes_scanned, status, not_compared }) => {
      const isCompared = status === 'ok' || status === 'differs'
      const figures = [String(partitions), String(due), String(rows), formatSize(bytes_scanned)]
      const but = not_compared.length > 0 ? `ok, but for ${not_compared.join(', ')}` : 'ok'
      const verdict = status === 'differs' ? 'DIFFERS' : status === 'ok' ? but : status
      return [table, ...(isCompared && load !== null ? figures : ['', '', '', '']), verdict]
    },
  )
  const failed = uncompared.map(({ table }) => [table, '', '', '', '', 'not compared'])
  const findings = tables.flatMap(({ table, findings: found }) => found.map((each) => `  ${table}: ${each}`))
  const details = findings.length === 0 ? '' : `\n\n${findings.join('\n')}`
  return textTable([head, ...compared, ...failed], [1, 2, 3, 4]) + details
}
