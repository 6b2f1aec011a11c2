/** One Athena query, from start to its last row. */
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import type { ExitCode } from '../failure/exit-code.ts'
import { Failure } from '../failure/failure.ts'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { deniedAdvice } from './denied.ts'
import { awsFailure } from './failure.ts'
import { patienceMs, wait } from './wait.ts'

export interface QueryOptions {
  readonly sql: string
  readonly database: string
  readonly workgroup: string
  /** `s3://…/` for the results; undefined: the workgroup's own. */
  readonly output: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** No more rows are fetched than these. Undefined: all. */
  readonly maxRows?: number | undefined
}

export interface QueryResult {
  readonly columns: string[]
  /** Athena's own name of each column's type, with the digits of a `decimal(14,2)`. */
  readonly types: string[]
  /** In Athena's own text; null is null. */
  readonly rows: (string | null)[][]
  /** Whether there are rows beyond `maxRows`. */
  readonly more: boolean
  readonly bytesScanned: number
  readonly queryId: string
}

/** Most bytes of a query's text (Athena User Guide, "Service quotas"). */
export const mostQueryBytes = 262_144

/** A table or column name in a query. (DDL wants backticks instead.) */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Runs the query and reads its rows; no result of an earlier run is used. On abort or after `timeoutMs` it is
 * stopped.
 * @throws Failure exit 2 when access is refused or the query is too long, 1 when it fails, is cancelled or does not
 * end in time
 */
export async function runQuery(aws: Aws, options: QueryOptions): Promise<QueryResult> {
  const { sql, timeoutMs, signal: stop } = options
  requireFits(sql)
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([stop, deadline])
  const abortSignal = signal
  // The one token makes the SDK's second try of a start whose answer was lost the same query, not another.
  const token = crypto.randomUUID()
  let queryId: string | undefined
  try {
    const start = new StartQueryExecutionCommand({
      QueryString: sql,
      ClientRequestToken: token,
      QueryExecutionContext: { Database: options.database },
      WorkGroup: options.workgroup,
      ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
      ...(options.output === undefined ? {} : { ResultConfiguration: { OutputLocation: options.output } }),
    })
    queryId = (await aws.athena.send(start, { abortSignal })).QueryExecutionId ?? ''
    const execution = await ended(aws, queryId, signal)
    requireSucceeded(execution, sql)
    const fetched = await results(aws, queryId, {
      header: hasHeader(execution),
      maxRows: options.maxRows,
      signal,
    })
    return { ...fetched, bytesScanned: execution.Statistics?.DataScannedInBytes ?? 0, queryId }
  } catch (error) {
    if (queryId !== undefined && signal.aborted) {
      const stopIt = new StopQueryExecutionCommand({ QueryExecutionId: queryId })
      await aws.athena.send(stopIt, { abortSignal: AbortSignal.timeout(patienceMs) }).catch(() => {})
    }
    if (deadline.aborted && !stop.aborted) {
      const reason = `it did not end within ${Math.ceil(timeoutMs / 1000)} s`
      throw failed(sql, 1, reason, 'Try again; Athena may be queueing.', error)
    }
    throw awsFailure(error, 'query Athena', shortened(sql))
  }
}

function requireFits(sql: string): void {
  const bytes = Buffer.byteLength(sql)
  if (bytes <= mostQueryBytes) return
  const [its, most] = [bytes, mostQueryBytes].map((each) => each.toLocaleString('en'))
  const reason = `its text has ${its} bytes, and Athena takes ${most}`
  throw failed(sql, 2, reason, 'Ask for less at once: fewer columns, values or expectations.')
}

/**
 * What a query of one table asks, whose files are under `folder`; and what Athena does for it in our name (Athena User Guide,
 * "Access to databases and tables in the AWS Glue Data Catalog", "Access to Amazon S3").
 */
