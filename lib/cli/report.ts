/** How a program ends, for people and for machines: the one shape of it, and how a failure is written in it. */
import type { ExitCode } from '../failure/exit-code.ts'
import type { Outcome, Subject, Trouble } from '../notify/outcome.ts'
import { failureText } from './failure-text.ts'
import type { LogFields } from './log.ts'
import { causeLine, type ReportedFailure, retryOf } from './reported-failure.ts'

export interface Report {
  readonly exit: 0 | ExitCode
  /** What --json prints and --summary-file holds. */
  readonly json: object
  /** The result for people. */
  readonly text?: string
  /** The last line on stderr; at a terminal only of what did not succeed. */
  readonly line?: string
  /** What a terminal is shown in place of the line of what did not succeed. */
  readonly atTerminal?: string
  /** Whether a terminal is shown the line of what did succeed too, below the result. */
  readonly lineAfter?: true
  /** What that line says to machines. */
  readonly fields?: LogFields
  /** What is to be told where failures are gathered; undefined: nothing, or it was told already. */
  readonly failure?: ReportedFailure
  /** What it says of tables and checks: those that change are told of. Absent: nothing, as a dry run. */
  readonly outcomes?: readonly Outcome[]
}

export interface FailedOptions extends Pick<Report, 'text' | 'fields' | 'outcomes'> {
  /** Whose the last line is: a table, a check, a command. */
  readonly by: string
  /** What did not come about, a clause: `not published; readers still see …`. */
  readonly verdict: string
  readonly error: ReportedFailure
  /** The JSON as it is when nothing fails; `error` follows it. */
  readonly json: object
  /** Whether it is told where failures are gathered. */
  readonly gathered: boolean
}

/** The report of what failed: the exit code of its error, which is last in the JSON and in the last line. */
export function failedReport({ by, verdict, error, json, gathered, fields, ...more }: FailedOptions): Report {
  const { summary: cause, advice: remedy } = error
  return {
    exit: error.exit,
    json: { ...json, error },
    line: failedLine(by, verdict, error),
    atTerminal: failureText({ by, verdict, error }),
    fields: { ...fields, cause, remedy, retry: retryOf(error) },
    ...more,
    ...(gathered && { failure: error }),
  }
}

function failedLine(by: string, verdict: string, error: ReportedFailure): string {
  return `${by}: ${verdict}. ${causeLine(error)}`
}

/** What a failure says of a table or a check. @param verdict as that of `failedReport` */
export function troubled(
  subject: Subject,
  { verdict, error, fields = {} }: Pick<FailedOptions, 'verdict' | 'error' | 'fields'>,
): Outcome & { readonly trouble: Trouble } {
  const { table, check } = subject
  const by = [table, check].filter((each) => each !== undefined).join(': ') || 'all'
  const { exit, summary: cause, advice: remedy } = error
  const { load, phase } = fields
  const line = failedLine(by, verdict, error)
  return { ...subject, trouble: { line, cause, remedy, retry: retryOf(error), exit, load, phase } }
}
