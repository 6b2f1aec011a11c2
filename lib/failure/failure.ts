import packageFile from '../../package.json' with { type: 'json' }

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

/** Why the system refuses a file or a folder, as one clause without its path: `there is no such file or folder`. */
export function fileReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // Else the system's own clause: "EBUSY: resource busy or locked, open '/x'".
  return fileReasons[code] ?? /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message.split('\n')[0] ?? message
}

const fileReasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EDQUOT: "this user's share of the disk is used up",
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
}
