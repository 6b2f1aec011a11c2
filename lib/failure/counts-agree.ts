/** The failure of two counts that should be the same before anything is published. */
import { Failure } from './failure.ts'

/** @throws Failure (4) naming both counts when they differ */
export function countsAgree(
  table: string,
  what: string,
  count: number,
  than: string,
  expected: number,
): void {
  if (count === expected) return
  throw new Failure({
    exit: 4,
    act: 'publish',
    thing: table,
    reason: `${count} ${what}, but ${expected} ${than}`,
    advice:
      'Run it once more by hand; if it says so again, this is a fault of Dracula: report it with this message.',
  })
}
