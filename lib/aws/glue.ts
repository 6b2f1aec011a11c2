/** Tables and databases of the Glue catalog, one at a time. */
import {
  CreateDatabaseCommand,
  type Database,
  GetDatabaseCommand,
  GetTableCommand,
  type Table,
} from '@aws-sdk/client-glue'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { awsFailure } from './failure.ts'
import { type Sending, sending } from './sending.ts'
import type { GlueColumn } from './table-input.ts'

export interface TableName {
  readonly database: string
  readonly table: string
}

export function readTableCalls({ database, table }: TableName): Call[] {
  return [{ call: 'glue:GetTable', on: { kind: 'table', database, table } }]
}

/** What Glue may have of any name: one line of 1 to 255 bytes (Glue API, NameString). */
function isName(text: string): boolean {
  const bytes = Buffer.byteLength(text)
  return bytes >= 1 && bytes <= 255 && /^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}\t]*$/u.test(text)
}

/** The table as Glue keeps it; undefined: there is none. @throws what the SDK throws */
export async function findTable(
  aws: Aws,
  { database, table, signal }: TableName & Sending,
): Promise<Table | undefined> {
  // A name that somebody has typed: Glue would refuse the request, where it is enough that nothing is called so.
  if (!isName(database) || !isName(table)) return undefined
  try {
    const answer = await aws.glue.send(
      new GetTableCommand({ DatabaseName: database, Name: table }),
      sending(signal),
    )
    return answer.Table
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return undefined
    throw error
  }
}

export function columnsOf(live: Table): GlueColumn[] {
  return (live.StorageDescriptor?.Columns ?? []).map(({ Name = '', Type = '', Comment }) =>
    Comment === undefined ? { name: Name, type: Type } : { name: Name, type: Type, comment: Comment },
  )
}

/** @returns undefined: there is none @throws Failure exit 2 when refused, 1 when AWS does not answer */
export async function findDatabase(
  aws: Aws,
  name: string,
  signal?: AbortSignal,
): Promise<Database | undefined> {
  try {
    const answer = await aws.glue.send(new GetDatabaseCommand({ Name: name }), sending(signal))
    return answer.Database ?? { Name: name }
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return undefined
    throw awsFailure(error, 'read the Glue database', name)
  }
}

/** One that somebody else has just made will do. @throws Failure as {@link findDatabase} */
export async function createDatabase(aws: Aws, name: string, signal?: AbortSignal): Promise<void> {
  try {
    await aws.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }), sending(signal))
  } catch (error) {
    if (named(error, 'AlreadyExistsException')) return
    throw awsFailure(error, 'create the Glue database', name)
  }
}

/** Creates the database if there is none. @throws Failure as {@link findDatabase} */
export async function ensureDatabase(aws: Aws, name: string, signal?: AbortSignal): Promise<void> {
  if ((await findDatabase(aws, name, signal)) === undefined) await createDatabase(aws, name, signal)
}

export function ensureDatabaseCalls(database: string): Call[] {
  const on = { kind: 'database', database } as const
  return [
    { call: 'glue:GetDatabase', on },
    { call: 'glue:CreateDatabase', on, when: 'it is not there' },
  ]
}

/** Is this the error Glue knows by that name? */
export function named(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}
