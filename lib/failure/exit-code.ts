/** The table of exit codes, the same for scripts, checks and commands; `--help` and the README print it. */

export const exitCodes = [
  { code: 0, meaning: 'done', retry: '' },
  { code: 1, meaning: 'failed, nothing published', retry: 'may help' },
  {
    code: 2,
    meaning: 'wrong flags or environment, access refused, a pinned table, or another source',
    retry: 'no',
  },
  { code: 3, meaning: 'the declaration and the database or its data disagree', retry: 'no' },
  {
    code: 4,
    meaning: 'a check, the audit, the volume guard or what is expected of rows failed',
    retry: 'no',
  },
  {
    code: 5,
    meaning: 'unknown whether it was published; running the load again is safe, and settles it',
    retry: 'yes',
  },
] as const

/** What a process that failed exits with. */
export type ExitCode = Exclude<(typeof exitCodes)[number]['code'], 0>

/**
 * Whether the same load may succeed when it is run again as it is. After an unknown outcome it may, and that settles it: the
 * call that nobody knows the end of names the version of the table that it replaces, so it comes before the next load's
 * or is refused, and of two loads the newer snapshot stays. A pod that was lost leaves the same doubt and is run again.
 */
export function mayRunAgain(exit: ExitCode): boolean {
  return exitCodes.some(({ code, retry }) => code === exit && retry !== 'no')
}

/** What to do about a load of unknown outcome; see {@link mayRunAgain}. */
export const runAgainAdvice =
  'Run it again, which is safe and settles it: of two loads the newer snapshot stays.'
