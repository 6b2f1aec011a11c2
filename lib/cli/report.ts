/** How a program ends, for people and for machines: the one shape of it, and how a failure is written in it. */
import type { ExitCode } from '../failure/exit-code.ts'
import type { LogFields } from './log.ts'
import { causeLine, type ReportedFailure } from './reported-failure.ts'

export interface Report {
  readonly exit: 0 | ExitCode
  /** What --json prints and --summary-file holds. */
  readonly json: object
  /** The result for people. */
  readonly text?: string
  /** The last line on stderr; at a terminal only of what did not succeed. */
  readonly line?: string
  /** What that line says to machines. */
  readonly fields?: LogFields
  /** What is to be told where failures are gathered; undefined: nothing, or it was told already. */
  readonly failure?: ReportedFailure
}

export interface FailedOptions extends Pick<Report, 'text' | 'fields'> {
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
export function failedReport({ by, verdict, error, json, gathered, ...more }: FailedOptions): Report {
  return {
    exit: error.exit,
    json: { ...json, error },
    line: `${by}: ${verdict}. ${causeLine(error)}`,
    ...more,
    ...(gathered && { failure: error }),
  }
}
