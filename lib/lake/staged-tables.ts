/** Tables of the staging database, which show a load to Athena and to nobody else until it is counted. */
import { CreateTableCommand, DeleteTableCommand, paginateGetTables } from '@aws-sdk/client-glue'
import { type Call, inTrouble } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import { awsFailure } from '../aws/failure.ts'
import { findTable, named, readTableCalls, type TableName } from '../aws/glue.ts'
import { type Sending, sending } from '../aws/sending.ts'
import { type TableContent, tableInput } from '../aws/table-input.ts'
import { Failure } from '../failure/failure.ts'
import { stagedName, tableFolder } from './layout.ts'
import { loadTime } from './load-id.ts'
import type { TablePlace } from './names.ts'

export interface StagedTable {
  readonly name: string
  /** Name of the load, or the rollback, that staged it. */
  readonly stagedBy: string
  /** The load whose files it shows; of a rollback it is another. */
  readonly load: string
}

/** What is staged of this table, and nothing else of the staging database. @throws what the SDK throws */
export async function stagedTables(
  { aws, config, table }: TablePlace,
  signal: AbortSignal,
): Promise<StagedTable[]> {
  const { bucket, prefix, stagingDatabase } = config
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

/**
 * The staged table as the declaration has it, where nothing is crawled.
 * @throws Failure exit 1 when a table of that name has another location
 */
export async function createStaged(
  aws: Aws,
  {
    database,
    name,
    location,
    columns,
    signal,
  }: { database: string } & Omit<TableContent, 'parameters'> & Sending,
): Promise<void> {
  const content = { name, location, columns, parameters: { classification: 'parquet', EXTERNAL: 'TRUE' } }
  const thing = `${database}.${name}`
  try {
    await aws.glue.send(
      new CreateTableCommand({ DatabaseName: database, TableInput: tableInput(content, undefined) }),
      sending(signal),
    )
  } catch (error) {
    // The first of two tries may have made it, with its answer lost.
    if (!named(error, 'AlreadyExistsException')) throw awsFailure(error, 'create the staged table', thing)
    const there = await readLocation(aws, { database, table: name, signal })
    if (there === location) return
    const reason = `there is one already, of ${there ?? 'an unknown location'}`
    throw new Failure({ exit: 1, act: 'create the staged table', thing, reason, advice: 'Run it again.' })
  }
}

export function createStagedCalls(name: TableName): Call[] {
  return [{ call: 'glue:CreateTable', on: { kind: 'table', ...name } }, ...inTrouble(readTableCalls(name))]
}

async function readLocation(aws: Aws, name: TableName & Sending): Promise<string | undefined> {
  try {
    return (await findTable(aws, name))?.StorageDescriptor?.Location
  } catch (error) {
    throw awsFailure(error, 'read the table', `${name.database}.${name.table}`)
  }
}

/** One that is gone already counts as dropped. */
export async function dropStaged(
  aws: Aws,
  { database, name, signal }: { database: string; name: string } & Sending,
): Promise<void> {
  try {
    await aws.glue.send(new DeleteTableCommand({ DatabaseName: database, Name: name }), sending(signal))
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return
    throw awsFailure(error, 'drop the staged table', `${database}.${name}`)
  }
}

export function dropStagedCalls(name: TableName): Call[] {
  return [{ call: 'glue:DeleteTable', on: { kind: 'table', ...name } }]
}
