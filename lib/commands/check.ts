#!/usr/bin/env bun
/** `bun run check`: all checks for all tables, each check in a process of its own. */
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { parseLimit } from '../../checks/limit.ts'
import { runProgram } from '../cli/program.ts'
import { failedReport, type Report, troubled } from '../cli/report.ts'
import type { ReportedFailure } from '../cli/reported-failure.ts'
import { scriptsFlag } from '../cli/scripts-flag.ts'
import { formatSize } from '../cli/size.ts'
import { textTable } from '../cli/text-table.ts'
import { brokenScripts } from '../declare/find-tables.ts'
import { ownFolder } from '../declare/project.ts'
import { checkLine, commandLine } from '../failure/command-line.ts'
import type { ExitCode } from '../failure/exit-code.ts'
import type { Failure } from '../failure/failure.ts'
import type { Outcome } from '../notify/outcome.ts'
import { runScript } from './many/run-script.ts'
import { type Choice, choosable, selectTables } from './many/select-tables.ts'
import { worst } from './many/worst.ts'

const command = choosable(new Command(commandLine('check')))
  .description(
    'Runs every check for every table: schema, row-counts, freshness where a script expects it, and columns where a load was made with --fingerprint.',
  )
  .option('--require-fingerprint', 'fail where a load was made without')
  .option(
    '--partitions [which]',
    'compare too the partitions that incremental loads keep with Postgres, by all their rows: all, or 2026-03-01..2026-03-07',
  )
  .addOption(
    new Option(
      '--max-count-diff <rows or %>',
      'how far Postgres may have moved on since a load (default: 1%)',
    ).argParser((text) => {
      parseLimit(text)
      return text
    }),
  )
  .addHelpText('after', '\nIt exits with the worst code of all checks: 5 before 4, 3, 2, 1 and 0.')

const allNames = ['schema', 'row-counts', 'freshness', 'columns', 'partitions'] as const

/** How what is not said as it is stands in the matrix. */
const shownStatus: Readonly<Record<string, string>> = {
  differs: 'DIFFERS',
  stale: 'STALE',
  'not expected': '',
}

interface Flags {
  readonly requireFingerprint?: true
  /** True: all. */
  readonly partitions?: string | true
  readonly maxCountDiff?: string
}

/** What every check prints with --json. */
interface CheckSummary {
  readonly tables: readonly {
    readonly table: string
    readonly status: string
    readonly findings: readonly string[]
    /** By Athena. */
    readonly bytes_scanned?: number
  }[]
  readonly error?: ReportedFailure
}

interface Checked {
  readonly check: 'scripts' | (typeof allNames)[number]
  readonly exit: 0 | ExitCode
  readonly summary: CheckSummary
  /** Whether its process has not said how it ended. */
  readonly mute?: true
}

await runProgram({
  command,
  subject: {},
  async work({ signal, log }) {
    const { requireFingerprint, partitions, maxCountDiff, ...choice } = command.opts<Choice & Flags>()
    const wanted = allNames.filter((name) => name !== 'partitions' || partitions !== undefined)
    const selected = await selectTables(choice)
    const broken = await brokenScripts(selected)
    const tables = selected.filter((table) => !broken.has(table))
    log.transient('… checking')
    const checks = await Promise.all(
      (tables.length === 0 ? [] : wanted).map(async (check): Promise<Checked> => {
        const more = [
          ...(check === 'columns' && requireFingerprint !== true ? ['--allow-missing'] : []),
          ...(check === 'row-counts' && maxCountDiff !== undefined ? ['--max-count-diff', maxCountDiff] : []),
          ...(check === 'partitions' && typeof partitions === 'string' ? ['--partitions', partitions] : []),
        ]
        const checked = await runCheck(check, [...more, ...tables], signal)
        const bytes = checked.summary.tables.reduce((sum, each) => sum + (each.bytes_scanned ?? 0), 0)
        // What it reads is for whoever asks for it to choose.
        const scanned = check !== 'partitions' || bytes === 0 ? '' : `, ${formatSize(bytes)} scanned`
        const line =
          checked.exit === 0 ? `✓ ${check}${scanned}` : `✗ ${check}: ${checked.summary.error?.summary}`
        if (checked.exit === 0) log.info(line, { check, exit: 0 })
        else log.error(line.replace(/\s*\n\s*/g, ' '), { check, exit: checked.exit })
        return checked
      }),
    )
    signal.throwIfAborted()
    return report(selected, wanted, [...declared(broken), ...checks])
  },
  failed: (error) =>
    failedReport({
      by: 'check',
      verdict: 'not everything could be checked',
      error,
      json: { version: 1, command: 'check', ok: false, checks: {} },
      gathered: true,
      outcomes: [troubled({ check: 'check' }, { verdict: 'not everything could be checked', error })],
    }),
})

