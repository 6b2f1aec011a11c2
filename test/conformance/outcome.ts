/** How a step ended, and the table that a run prints. */
import { formatDuration } from '../../lib/cli/duration.ts'
import { textTable } from '../../lib/cli/text-table.ts'

/**
 * `refused`: it needs what the implementation does not have, the product said so, and readers see what they saw. `not offered`:
 * there was nothing to try. `failed`: it should have passed. `wrong`: readers see what they must not see.
 */
export type Ending = 'passed' | 'refused' | 'not offered' | 'failed' | 'wrong'

export interface Outcome {
  readonly step: string
  readonly ending: Ending
  readonly seconds: number
  /** What was seen, or why not. */
  readonly detail: string
}

/** The program would not, with its last line: readers see what they saw. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** The implementation has nothing of the kind. */
export class NotOffered extends Error {
  override readonly name = 'NotOffered'
}

/** Readers see what they must not see. */
export class Wrong extends Error {
  override readonly name = 'Wrong'
}

const mostLetters = 160

export function outcomeTable(outcomes: readonly Outcome[]): string {
  return textTable(
    outcomes.map(({ step, ending, seconds, detail }) => [
      step,
      ending,
      formatDuration(seconds * 1000),
      detail.length > mostLetters ? `${detail.slice(0, mostLetters)}…` : detail,
    ]),
    [2],
  )
}

/** 4: something wrong was seen; 1: something failed. */
export function exitOf(outcomes: readonly Outcome[]): 0 | 1 | 4 {
  if (outcomes.some(({ ending }) => ending === 'wrong')) return 4
  return outcomes.some(({ ending }) => ending === 'failed') ? 1 : 0
}
