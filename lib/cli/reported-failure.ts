/** An error as it is told: to people in one line, to machines as `error` of the summary. */
import { basename } from 'node:path'
import { CommanderError } from 'commander'
import { type ExitCode, mayRunAgain } from '../failure/exit-code.ts'
import { Failure } from '../failure/failure.ts'
import { unexpected } from '../failure/unexpected.ts'
import type { Retry } from '../notify/outcome.ts'
import { missingPackages } from './require-packages.ts'

/** What a failure says to people and machines; `error` of every JSON summary. */
export interface ReportedFailure {
  readonly exit: ExitCode
  /** One clause without a full stop at its end. */
  readonly summary: string
  /** One or more sentences. */
  readonly advice: string
  /** Whether the same run may succeed later without anybody doing anything. */
  readonly retry: boolean
}

/** @param signal when it is aborted, its reason is the cause of whatever broke after it */
export function reportFailure(
  error: unknown,
  signal: AbortSignal,
  scrub: (text: string) => string,
): ReportedFailure {
  const direct = describe(error)
  // What is unknown stays unknown, however it came about.
  const { exit, summary, advice } = signal.aborted && direct.exit !== 5 ? describe(signal.reason) : direct
  return { exit, summary: scrub(summary), advice: scrub(advice), retry: mayRunAgain(exit) }
}

/** Whether to run it again as it is, in one word more than `retry` has: after an unknown outcome that settles it. */
export function retryOf({ exit, retry }: Pick<ReportedFailure, 'exit' | 'retry'>): Retry {
  if (!retry) return 'no'
  return exit === 5 ? 'settles it' : 'yes'
}

/** `Cause: … Do: … Retry: no.` on one line. */
export function causeLine({ summary, advice, retry }: ReportedFailure): string {
  return oneLine(`Cause: ${summary}. Do: ${advice} Retry: ${retry ? 'yes' : 'no'}.`)
}

/** Names too may have line breaks in them, and what a terminal takes for a command. */
export function oneLine(text: string): string {
  return text
    .replace(/\s*[\n\r\v\f\x85\u2028\u2029]+\s*/g, ' ')
    .replace(/[^\P{Cc}\t]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function describe(error: unknown): Pick<ReportedFailure, 'exit' | 'summary' | 'advice'> {
  if (error instanceof Failure) return error
  if (error instanceof CommanderError) {
    const summary = error.message.replace(/^error: /, '').replace(/[.\s]+$/, '')
    return { exit: 2, summary: `wrong flags: ${summary}`, advice: 'See --help.' }
  }
  const missing = missingPackage(error)
  if (missing !== undefined) return missingPackages(basename(Bun.main, '.ts'), [missing])
  const { reason, advice } = unexpected(error)
  return { exit: 1, summary: reason, advice }
}

/** The package that an import does not find; a file that is not found is a fault of the program. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof ResolveMessage) || /^[./]/.test(error.specifier)) return undefined
  return error.specifier
}
