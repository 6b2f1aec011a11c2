/** What was made of texts lately: a column with few values is hashed once a value, not once a row. */

/** What the lake has in place of a value. @param text its text in UTF-8 */
export type Hide = (text: Uint8Array) => string

/** Longer texts are seldom alike. */
const longestKept = 64
const places = 4_096
/** So many texts in a row, or twice as often as not, are new to a column that has too many of them. */
const patience = 20_000

interface Kept {
  readonly text: Uint8Array
  readonly made: string
}

/** @returns the same function, faster, for one column; it keeps half a megabyte of texts at the most */
export function rememberTexts(make: Hide): Hide {
  let kept: (Kept | undefined)[] = []
  let left = patience
  return (text) => {
    if (text.length > longestKept || left < 0) return make(text)
    const place = placeOf(text)
    const there = kept[place]
    if (there !== undefined && isAlike(there.text, text)) {
      if (left < patience) left++
      return there.made
    }
    left--
    const made = make(text)
    if (left < 0) kept = []
    // What is given is a view of a buffer that others come into.
    else kept[place] = { text: text.slice(), made }
    return made
  }
}

function placeOf(text: Uint8Array): number {
  let hash = text.length
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text[at]!, 0x0100_0193)
  return (hash ^ (hash >>> 15)) & (places - 1)
}

function isAlike(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