export function queryCalls(query: {
  readonly database: string
  readonly table: string
  readonly workgroup: string
  /** The same as in `QueryOptions`. */
  readonly output: string | undefined
  readonly folder: { readonly bucket: string; readonly key: string }
}): Call[] {
  const { database, table, workgroup, output, folder } = query
  const on = { kind: 'query', workgroup, of: `${database}.${table}` } as const
  const asked = { kind: 'table', database, table } as const
  const [, bucket = '<results-bucket>', key = '<results-prefix>'] =
    /^s3:\/\/([^/]+)\/(.*)$/.exec(output ?? '') ?? []
  const results = { kind: 'object', bucket, key } as const
  const by = 'athena'
  return [
    { call: 'athena:StartQueryExecution', on },
    { call: 'athena:GetQueryExecution', on },
    { call: 'athena:GetQueryResults', on },
    { call: 'athena:StopQueryExecution', on, trouble: true },
    { call: 'glue:GetDatabase', on: { kind: 'database', database }, by },
    { call: 'glue:GetDatabase', on: { kind: 'database', database: 'default' }, by },
    { call: 'glue:GetTable', on: asked, by },
    { call: 'glue:GetPartitions', on: asked, by },
    { call: 's3:GetBucketLocation', on: { kind: 'bucket', bucket: folder.bucket }, by },
    { call: 's3:ListObjectsV2', on: { kind: 'listing', bucket: folder.bucket, prefix: folder.key }, by },
    { call: 's3:GetObject', on: { kind: 'object', ...folder }, by },
    { call: 's3:GetBucketLocation', on: { kind: 'bucket', bucket }, by },
    { call: 's3:ListObjectsV2', on: { kind: 'listing', bucket, prefix: key }, by },
    { call: 's3:PutObject', on: results, by },
    { call: 's3:GetObject', on: results, by },
    { call: 's3:AbortMultipartUpload', on: results, by },
    { call: 's3:ListParts', on: results, by },
  ]
}

async function ended(aws: Aws, queryId: string, signal: AbortSignal): Promise<QueryExecution> {
  const { queryPoll } = await aws.timings()
  // Most queries take no longer than a few looks, so the first come sooner one after the other.
  let pause = queryPoll / 5
  for (;;) {
    const { QueryExecution } = await aws.athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId: queryId }),
      { abortSignal: signal },
    )
    const state = QueryExecution?.Status?.State
    if (QueryExecution !== undefined && state !== 'QUEUED' && state !== 'RUNNING') return QueryExecution
    await wait(pause, signal)
    pause = Math.min(queryPoll, pause * 1.5)
  }
}

function requireSucceeded({ Status, QueryExecutionId }: QueryExecution, sql: string): void {
  if (Status?.State === 'SUCCEEDED') return
  const told = Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage
  if (Status?.State === 'CANCELLED') {
    throw failed(sql, 1, told ?? 'somebody cancelled it', 'Run it again.')
  }
  const refused = /access denied|not authorized|insufficient (lake formation )?permission/i.test(told ?? '')
  throw refused
    ? failed(sql, 2, told ?? '', deniedAdvice(undefined))
    : failed(
        sql,
        1,
        `${clause(told ?? 'it failed without a reason')} (query ${QueryExecutionId})`,
        "Try again; if it stays so, look the query up in Athena's history.",
      )
}

/** Results of DDL and of statements such as SHOW have no header row (Athena API, GetQueryResults). */
function hasHeader({ StatementType }: QueryExecution): boolean {
  return StatementType !== 'DDL' && StatementType !== 'UTILITY'
}

/** The most rows that one call gives (Athena API, GetQueryResults). */
const pageRows = 1_000

async function results(
  aws: Aws,
  queryId: string,
  wanted: {
    readonly header: boolean
    readonly maxRows: number | undefined
    readonly signal: AbortSignal
  },
): Promise<Pick<QueryResult, 'columns' | 'types' | 'rows' | 'more'>> {
  const { header, maxRows = Number.POSITIVE_INFINITY, signal } = wanted
  const rows: (string | null)[][] = []
  let columns: string[] = []
  let types: string[] = []
  let token: string | undefined
  // One row beyond the limit tells that there are more.
  for (let first = true; (first || token !== undefined) && rows.length <= maxRows; first = false) {
    const MaxResults = Math.min(pageRows, maxRows - rows.length + (first && header ? 2 : 1))
    const page: GetQueryResultsCommandOutput = await aws.athena.send(
      new GetQueryResultsCommand({ QueryExecutionId: queryId, NextToken: token, MaxResults }),
      { abortSignal: signal },
    )
    if (first) {
      const described = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []
      columns = described.map(({ Name = '' }) => Name)
      types = described.map(({ Type = '', Precision, Scale }) =>
        Type === 'decimal' ? `decimal(${Precision},${Scale})` : Type,
      )
    }
    const read = (page.ResultSet?.Rows ?? []).map(({ Data = [] }) =>
      Data.map(({ VarCharValue }) => VarCharValue ?? null),
    )
    rows.push(...(first && header ? read.slice(1) : read))
    token = page.NextToken
  }
  return { columns, types, rows: rows.slice(0, maxRows), more: rows.length > maxRows }
}

function failed(sql: string, exit: ExitCode, reason: string, advice: string, cause?: unknown): Failure {
  return new Failure({
    exit,
    act: 'query Athena',
    thing: shortened(sql),
    reason: clause(reason),
    advice,
    cause,
  })
}

/** Letters of a query in a message. */
const mostLetters = 1_000

function shortened(sql: string): string {
  return sql.length > mostLetters ? `${sql.slice(0, mostLetters)}…` : sql
}

function clause(text: string): string {
  return text.replace(/[.\s]+$/, '')
}
