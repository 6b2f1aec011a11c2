/** Iceberg tables in the stand-in: written by the project's own room, put into S3 and Glue, asked for by Athena. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { CreateTableCommand, GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import type { DataFile } from '../../lib/iceberg/data-file.ts'
import { epochDays, events, rowsOf } from '../iceberg/events.ts'
import { type LocalTable, localTable } from '../iceberg/local-table.ts'
import { inBucket } from '../iceberg/place.ts'
import { openTarget, type Target } from './aws-target.ts'

setDefaultTimeout(30_000)

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

let tables = 0

/** A table in S3 that no catalog knows yet. */
async function newTable(declared: TableDeclaration): Promise<LocalTable & { readonly name: string }> {
  const name = `t${tables++}`
  const table = await localTable(inBucket(target.s3, target.bucket, `${target.prefix}${name}`), declared)
  return Object.defineProperties(
    { name } as LocalTable & { readonly name: string },
    Object.getOwnPropertyDescriptors(table),
  )
}

function tableInput({ name, version, metadata }: LocalTable & { readonly name: string }, before?: string) {
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      table_type: 'ICEBERG',
      metadata_location: version.file,
      ...(before === undefined ? {} : { previous_metadata_location: before }),
    },
    StorageDescriptor: { Location: metadata.location, Columns: [] },
  }
}

/** Makes the table's newest metadata what the catalog points at. */
async function publish(table: LocalTable & { readonly name: string }): Promise<void> {
  const at = { DatabaseName: target.database, Name: table.name }
  const found = await target.glue.send(new GetTableCommand(at)).catch(() => undefined)
  if (found === undefined) {
    await target.glue.send(
      new CreateTableCommand({ DatabaseName: target.database, TableInput: tableInput(table) }),
    )
    return
  }
  const { VersionId, Parameters } = found.Table ?? {}
  const TableInput = tableInput(table, Parameters?.['metadata_location'])
  await target.glue.send(
    new UpdateTableCommand({ DatabaseName: target.database, TableInput, VersionId, SkipArchive: true }),
  )
}

async function run(sql: string): Promise<QueryExecution> {
  const { QueryExecutionId } = await target.athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: target.database },
      ResultConfiguration: { OutputLocation: `s3://${target.bucket}/${target.prefix}results/` },
    }),
  )
  for (;;) {
    const { QueryExecution } = await target.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    if (!['QUEUED', 'RUNNING'].includes(QueryExecution?.Status?.State ?? '')) return QueryExecution ?? {}
    await Bun.sleep(5)
  }
}

/** Rows without the header. */
async function query(sql: string): Promise<(string | null)[][]> {
  const { QueryExecutionId, Status } = await run(sql)
  if (Status?.State !== 'SUCCEEDED') throw new Error(Status?.StateChangeReason ?? Status?.State)
  const rows: (string | null)[][] = []
  for await (const { ResultSet } of paginateGetQueryResults(
    { client: target.athena },
    { QueryExecutionId },
  )) {
    for (const { Data = [] } of ResultSet?.Rows ?? []) {
      rows.push(Data.map(({ VarCharValue }) => VarCharValue ?? null))
    }
  }
  return rows.slice(1)
}

async function failure(sql: string): Promise<string> {
  const { Status } = await run(sql)
  expect(Status?.State).toBe('FAILED')
  return Status?.StateChangeReason ?? ''
}

const day = epochDays + 9556
const [row = []] = rowsOf(day, 1, 1)

describe('an Iceberg table', () => {
  test('is its current snapshot, of every type, with six digits of a second', async () => {
    const table = await newTable(events)
    await publish(table)
    expect(await query(`select count(*), count(id), max(created_at) from ${table.name}`)).toEqual([
      ['0', '0', null],
    ])
    await table.replace('all', [[row], rowsOf(null, 2, 2)])
    await publish(table)
    expect(await query(`select * from ${table.name} where id = 1000000`)).toEqual([
      [
        ...['1000000', '2026-03-01 00:00:00.000000 UTC', '2010-12-25 23:31:12.893099', '1918-04-25', '🧛'],
        ...['2011667755', '-14346', '-74944.142', '40372104572.26', '-7.4792', '0.0', '24.921267', 'true'],
        ...[null, '[865]', '{"at": 0}', '29743699-6989-4108-8285-971691913143'],
        ...['35 35 30 38 38 32 31 33 38 32 31 36 35 33 31 31 30 33 36 36 31 35 35 32 37 32', null],
      ],
    ])
    expect(await query(`select count(*), count(id), count(created_at) from ${table.name}`)).toEqual([
      ['3', '3', '1'],
    ])
  })

  test('is counted by its manifests, true or not, and by its files where a column is counted', async () => {
    const table = await newTable(events)
    await table.replace('all', [rowsOf(day, 5, 1)], { alter: (file) => ({ ...file, rows: file.rows + 2 }) })
    await publish(table)
    expect(await query(`select count(*) from (select id, kind from ${table.name}) x`)).toEqual([['7']])
    expect(await query(`select count(id) from ${table.name}`)).toEqual([['5']])
    expect(await query(`select count(*) from ${table.name} where id >= 0`)).toEqual([['5']])
    const { Statistics } = await run(`select count(*) from ${table.name}`)
    expect(Statistics?.DataScannedInBytes).toBe(0)
  })

  test('cannot be read where a file is gone or of another length, which counting does not notice', async () => {
    const table = await newTable(events)
    const longer = (file: DataFile) => ({ ...file, bytes: file.bytes + 1 })
    await table.replace('all', [rowsOf(day, 5, 1)], { alter: longer })
    await publish(table)
    expect(await query(`select count(*) from ${table.name}`)).toEqual([['5']])
    expect(await failure(`select max(id) from ${table.name}`)).toMatch(
      /^ICEBERG_CANNOT_OPEN_SPLIT: .* Incorrect file size/,
    )
    await table.replace('all', [rowsOf(day, 5, 1)])
    await publish(table)
    await target.s3.send(
      new DeleteObjectCommand({
        Bucket: target.bucket,
        Key: `${target.prefix}${table.name}/data/00001.parquet`,
      }),
    )
    expect(await query(`select count(*) from ${table.name}`)).toEqual([['5']])
    expect(await failure(`select max(id) from ${table.name}`)).toMatch(
      /^ICEBERG_CANNOT_OPEN_SPLIT: .*data\/00001.parquet .*does not exist/,
    )
  })
})
