/** What is known of a query from its start to its end. */
import { epochSeconds, type Json } from '../json/input.ts'
import type { Results } from './execute.ts'
import type { Query } from './query.ts'

/** A query that was started; it lives as long as the server. */
export interface Execution {
  readonly id: string
  readonly query: Query
  /** The statement as it came. */
  readonly text: string
  readonly parameters: readonly string[]
  readonly database: string
  readonly output: string
  readonly encryption: Json | undefined
  readonly submitted: number
  readonly stop: AbortController
  /** Whose rights it has. */
  readonly caller: string
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason: string | undefined
  completed: number | undefined
  results: Results | undefined
}

export const engineVersion = {
  SelectedEngineVersion: 'AUTO',
  // Clients choose their SQL by it; what answers is DuckDB.
  EffectiveEngineVersion: 'Athena engine version 3',
} as const

/** A `QueryExecution`. */
export function describeExecution(execution: Execution): Json {
  const { id, text, parameters, state, reason: why, submitted, completed, results, encryption } = execution
  const elapsed = (completed ?? Date.now()) - submitted
  const failed = {
    AthenaError: { ErrorCategory: 2, ErrorType: 0, Retryable: false, ErrorMessage: why ?? '' },
  }
  return {
    QueryExecutionId: id,
    Query: text,
    StatementType: 'DML',
    SubstatementType: 'SELECT',
    ResultConfiguration: {
      OutputLocation: execution.output,
      ...(encryption === undefined ? {} : { EncryptionConfiguration: encryption }),
    },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: execution.database, Catalog: 'awsdatacatalog' },
    ...(parameters.length === 0 ? {} : { ExecutionParameters: parameters }),
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
      // Whole files of Hive tables, columns of Iceberg's: DuckDB does not say which row groups it read.
      DataScannedInBytes: results?.bytesScanned ?? 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: 'primary',
    EngineVersion: engineVersion,
  }
}

/** A page of GetQueryResults: the columns' names are the first row. */
export function describeResults(rows: readonly (readonly (string | null)[])[], results: Results): Json {
  return {
    UpdateCount: 0,
    ResultSet: {
      Rows: rows.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      ResultSetMetadata: { ColumnInfo: results.columns.map(columnInfo) },
    },
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
