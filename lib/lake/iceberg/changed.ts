/** What a load is told of a table whose rows others have changed since the load that readers see. */
import { Failure } from '../../failure/failure.ts'
import type { PublishedTable } from '../published.ts'

/** @throws Failure (4) unless what others did may be lost */
export function refuseChanged(
  table: string,
  { load, changes = [] }: Pick<PublishedTable, 'load' | 'changes'>,
  allowed: boolean,
): void {
  if (allowed || changes.length === 0) return
  const done = [...new Set(changes)]
    .map((each) => (each === 'unknown' ? 'something unknown' : each))
    .join(', ')
  throw new Failure({
    exit: 4,
    act: 'replace',
    thing: table,
    reason: `others have changed its rows since load ${load}: ${done}`,
    advice: 'Find out who; a load with --adopt-changes reads all partitions, and replaces what they did.',
  })
}
