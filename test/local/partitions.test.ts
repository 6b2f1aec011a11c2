import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchGetPartitionCommand,
  BatchUpdatePartitionCommand,
  CreateTableCommand,
  DeleteTableVersionCommand,
  GetColumnStatisticsForPartitionCommand,
  GetPartitionCommand,
  GetPartitionIndexesCommand,
  GetTableVersionCommand,
  GetUserDefinedFunctionsCommand,
  paginateGetPartitions,
  SearchTablesCommand,
  UpdateColumnStatisticsForPartitionCommand,
  UpdatePartitionCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { openTarget, refusal, type Target } from './aws-target.ts'

let target: Target
const days = ['01', '02', '03', '04', '05']
const table = () => ({ DatabaseName: target.database, TableName: 'events' })
const input = (day: string, n = Number(day)) => ({
  Values: [`2026-01-${day}`, String(n)],
  StorageDescriptor: {
    Columns: [{ Name: 'id', Type: 'int' }],
    Location: `s3://${target.bucket}/${target.prefix}events/day=2026-01-${day}/n=${n}/`,
  },
})
beforeAll(async () => {
  target = await openTarget()
  const TableInput = {
    Name: 'events',
    StorageDescriptor: { Columns: [{ Name: 'id', Type: 'int' }] },
    PartitionKeys: [
      { Name: 'day', Type: 'date' },
      { Name: 'n', Type: 'int' },
    ],
  }
  await target.glue.send(new CreateTableCommand({ DatabaseName: target.database, TableInput }))
  const PartitionInputList = days.map((day) => input(day))
  await target.glue.send(new BatchCreatePartitionCommand({ ...table(), PartitionInputList }))
})
afterAll(() => target.close())

async function kept(more: object): Promise<string[]> {
  const found: string[] = []
  for await (const { Partitions = [] } of paginateGetPartitions(
    { client: target.glue, pageSize: 2 },
    { ...table(), ...more },
  )) {
    found.push(...Partitions.map(({ Values = [] }) => String(Values[1])))
  }
  return found.toSorted()
}

describe('partitions', () => {
  test('are listed in pages and in segments, each once', async () => {
    expect(await kept({})).toEqual(['1', '2', '3', '4', '5'])
    const segments = [0, 1, 2].map((SegmentNumber) => kept({ Segment: { SegmentNumber, TotalSegments: 3 } }))
    expect((await Promise.all(segments)).flat().toSorted()).toEqual(['1', '2', '3', '4', '5'])
  })

  test('are chosen by an expression over their keys, each as its type says', async () => {
    expect(await kept({ Expression: "day >= '2026-01-03' AND n IN (3, 4)" })).toEqual(['3', '4'])
    expect(await kept({ Expression: "((n = 1) OR (day = '2026-01-05'))" })).toEqual(['1', '5'])
    expect(await kept({ Expression: 'n BETWEEN 2 AND 3' })).toEqual(['2', '3'])
    expect((await refusal(kept({ Expression: 'm = 1' })))[0]).toBe('InvalidInputException')
  })

  test('are found by their values', async () => {
    const one = new GetPartitionCommand({ ...table(), PartitionValues: ['2026-01-02', '2'] })
    expect((await target.glue.send(one)).Partition).toMatchObject(input('02'))
    const { Partitions } = await target.glue.send(
      new BatchGetPartitionCommand({
        ...table(),
        PartitionsToGet: [{ Values: ['2026-01-01', '1'] }, { Values: ['2026-02-01', '1'] }],
      }),
    )
    expect(Partitions?.map(({ Values }) => Values)).toEqual([['2026-01-01', '1']])
    const absent = new GetPartitionCommand({ ...table(), PartitionValues: ['2026-02-01', '1'] })
    expect((await refusal(target.glue.send(absent)))[0]).toBe('EntityNotFoundException')
  })

  test('are created once, with a value for each key', async () => {
    const { Errors } = await target.glue.send(
      new BatchCreatePartitionCommand({
        ...table(),
        PartitionInputList: [input('01'), { Values: ['2026-01-06'] }, input('06')],
      }),
    )
    expect(Errors?.map(({ ErrorDetail }) => ErrorDetail?.ErrorCode)).toEqual([
      'AlreadyExistsException',
      'InvalidInputException',
    ])
    const gone = {
      ...table(),
      PartitionsToDelete: [{ Values: ['2026-01-06', '6'] }, { Values: ['2026-01-07', '7'] }],
    }
    const removed = await target.glue.send(new BatchDeletePartitionCommand(gone))
    expect(removed.Errors?.map(({ PartitionValues }) => PartitionValues)).toEqual([['2026-01-07', '7']])
    expect(await kept({})).toEqual(['1', '2', '3', '4', '5'])
  })

  test('are moved, alone or many at a time', async () => {
    const PartitionValueList = ['2026-01-05', '5']
    await target.glue.send(
      new UpdatePartitionCommand({ ...table(), PartitionValueList, PartitionInput: input('05', 55) }),
    )
    expect(await kept({ Expression: 'n > 4' })).toEqual(['55'])
    const { Errors } = await target.glue.send(
      new BatchUpdatePartitionCommand({
        ...table(),
        Entries: [
          { PartitionValueList: ['2026-01-05', '55'], PartitionInput: input('05') },
          { PartitionValueList, PartitionInput: input('05') },
          { PartitionValueList: ['2026-02-01', '1'], PartitionInput: input('01') },
        ],
      }),
    )
    expect(Errors?.map((each) => each.PartitionValueList)).toEqual([['2026-02-01', '1']])
    expect(await kept({ Expression: 'n > 4' })).toEqual(['5'])
  })
})

