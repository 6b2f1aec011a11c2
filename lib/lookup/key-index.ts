/** What finds the rows of a lookup that have a key. */

/** Gives an index its memory, words that are 0: or those that another thread has filled for the same rows. */
export type GiveSlots = (length: number) => Int32Array

export interface KeyIndex {
  /** Bytes it takes. */
  readonly bytes: number
  /** The row that is first with the key of this one, or −1; −2: a part of its key is null. */
  findAlike(start: number): number
  /** Puts a row in the place of the one that was first with its key; right after `findAlike` of it. */
  put(start: number): void
  /** The row with a key, or −1. */
  find(key: readonly unknown[]): number
  /** Finds as `find` does, by a key of one column. */
  findOne(key: unknown): number
}
