/** The one loop that works on several things at the same time. */

/**
 * Works on `n` items at a time, in their order. Once the work on one fails, no further one is begun; those under way are
 * not waited for, and are told to stop by a signal of their own if they are to.
 * @param n a whole number, 1 or more; of no effect beyond the number of items
 * @returns what the work gave, in the order of the items
 * @throws what the work on the first that failed has thrown
 */
export async function inParallel<In, Out>(
  n: number,
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = []
  const waiting = items.entries()
  let failed = false
  async function worker(): Promise<void> {
    for (const [at, item] of waiting) {
      if (failed) return
      try {
        results[at] = await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(n, items.length) }, worker))
  return results
}