test('statistics of columns are kept beside their partition', async () => {
  const place = { ...table(), PartitionValues: ['2026-01-01', '1'] }
  const statistics = {
    ColumnName: 'id',
    ColumnType: 'int',
    AnalyzedTime: new Date(0),
    StatisticsData: {
      Type: 'LONG' as const,
      LongColumnStatisticsData: {
        MinimumValue: 1,
        MaximumValue: 9,
        NumberOfNulls: 0,
        NumberOfDistinctValues: 9,
      },
    },
  }
  await target.glue.send(
    new UpdateColumnStatisticsForPartitionCommand({ ...place, ColumnStatisticsList: [statistics] }),
  )
  const get = (values: string[]) =>
    target.glue.send(
      new GetColumnStatisticsForPartitionCommand({
        ...place,
        PartitionValues: values,
        ColumnNames: ['id', 'other'],
      }),
    )
  const found = await get(place.PartitionValues)
  expect(found.ColumnStatisticsList).toMatchObject([statistics])
  expect(found.Errors?.map(({ ColumnName }) => ColumnName)).toEqual(['other'])
  expect((await get(['2026-01-02', '2'])).ColumnStatisticsList).toEqual([])
})

test('a version of a table is read and deleted, but not the newest', async () => {
  const TableInput = { Name: 'versions' }
  const place = { DatabaseName: target.database, TableName: 'versions' }
  await target.glue.send(new CreateTableCommand({ ...place, TableInput }))
  await target.glue.send(
    new UpdateTableCommand({ ...place, TableInput: { ...TableInput, Description: 'two' } }),
  )
  const read = async (VersionId: string) =>
    (await target.glue.send(new GetTableVersionCommand({ ...place, VersionId }))).TableVersion?.Table
      ?.Description
  const { TableVersion } = await target.glue.send(new GetTableVersionCommand(place))
  const newest = Number(TableVersion?.VersionId)
  expect([await read(String(newest)), await read(String(newest - 1))]).toEqual(['two', undefined])
  const remove = (version: number) =>
    target.glue.send(new DeleteTableVersionCommand({ ...place, VersionId: String(version) }))
  await remove(newest - 1)
  expect((await refusal(read(String(newest - 1))))[0]).toBe('EntityNotFoundException')
  expect((await refusal(remove(newest)))[0]).toBe('InvalidInputException')
})

test('tables are searched by a word, and there are no functions and no indexes', async () => {
  const { TableList } = await target.glue.send(new SearchTablesCommand({ SearchText: 'EVENTS' }))
  expect(TableList?.map(({ Name }) => Name)).toContain('events')
  const functions = new GetUserDefinedFunctionsCommand({ DatabaseName: target.database, Pattern: '.*' })
  expect((await target.glue.send(functions)).UserDefinedFunctions).toEqual([])
  const indexes = await target.glue.send(new GetPartitionIndexesCommand(table()))
  expect(indexes.PartitionIndexDescriptorList).toEqual([])
})
