/** The audit of a load that is staged again, as its table has changed since the first. */
import { countsAgree } from '../../failure/counts-agree.ts'
import { Failure } from '../../failure/failure.ts'
import type { Counted } from '../lake.ts'

/** @throws Failure (4) when Athena reads something else than was written */
export function requireAudited(
  table: string,
  written: number,
  { rows, differences }: Pick<Counted, 'rows' | 'differences'>,
): void {
  countsAgree(table, 'rows counted by Athena', rows, 'were written', written)
  const [first] = differences
  if (first === undefined) return
  const advice = 'Find out who else writes to the table; if nobody does, report it with this message.'
  throw new Failure({ exit: 4, act: 'publish', thing: table, reason: first, advice })
}
