/**
 * Bounds as a file has them: those of long byte strings cut short, the upper one then raised above all that begin like
 * it. Neither splits a UTF-8 character, since readers decode them.
 */
import type { Column } from '../types/type.ts'
import type { Bounds } from './statistics.ts'

export interface ShortBounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** Most bytes of a bound in a file. */
const longest = 64

/** @returns undefined where nothing short is above the greatest, a string of only the greatest characters */
export function shortBounds(bounds: Bounds, { parquet }: Column): ShortBounds | undefined {
  return cutBounds(bounds, parquet.logical.kind === 'string', longest)
}

/** @param most bytes of a bound, but for a last character whose next one is a byte longer */
export function cutBounds({ min, max }: Bounds, utf8: boolean, most: number): ShortBounds | undefined {
  const upper = max.length <= most ? max : roundedUp(max, utf8, most)
  if (upper === undefined) return undefined
  return {
    min: min.length <= most ? min : min.slice(0, cut(min, utf8, most)),
    max: upper,
  }
}

/** Where to cut so that no UTF-8 character is split. */
function cut(bytes: Uint8Array, utf8: boolean, most: number): number {
  let end = most
  if (utf8) while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return end
}

/** The shortest convenient string above all that begin like this one. */
function roundedUp(bytes: Uint8Array, utf8: boolean, most: number): Uint8Array | undefined {
  let end = cut(bytes, utf8, most)
  while (end > 0) {
    let start = end - 1
    if (utf8) while ((bytes[start]! & 0xc0) === 0x80) start--
    const next = utf8 ? nextCharacter(bytes.subarray(start, end)) : nextByte(bytes[start]!)
    if (next !== undefined) {
      const above = new Uint8Array(start + next.length)
      above.set(bytes.subarray(0, start))
      above.set(next, start)
      return above
    }
    end = start
  }
  return undefined
}

function nextByte(byte: number): Uint8Array | undefined {
  return byte < 255 ? Uint8Array.of(byte + 1) : undefined
}

function nextCharacter(character: Uint8Array): Uint8Array | undefined {
  const code = new TextDecoder('utf-8', { ignoreBOM: true }).decode(character).codePointAt(0)!
  if (code >= 0x10_ffff) return undefined
  // Surrogates (U+D800 to U+DFFF) are no characters.
  return new TextEncoder().encode(String.fromCodePoint(code + 1 === 0xd800 ? 0xe000 : code + 1))
}
