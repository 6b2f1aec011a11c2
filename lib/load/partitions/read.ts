/** What a load has read of each partition, for its lake. */
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { PartitionCounts, PartitionsRead } from '../../lake/facts.ts'
import type { PartitionPlan } from './plan.ts'

/** @throws Failure (4) where other partitions were read than were wanted */
export function partitionsRead(
  { which, wanted, increment }: PartitionPlan,
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
  return { which, list, ...(increment && { increment }) }
}

function otherThanWanted(values: readonly (string | null)[], read: number, counted: number): Failure {
  return new Failure({
    exit: 4,
    act: 'read the partition',
    thing: values.join(', ') || 'null',
    reason: `${read} rows of it were read, but ${counted} were counted in the same snapshot`,
    advice:
      'Leave out of its source what may give each query other rows, as random(). If there is nothing such, this is a fault of Dracula: report it with this message.',
  })
}

/** Partitions smaller than this on average make files that engines open for little. */
const smallBytes = 1024 * 1024
const manyPartitions = 100

/** @param asked the partitions that somebody names; undefined: nobody does */
export function partitionWarnings(
  table: Table,
  plan: PartitionPlan | undefined,
  asked: string | undefined,
): string[] {
  if (plan === undefined) return []
  const { wanted, because } = plan
  const bytes = wanted.reduce((sum, each) => sum + (each.bytes ?? Number.NaN), 0) / wanted.length
  return [
    ...(asked !== undefined && wanted.length === 0
      ? [`neither Postgres nor the lake has partitions "${asked}": nothing is replaced`]
      : []),
    ...(because === null ? [] : [`it reads all partitions: ${because}`]),
    ...(wanted.length > manyPartitions && bytes < smallBytes
      ? [
          `its ${wanted.length.toLocaleString('en')} partitions have ${Math.round(bytes / 1024)} KiB in Postgres on average: larger ones, as month() for day(), are read in fewer files (partitionBy in scripts/${table.name}.ts)`,
        ]
      : []),
  ]
}
