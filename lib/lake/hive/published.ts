/** What readers see of a table, or of all tables, as the Glue catalog has it. */
import { paginateGetTables, type Table } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure } from '../../aws/failure.ts'
import { columnsOf, findTable, named, type TableName } from '../../aws/glue.ts'
import { fromParameters } from '../parameters.ts'
import { pinIn } from '../pin.ts'
import type { Published } from '../published.ts'
import { irreplaceableKind } from '../unmanaged.ts'

/** @throws Failure exit 2 when refused, 1 when AWS does not answer; an absent database is an absent table */
export async function readPublished(
  aws: Aws,
  { database, table, signal }: TableName & { readonly signal?: AbortSignal | undefined },
): Promise<Published> {
  try {
    return publishedOf(await findTable(aws, { database, table, signal }))
  } catch (error) {
    throw awsFailure(error, 'read the table', `${database}.${table}`)
  }
}

export function publishedOf(live: Table | undefined): Published {
  if (live === undefined) return { kind: 'absent' }
  const parameters = live.Parameters ?? {}
  const load = fromParameters(parameters)
  const unlike = irreplaceableKind(live)
  if (load !== undefined && parameters['table_type']?.toUpperCase() === 'ICEBERG') {
    return { kind: 'unmanaged', unlike, is: 'an Iceberg table, and the script declares one of plain files' }
  }
  if (load === undefined || unlike !== undefined) return { kind: 'unmanaged', unlike }
  const location = live.StorageDescriptor?.Location ?? ''
  return {
    kind: 'managed',
    account: live.CatalogId,
    versionId: live.VersionId ?? '',
    location,
    columns: columnsOf(live),
    pin: pinIn(parameters),
    ...load,
  }
}

/** Every table of the database, by name; none where there is no such database. @throws Failure as `awsFailure` */
export async function liveTables(
  aws: Aws,
  database: string,
  signal: AbortSignal,
): Promise<Map<string, Table>> {
  const found = new Map<string, Table>()
  try {
    const pages = paginateGetTables({ client: aws.glue }, { DatabaseName: database }, { abortSignal: signal })
    for await (const { TableList = [] } of pages) {
      for (const table of TableList) found.set(table.Name ?? '', table)
    }
  } catch (error) {
    if (!named(error, 'EntityNotFoundException')) throw awsFailure(error, 'list the tables of', database)
  }
  return found
}

export function liveTablesCalls(database: string): Call[] {
  return [{ call: 'glue:GetTables', on: { kind: 'tables', database } }]
}
