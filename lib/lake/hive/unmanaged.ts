/** An unmanaged table: one under the wanted name that no load of Dracula has made. */
import type { Table } from '@aws-sdk/client-glue'
import { Failure } from '../../failure/failure.ts'
import type { Published } from '../published.ts'

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
  { unlike: kind, is }: Unmanaged,
  { database, table, adopt }: { database: string; table: string; adopt: boolean },
): void {
  if (adopt && kind === undefined) return
  throw new Failure({
    exit: 2,
    act: 'replace the table',
    thing: `${database}.${table}`,
    reason:
      is === undefined
        ? kind === undefined
          ? 'it is unmanaged: Dracula has not made it'
          : `it is ${kind}, which Dracula has not made`
        : `it is ${is}`,
    advice:
      kind === undefined
        ? 'Give the table another name, drop the old one, or take it over with --adopt.'
        : 'Give the table another name, or drop the old one.',
  })
}
