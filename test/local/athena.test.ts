import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  BatchGetQueryExecutionCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  GetWorkGroupCommand,
  ListDatabasesCommand,
  ListDataCatalogsCommand,
  ListQueryExecutionsCommand,
  ListTableMetadataCommand,
  ListWorkGroupsCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { type Column, CreateTableCommand } from '@aws-sdk/client-glue'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { openTarget, patience, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const real = process.env['DRACULA_TEST_S3_URI'] !== undefined

async function createTable(Name: string, columns: string, folder = Name): Promise<void> {
  const Columns: Column[] = columns.split('; ').map((each) => {
    const [name = '', Type = ''] = each.split(' ')
    return { Name: name, Type }
  })
  await target.glue.send(
    new CreateTableCommand({
      DatabaseName: target.database,
      TableInput: {
        Name,
        TableType: 'EXTERNAL_TABLE',
        Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
        StorageDescriptor: {
          Columns,
          Location: `s3://${target.bucket}/${target.prefix}${folder}/`,
          InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    }),
  )
}

async function start(sql: string, more: object = {}): Promise<string> {
  const { QueryExecutionId = '' } = await target.athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: target.database },
      ResultConfiguration: { OutputLocation: `s3://${target.bucket}/${target.prefix}results/` },
      ...more,
    }),
  )
  return QueryExecutionId
}

async function end(QueryExecutionId: string): Promise<QueryExecution> {
  for (;;) {
    const { QueryExecution } = await target.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    if (!['QUEUED', 'RUNNING'].includes(QueryExecution?.Status?.State ?? '')) return QueryExecution ?? {}
    await Bun.sleep(real ? 500 : 5)
  }
}

/** Rows with the header first; a null is null. */
async function query(sql: string): Promise<(string | null)[][]> {
  const id = await start(sql)
  const { Status } = await end(id)
  if (Status?.State !== 'SUCCEEDED') throw new Error(Status?.StateChangeReason ?? Status?.State)
  const rows: (string | null)[][] = []
  for await (const { ResultSet } of paginateGetQueryResults(
    { client: target.athena },
    { QueryExecutionId: id, MaxResults: 3 },
  )) {
    for (const { Data = [] } of ResultSet?.Rows ?? []) {
      rows.push(Data.map(({ VarCharValue }) => VarCharValue ?? null))
    }
  }
  return rows
}

async function failure(sql: string): Promise<string> {
  const { Status } = await end(await start(sql))
  expect(Status?.State).toBe('FAILED')
  return Status?.StateChangeReason ?? ''
}

