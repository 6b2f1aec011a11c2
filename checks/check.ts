/**
 * The frame of every check: it finds the tables, has each looked at, weighs what was found, and reports it. A check says
 * what it looks at, what that weighs, and how it is shown.
 *
 * I want to…                                     → file
 * write another check, or change what all report → check.ts
 * count rows in Postgres and in the lake         → row-counts.ts, row-counts/count.ts
 * change how far the two may be apart            → limit.ts
 * compare columns with what a load recorded      → columns.ts, columns/compare.ts
 * change what Athena is asked of a column        → measures/measure.ts
 * hold scripts against the database              → schema.ts, schema/compare.ts
 * change the lines to paste                      → schema/screen.ts
 * hold tables to the freshness they are to have  → freshness.ts, freshness/measure.ts
 * compare partitions that loads keep             → partitions.ts, partitions/compare.ts
 * change what is compared of them                → partitions/lake-sql.ts, lib/postgres/partition-digests.ts
 */
import type { Command } from 'commander'
import type { Log } from '../lib/cli/log.ts'
import { runProgram, type Task } from '../lib/cli/program.ts'
import { failedReport, type Report, troubled } from '../lib/cli/report.ts'
import type { ReportedFailure } from '../lib/cli/reported-failure.ts'
import { withScripts } from '../lib/cli/scripts-flag.ts'
import { inParallel } from '../lib/concurrency/in-parallel.ts'
import { failureInWordsOf } from '../lib/config/config.ts'
import { findTables } from '../lib/declare/find-tables.ts'
import type { Table } from '../lib/declare/table.ts'
import type { ExitCode } from '../lib/failure/exit-code.ts'
import { Failure } from '../lib/failure/failure.ts'
import type { Outcome as TableOutcome } from '../lib/notify/outcome.ts'

/** What a check found out about one table; in its JSON with whatever else the check says of it. */
export interface TableVerdict {
  readonly table: string
  readonly status: string
  /** What is wrong, a clause each; empty when `status` is ok. */
  readonly findings: readonly string[]
}

/** A table that could not be checked, beside those that could. */
export interface Unchecked {
  readonly table: string
  readonly failure: Failure
}

export interface Check<Verdict extends TableVerdict, Flags> {
  readonly name: string
  /** Takes names of tables, and the check's own flags. */
  readonly command: Command
  readonly words: {
    /** `counting`, and then `counted`: what is done with a table. */
    readonly doing: string
    readonly done: string
    /** What is said of all when some table is not as it should be, a clause. */
    readonly wrong: string
    /** Between the findings of one table. */
    readonly and: string
  }
  /** The exit code when some table is not as it should be. */
  readonly exit: 3 | 4
  /** Whether a table that cannot be checked leaves the others as they are; else the check ends with it. */
  readonly independent: boolean
  /** Connects to what the check asks, has the tables looked at, and disconnects, also when that throws. */
  connected(
    flags: Flags,
    task: Task,
    tables: readonly Table[],
    lookAtAll: (lookAt: (table: Table) => Promise<Verdict>) => Promise<void>,
  ): Promise<void>
  /** The exit code for what was found of one table, 0 for what is fine; absent: {@link exit} unless it is ok. */
  weigh?(verdict: Verdict, flags: Flags): 0 | ExitCode
  /** What to do about those that are not fine, one at the least, the gravest first. */
  advise(wrong: readonly Verdict[]): string
  /** The result for people. */
  screen(verdicts: readonly Verdict[], unchecked: readonly Unchecked[]): string
}

/** Tables looked at at the same time where they are independent. */
export const tablesAtOnce = 4

/** Runs the check as the program it is. */
export function runCheck<Verdict extends TableVerdict, Flags extends object>(
  check: Check<Verdict, Flags>,
): Promise<never> {
  const { name } = check
  const command = withScripts(check.command)
  return runProgram({
    command,
    subject: { check: name },
    async work(task) {
      const tables = await findTables(command.args)
      const flags = command.opts<Flags>()
      const found: (Verdict | Unchecked)[] = []
      await check.connected(flags, task, tables, async (lookAt) => {
        const look = check.independent ? orFailure(lookAt, task.signal) : lookAt
        found.push(...(await lookAtAll(tables, look, check, task)))
      })
      const verdicts = found.flatMap((each) => ('failure' in each ? [] : [each]))
      const unchecked = found.flatMap((each) => ('failure' in each ? [each] : []))
      return report(check, { verdicts, unchecked, flags, scrub: task.scrub })
    },
    failed: (error) => failed(check, error, []),
  })
}

