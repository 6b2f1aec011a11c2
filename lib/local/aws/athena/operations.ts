/** Athena's operations about queries: start, stop, status, results. */
import type { Answering } from '../engine.ts'
import type { Engines } from '../engines.ts'
import type { GlueCatalog } from '../glue/catalog.ts'
import type { Guard } from '../iam/guard.ts'
import { queryNeeds, resultNeeds } from '../iam/needs.ts'
import { type Json, type Operation, type Orders, optionalText, page, structure, text } from '../json/input.ts'
import { type Location, parseLocation } from '../s3/location.ts'
import type { S3Store } from '../s3/store.ts'
import { ServiceError } from '../service-error.ts'
import { catalogOperations } from './catalog.ts'
import { executeQuery, failureReason, type Results } from './execute.ts'
import { describeExecution, describeResults, type Execution } from './execution.ts'
import { QueryFailure } from './failure.ts'
import { icebergTables } from './iceberg/tables.ts'
import { withParameters } from './parameters.ts'
import { parseQuery } from './query.ts'
import { readsOf } from './reads.ts'
import { writeResultFile } from './result-file.ts'
import { requireWorkGroup, workGroupOperations } from './work-groups.ts'

const invalid = (message: string) => new ServiceError('InvalidRequestException', message)

/** Amazon Athena with DuckDB as its engine; executions live as long as the server. */
export function athenaOperations(parts: {
  store: S3Store
  catalog: GlueCatalog
  engine: Answering
  engines: Engines
  guard: Guard
}): {
  operations: Record<string, Operation>
  /** How many queries are queued or running. */
  atWork: () => number
  stop: () => Promise<void>
} {
  const executions = new Map<string, Execution>()
  const byToken = new Map<string, string>()
  const ends = new Set<Promise<void>>()
  const { store } = parts
  const iceberg = icebergTables(store)

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
      const refusal = parts.guard.restricts(execution.caller)
        ? parts.guard.refusal(
            execution.caller,
            queryNeeds(await readsOf({ ...parts, iceberg }, execution), outputOf(execution)),
          )
        : undefined
      if (refusal !== undefined)
        throw new QueryFailure(`Insufficient permissions to execute the query. ${refusal}`)
      const results = await executeQuery(
        { ...parts, iceberg },
        execution.query,
        execution.database,
        execution.stop.signal,
      )
      if (execution.stop.signal.aborted) throw new QueryFailure('cancelled')
      if (orders?.kind === 'off') falsify(results, orders.by)
      await writeResultFile(store, execution, results)
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
    ...catalogOperations(parts.catalog),
    ...workGroupOperations,
    StartQueryExecution: {
      subject: (input) => optionalText(input, 'QueryString') ?? '',
      takes:
        'QueryString ClientRequestToken QueryExecutionContext ResultConfiguration WorkGroup ExecutionParameters ResultReuseConfiguration',
      perform: async (input, orders, caller) => {
        const token = optionalText(input, 'ClientRequestToken')
        const known = token === undefined ? undefined : byToken.get(token)
        if (known !== undefined) {
          if (executions.get(known)?.text === text(input, 'QueryString')) return { QueryExecutionId: known }
          throw invalid('Idempotent parameters do not match')
        }
        requireWorkGroup(optionalText(input, 'WorkGroup'))
        const given = textOf(input)
        const configuration = structure(input, 'ResultConfiguration')
        refuseOtherOwner(configuration)
        const output = outputLocation(store, optionalText(configuration, 'OutputLocation'))
        const query = await parseQuery(parts.engine, given.sql)
        const id = crypto.randomUUID()
        const execution: Execution = {
          id,
          query,
          text: text(input, 'QueryString'),
          parameters: given.parameters,
          database: contextOf(input),
          output: `s3://${output.bucket}/${output.prefix}${id}.csv`,
          encryption: encryptionOf(configuration),
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
      takes: 'QueryExecutionId',
      perform: (input) => ({ QueryExecution: describeExecution(find(input)) }),
    },
    BatchGetQueryExecution: {
      subject: (input) => [input['QueryExecutionIds']].flat().join(' '),
      takes: 'QueryExecutionIds',
      perform: (input) => {
        const ids = [input['QueryExecutionIds']].flat().map(String)
        const unknown = ids.filter((id) => !executions.has(id))
        return {
          QueryExecutions: ids.flatMap((id) => {
            const execution = executions.get(id)
            return execution === undefined ? [] : [describeExecution(execution)]
          }),
          UnprocessedQueryExecutionIds: unknown.map((id) => ({
            QueryExecutionId: id,
            ErrorCode: 'INVALID_INPUT',
            ErrorMessage: `QueryExecution ${id} was not found`,
          })),
        }
      },
    },
    ListQueryExecutions: {
      subject: (input) => optionalText(input, 'WorkGroup') ?? '',
      takes: 'NextToken MaxResults WorkGroup',
      perform: (input) => {
        requireWorkGroup(optionalText(input, 'WorkGroup'))
        const newest = [...executions.keys()].toReversed()
        const { items, ...next } = page(newest, input, 50, 'InvalidRequestException')
        return { QueryExecutionIds: items, ...next }
      },
    },
    GetQueryResults: {
      subject: idOf,
      takes: 'QueryExecutionId NextToken MaxResults',
      perform: (input, _orders, caller) => {
        const execution = find(input)
        parts.guard.require(caller, resultNeeds(outputOf(execution)))
        const results = finished(execution)
        const all = [results.columns.map(({ name }) => name), ...results.rows]
        const { items, ...next } = page(all, input, 1000, 'InvalidRequestException')
        return { ...describeResults(items, results), ...next }
      },
    },
    GetQueryRuntimeStatistics: {
      subject: idOf,
      takes: 'QueryExecutionId',
      perform: (input) => {
        const execution = find(input)
        const { submitted, completed = Date.now(), results } = execution
        const Timeline = {
          EngineExecutionTimeInMillis: completed - submitted,
          TotalExecutionTimeInMillis: completed - submitted,
        }
        const read = { InputBytes: results?.bytesScanned ?? 0, OutputRows: results?.rows.length ?? 0 }
        return { QueryRuntimeStatistics: { Timeline, Rows: read } }
      },
    },
    StopQueryExecution: {
      subject: idOf,
      takes: 'QueryExecutionId',
      perform: (input) => {
        find(input).stop.abort()
        return {}
      },
    },
  }
  const stop = async () => {
    for (const { stop: ended } of executions.values()) ended.abort()
    await Promise.allSettled(ends)
  }
  return { operations, atWork: () => ends.size, stop }
}

/** The object of its results. */
function outputOf({ output }: Execution): Location {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? []
  return { bucket, prefix }
}

function textOf(input: Json): { sql: string; parameters: string[] } {
  const sql = text(input, 'QueryString')
  const parameters = [input['ExecutionParameters'] ?? []].flat().map(String)
  const filled = parameters.length === 0 ? sql : withParameters(sql, parameters)
  if (filled !== undefined) return { sql: filled, parameters }
  throw invalid(`SYNTAX_ERROR: Incorrect number of parameters: found ${parameters.length}`)
}

function contextOf(input: Json): string {
  const context = structure(input, 'QueryExecutionContext')
  const catalog = optionalText(context, 'Catalog') ?? 'awsdatacatalog'
  if (catalog.toLowerCase() !== 'awsdatacatalog') throw invalid(`Catalog ${catalog} was not found`)
  return (optionalText(context, 'Database') ?? 'default').toLowerCase()
}

function encryptionOf(configuration: Json): Json | undefined {
  const encryption = structure(configuration, 'EncryptionConfiguration')
  const option = optionalText(encryption, 'EncryptionOption')
  if (option === 'CSE_KMS') throw invalid('The local stand-in does not implement CSE_KMS.')
  return option === undefined ? undefined : encryption
}

function finished({ state, results }: Execution): Results {
  if (state === 'QUEUED' || state === 'RUNNING') {
    throw invalid(`Query has not yet finished. Current state: ${state}`)
  }
  if (results === undefined) throw invalid(`Query did not finish successfully. Final query state: ${state}`)
  return results
}

function refuseOtherOwner(configuration: Json): void {
  const owner = optionalText(configuration, 'ExpectedBucketOwner') ?? '000000000000'
  if (owner !== '000000000000') throw invalid(`Unable to verify/create output bucket: it is not of ${owner}`)
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
