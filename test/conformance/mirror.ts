/**
 * A way to the stand-in's Glue and Athena where tables or objects are somewhere else: before a query or a crawl, what lies
 * there is brought to the stand-in, so that its engine reads what the other implementation gives. The result of a query is
 * written there, as some clients read it from S3.
 */
import type { QueryExecution } from '@aws-sdk/client-athena'
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  type GlueClient,
  paginateGetTables,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Aws } from '../../lib/aws/clients.ts'
import { named } from '../../lib/aws/glue.ts'
import { listObjects } from '../../lib/aws/objects.ts'
import type { Service } from './settings.ts'

export interface Mirrored {
  /** The services that are somewhere else, of those that are read. */
  readonly services: readonly Service[]
  /** Leads there. Asked for when something is brought. */
  readonly there: () => Aws
  readonly bucket: string
  /** Where keys of objects that are brought begin; ends with a slash. */
  readonly prefix: string
  readonly databases: readonly string[]
  readonly standIn: { readonly url: string; readonly aws: Aws }
}

const readers = /^(?:AmazonAthena\.StartQueryExecution|AWSGlue\.StartCrawler)$/

export interface Mirror {
  readonly url: string
  stop(): Promise<void>
}

export function startMirror(mirrored: Mirrored): Mirror {
  const objects = new Map<string, string>()
  const tables = new Map<string, string>()
  const given = new Set<string>()
  let last: Promise<void> = Promise.resolve()
  const bringAll = async () => {
    if (mirrored.services.includes('s3')) await bringObjects(mirrored, objects)
    if (mirrored.services.includes('glue')) await bringTables(mirrored, tables)
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const { method, headers } = request
      const body = await request.bytes()
      if (readers.test(headers.get('x-amz-target') ?? '')) {
        // One after the other: what a query reads is as new as its start.
        last = last.catch(() => {}).then(bringAll)
        try {
          await last
        } catch (error) {
          return refusal(error)
        }
      }
      const answer = await fetch(`${mirrored.standIn.url}${pathname}${search}`, {
        method,
        headers,
        ...(body.length > 0 && { body }),
      })
      if (
        headers.get('x-amz-target') === 'AmazonAthena.GetQueryExecution' &&
        mirrored.services.includes('s3')
      )
        await giveResult(mirrored, (await answer.clone().json()) as QueryAnswer, given)
      return answer
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

/** An answer of AWS that is not tried again, and says what could not be brought. */
function refusal(error: unknown): Response {
  const Message = `what lies elsewhere cannot be read: ${error instanceof Error ? error.message : String(error)}`
  return Response.json({ __type: 'InvalidRequestException', Message, message: Message }, { status: 400 })
}

interface QueryAnswer {
  readonly QueryExecution?: QueryExecution
}

/** @param given what was written there before */
async function giveResult(
  { there, standIn }: Mirrored,
  { QueryExecution: query }: QueryAnswer,
  given: Set<string>,
): Promise<void> {
  const location = query?.ResultConfiguration?.OutputLocation
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location ?? '') ?? []
  if (query?.Status?.State !== 'SUCCEEDED' || Bucket === undefined || Key === undefined || given.has(Key))
    return
  const Body = await bytesOf(standIn.aws, { Bucket, Key })
  if (Body !== undefined) await there().s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  given.add(Key)
}

/** @param known versions of what was brought, by key */
async function bringObjects(
  { there, bucket, prefix, standIn }: Mirrored,
  known: Map<string, string>,
): Promise<void> {
  const { s3 } = standIn.aws
  const found = new Map(
    (await listObjects(there(), { bucket, prefix })).map(({ key, etag, bytes, modified }) => [
      key,
      `${etag} ${bytes} ${modified.getTime()}`,
    ]),
  )
  for (const [key, version] of found) {
    // What lies beside the folders of tables, as the page of `report`, is no table's.
    if (known.get(key) === version || !key.slice(prefix.length).includes('/')) continue
    const bytes = await bytesOf(there(), { Bucket: bucket, Key: key })
    if (bytes === undefined) continue
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
    known.set(key, version)
  }
  for (const key of known.keys()) {
    if (found.has(key)) continue
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
    known.delete(key)
  }
}

/** @returns undefined: it was removed since it was listed */
async function bytesOf(
  { s3 }: Aws,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand(object))
    return (await Body?.transformToByteArray()) ?? new Uint8Array()
  } catch (error) {
    if (named(error, 'NoSuchKey')) return undefined
    throw error
  }
}

/** @param known what was brought, by database and name */
async function bringTables(
  { there, databases, standIn }: Mirrored,
  known: Map<string, string>,
): Promise<void> {
  const { glue } = standIn.aws
  const found = new Set<string>()
  for (const DatabaseName of databases) {
    for (const table of await tablesOf(there().glue, DatabaseName)) {
      const TableInput = inputOf(table)
      const name = `${DatabaseName}.${TableInput.Name}`
      const text = JSON.stringify(TableInput)
      found.add(name)
      if (known.get(name) === text) continue
      if (!known.has(name)) await ensureDatabase(glue, DatabaseName)
      const input = { DatabaseName, TableInput }
      await (known.has(name)
        ? glue.send(new UpdateTableCommand(input))
        : glue.send(new CreateTableCommand(input)))
      known.set(name, text)
    }
  }
  for (const name of known.keys()) {
    if (found.has(name)) continue
    const [DatabaseName, Name] = name.split('.')
    await glue.send(new DeleteTableCommand({ DatabaseName, Name }))
    known.delete(name)
  }
}

async function tablesOf(glue: GlueClient, DatabaseName: string): Promise<Table[]> {
  try {
    const pages = await Array.fromAsync(paginateGetTables({ client: glue }, { DatabaseName }))
    return pages.flatMap(({ TableList = [] }) => TableList)
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return []
    throw error
  }
}

async function ensureDatabase(glue: GlueClient, Name: string): Promise<void> {
  try {
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }))
  } catch (error) {
    if (!named(error, 'AlreadyExistsException')) throw error
  }
}

function inputOf({
  Name,
  Description,
  Owner,
  Retention,
  StorageDescriptor,
  PartitionKeys,
  TableType,
  Parameters,
}: Table): TableInput {
  return { Name, Description, Owner, Retention, StorageDescriptor, PartitionKeys, TableType, Parameters }
}