/** Only a Failure is of one table; what is none, or came of the signal, ends the check. */
function orFailure<Verdict>(lookAt: (table: Table) => Promise<Verdict>, signal: AbortSignal) {
  return async (table: Table): Promise<Verdict | Unchecked> => {
    try {
      return await lookAt(table)
    } catch (failure) {
      if (!(failure instanceof Failure) || signal.aborted) throw failure
      return { table: table.name, failure: failureInWordsOf(table.connection, failure) }
    }
  }
}

async function lookAtAll<Found>(
  tables: readonly Table[],
  lookAt: (table: Table) => Promise<Found>,
  { words: { doing, done }, independent }: Pick<Check<never, never>, 'words' | 'independent'>,
  { signal, log }: Pick<Task, 'signal' | 'log'>,
): Promise<Found[]> {
  // What shares a connection is done before anybody could read it.
  const tell: Pick<Log, 'transient' | 'info'> = independent ? log : { transient: () => {}, info: () => {} }
  let count = 0
  tell.transient(`… ${doing}`)
  const found = await inParallel(independent ? tablesAtOnce : 1, tables, async (table) => {
    const each = await lookAt(table)
    count++
    tell.transient(`… ${done} ${count} of ${tables.length}`)
    if (!log.terminal) tell.info(done, { table: table.name })
    return each
  })
  tell.transient('')
  signal.throwIfAborted()
  return found
}

interface Outcome<Verdict, Flags> {
  readonly verdicts: readonly Verdict[]
  readonly unchecked: readonly Unchecked[]
  readonly flags: Flags
  readonly scrub: (text: string) => string
}

function report<Verdict extends TableVerdict, Flags>(
  check: Check<Verdict, Flags>,
  { verdicts, unchecked, flags, scrub }: Outcome<Verdict, Flags>,
): Report {
  const text = check.screen(verdicts, unchecked)
  const weigh = (verdict: Verdict) =>
    check.weigh?.(verdict, flags) ?? (verdict.status === 'ok' ? 0 : check.exit)
  const wrong = verdicts
    .filter((verdict) => weigh(verdict) !== 0)
    .toSorted((one, other) => weigh(other) - weigh(one))
  const [gravest] = wrong
  const [first] = unchecked
  const weight = gravest === undefined ? 0 : weigh(gravest)
  // What is known to be wrong weighs more than what is not known, and that more than what was not asked for.
  const failure = weight === check.exit ? undefined : first?.failure
  const exit = failure?.exit ?? weight
  const outcomes = [
    // That it could be run at all is a state too.
    { check: check.name },
    ...verdicts.map((verdict) => outcomeOf(check, verdict, { weight: weigh(verdict), scrub })),
    ...unchecked.map(({ table, failure }) => {
      const { exit, summary, advice, retry } = failure
      const error = { exit, summary: scrub(summary), advice: scrub(advice), retry }
      return troubled({ table, check: check.name }, { verdict: `could not be ${check.words.done}`, error })
    }),
  ]
  if (exit === 0) {
    return { exit, text, json: { version: 1, check: check.name, ok: true, tables: verdicts }, outcomes }
  }
  const summaries = [
    ...wrong.map(({ table, findings }) => `${table}: ${findings.join(check.words.and)}`),
    ...unchecked.map(({ table, failure: { summary } }) => `${table}: ${summary}`),
  ]
  const error: ReportedFailure = {
    exit,
    summary: scrub(summaries.join('; ')),
    advice: scrub(failure?.advice ?? check.advise(wrong)),
    retry: exit === 1,
  }
  return { ...failed(check, error, verdicts), text, outcomes }
}

function outcomeOf<Verdict extends TableVerdict>(
  { name, words, advise }: Pick<Check<Verdict, never>, 'name' | 'words' | 'advise'>,
  verdict: Verdict,
  { weight, scrub }: { readonly weight: 0 | ExitCode; readonly scrub: (text: string) => string },
): TableOutcome {
  const { table, findings } = verdict
  if (weight === 0) return { table, check: name }
  const summary = scrub(findings.join(words.and))
  const error = { exit: weight, summary, advice: scrub(advise([verdict])), retry: weight === 1 }
  return troubled({ table, check: name }, { verdict: words.wrong, error })
}

function failed(
  { name, words, exit }: Pick<Check<never, never>, 'name' | 'words' | 'exit'>,
  error: ReportedFailure,
  tables: readonly TableVerdict[],
): Report {
  return failedReport({
    by: name,
    verdict: error.exit === exit ? words.wrong : `not all could be ${words.done}`,
    error,
    json: { version: 1, check: name, ok: false, tables },
    gathered: true,
    outcomes: [troubled({ check: name }, { verdict: `not all could be ${words.done}`, error })],
  })
}
