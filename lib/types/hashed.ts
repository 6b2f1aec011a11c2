/** `hashed()`: a keyed hash in place of each value, by which rows can be joined still. */
import { type Hideable, hidden } from './hidden.ts'
import type { Column } from './type.ts'

/**
 * Writes HMAC-SHA-256 of each value's text, in 64 hex digits, with the key of `DRACULA_HASH_KEY`: equal values have equal
 * hashes in every column, table and load, an `integer` 7 and a `text` 7 too. Texts are equal by their bytes: where letters
 * may be large or small, declare the column internal, and hash what a derived column makes of it. Null stays null.
 * @param of text, numericText, uuid or an integer type, nullable or named as it may be
 * @throws TypeError for other types: they are hashed by their text, `hashed(text)`
 */
export function hashed<Value extends Hideable>(of: Column<Value>, ...more: readonly never[]): Column<Value> {
  return hidden(
    of,
    { by: 'hashed', after: '' },
    (key) => {
      if (key === undefined) throw new Error('There is no key to hash with.')
      return key.hash
    },
    more,
  )
}
