/**
 * What the process exits with, the same for scripts, checks and commands:
 * 1 failed, a retry may help · 2 wrong flags or environment, access refused, a table that may not be replaced, as it
 * is pinned or somebody else's · 3 the declaration and the database or its data disagree · 4 a check or the audit failed ·
 * 5 outcome of the publish unknown.
 */
export type ExitCode = 1 | 2 | 3 | 4 | 5

export interface FailureDetail {
  readonly exit: ExitCode
  /** The verb and what it governs: `read the table`, `upload`, `publish`. */
  readonly act: string
  readonly thing: string
  /** One clause without a full stop at its end. */
  readonly reason: string
  /** What the reader should do: one or more sentences. */
  readonly advice: string
  readonly cause?: unknown
}

/** A failure a user can act on: `Cannot <act> "<thing>": <reason>. <advice>`, with its exit code. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly detail: Omit<FailureDetail, 'cause'>
  readonly exit: ExitCode
  readonly summary: string
  readonly advice: string

  constructor({ exit, act, thing, reason, advice, cause }: FailureDetail) {
    const summary = `Cannot ${act} "${thing}": ${reason}`
    super(`${summary}. ${advice}`, cause === undefined ? undefined : { cause })
    this.detail = { exit, act, thing, reason, advice }
    this.exit = exit
    this.summary = summary
    this.advice = advice
  }

  /** Only a failure that may pass by itself is worth another try. */
  get retry(): boolean {
    return this.exit === 1
  }
}
