/**
 * How often lookups have found nothing. A function may give what it got of a row that is not there, `undefined`, to a
 * column that may be null; any other undefined is a value that somebody forgot.
 */
let count = 0

export function noteNotFound(): void {
  count++
}

/** So often since the process began; whoever calls a function of a script compares before and after. */
export function notFoundCount(): number {
  return count
}
