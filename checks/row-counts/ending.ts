/** How the check ends, for people and for machines. */

import { causeLine, type FailureReport } from '../../lib/cli/failure-report.ts'
import type { Ending } from '../../lib/cli/program.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import type { ExitCode, Failure } from '../../lib/failure/failure.ts'
import type { RowCount } from './count.ts'

/** A table that could not be counted, beside those that could. */
export interface Uncounted {
  readonly table: string
  readonly failure: Failure
}

export function countedEnding(
  counts: readonly RowCount[],
  uncounted: readonly Uncounted[],
  scrub: (text: string) => string,
): Ending {
  const text = screen(counts, uncounted)
  const wrong = counts.filter(({ status }) => status !== 'ok')
  const [first] = uncounted
  if (wrong.length === 0 && first === undefined) {
    return { exit: 0, text, json: { version: 1, check: 'row-counts', ok: true, tables: counts } }
  }
  const findings = wrong.map(({ table, findings }) => `${table}: ${findings.join(' and ')}`)
  const failures = uncounted.map(({ table, failure }) => `${table}: ${failure.summary}`)
  const summary = scrub([...findings, ...failures].join('; '))
  // What is known to be wrong weighs more than what is not known.
  const exit = wrong.length > 0 ? 4 : (first?.failure.exit ?? 1)
  const advice = wrong.length > 0 ? adviceFor(wrong) : scrub(first?.failure.advice ?? '')
  return { ...failedEnding({ exit, summary, advice, retry: exit === 1 }, counts), text }
}

function adviceFor(wrong: readonly RowCount[]): string {
  const { table } = wrong.find(({ status }) => status === 'differs') ?? wrong[0] ?? { table: '<table>' }
  return `Load again, for example: bun scripts/${table}.ts. If that does not settle it, look for who else writes there.`
}

export function failedEnding(error: FailureReport, tables: readonly RowCount[] = []): Ending {
  return {
    exit: error.exit,
    json: { version: 1, check: 'row-counts', ok: false, tables, error },
    line: `row-counts: ${verdict(error.exit)}. ${causeLine(error)}`,
    failure: error,
  }
}

function verdict(exit: ExitCode): string {
  return exit === 4 ? 'something differs' : 'not all could be counted'
}

function screen(counts: readonly RowCount[], uncounted: readonly Uncounted[]): string {
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