describe('a query', () => {
  test(
    'prints every type as Athena does',
    async () => {
      await target.putParquet(
        `${target.prefix}types/a.parquet`,
        `select 1::int as id, -9007199254740993::bigint as big, true as b, 'naïve "x"' as s, 'ab'::blob as raw,
          -0.05::decimal(18,6) as n, 12345678901234567890123456789.5::decimal(38,1) as wide,
          1.5::double as d, 1e20::double as huge, 0.1::float as f, date '0044-03-15' as day,
          timestamp '2020-01-01 00:00:00' as ts, timestamp '1960-01-01 00:00:00.123656' as old,
          timestamptz '2020-06-01 12:00:00.5+02' as tz, null::varchar as none, [1, null] as list`,
      )
      await createTable(
        'types',
        'id int; big bigint; b boolean; s string; raw binary; n decimal(18,6); wide decimal(38,1); d double; huge double; f float; day date; ts timestamp; old timestamp; tz timestamp; none string; list array<int>',
      )
      const [header, row] = await query('select * from types')
      expect(Object.fromEntries((header ?? []).map((name, index) => [name, row?.[index] ?? null]))).toEqual({
        id: '1',
        big: '-9007199254740993',
        b: 'true',
        s: 'naïve "x"',
        raw: '61 62',
        n: '-0.050000',
        wide: '12345678901234567890123456789.5',
        d: '1.5',
        huge: '1.0E20',
        f: '0.1',
        day: '0044-03-15',
        ts: '2020-01-01 00:00:00.000',
        old: '1960-01-01 00:00:00.124',
        tz: '2020-06-01 10:00:00.500',
        none: null,
        list: '[1, null]',
      })
    },
    patience,
  )

  test(
    'reads columns by name, those a file lacks as null, narrower ones as declared, hidden files not at all',
    async () => {
      await target.putParquet(`${target.prefix}evolved/a.parquet`, `select 'x' as name, 1::int as ID`)
      await target.putParquet(
        `${target.prefix}evolved/more/b.parquet`,
        `select 2::bigint as id, 1.5::decimal(9,2) as n`,
      )
      await target.putParquet(`${target.prefix}evolved/_tmp.parquet`, 'select 99 as id')
      await createTable('evolved', 'id bigint; name string; n decimal(18,6); extra timestamp')
      expect(await query('select id, name, n, extra from evolved order by id')).toEqual([
        ['id', 'name', 'n', 'extra'],
        ['1', 'x', null, null],
        ['2', null, '1.500000', null],
      ])
    },
    patience,
  )

  test(
    'counts a folder without files as nothing',
    async () => {
      await createTable('empty', 'id int')
      expect(await query('select count(*) from empty')).toEqual([['_col0'], ['0']])
    },
    patience,
  )

  test(
    'names what has no name by its position and divides integers as integers',
    async () => {
      expect(await query('select 7 / 2, 1 as "One", count(*) from (values (1), (2)) v (x)')).toEqual([
        ['_col0', 'one', '_col2'],
        ['3', '1', '2'],
      ])
    },
    patience,
  )

  test(
    'takes names with and without their database, quoted and not',
    async () => {
      await target.putParquet(`${target.prefix}named/a.parquet`, 'select 5 as id')
      await createTable('named', 'id int')
      for (const from of [
        'named',
        `"${target.database}"."named"`,
        `awsdatacatalog.${target.database}.NAMED n`,
        '(with q as (select * from named) select * from q) x',
      ]) {
        expect(await query(`select max(id) as m from ${from}`)).toEqual([['m'], ['5']])
      }
    },
    patience,
  )

  test(
    'leaves its result as CSV where it was told',
    async () => {
      const id = await start(`select 'a"b' as x, cast(null as varchar) as y`)
      const { ResultConfiguration, Statistics } = await end(id)
      const location = ResultConfiguration?.OutputLocation ?? ''
      expect(location).toBe(`s3://${target.bucket}/${target.prefix}results/${id}.csv`)
      const Key = location.slice(`s3://${target.bucket}/`.length)
      const { Body } = await target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key }))
      expect(await Body?.transformToString()).toBe('"x","y"\n"a""b",\n')
      expect(Statistics?.DataScannedInBytes).toBe(0)
    },
    patience,
  )

  test(
    'tells its columns’ types',
    async () => {
      const id = await start(
        `select cast(1 as integer) as i, cast(1 as bigint) as b, cast('1' as decimal(18,6)) as n, 'x' as s, date '2020-01-01' as d`,
      )
      await end(id)
      const { ResultSet } = await target.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
      expect(
        ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Type, Precision, Scale }) => [
          Type,
          Precision,
          Scale,
        ]),
      ).toEqual([
        ['integer', 10, 0],
        ['bigint', 19, 0],
        ['decimal', 18, 6],
        ['varchar', expect.any(Number), 0],
        ['date', 0, 0],
      ])
    },
    patience,
  )
})

describe('a query fails', () => {
  test(
    'with the reason: no such table, no such column',
    async () => {
      await createTable('known', 'id int')
      expect(await failure('select * from absent')).toStartWith('TABLE_NOT_FOUND')
      expect(await failure('select absent from known')).toStartWith('COLUMN_NOT_FOUND')
    },
    patience,
  )

  test(
    'with HIVE_BAD_DATA on a file of other types, or no Parquet file',
    async () => {
      await target.putParquet(`${target.prefix}mistyped/a.parquet`, `select 'text' as id`)
      await createTable('mistyped', 'id int')
      expect(await failure('select id from mistyped')).toStartWith('HIVE_BAD_DATA')
      const Key = `${target.prefix}garbage/a.parquet`
      await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body: 'garbage garbage' }))
      await createTable('garbage', 'id int')
      expect(await failure('select id from garbage')).toStartWith('HIVE_BAD_DATA')
    },
    patience,
  )

  test('at once if it is no statement or has nowhere to write', async () => {
    expect((await refusal(start('selec 1')))[0]).toBe('InvalidRequestException')
    expect((await refusal(start('select 1', { WorkGroup: 'dracula-absent' })))[0]).toBe(
      'InvalidRequestException',
    )
    const nowhere = { ResultConfiguration: { OutputLocation: 's3://dracula-no-such-bucket-4f1c/' } }
    if (!real) expect((await refusal(start('select 1', nowhere)))[0]).toBe('InvalidRequestException')
  })

  test.skipIf(real)(
    'rather than do what this stand-in does not: other statements, files outside',
    async () => {
      for (const sql of ['drop table known', 'show tables', 'select 1; select 2']) {
        expect((await refusal(start(sql)))[0]).toBe('InvalidRequestException')
      }
      expect(await failure(`select * from read_text('/etc/passwd')`)).toContain('Permission Error')
    },
  )
})

