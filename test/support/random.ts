/** Random numbers that come again with the same seed. */
export interface Random {
  /** In [0, 1). */
  (): number
  integer(below: number): number
  pick<T>(from: readonly T[]): T
}

/** The same sequence for the same seed (mulberry32), so that a failure can be had again. */
export function randomFrom(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const integer = (below: number): number => Math.floor(next() * below)
  return Object.assign(next, { integer, pick: <T>(from: readonly T[]): T => from[integer(from.length)]! })
}
