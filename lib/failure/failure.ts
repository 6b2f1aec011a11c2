/**
 * The one kind of error that a user is told of: who acts on what, why it cannot be, and what to do.
 *
 * I want to…                   → file
 * know what an exit code means → exit-code.ts
 * tell of an unexpected error  → unexpected.ts
 * tell why a file is refused   → file-reason.ts
 */
import type { ExitCode } from './exit-code.ts'

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
