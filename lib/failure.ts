/**
 * What the process exits with, the same for scripts, checks and commands:
 * 1 failed, a retry may help · 2 wrong flags or environment, access refused, a table that may not be replaced, as it
 * is pinned, somebody else's, or of another source · 3 the declaration and the database or its data disagree · 4 a check,
 * the audit or the volume guard failed · 5 unknown whether it was published, see {@link mayRunAgain}.
 */
export type ExitCode = 1 | 2 | 3 | 4 | 5

/**
 * Whether the same load may succeed when it is run again as it is. Of unknown outcome it may, and that settles it: the
 * call that nobody knows the end of names the version of the table that it replaces, so it comes before the next load's
 * or is refused, and of two loads the newer snapshot stays. A pod that was lost leaves the same doubt and is run again.
 */
export function mayRunAgain(exit: ExitCode): boolean {
  return exit === 1 || exit === 5
}

/** What to do about a load of unknown outcome; see {@link mayRunAgain}. */
export const runAgainAdvice =
  'Run it again, which is safe and settles it: of two loads the newer snapshot stays.'

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

  /** Only a failure that may pass by itself is worth another try of the step that failed. */
  get retry(): boolean {
    return this.exit === 1
  }
}