test(
  'a query that runs is stopped, and has no results',
  async () => {
    const numbers = (name: string) =>
      `(select ${name} from unnest(sequence(1, 10000)) as t (${name})) ${name}_`
    const sql = real
      ? `select count(*) from ${numbers('a')}, ${numbers('b')}, ${numbers('c')} where a * b * c % 7 = 3`
      : 'select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 3'
    const id = await start(sql)
    const state = async () =>
      (await target.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution
        ?.Status?.State
    while ((await state()) === 'QUEUED') await Bun.sleep(5)
    expect((await refusal(target.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))))[0]).toBe(
      'InvalidRequestException',
    )
    await target.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
    expect((await end(id)).Status?.State).toBe('CANCELLED')
    expect((await refusal(target.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))))[0]).toBe(
      'InvalidRequestException',
    )
  },
  patience,
)

test('a token starts one query however often it is sent', async () => {
  const ClientRequestToken = crypto.randomUUID()
  const first = await start('select 1', { ClientRequestToken })
  expect(await start('select 1', { ClientRequestToken })).toBe(first)
  expect((await refusal(start('select 2', { ClientRequestToken })))[0]).toBe('InvalidRequestException')
})

describe('parameters', () => {
  test(
    'stand for the question marks of a statement, in their order, as SQL literals',
    async () => {
      const ExecutionParameters = ["'it''s ?'", '7']
      const id = await start(`select ? as a, ? as b, 'why?' as c -- ?`, { ExecutionParameters })
      const told = await end(id)
      expect([told.Query, told.ExecutionParameters]).toEqual([
        `select ? as a, ? as b, 'why?' as c -- ?`,
        ExecutionParameters,
      ])
      const { ResultSet } = await target.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
      expect(ResultSet?.Rows?.[1]?.Data?.map(({ VarCharValue }) => VarCharValue)).toEqual([
        "it's ?",
        '7',
        'why?',
      ])
    },
    patience,
  )

  test.skipIf(real)('are refused where there are not as many', async () => {
    for (const ExecutionParameters of [['1'], ['1', '2', '3']]) {
      expect((await refusal(start('select ?, ?', { ExecutionParameters })))[0]).toBe(
        'InvalidRequestException',
      )
    }
  })
})

test(
  'queries are listed, the newest first, and described many at a time',
  async () => {
    const ids = [await start('select 1'), await start('select 2')].toReversed()
    for (const id of ids) await end(id)
    const listed = await target.athena.send(new ListQueryExecutionsCommand({ MaxResults: 2 }))
    expect(listed.QueryExecutionIds).toEqual(ids)
    expect(listed.NextToken).toBeDefined()
    const unknown = crypto.randomUUID()
    const { QueryExecutions, UnprocessedQueryExecutionIds } = await target.athena.send(
      new BatchGetQueryExecutionCommand({ QueryExecutionIds: [...ids, unknown] }),
    )
    expect(QueryExecutions?.map(({ Query }) => Query).toSorted()).toEqual(['select 1', 'select 2'])
    expect(UnprocessedQueryExecutionIds?.map(({ QueryExecutionId }) => QueryExecutionId)).toEqual([unknown])
  },
  patience,
)

test('the catalog, its databases and tables are shown', async () => {
  await createTable('shown', 'id int; name string')
  const CatalogName = 'AwsDataCatalog'
  const { DataCatalogsSummary } = await target.athena.send(new ListDataCatalogsCommand({}))
  expect(DataCatalogsSummary?.map((each) => each.CatalogName)).toContain(CatalogName)
  const { DatabaseList } = await target.athena.send(new ListDatabasesCommand({ CatalogName }))
  if (!real) expect(DatabaseList?.map(({ Name }) => Name)).toContain(target.database)
  const place = { CatalogName, DatabaseName: target.database }
  const { TableMetadataList } = await target.athena.send(
    new ListTableMetadataCommand({ ...place, Expression: 'sho.*' }),
  )
  expect(TableMetadataList?.map(({ Name }) => Name)).toEqual(['shown'])
  const { TableMetadata } = await target.athena.send(
    new GetTableMetadataCommand({ ...place, TableName: 'shown' }),
  )
  expect(TableMetadata?.Columns).toMatchObject([
    { Name: 'id', Type: 'int' },
    { Name: 'name', Type: 'string' },
  ])
  const absent = new GetTableMetadataCommand({ ...place, TableName: 'dracula_absent' })
  expect((await refusal(target.athena.send(absent)))[0]).toBe('MetadataException')
  const { WorkGroups } = await target.athena.send(new ListWorkGroupsCommand({}))
  expect(WorkGroups?.map(({ Name }) => Name)).toContain('primary')
})

test('the primary workgroup is there', async () => {
  const { WorkGroup } = await target.athena.send(new GetWorkGroupCommand({ WorkGroup: 'primary' }))
  expect(WorkGroup).toMatchObject({ Name: 'primary', State: 'ENABLED' })
})
