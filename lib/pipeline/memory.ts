/**
 * The one place that thinks of the garbage collector. What lies outside the heap, as the bytes of lookups and vectors, it
 * hardly sees grow: by itself it would wait until there is as much garbage as all that is alive.
 */
import type { Batch } from '../batch/batch.ts'

/** Bytes of rows whose values, as a script's functions see them, are collected together. */
const litterBytes = 16 * 1024 * 1024
/** A batch is as large only where one of its values is huge, and what was made of it is as large again. */
const hugeBatchBytes = 24 * 1024 * 1024

/** The same batches; once one is done with, its garbage is collected where that is worth the time. */
export async function* collectGarbage(
  batches: AsyncIterable<Batch>,
  { makesValues }: { readonly makesValues: boolean },
): AsyncGenerator<Batch> {
  let litter = 0
  for await (const batch of batches) {
    const { bytes } = batch
    yield batch
    if (makesValues) litter += bytes
    if (litter < litterBytes && bytes < hugeBatchBytes) continue
    Bun.gc(true)
    litter = 0
  }
}
