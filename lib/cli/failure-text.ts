/** A failure as a person at a terminal reads it: what readers see, the cause, what to do. Each is one line, however long. */
import { oneLine, type ReportedFailure } from './reported-failure.ts'

export interface ToldFailure {
  /** Whose it is: a table, a check, a command. */
  readonly by: string
  /** What did not come about, a clause: `not published; readers still see …`. */
  readonly verdict: string
  readonly error: ReportedFailure
}

export function failureText({ by, verdict, error }: ToldFailure): string {
  const { summary, advice, retry } = error
  const lines = [
    `${by}: ${verdict}.`,
    `  Cause: ${summary}.`,
    `  Do: ${advice} Retry: ${retry ? 'yes' : 'no'}.`,
  ]
  return lines.map(oneLine).join('\n')
}
