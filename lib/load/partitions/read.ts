/** What a load has read of each partition, for its lake. */
import { Failure } from '../../failure/failure.ts'
import type { PartitionCounts, PartitionsRead } from '../../lake/facts.ts'
import type { PartitionPlan } from './plan.ts'

/** @throws Failure (4) where other partitions were read than were wanted */
export function partitionsRead(
  { which, wanted }: PartitionPlan,
  read: readonly PartitionCounts[],
): PartitionsRead {
  const found = new Map(read.map((each) => [JSON.stringify(each.values), each]))
  const list = wanted.map(({ values, rows, key }) => {
    const each = found.get(JSON.stringify(values)) ?? { values, rowsRead: 0, rows: 0 }
    found.delete(JSON.stringify(values))
    if (each.rowsRead !== rows) throw otherThanWanted(values, each.rowsRead, rows)
    return { ...each, ...(key && { key }) }
  })
  const [more] = found.values()
  if (more !== undefined) throw otherThanWanted(more.values, more.rowsRead, 0)
  return { which, list }
}

function otherThanWanted(values: readonly (string | null)[], read: number, counted: number): Failure {
  return new Failure({
    exit: 4,
    act: 'read the partition',
    thing: values.join(', ') || 'null',
    reason: `${read} rows of it were read, but ${counted} were counted in the same snapshot`,
    advice: 'This is a fault of Dracula: report it with this message.',
  })
}
