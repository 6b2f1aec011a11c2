/** Row counts for people: a line a table, and what to do where they differ. */
import { textTable } from '../../lib/cli/text-table.ts'
import type { Unchecked } from '../check.ts'
import type { RowCount } from './count.ts'

export function adviceFor(wrong: readonly RowCount[]): string {
  const { table } = wrong.find(({ status }) => status === 'differs') ?? wrong[0] ?? { table: '<table>' }
  return `Load again, for example: bun scripts/${table}.ts. If that does not settle it, look for who else writes there.`
}

export function screen(counts: readonly RowCount[], uncounted: readonly Unchecked[]): string {
  const head = ['table', 'load', 'recorded', 'lake', 'source then', 'source now', 'change', '']
  const counted = counts.map(({ table, load, recorded, lake, rows_read, source, status }) => [
    table,
    load ?? '',
    number(recorded),
    number(lake),
    number(rows_read),
    number(source),
    source === null || rows_read === null ? '' : signed(source - rows_read),
    status === 'differs' ? 'DIFFERS' : status,
  ])
  const failed = uncounted.map(({ table }) => [table, '', '', '', '', '', '', 'not counted'])
  return textTable([head, ...counted, ...failed], [2, 3, 4, 5, 6])
}

function number(count: number | null): string {
  return count === null ? '' : count.toLocaleString('en')
}

function signed(count: number): string {
  return count > 0 ? `+${number(count)}` : number(count)
}
