import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  BatchDeleteTableCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionsCommand,
  GetTagsCommand,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { openTarget, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const input = (Name: string, load: string): TableInput => ({
  Name,
  TableType: 'EXTERNAL_TABLE',
  Parameters: { 'dracula.load': load, classification: 'parquet' },
  StorageDescriptor: {
    Location: `s3://${target.bucket}/${target.prefix}${Name}/${load}/`,
    Columns: [{ Name: 'id', Type: 'int', Comment: 'the key' }],
  },
})
const create = (name: string) =>
  target.glue.send(new CreateTableCommand({ DatabaseName: target.database, TableInput: input(name, 'one') }))
const update = (name: string, load: string, more: object = {}) =>
  target.glue.send(
    new UpdateTableCommand({ DatabaseName: target.database, TableInput: input(name, load), ...more }),
  )
const get = async (Name: string) => {
  const { Table } = await target.glue.send(new GetTableCommand({ DatabaseName: target.database, Name }))
  if (Table === undefined) throw new Error('No table in the answer.')
  return Table
}

describe('a table', () => {
  test('comes back as it was created', async () => {
    await create('plain')
    const table = await get('plain')
    expect(table).toMatchObject({ ...input('plain', 'one'), DatabaseName: target.database })
    expect(table.VersionId).toMatch(/^\d+$/)
    expect(table.CreateTime).toBeInstanceOf(Date)
    expect(Math.abs(Date.now() - Number(table.CreateTime))).toBeLessThan(3_600_000)
  })

  test('is created once, in lower case, in a database that is there', async () => {
    await create('Mixed')
    expect((await get('mixed')).Name).toBe('mixed')
    expect((await refusal(create('mixed')))[0]).toBe('AlreadyExistsException')
    const elsewhere = new CreateTableCommand({
      DatabaseName: 'dracula_nowhere',
      TableInput: input('t', 'one'),
    })
    expect((await refusal(target.glue.send(elsewhere)))[0]).toBe('EntityNotFoundException')
    expect((await refusal(get('absent')))[0]).toBe('EntityNotFoundException')
  })

  test('is updated whole, its version with it', async () => {
    await create('versioned')
    const before = await get('versioned')
    await update('versioned', 'two', { VersionId: before.VersionId, SkipArchive: true })
    const after = await get('versioned')
    expect(after.Parameters?.['dracula.load']).toBe('two')
    expect(after.VersionId).not.toBe(before.VersionId ?? '')
    expect(after.CreateTime).toEqual(before.CreateTime as Date)
  })

  test('keeps what another has published since it was read', async () => {
    await create('contended')
    const { VersionId } = await get('contended')
    await update('contended', 'theirs', { VersionId })
    expect((await refusal(update('contended', 'ours', { VersionId })))[0]).toBe(
      'ConcurrentModificationException',
    )
    expect((await get('contended')).Parameters?.['dracula.load']).toBe('theirs')
    await update('contended', 'unguarded')
    expect((await get('contended')).Parameters?.['dracula.load']).toBe('unguarded')
  })

  test('keeps its versions unless told to skip the archive', async () => {
    await create('archived')
    await update('archived', 'two')
    await update('archived', 'three', { SkipArchive: true })
    const { TableVersions = [] } = await target.glue.send(
      new GetTableVersionsCommand({ DatabaseName: target.database, TableName: 'archived' }),
    )
    expect(TableVersions.map(({ Table }) => Table?.Parameters?.['dracula.load'])).toEqual(['three', 'one'])
  })

  test('is gone once deleted', async () => {
    await create('dropped')
    const drop = () =>
      target.glue.send(new DeleteTableCommand({ DatabaseName: target.database, Name: 'dropped' }))
    await drop()
    expect((await refusal(drop()))[0]).toBe('EntityNotFoundException')
    expect((await refusal(update('dropped', 'two')))[0]).toBe('EntityNotFoundException')
  })
})

test('tables are listed by an expression, in pages, and deleted many at a time', async () => {
  for (const name of ['many_a', 'many_b', 'many_c', 'other']) await create(name)
  const page = async (NextToken?: string) =>
    target.glue.send(
      new GetTablesCommand({
        DatabaseName: target.database,
        Expression: 'many_.*',
        MaxResults: 2,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    )
  const first = await page()
  const second = await page(first.NextToken)
  const names = [...(first.TableList ?? []), ...(second.TableList ?? [])].map(({ Name = '' }) => Name)
  expect(names.sort()).toEqual(['many_a', 'many_b', 'many_c'])
  expect(second.NextToken ?? '').toBe('')
  const { Errors } = await target.glue.send(
    new BatchDeleteTableCommand({ DatabaseName: target.database, TablesToDelete: [...names, 'absent'] }),
  )
  expect(Errors?.map(({ TableName, ErrorDetail }) => [TableName, ErrorDetail?.ErrorCode])).toEqual([
    ['absent', 'EntityNotFoundException'],
  ])
  expect((await page()).TableList).toEqual([])
})

test('a database is created once and found by its name', async () => {
  const { Database } = await target.glue.send(new GetDatabaseCommand({ Name: target.database }))
  expect(Database?.Name).toBe(target.database)
  const again = new CreateDatabaseCommand({ DatabaseInput: { Name: target.database } })
  expect((await refusal(target.glue.send(again)))[0]).toBe('AlreadyExistsException')
  const absent = new GetDatabaseCommand({ Name: 'dracula_nowhere' })
  expect((await refusal(target.glue.send(absent)))[0]).toBe('EntityNotFoundException')
})

test.skipIf(process.env['DRACULA_TEST_S3_URI'] !== undefined)(
  'an operation the stand-in lacks is refused by its name',
  async () => {
    const error = await target.glue
      .send(new GetTagsCommand({ ResourceArn: 'arn:aws:glue:x' }))
      .catch((e: Error) => e)
    expect(error).toMatchObject({
      name: 'UnknownOperationException',
      message: 'The local stand-in does not implement AWSGlue.GetTags.',
    })
  },
)
