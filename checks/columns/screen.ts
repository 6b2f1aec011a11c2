/** Compared columns for people: a line a table, what differs, and what to do about it. */
import { formatSize } from '../../lib/cli/size.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import type { Unchecked } from '../check.ts'
import type { ComparedTable } from './compare.ts'

/** @param wrong one at the least; one without a fingerprint comes after all that differ */
export function adviceFor(wrong: readonly ComparedTable[]): string {
  const { table, status, volatile } = wrong.find(({ status }) => status === 'differs') ?? wrong[0] ?? unnamed
  if (status === 'unstable' || (status === 'differs' && volatile.length > 0)) {
    return `Compute nothing at random or by the clock in what scripts/${table}.ts reads (now() is the same throughout a load), and load again with --fingerprint.`
  }
  return status === 'no fingerprint'
    ? `Load with --fingerprint, for example: bun scripts/${table}.ts --fingerprint.`
    : `Load again, for example: bun scripts/${table}.ts --fingerprint. If that does not settle it, look for who else writes there.`
}

const unnamed = { table: '<table>', status: 'differs', volatile: [] } as const

export function screen(tables: readonly ComparedTable[], uncompared: readonly Unchecked[]): string {
  const head = ['table', 'load', 'columns', 'scanned', '']
  const compared = tables.map(({ table, load, columns, bytes_scanned, status, not_compared }) => [
    table,
    load ?? '',
    columns === 0 ? '' : String(columns),
    columns === 0 ? '' : formatSize(bytes_scanned),
    not_compared.length > 0 && status === 'ok'
      ? `ok, but for the ${not_compared.join(', the ')}`
      : status === 'differs'
        ? 'DIFFERS'
        : status,
  ])
  const failed = uncompared.map(({ table }) => [table, '', '', '', 'not compared'])
  const findings = tables.flatMap(({ table, status, findings }) =>
    status === 'differs' || status === 'unstable' ? findings.map((each) => `  ${table}: ${each}`) : [],
  )
  const details = findings.length === 0 ? '' : `\n\n${findings.join('\n')}`
  return textTable([head, ...compared, ...failed], [2, 3]) + details
}
