/** Step 6 of a load: the rows that the lake's engine sees in the staged load are the rows that were written. */
import { commandLine } from '../../failure/command-line.ts'
import { countsAgree } from '../../failure/counts-agree.ts'
import { Failure } from '../../failure/failure.ts'
import type { Draft } from '../../lake/lake.ts'
import type { Journal } from '../journal.ts'
import { retrying } from './retry.ts'

/** Counting changes nothing, so a query that fails is run again. */
const againWithinMs = 30_000

/**
 * @param written rows
 * @returns bytes that were scanned for it, by query @throws Failure (4) if they are not
 */
export async function audit(
  draft: Pick<Draft, 'count' | 'pauseMs'>,
  { table, written }: { readonly table: string; readonly written: number },
  journal: Pick<Journal, 'retried'>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const pauseMs = await draft.pauseMs()
  const again = { signal, withinMs: againWithinMs, pauseMs, tries: 3 }
  const { rows, bytesScanned, differences } = await retrying(journal, again, () => draft.count())
  if (Number.isNaN(rows)) {
    throw new Failure({
      exit: 4,
      act: 'publish',
      thing: table,
      reason: `Athena's answer to how many rows there are has no number, and ${written} were written`,
      advice: `See whether what answers there runs queries: ${commandLine('doctor')}`,
    })
  }
  countsAgree(table, 'rows counted by Athena', rows, 'were written', written)
  const [first, ...more] = differences
  if (first !== undefined) {
    throw new Failure({
      exit: 4,
      act: 'publish',
      thing: table,
      reason: more.length === 0 ? first : `${first}; and ${more.length} more differences`,
      advice: 'Find out who else writes to its place in S3; if nobody does, report it with this message.',
    })
  }
  return bytesScanned
}
