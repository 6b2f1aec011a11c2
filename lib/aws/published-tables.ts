import { paginateGetTables } from '@aws-sdk/client-glue'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { awsFailure } from './failure.ts'
import { named, type Published, publishedOf } from './glue.ts'

/** Every table of the database, by name; none where there is no such database. @throws Failure as `awsFailure` */
export async function publishedTables(
  aws: Aws,
  database: string,
  signal: AbortSignal,
): Promise<Map<string, Published>> {
  const found = new Map<string, Published>()
  try {
    const pages = paginateGetTables({ client: aws.glue }, { DatabaseName: database }, { abortSignal: signal })
    for await (const { TableList = [] } of pages) {
      for (const table of TableList) found.set(table.Name ?? '', publishedOf(table))
    }
  } catch (error) {
    if (!named(error, 'EntityNotFoundException')) throw awsFailure(error, 'list the tables of', database)
  }
  return found
}

export function publishedTablesCalls(database: string): Call[] {
  return [{ call: 'glue:GetTables', on: { kind: 'tables', database } }]
}
