import { createHash } from 'node:crypto'
import type { Engine } from '../engine.ts'
import { type GlueCatalog, locationOf } from '../glue/catalog.ts'
import type { Guard } from '../iam/guard.ts'
import { queryNeeds, resultNeeds, type TableRead } from '../iam/needs.ts'
import { objectsRead } from '../iam/s3.ts'
import {
  epochSeconds,
  type Json,
  type Operation,
  type Orders,
  optionalText,
  page,
  structure,
  text,
} from '../json-input.ts'
import { type Location, parseLocation } from '../s3/location.ts'
import { type S3Store, unconditional } from '../s3/store.ts'
import { ServiceError } from '../service-error.ts'
import { executeQuery, failureReason, type Results } from './execute.ts'
import { parseQuery, type Query } from './query.ts'
import { QueryFailure } from './view.ts'

interface Execution {
  readonly id: string
  readonly query: Query
  readonly database: string
  readonly output: string
  readonly encryption: Json
  readonly submitted: number
  readonly stop: AbortController
  /** Whose rights it has. */
  readonly caller: string
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason: string | undefined
  completed: number | undefined
  results: Results | undefined
}

const invalid = (message: string) => new ServiceError('InvalidRequestException', message)

/** Amazon Athena with DuckDB as its engine; executions live as long as the server. */
export function athenaOperations(parts: {
  store: S3Store
  catalog: GlueCatalog
  engine: Engine
  folder: string
  guard: Guard
}): { operations: Record<string, Operation>; stop: () => Promise<void> } {
  const executions = new Map<string, Execution>()
  const byToken = new Map<string, string>()
  const ends = new Set<Promise<void>>()
  const { store } = parts

  const find = (input: Json): Execution => {
    const id = text(input, 'QueryExecutionId')
    const execution = executions.get(id)
    if (execution === undefined) throw invalid(`QueryExecution ${id} was not found`)
    return execution
  }
  const idOf = (input: Json) => optionalText(input, 'QueryExecutionId') ?? ''

  const run = async (execution: Execution, orders: Orders['query']): Promise<void> => {
    await Bun.sleep(0)
    try {
      if (execution.stop.signal.aborted) throw new QueryFailure('cancelled')
      execution.state = 'RUNNING'
      if (orders?.kind === 'hangs') {
        await new Promise((resolve) =>
          execution.stop.signal.addEventListener('abort', resolve, { once: true }),
        )
      }
      if (orders?.kind === 'fails') throw new QueryFailure(orders.message)
      const refusal = parts.guard.refusal(
        execution.caller,
        queryNeeds(readsOf(parts, execution), outputOf(execution)),
      )
      if (refusal !== undefined)
        throw new QueryFailure(`Insufficient permissions to execute the query. ${refusal}`)
      const results = await executeQuery(parts, execution.query, execution.database, execution.stop.signal)
      if (execution.stop.signal.aborted) throw new QueryFailure('cancelled')
      if (orders?.kind === 'off') falsify(results, orders.by)
      await writeCsv(store, execution, results)
      execution.results = results
      execution.state = 'SUCCEEDED'
    } catch (error) {
      const stopped = execution.stop.signal.aborted
      execution.state = stopped ? 'CANCELLED' : 'FAILED'
      execution.reason = stopped ? 'Query was cancelled by user' : failureReason(error)
    }
    execution.completed = Date.now()
  }

  const operations: Record<string, Operation> = {
    StartQueryExecution: {
      subject: (input) => optionalText(input, 'QueryString') ?? '',
      perform: async (input, orders, caller) => {
        const token = optionalText(input, 'ClientRequestToken')
        const known = token === undefined ? undefined : byToken.get(token)
        if (known !== undefined) return { QueryExecutionId: known }
        workGroup(optionalText(input, 'WorkGroup'))
        if (Array.isArray(input['ExecutionParameters'])) {
          throw invalid('The local stand-in takes no ExecutionParameters.')
        }
        const configuration = structure(input, 'ResultConfiguration')
        const output = outputLocation(store, optionalText(configuration, 'OutputLocation'))
        const query = await parseQuery(parts.engine, text(input, 'QueryString'))
        const id = crypto.randomUUID()
        const execution: Execution = {
          id,
          query,
          database: (
            optionalText(structure(input, 'QueryExecutionContext'), 'Database') ?? 'default'
          ).toLowerCase(),
          output: `s3://${output.bucket}/${output.prefix}${id}.csv`,
          encryption: structure(configuration, 'EncryptionConfiguration'),
          submitted: Date.now(),
          stop: new AbortController(),
          caller,
          state: 'QUEUED',
          reason: undefined,
          completed: undefined,
          results: undefined,
        }
        executions.set(id, execution)
        if (token !== undefined) byToken.set(token, id)
        const end = run(execution, orders.query).finally(() => ends.delete(end))
        ends.add(end)
        return { QueryExecutionId: id }
      },
    },
    GetQueryExecution: {
      subject: idOf,
      perform: (input) => ({ QueryExecution: describe(find(input)) }),
    },
    GetQueryResults: {
      subject: idOf,
      perform: (input, _orders, caller) => {
        const execution = find(input)
        const { state, results } = execution
        parts.guard.require(caller, resultNeeds(outputOf(execution)))
        if (state === 'QUEUED' || state === 'RUNNING') {
          throw invalid(`Query has not yet finished. Current state: ${state}`)
        }
        if (results === undefined) {
          throw invalid(`Query did not finish successfully. Final query state: ${state}`)
        }
        const all = [results.columns.map(({ name }) => name), ...results.rows]
        const { items, ...next } = page(all, input, 1000)
        return {
          UpdateCount: 0,
          ResultSet: {
            Rows: items.map((row) => ({
              Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
            })),
            ResultSetMetadata: { ColumnInfo: results.columns.map(columnInfo) },
          },
          ...next,
        }
      },
    },
    StopQueryExecution: {
      subject: idOf,
      perform: (input) => {
        find(input).stop.abort()
        return {}
      },
    },
    GetWorkGroup: {
      subject: (input) => optionalText(input, 'WorkGroup') ?? '',
      perform: (input) => {
        workGroup(text(input, 'WorkGroup'))
        const configuration = {
          ResultConfiguration: {},
          EnforceWorkGroupConfiguration: false,
          PublishCloudWatchMetricsEnabled: false,
          RequesterPaysEnabled: false,
          EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'local DuckDB' },
        }
        return { WorkGroup: { Name: 'primary', State: 'ENABLED', Configuration: configuration } }
      },
    },
  }
  const stop = async () => {
    for (const { stop: ended } of executions.values()) ended.abort()
    await Promise.allSettled(ends)
  }
  return { operations, stop }
}

