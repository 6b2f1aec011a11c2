/** The columns of a table that another one refers to. */
import type { Call } from '../../aws/calls.ts'
import { awsFailure } from '../../aws/failure.ts'
import { columnsOf as columnsIn, findTable, readTableCalls } from '../../aws/glue.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import type { PublishedColumn } from '../published.ts'

/** @returns undefined: there is no such table @throws Failure as `awsFailure` */
export async function columnsOf(
  { aws, config }: TablePlace,
  table: string,
  signal: AbortSignal,
): Promise<readonly PublishedColumn[] | undefined> {
  const name = { database: config.glueDatabase, table }
  try {
    const live = await findTable(aws, { ...name, signal })
    if (live === undefined) return undefined
    const keys = live.PartitionKeys ?? []
    return [...columnsIn(live), ...keys.map(({ Name = '', Type = '' }) => ({ name: Name, type: Type }))]
  } catch (error) {
    throw awsFailure(error, 'read the table', `${name.database}.${table}`)
  }
}

export function columnsOfCalls({ lake, references = ['<table>'] }: LoadNames): Call[] {
  return references.flatMap((table) => readTableCalls({ database: lake.glueDatabase, table }))
}