/** Scripts that declare no table, as a check of their own: there is nothing more to check of them. */
function declared(broken: ReadonlyMap<string, Failure>): Checked[] {
  const [first] = broken.values()
  if (first === undefined) return []
  const { exit, advice, retry } = first
  const tables = [...broken].map(([table, { summary }]) => ({ table, status: 'broken', findings: [summary] }))
  const summary = tables.flatMap(({ findings }) => findings).join('; ')
  return [{ check: 'scripts', exit, summary: { tables, error: { exit, summary, advice, retry } } }]
}

async function runCheck(
  check: Checked['check'],
  args: readonly string[],
  signal: AbortSignal,
): Promise<Checked> {
  const { json, exit, lastLine } = await runScript(
    join(ownFolder, `checks/${check}.ts`),
    [...scriptsFlag(), ...args],
    { signal },
  )
  if (json !== undefined) {
    const summary = json as CheckSummary
    return { check, exit: summary.error?.exit ?? 0, summary }
  }
  const how = exit === null ? 'was killed' : `ended with exit code ${exit}`
  const last = lastLine === '' ? '' : `; its last line: ${lastLine}`
  const error: ReportedFailure = {
    exit: 1,
    summary: `its process ${how} without a summary${last}`,
    advice: `Run it alone: ${checkLine(check)}`,
    retry: true,
  }
  return { check, exit: 1, summary: { tables: [], error }, mute: true }
}

function report(
  tables: readonly string[],
  names: readonly (typeof allNames)[number][],
  checks: readonly Checked[],
): Report {
  const exit = worst(checks)
  const found = (check: Checked, table: string) => check.summary.tables.find((each) => each.table === table)
  const matrix = tables.map((table) => [
    table,
    ...names.map((name) => {
      const of = checks.filter(({ check }) => check === name || check === 'scripts')
      const status = of.flatMap((check) => found(check, table)?.status ?? [])[0] ?? 'not checked'
      return shownStatus[status] ?? status
    }),
  ])
  const findings = tables.flatMap((table) =>
    checks.flatMap((check) => {
      const { status, findings } = found(check, table) ?? { status: 'ok', findings: [] }
      return status === 'ok' || status === 'no fingerprint' || status === 'not expected'
        ? []
        : findings.map((finding) => `  ${table} (${check.check}): ${finding}`)
    }),
  )
  const screen = textTable([['table', ...names], ...matrix])
  const text = findings.length === 0 ? screen : `${screen}\n\n${findings.join('\n')}`
  const json = {
    version: 1,
    command: 'check',
    ok: exit === 0,
    checks: Object.fromEntries(checks.map(({ check, summary }) => [check, summary])),
  }
  const outcomes = outcomesOf(tables, checks)
  if (exit === 0) return { exit, text, json, outcomes }
  const failed = checks.flatMap(({ check, summary: { error } }) => (error ? [{ check, error }] : []))
  const error: ReportedFailure = {
    exit,
    summary: failed.map(({ check, error }) => `${check}: ${error.summary}`).join('; '),
    advice: failed.find(({ error }) => error.exit === exit)?.error.advice ?? '',
    retry: exit === 1,
  }
  // Each check has told of itself.
  return failedReport({
    by: 'check',
    verdict: 'something is wrong',
    error,
    json,
    text,
    gathered: false,
    outcomes,
  })
}

/** What no check has told itself: scripts that are broken, and a check that was killed. */
function outcomesOf(tables: readonly string[], checks: readonly Checked[]): Outcome[] {
  const broken = checks.find(({ check }) => check === 'scripts')?.summary
  const scripts = tables.map((table): Outcome => {
    const found = broken?.tables.find((each) => each.table === table)
    if (found === undefined || broken?.error === undefined) return { table, check: 'scripts' }
    const error = { ...broken.error, summary: found.findings.join('; ') }
    return troubled({ table, check: 'scripts' }, { verdict: 'its script is broken', error })
  })
  const mute = checks.flatMap(({ check, mute, summary: { error } }) =>
    mute === true && error !== undefined
      ? [troubled({ check }, { verdict: 'not all could be checked', error })]
      : [],
  )
  return [{ check: 'check' }, ...scripts, ...mute]
}
