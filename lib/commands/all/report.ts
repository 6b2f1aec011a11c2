/** What `bun run all` reports, for people and for machines. */

import { formatDuration } from '../../cli/duration.ts'
import { failureText } from '../../cli/failure-text.ts'
import { failedReport, type Report, troubled } from '../../cli/report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { formatSize } from '../../cli/size.ts'
import { textTable } from '../../cli/text-table.ts'
import { mayRunAgain } from '../../failure/exit-code.ts'
import type { Outcome } from '../../notify/outcome.ts'
import { worst } from '../many/worst.ts'
import { type LoadedTable, wasStarted } from './loaded-table.ts'

export interface AllRun {
  /** It took. */
  readonly seconds: number
  readonly dryRun: boolean
  scrub(text: string): string
}

export function allReport(tables: readonly LoadedTable[], { seconds, dryRun, scrub }: AllRun): Report {
  const text = screen(tables)
  const failed = tables.flatMap((each) => ('error' in each ? [each] : []))
  const exit = worst(tables)
  const json = { version: 1, command: 'all', ok: exit === 0, seconds, tables }
  const outcomes = dryRun ? [] : outcomesOf(tables, scrub)
  if (exit === 0) return { exit, text, json, outcomes }
  const worstOne = failed.find(({ error }) => error.exit === exit)
  const error: ReportedFailure = {
    exit,
    summary: `${failed.length} of ${tables.length} failed: ${listOf(failed)}`,
    advice: worstOne?.error.advice ?? 'What each said is above.',
    retry: mayRunAgain(exit),
  }
  return failedReport({
    by: 'all',
    verdict: 'not everything was published',
    error,
    json,
    text,
    // A script tells of itself; one that was killed, or never began, could not.
    gathered: failed.some(({ summary }) => summary === null),
    outcomes,
  })
}

/** The last line is one of a log, which may cut it: so many tables are named there, and each has a line of its own above. */
const mostNamed = 50

function listOf(failed: readonly { readonly table: string; readonly error: ReportedFailure }[]): string {
  const named = failed.slice(0, mostNamed).map(({ table, error }) => `${table} (${error.exit})`)
  const others = failed.length - named.length
  return [...named, ...(others === 0 ? [] : [`and ${others.toLocaleString('en')} more`])].join(', ')
}

/** That it could start, and what became of tables whose own process could not tell. */
function outcomesOf(tables: readonly LoadedTable[], scrub: (text: string) => string): Outcome[] {
  const mute = tables.flatMap((each) => {
    if (!('error' in each) || each.summary !== null || !wasStarted(each)) return []
    const { table, error } = each
    // Its last line, which may be in there, is the script's own.
    const said = { ...error, summary: scrub(error.summary) }
    return [troubled({ table }, { verdict: verdictOf(error), error: said })]
  })
  return [{}, ...mute]
}

function verdictOf({ exit }: ReportedFailure): string {
  return exit === 5 ? 'outcome unknown' : 'not published'
}

/** What a terminal is shown of one table: a line, or three where it failed. */
export function linesOf(each: LoadedTable): string {
  if (!('error' in each)) return lineOf(each)
  const { table, error, summary } = each
  return `✗ ${failureText({ by: table, verdict: summary?.verdict ?? verdictOf(error), error })}`
}

/** One table in one line. */
export function lineOf(each: LoadedTable): string {
  if ('error' in each) {
    return `✗ ${each.table}: ${verdictOf(each.error)}. ${each.error.summary}`.replace(/\s*\n\s*/g, ' ')
  }
  const { rows, bytes, seconds, dry_run } = each.summary
  const verdict = dry_run ? 'dry run, ' : ''
  return `✓ ${each.table}: ${verdict}${rows.toLocaleString('en')} rows, ${formatSize(bytes)}, ${formatDuration(seconds * 1000)}`
}

function screen(tables: readonly LoadedTable[]): string {
  const done = tables.flatMap((each) => ('error' in each ? [] : [each]))
  const published = done.filter(({ summary }) => summary.published)
  const dry = done.filter(({ summary }) => !summary.published)
  const failed = tables.flatMap((each) => ('error' in each ? [each] : []))
  const sections = [
    section('published', published.map(cells), [1, 2, 3]),
    section('dry run, nothing written', dry.map(cells), [1, 2, 3]),
    section(
      'not published',
      failed.map(({ table, error }) => [table, `exit ${error.exit}`, oneLine(error)]),
    ),
    section(
      'warned of',
      tables.flatMap(({ table, summary }) => (summary?.warnings ?? []).map((each) => [table, each])),
    ),
  ]
  return sections.filter((each) => each !== '').join('\n\n')
}

function cells({ table, summary }: Extract<LoadedTable, { summary: { published: boolean } }>): string[] {
  const { rows, bytes, seconds, load } = summary
  return [
    table,
    (rows ?? 0).toLocaleString('en'),
    formatSize(bytes ?? 0),
    formatDuration(seconds * 1000),
    load ?? '',
  ]
}

function section(title: string, rows: readonly (readonly string[])[], right?: readonly number[]): string {
  return rows.length === 0 ? '' : `${title}\n${textTable(rows, right)}`
}

function oneLine({ summary, advice }: ReportedFailure): string {
  return `${summary}. ${advice}`.replace(/\s*\n\s*/g, ' ')
}