/** The object of its results. */
function outputOf({ output }: Execution): Location {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? []
  return { bucket, prefix }
}

/** Tables that are not there are looked up all the same. */
function readsOf(
  { store, catalog }: { readonly store: S3Store; readonly catalog: GlueCatalog },
  { query, database }: Execution,
): TableRead[] {
  return query.tables.map(({ database: schema = database, name }) => {
    const table = catalog.find(schema, name)
    const location = table === undefined ? undefined : parseLocation(locationOf(table))
    return { database: schema, table: name, location, objects: objectsRead(store, location) }
  })
}

function workGroup(name = 'primary'): void {
  if (name !== 'primary') throw invalid(`WorkGroup ${name} is not found.`)
}

function outputLocation(store: S3Store, uri: string | undefined): Location {
  if (uri === undefined) {
    throw invalid(
      'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
    )
  }
  const location = parseLocation(uri)
  if (location === undefined) throw invalid(`outputLocation is not a valid S3 path: ${uri}`)
  if (!store.hasBucket(location.bucket))
    throw invalid(`Unable to verify/create output bucket ${location.bucket}`)
  return location
}

function falsify({ rows }: Results, by: number): void {
  const [first] = rows
  if (first !== undefined) first[0] = String(BigInt(first[0] ?? 0) + BigInt(by))
}

/** As Athena writes it: every value in quotes, a null as nothing. */
async function writeCsv(store: S3Store, { output, encryption }: Execution, results: Results): Promise<void> {
  const quote = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
  const lines = [results.columns.map(({ name }) => name), ...results.rows]
  const body = Buffer.from(lines.map((row) => `${row.map(quote).join(',')}\n`).join(''))
  const blob = store.newBlob()
  await Bun.write(store.path(blob), body)
  const kms = optionalText(encryption, 'EncryptionOption') === 'SSE_KMS'
  const headers: Record<string, string> = {
    'content-type': 'text/csv',
    'x-amz-server-side-encryption': kms ? 'aws:kms' : 'AES256',
  }
  if (kms) headers['x-amz-server-side-encryption-aws-kms-key-id'] = optionalText(encryption, 'KmsKey') ?? ''
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? []
  const etag = createHash('md5').update(body).digest('hex')
  const object = { key, blob, bytes: body.length, etag, modified: Date.now(), headers, checksum: undefined }
  store.put(bucket, object, unconditional)
}

function describe(execution: Execution): Json {
  const { id, query, state, reason: why, submitted, completed, results } = execution
  const elapsed = (completed ?? Date.now()) - submitted
  const failed = {
    AthenaError: { ErrorCategory: 2, ErrorType: 0, Retryable: false, ErrorMessage: why ?? '' },
  }
  return {
    QueryExecutionId: id,
    Query: query.sql,
    StatementType: 'DML',
    ResultConfiguration: { OutputLocation: execution.output, EncryptionConfiguration: execution.encryption },
    QueryExecutionContext: { Database: execution.database, Catalog: 'awsdatacatalog' },
    Status: {
      State: state,
      SubmissionDateTime: epochSeconds(submitted),
      ...(why === undefined ? {} : { StateChangeReason: why }),
      ...(completed === undefined ? {} : { CompletionDateTime: epochSeconds(completed) }),
      ...(state === 'FAILED' ? failed : {}),
    },
    Statistics: {
      EngineExecutionTimeInMillis: elapsed,
      TotalExecutionTimeInMillis: elapsed,
      // Whole files: DuckDB does not say which columns and row groups it read.
      DataScannedInBytes: results?.bytesScanned ?? 0,
    },
    WorkGroup: 'primary',
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'local DuckDB' },
  }
}

function columnInfo({ name, type }: Results['columns'][number]): Json {
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    ...type,
    Nullable: 'UNKNOWN',
    CaseSensitive: type.Type === 'varchar',
  }
}
