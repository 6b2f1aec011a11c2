/** What the load that readers see has left of the partitions of an Iceberg table. */
import type { Table } from '../../declare/table.ts'
import { readAccount } from '../../lake/iceberg/account.ts'
import type { TablePlace } from '../../lake/names.ts'
import type { PartitionsFacts } from './facts.ts'

/** @returns undefined: it has no partitions, none that a script declares, or no account of them */
export async function readPartitions(
  place: TablePlace,
  table: Table | undefined,
  load: string,
  signal: AbortSignal,
): Promise<PartitionsFacts | undefined> {
  if (table?.partitionBy === undefined) return undefined
  const account = await readAccount(place, load, signal)
  if (account === undefined || account.partitions.some(({ values }) => values.length !== 1)) return undefined
  const { column } = table.partitionBy
  const list = account.partitions.map(({ values: [value = null], rows, load: by }) => ({
    ...{ value, rows },
    latest: by === load,
  }))
  return { by: kindOf(table), column, list }
}

function kindOf({ partitionBy, source }: Table): PartitionsFacts['by'] {
  const transform = partitionBy?.transform ?? 'identity'
  if (transform === 'day' || transform === 'month' || transform === 'year') return transform
  if (transform !== 'identity') return 'range'
  return source.tenants?.column === partitionBy?.column ? 'tenant' : 'value'
}
