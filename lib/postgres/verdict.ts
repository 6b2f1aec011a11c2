import type { ExitCode } from '../failure/exit-code.ts'

/** What an error means for whoever runs a load. */
export interface Verdict {
  readonly exit: ExitCode
  /** Stands in place of the error's own message. */
  readonly reason?: string
  readonly advice: string
}
