/** The Glue catalog: what is published now, databases, and the staged table of a load that was not crawled. */
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetTableCommand,
  type Table,
} from '@aws-sdk/client-glue'
import { Failure } from '../failure/failure.ts'
import { type Call, inTrouble } from './calls.ts'
import type { Aws } from './clients.ts'
import { awsFailure } from './failure.ts'
import { foreignKind } from './foreign-table.ts'
import { fromParameters, type LoadParameters } from './load-parameters.ts'
import { type Pin, pinIn } from './pin.ts'
import { type GlueColumn, type TableContent, tableInput } from './table-input.ts'

export type Published =
  | { readonly kind: 'absent' }
  /** A table of that name that no load of ours has made, or that has since been made into something else. */
  | {
      readonly kind: 'foreign'
      /** As `foreignKind` says. */
      readonly unlike: string | undefined
    }
  | ({
      readonly kind: 'ours'
      readonly versionId: string
      readonly location: string
      readonly columns: GlueColumn[]
      /** undefined: the next load may replace it. */
      readonly pin: Pin | undefined
    } & LoadParameters)

export interface TableName {
  readonly database: string
  readonly table: string
}

interface Sending {
  readonly signal?: AbortSignal | undefined
}

/** @throws Failure exit 2 when refused, 1 when AWS does not answer; an absent database is an absent table */
export async function readPublished(
  aws: Aws,
  { database, table, signal }: TableName & Sending,
): Promise<Published> {
  try {
    return publishedOf(await findTable(aws, { database, table, signal }))
  } catch (error) {
    throw awsFailure(error, 'read the table', `${database}.${table}`)
  }
}

export function readTableCalls({ database, table }: TableName): Call[] {
  return [{ call: 'glue:GetTable', on: { kind: 'table', database, table } }]
}

export function publishedOf(live: Table | undefined): Published {
  if (live === undefined) return { kind: 'absent' }
  const parameters = live.Parameters ?? {}
  const load = fromParameters(parameters)
  const unlike = foreignKind(live)
  if (load === undefined || unlike !== undefined) return { kind: 'foreign', unlike }
  const location = live.StorageDescriptor?.Location ?? ''
  return {
    kind: 'ours',
    versionId: live.VersionId ?? '',
    location,
    columns: columnsOf(live),
    pin: pinIn(parameters),
    ...load,
  }
}

/** The table as Glue keeps it; undefined: there is none. @throws what the SDK throws */
export async function findTable(
  aws: Aws,
  { database, table, signal }: TableName & Sending,
): Promise<Table | undefined> {
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

/**
 * Creates the database if there is none.
 * @returns the account it is in; undefined: Glue does not say, or has just made it
 */
export async function ensureDatabase(
  aws: Aws,
  name: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { Database } = await aws.glue.send(new GetDatabaseCommand({ Name: name }), sending(signal))
    return Database?.CatalogId
  } catch (error) {
    if (!named(error, 'EntityNotFoundException')) throw awsFailure(error, 'read the Glue database', name)
    try {
      await aws.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }), sending(signal))
    } catch (refusal) {
      if (!named(refusal, 'AlreadyExistsException'))
        throw awsFailure(refusal, 'create the Glue database', name)
    }
    return undefined
  }
}

export function ensureDatabaseCalls(database: string): Call[] {
  const on = { kind: 'database', database } as const
  return [
    { call: 'glue:GetDatabase', on },
    { call: 'glue:CreateDatabase', on, when: 'it is not there' },
  ]
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

/** Is this the error Glue knows by that name? */
export function named(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

function sending(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}
