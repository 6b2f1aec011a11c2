/** How the check ends, for people and for machines. */

import { causeLine, type FailureReport } from '../../lib/cli/failure-report.ts'
import type { Ending } from '../../lib/cli/program.ts'
import { formatSize } from '../../lib/cli/size.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import type { ExitCode, Failure } from '../../lib/failure/failure.ts'
import type { ComparedTable } from './compare.ts'

/** A table that could not be compared, beside those that could. */
export interface Uncompared {
  readonly table: string
  readonly failure: Failure
}

export interface Compared {
  readonly tables: readonly ComparedTable[]
  readonly uncompared: readonly Uncompared[]
  /** A load without a fingerprint is told of, and is no failure. */
  readonly allowMissing: boolean
  readonly scrub: (text: string) => string
}

export function comparedEnding({ tables, uncompared, allowMissing, scrub }: Compared): Ending {
  const text = screen(tables, uncompared)
  const missing = allowMissing ? [] : tables.filter(({ status }) => status === 'no fingerprint')
  const wrong = tables.filter(({ status }) => status !== 'ok' && status !== 'no fingerprint')
  const [first] = uncompared
  if (wrong.length === 0 && missing.length === 0 && first === undefined) {
    return { exit: 0, text, json: { version: 1, check: 'columns', ok: true, tables } }
  }
  const findings = [...wrong, ...missing].map(({ table, findings }) => `${table}: ${findings.join(' and ')}`)
  const failures = uncompared.map(({ table, failure }) => `${table}: ${failure.summary}`)
  const summary = scrub([...findings, ...failures].join('; '))
  // What is known to be wrong weighs more than what is not known, and that more than what was not asked for.
  const exit = wrong.length > 0 ? 4 : (first?.failure.exit ?? 2)
  return {
    ...failedEnding({ exit, summary, advice: adviceFor(wrong, first, missing), retry: exit === 1 }, tables),
    text,
  }
}

function adviceFor(
  wrong: readonly ComparedTable[],
  first: Uncompared | undefined,
  missing: readonly ComparedTable[],
): string {
  const [differs = wrong[0]] = wrong.filter(({ status }) => status === 'differs')
  if (differs !== undefined) {
    return `Load again, for example: bun scripts/${differs.table}.ts --fingerprint. If that does not settle it, look for who else writes there.`
  }
  if (first !== undefined) return first.failure.advice
  return `Load with --fingerprint, for example: bun scripts/${missing[0]?.table}.ts --fingerprint.`
}

export function failedEnding(error: FailureReport, tables: readonly ComparedTable[] = []): Ending {
  return {
    exit: error.exit,
    json: { version: 1, check: 'columns', ok: false, tables, error },
    line: `columns: ${verdict(error.exit)}. ${causeLine(error)}`,
    failure: error,
  }
}

function verdict(exit: ExitCode): string {
  return exit === 4 ? 'something differs' : 'not all could be compared'
}

function screen(tables: readonly ComparedTable[], uncompared: readonly Uncompared[]): string {
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
    status === 'differs' ? findings.map((each) => `  ${table}: ${each}`) : [],
  )
  const details = findings.length === 0 ? '' : `\n\n${findings.join('\n')}`
  return textTable([head, ...compared, ...failed], [2, 3]) + details
}
