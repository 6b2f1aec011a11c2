/** The stand-in with Iceberg tables: what a writer, a catalog and a reader of them do. */
import {
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import {
  CreateTableCommand,
  GetTableCommand,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import { type LocalTable, localTable } from '../iceberg/local-table.ts'
import { inBucket } from '../iceberg/place.ts'
import { openTarget, type Target } from './aws-target.ts'

export interface IcebergTarget extends Target {
  /** A table in S3 that no catalog knows yet. */
  newTable(declared: TableDeclaration): Promise<LocalTable & { readonly name: string }>
  /** Makes the table's newest metadata what the catalog points at. */
  publish(table: LocalTable & { readonly name: string }): Promise<void>
  run(sql: string): Promise<QueryExecution>
  /** Rows without the header. */
  query(sql: string): Promise<(string | null)[][]>
  /** Why it fails. */
  failure(sql: string): Promise<string>
}

export async function openIcebergTarget(): Promise<IcebergTarget> {
  const target = await openTarget()
  const { athena, glue, s3, bucket, prefix, database } = target
  let tables = 0

  async function run(sql: string): Promise<QueryExecution> {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: database },
        ResultConfiguration: { OutputLocation: `s3://${bucket}/${prefix}results/` },
      }),
    )
    for (;;) {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
      if (!['QUEUED', 'RUNNING'].includes(QueryExecution?.Status?.State ?? '')) return QueryExecution ?? {}
      await Bun.sleep(5)
    }
  }

  return {
    ...target,
    run,
    newTable: async (declared) => {
      const name = `t${tables++}`
      const table = await localTable(inBucket(s3, bucket, `${prefix}${name}`), declared)
      // Its getters stay what they are.
      return Object.create(table, { name: { value: name } })
    },
    publish: async (table) => {
      const at = { DatabaseName: database, Name: table.name }
      const found = await glue.send(new GetTableCommand(at)).catch(() => undefined)
      if (found === undefined) {
        await glue.send(
          new CreateTableCommand({ DatabaseName: database, TableInput: icebergInput(table.name, table) }),
        )
        return
      }
      const { VersionId, Parameters } = found.Table ?? {}
      const TableInput = icebergInput(table.name, table, Parameters?.['metadata_location'])
      await glue.send(
        new UpdateTableCommand({ DatabaseName: database, TableInput, VersionId, SkipArchive: true }),
      )
    },
    query: async (sql) => {
      const { QueryExecutionId, Status } = await run(sql)
      if (Status?.State !== 'SUCCEEDED')
        throw new Error(`${Status?.StateChangeReason ?? Status?.State}: ${sql}`)
      const rows: (string | null)[][] = []
      for await (const { ResultSet } of paginateGetQueryResults({ client: athena }, { QueryExecutionId })) {
        for (const { Data = [] } of ResultSet?.Rows ?? []) {
          rows.push(Data.map(({ VarCharValue }) => VarCharValue ?? null))
        }
      }
      return rows.slice(1)
    },
    failure: async (sql) => {
      const { Status } = await run(sql)
      if (Status?.State !== 'FAILED') throw new Error(`${Status?.State}: ${sql}`)
      return Status.StateChangeReason ?? ''
    },
  }
}

/** What the Java library makes of a table (apache/iceberg, `GlueTableOperations`). */
export function icebergInput(
  Name: string,
  { version, metadata }: Pick<LocalTable, 'version' | 'metadata'>,
  before?: string,
): TableInput {
  return {
    Name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      table_type: 'ICEBERG',
      metadata_location: version.file,
      ...(before === undefined ? {} : { previous_metadata_location: before }),
    },
    StorageDescriptor: { Location: metadata.location, Columns: [] },
  }
}
