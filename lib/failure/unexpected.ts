/** Errors that are faults of the program itself, and how they are told. */
import packageFile from '../../package.json' with { type: 'json' }
import type { FailureDetail } from './failure.ts'

/** What is said of an error that is a fault of the program itself: its class and first line, and how to report it. */
export function unexpected(error: unknown): Pick<FailureDetail, 'reason' | 'advice'> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const [first = ''] = text.split('\n')
  const { name, version } = packageFile
  return {
    reason: `unexpected error, ${first.replace(/[.:\s]+$/, '')}`,
    advice: `Set DRACULA_DEBUG=1, run it again, and report what it prints, and that it is ${name} ${version} with Bun ${Bun.version} on ${process.platform}-${process.arch}.`,
  }
}

/** Whether it is of the kind that only a mistake in code throws; what a socket or a request throws has a code. */
export function isMistake(error: unknown): boolean {
  const known = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind)
  return known && !('code' in (error as object)) && !('$metadata' in (error as object))
}
