/** How the check ends, for people and for machines. */

import { causeLine, type FailureReport } from '../../lib/cli/failure-report.ts'
import type { Ending } from '../../lib/cli/program.ts'
import { textTable } from '../../lib/cli/text-table.ts'
import type { ExitCode } from '../../lib/failure/failure.ts'
import { ignoreEntry } from '../../lib/postgres/declaration-of.ts'
import type { ComparedSchema } from './compare.ts'

export function comparedEnding(tables: readonly ComparedSchema[]): Ending {
  const text = screen(tables)
  const wrong = tables.filter(({ status }) => status !== 'ok')
  if (wrong.length === 0) {
    return { exit: 0, text, json: { version: 1, check: 'schema', ok: true, tables } }
  }
  const summary = wrong.map(({ table, findings }) => `${table}: ${findings.join(', ')}`).join('; ')
  const advice = wrong.map(adviceFor).join(' ')
  return { ...failedEnding({ exit: 3, summary, advice, retry: false }, tables), text }
}

export function failedEnding(error: FailureReport, tables: readonly ComparedSchema[] = []): Ending {
  return {
    exit: error.exit,
    json: { version: 1, check: 'schema', ok: false, tables, error },
    line: `schema: ${verdict(error.exit)}. ${causeLine(error)}`,
    failure: error,
  }
}

function verdict(exit: ExitCode): string {
  return exit === 3 ? 'scripts and database disagree' : 'not all could be compared'
}

function adviceFor({ table, status, differences }: ComparedSchema): string {
  if (status === 'no table') {
    return `Correct \`name\` or \`from\` in scripts/${table}.ts, or check which database DATABASE_URL names.`
  }
  const lines = byPlace(differences)
    .map(([place, pasted]) =>
      place === null ? pasted.join(' ') : `${pasted.join(' ')} in the lookup ${place}`,
    )
    .join(' and ')
  const removed = names(
    differences
      .filter(({ paste, or_ignore }) => paste === null && or_ignore === null)
      .map(({ column }) => column),
  )
  const ignored = differences.flatMap(({ or_ignore }) => or_ignore ?? [])
  const write = lines === '' ? [] : [`write ${lines}`]
  const remove = removed === '' ? [] : [`remove ${removed}`]
  const ignore = ignored.length === 0 ? '' : `; or to leave unread: ${ignoreLine(ignored)}`
  return `In scripts/${table}.ts ${[...remove, ...write].join(' and ')}${ignore}.`.replace(/,\.$/, ',')
}

function screen(tables: readonly ComparedSchema[]): string {
  const verdicts = tables.map(({ table, status }) => [table, status === 'differs' ? 'DIFFERS' : status])
  const wrong = tables.filter(({ status }) => status !== 'ok')
  const noted = tables.flatMap(({ table, notes }) => notes.map((note) => `${table}: ${note}`))
  return [textTable(verdicts), ...wrong.map(details), ...(noted.length === 0 ? [] : [noted.join('\n')])].join(
    '\n\n',
  )
}

/** The lines to paste stand alone, to be copied. */
function details({ table, findings, differences }: ComparedSchema): string {
  const written = byPlace(differences).flatMap(([place, pasted]) => [
    place === null ? 'write' : `write in the lookup ${place}`,
    ...pasted.map((line) => `    ${line}`),
  ])
  const ignored = differences.flatMap(({ or_ignore }) => or_ignore ?? [])
  return [
    `scripts/${table}.ts`,
    ...findings.map((finding) => `  ${finding}`),
    ...written,
    ...(ignored.length === 0 ? [] : ['or, to leave unread', `  ${ignoreLine(ignored)},`]),
  ].join('\n')
}

/** Lines to paste, by the lookup they belong in; null: the table itself. */
function byPlace(differences: ComparedSchema['differences']): (readonly [string | null, string[]])[] {
  const pasted = differences.flatMap(({ lookup, paste }) => (paste === null ? [] : [{ lookup, paste }]))
  const grouped = Map.groupBy(pasted, ({ lookup }) => lookup)
  return [...grouped].map(([lookup, lines]) => [lookup, lines.map(({ paste }) => paste)])
}

function ignoreLine(columns: readonly string[]): string {
  return `ignore: [${columns.map(ignoreEntry).join(', ')}]`
}

function names(columns: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(columns)
}
