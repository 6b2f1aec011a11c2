/** Texts as functions of a script see them: a code or a name that comes again and again is made a string of once. */
import type { ReadValue } from './type.ts'
import { int32, utf8 } from './wire.ts'

/** Longer texts are seldom alike. */
const longestKept = 24
const places = 512
/** So many texts in a row, or twice as often as not, are new to a column that has too many of them. */
const patience = 2_000

/** @returns a reader for one column, which keeps the texts it has had lately */
export function textReader(): ReadValue {
  let kept: string[] = []
  let left = patience

  return (wire, offset) => {
    const length = int32(wire, offset - 4)
    const end = offset + length
    if (length > longestKept || left < 0) return utf8(wire, offset, end)
    // Most columns are never asked for.
    if (kept.length === 0) kept = Array.from({ length: places }, () => '')
    let hash = length
    for (let at = offset; at < end; at++) hash = Math.imul(hash ^ wire[at]!, 0x0100_0193)
    const place = (hash ^ (hash >>> 15)) & (places - 1)
    const text = kept[place]!
    if (isText(text, wire, offset, length)) {
      if (left < patience) left++
      return text
    }
    left--
    const made = utf8(wire, offset, end)
    kept[place] = made
    return made
  }
}

/** Only of ASCII: any other text has more bytes than characters. */
function isText(text: string, wire: Uint8Array, offset: number, length: number): boolean {
  if (text.length !== length) return false
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== wire[offset + at]) return false
  return true
}
