/** An unmanaged table: one under the wanted name that no load of Dracula has made. */
import type { Table } from '@aws-sdk/client-glue'
import { Failure } from '../failure/failure.ts'
import type { Published } from './published.ts'

type Unmanaged = Extract<Published, { readonly kind: 'unmanaged' }>

/** What makes a table one that Parquet files cannot replace, `a view`; undefined: nothing. */
export function irreplaceableKind({ TableType, Parameters, PartitionKeys }: Table): string | undefined {
  if (TableType === 'VIRTUAL_VIEW') return 'a view'
  const format = Parameters?.['table_type']
  if (format !== undefined) return `a table of the format ${format}`
  return (PartitionKeys ?? []).length > 0 ? 'a partitioned table' : undefined
}

/** @throws Failure (2) unless it may be adopted and can be */
export function refuseUnmanaged(
  unmanaged: Unmanaged,
  { database, table, adopt }: { database: string; table: string; adopt: boolean },
): void {
  const { unlike, is } = unmanaged
  if (adopt && unlike === undefined) return
  const ways = [
    ...(is === undefined ? [] : ['declare it as it is']),
    'give the table another name',
    'drop the old one',
    ...(unlike === undefined ? ['take it over with --adopt'] : []),
  ]
  const last = ways.pop()
  const advice = `${ways.join(', ')}, or ${last}.`
  throw new Failure({
    exit: 2,
    act: 'replace the table',
    thing: `${database}.${table}`,
    reason: `it is ${describeUnmanaged(unmanaged)}`,
    advice: advice[0]!.toUpperCase() + advice.slice(1),
  })
}

function describeUnmanaged({ unlike, is }: Unmanaged): string {
  if (is !== undefined) return is
  return unlike === undefined ? 'unmanaged: Dracula has not made it' : `${unlike}, which Dracula has not made`
}
