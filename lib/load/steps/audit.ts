/** Step 6 of a load: the rows that the lake's engine sees in the staged load are the rows that were written. */
import { countsAgree } from '../../failure/counts-agree.ts'
import type { Draft } from '../../lake/lake.ts'
import type { Journal } from '../journal.ts'
import { retrying } from './retry.ts'

/** Counting changes nothing, so a query that fails is run again. */
const againWithinMs = 30_000

/**
 * @param written rows
 * @returns bytes that were scanned for it @throws Failure (4) if they are not
 */
export async function audit(
  draft: Pick<Draft, 'count' | 'pauseMs'>,
  { table, written }: { readonly table: string; readonly written: number },
  journal: Pick<Journal, 'retried'>,
  signal: AbortSignal,
): Promise<number> {
  const pauseMs = await draft.pauseMs()
  const again = { signal, withinMs: againWithinMs, pauseMs, tries: 3 }
  const { rows, bytesScanned } = await retrying(journal, again, () => draft.count())
  countsAgree(table, 'rows counted by Athena', rows, 'were written', written)
  return bytesScanned
}
