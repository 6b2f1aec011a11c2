/**
 * The one place that thinks of the garbage collector. What lies outside the heap, as the bytes of lookups and vectors, it
 * hardly sees grow: by itself it would wait until there is as much garbage as all that is alive.
 */

/** Bytes of rows whose values, as a script's functions see them, are collected together. */
const collectAfterBytes = 16 * 1024 * 1024
/** A batch is so large only where one of its values is, and what was made of it is as large again. */
const largeBatchBytes = 24 * 1024 * 1024

export interface Memory {
  /** Is told of each batch once it is done with, with its size, and collects garbage where that is worth the time. */
  passed(bytes: number): void
}

/** @param makesValues whether functions of a script see the rows */
export function watchMemory(makesValues: boolean): Memory {
  let uncollectedBytes = 0
  return {
    passed(bytes) {
      if (makesValues) uncollectedBytes += bytes
      if (uncollectedBytes < collectAfterBytes && bytes < largeBatchBytes) return
      Bun.gc(true)
      uncollectedBytes = 0
    },
  }
}
