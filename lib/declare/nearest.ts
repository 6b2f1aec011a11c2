/**
 * The known name that takes the fewest keystrokes to become from another: letters added, left out, replaced, or two
 * neighbours swapped. The first of those that are equally near; undefined where nothing is known.
 * @param most keystrokes that it takes; any number when absent
 */
export function nearestName(
  name: string,
  known: readonly string[],
  most = Number.POSITIVE_INFINITY,
): string | undefined {
  let nearest: string | undefined
  let least = most + 1
  for (const each of known) {
    const distance = keystrokes(name.toLowerCase(), each.toLowerCase())
    if (distance >= least) continue
    least = distance
    nearest = each
  }
  return nearest
}

/** `, the nearest is "filter"`: what is said behind a name that is not known; nothing where none is. */
export function describeNearest(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  return nearest === undefined ? '' : `, the nearest is "${nearest}"`
}

/** Computed row by row in the table of all prefixes (optimal string alignment); names are short. */
function keystrokes(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row.push(
        Math.min(
          row[j - 1]! + 1,
          last[j]! + 1,
          last[j - 1]! + (isSame ? 0 : 1),
          isSwapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = last
    last = row
  }
  return last.at(-1) ?? one.length
}
