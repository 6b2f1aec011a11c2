/** What an error of Postgres means for whoever runs a load: its exit code, reason and advice. */
import type { ExitCode } from '../failure/exit-code.ts'

export interface Verdict {
  readonly exit: ExitCode
  /** Stands in place of the error's own message. */
  readonly reason?: string
  readonly advice: string
}
