/**
 * The one place that thinks of the garbage collector. What lies outside the heap, as the bytes of lookups and vectors, it
 * hardly sees grow: by itself it would wait until there is as much garbage as all that is alive.
 */

/** Bytes of rows whose values, as a script's functions see them, are collected together. */
const litterBytes = 16 * 1024 * 1024
/** A batch is as large only where one of its values is huge, and what was made of it is as large again. */
const hugeBatchBytes = 24 * 1024 * 1024

export interface Memory {
  /** To be told of each batch once it is done with, with its size: collects garbage where that is worth the time. */
  passed(bytes: number): void
}

/** @param makesValues whether functions of a script see the rows */
export function watchMemory(makesValues: boolean): Memory {
  let litter = 0
  return {
    passed(bytes) {
      if (makesValues) litter += bytes
      if (litter < litterBytes && bytes < hugeBatchBytes) return
      Bun.gc(true)
      litter = 0
    },
  }
}
