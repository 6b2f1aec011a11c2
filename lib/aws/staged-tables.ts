import { paginateGetTables } from '@aws-sdk/client-glue'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { stagedName, tableFolder } from './layout.ts'
import { loadTime } from './load-id.ts'

export interface StagedTable {
  readonly name: string
  /** Of the load, or the rollback, that staged it. */
  readonly stagedBy: string
  /** The load whose files it shows; of a rollback it is another. */
  readonly load: string
}

/** What is staged of this table, and nothing else of the staging database. @throws what the SDK throws */
export async function stagedTables(
  aws: Aws,
  options: {
    readonly bucket: string
    readonly prefix: string
    readonly stagingDatabase: string
    readonly table: string
    readonly signal: AbortSignal
  },
): Promise<StagedTable[]> {
  const { bucket, prefix, stagingDatabase, table, signal } = options
  const folder = `s3://${bucket}/${tableFolder(prefix, table)}`
  const found: StagedTable[] = []
  const pages = paginateGetTables(
    { client: aws.glue },
    { DatabaseName: stagingDatabase },
    { abortSignal: signal },
  )
  for await (const { TableList = [] } of pages) {
    for (const { Name: name = '', StorageDescriptor } of TableList) {
      const stagedBy = name.slice(stagedName(table, '').length)
      const location = StorageDescriptor?.Location ?? ''
      const ours = name === stagedName(table, stagedBy) && loadTime(stagedBy) !== undefined
      if (!ours || !location.startsWith(folder)) continue
      found.push({ name, stagedBy, load: location.slice(folder.length).replace(/\/$/, '') })
    }
  }
  return found
}

export function stagedTablesCalls(stagingDatabase: string): Call[] {
  return [{ call: 'glue:GetTables', on: { kind: 'tables', database: stagingDatabase } }]
}
