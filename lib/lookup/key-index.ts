/** What finds the rows of a lookup that have a key. */
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
