import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalAws, startLocalAws } from '../../lib/local/aws/server.ts'
import { send, sendJson } from './raw-request.ts'

let aws: LocalAws
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-models-'))
  aws = await startLocalAws({ folder })
  await send(aws, 'PUT', '/lake')
  await glue('CreateDatabase', { DatabaseInput: { Name: 'lake' } })
})
afterAll(async () => {
  await aws.stop()
  await rm(folder, { recursive: true, force: true })
})

const glue = (operation: string, input: unknown) => sendJson(aws, `AWSGlue.${operation}`, input)
const athena = (operation: string, input: unknown) => sendJson(aws, `AmazonAthena.${operation}`, input)

/** `undefined` where it was done, else the exception and what it says. */
async function said(answered: ReturnType<typeof sendJson>): Promise<[unknown, unknown] | undefined> {
  const { status, answer } = await answered
  return status === 200 ? undefined : [answer['__type'], answer['message']]
}

let tables = 0
const createTable = (column: object, descriptor: object = {}, input: object = {}) => {
  tables += 1
  const StorageDescriptor = { Columns: [{ Name: 'id', Type: 'int', ...column }], ...descriptor }
  return said(
    glue('CreateTable', {
      DatabaseName: 'lake',
      TableInput: { Name: `t${tables}`, StorageDescriptor, ...input },
    }),
  )
}
const tooLong = (path: string, most: number): [unknown, unknown] => [
  'ValidationException',
  expect.stringMatching(
    new RegExp(
      `^1 validation error detected: Value '[^]*' at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${most}$`,
    ),
  ),
]

describe('Glue takes no more than it keeps', () => {
  const location = (length: number) => `s3://lake/${'x'.repeat(length - 10)}`

  test('in a comment, a location, a name or a parameter', async () => {
    const at = 'tableInput.storageDescriptor'
    expect(await createTable({ Comment: 'x'.repeat(255) })).toBeUndefined()
    expect(await createTable({ Comment: 'x'.repeat(256) })).toEqual(
      tooLong(`${at}.columns.1.member.comment`, 255),
    )
    // Glue counts bytes.
    expect(await createTable({ Comment: 'ü'.repeat(128) })).toEqual(
      tooLong(`${at}.columns.1.member.comment`, 255),
    )
    expect(await createTable({}, { Location: location(2056) })).toBeUndefined()
    expect(await createTable({}, { Location: location(2061) })).toEqual(tooLong(`${at}.location`, 2056))
    expect(await createTable({}, {}, { Name: 'x'.repeat(256) })).toEqual(tooLong('tableInput.name', 255))
    expect(await createTable({}, {}, { Parameters: { a: 'x'.repeat(512_001) } })).toEqual(
      tooLong('tableInput.parameters.a.value', 512_000),
    )
    expect(await createTable({}, { InputFormat: 'x'.repeat(129) })).toEqual(tooLong(`${at}.inputFormat`, 128))
  })

  test('in the prefix of a crawler', async () => {
    const crawler = { Role: 'role', DatabaseName: 'lake', Targets: { S3Targets: [{ Path: 's3://lake/x/' }] } }
    const create = (Name: string, length: number) =>
      said(glue('CreateCrawler', { ...crawler, Name, TablePrefix: 'x'.repeat(length) }))
    expect(await create('a', 128)).toBeUndefined()
    expect(await create('b', 129)).toEqual(tooLong('tablePrefix', 128))
    const behaviour = said(
      glue('CreateCrawler', { ...crawler, Name: 'c', SchemaChangePolicy: { DeleteBehavior: 'NONE' } }),
    )
    expect((await behaviour)?.[1]).toContain(
      'Member must satisfy enum value set: [LOG, DELETE_FROM_DATABASE, DEPRECATE_IN_DATABASE]',
    )
  })

  test('and no control character in a line', async () => {
    expect((await createTable({ Comment: 'a\nb' }))?.[1]).toContain('regular expression pattern')
    expect(await createTable({ Comment: 'a\tb 😀' })).toBeUndefined()
    expect(await createTable({}, {}, { Description: 'a\nb' })).toBeUndefined()
  })
})

test('what Glue took is shown by Athena, however long', async () => {
  const Name = 'x'.repeat(200)
  const column = { Name, Type: 'int' }
  const TableInput = { Name, StorageDescriptor: { Columns: [column] }, Parameters: { a: 'x'.repeat(60_000) } }
  await glue('CreateTable', { DatabaseName: 'lake', TableInput })
  const { answer } = await athena('ListTableMetadata', {
    CatalogName: 'AwsDataCatalog',
    DatabaseName: 'lake',
    Expression: Name,
  })
  expect(answer['TableMetadataList']).toMatchObject([{ Name, Columns: [column] }])
})

describe('what a service must have it asks for', () => {
  test('all at once', async () => {
    const [code, message] = (await said(glue('CreateTable', { TableInput: { StorageDescriptor: {} } }))) ?? []
    expect([code, message]).toEqual([
      'ValidationException',
      "2 validation errors detected: Value null at 'databaseName' failed to satisfy constraint: Member must not be null; Value null at 'tableInput.name' failed to satisfy constraint: Member must not be null",
    ])
  })

  test('in Athena’s own exception', async () => {
    const query = { QueryString: 'select 1', ResultConfiguration: { OutputLocation: 's3://lake/r/' } }
    const { OutputLocation } = query.ResultConfiguration
    const nothing = { ...query, ResultConfiguration: { OutputLocation, EncryptionConfiguration: {} } }
    expect(await said(athena('StartQueryExecution', nothing))).toEqual([
      'InvalidRequestException',
      "1 validation error detected: Value null at 'resultConfiguration.encryptionConfiguration.encryptionOption' failed to satisfy constraint: Member must not be null",
    ])
    const short = await said(athena('StartQueryExecution', { ...query, ClientRequestToken: 'x'.repeat(31) }))
    expect(short?.[1]).toContain('Member must have length greater than or equal to 32')
  })

  test('of the right kind', async () => {
    expect((await said(glue('GetTable', { DatabaseName: 'lake', Name: 7 })))?.[0]).toBe(
      'SerializationException',
    )
    expect((await said(glue('GetTables', { DatabaseName: 'lake', MaxResults: '7' })))?.[0]).toBe(
      'SerializationException',
    )
    expect((await said(glue('GetTables', { DatabaseName: 'lake', MaxResults: 101 })))?.[0]).toBe(
      'ValidationException',
    )
    expect((await said(glue('GetTable', ['lake'])))?.[0]).toBe('SerializationException')
    expect((await said(glue('GetTable', null)))?.[0]).toBe('SerializationException')
  })
})

test('a query tells of no encryption that nobody asked for', async () => {
  const { answer } = await athena('StartQueryExecution', {
    QueryString: 'select 1',
    ResultConfiguration: { OutputLocation: 's3://lake/r/' },
  })
  const { answer: told } = await athena('GetQueryExecution', answer)
  expect(told).toMatchObject({ QueryExecution: { Query: 'select 1' } })
  expect(JSON.stringify(told)).not.toContain('EncryptionConfiguration')
})

test('names of databases and tables are kept in lower case, and found in any', async () => {
  await glue('CreateDatabase', { DatabaseInput: { Name: 'Mixed' } })
  await glue('CreateTable', { DatabaseName: 'MIXED', TableInput: { Name: 'Some_Table' } })
  const { answer } = await glue('GetTables', { DatabaseName: 'mIXED', Expression: 'Some_.*' })
  expect(answer['TableList']).toMatchObject([{ Name: 'some_table', DatabaseName: 'mixed' }])
  expect((await glue('GetDatabase', { Name: 'MIXED' })).answer).toMatchObject({ Database: { Name: 'mixed' } })
  expect(await said(glue('DeleteTable', { DatabaseName: 'MIXED', Name: 'SOME_TABLE' }))).toBeUndefined()
})

describe('what the stand-in would ignore it refuses by its name', () => {
  const refused = async (operation: string, input: object) => (await said(glue(operation, input)))?.[1]

  test('in a request', async () => {
    expect(await refused('GetTable', { DatabaseName: 'lake', Name: 'x', QueryAsOfTime: 1 })).toBe(
      'The local stand-in does not implement QueryAsOfTime of GetTable.',
    )
    const link = { Name: 'link', TargetTable: { DatabaseName: 'other', Name: 'x' } }
    expect(await refused('CreateTable', { DatabaseName: 'lake', TableInput: link })).toBe(
      'The local stand-in does not implement TargetTable of a table.',
    )
    expect(await refused('GetDatabases', { CatalogId: '123456789012' })).toBe(
      'Catalog 123456789012 not found.',
    )
    expect(await refused('GetDatabases', { CatalogId: '000000000000' })).toBeUndefined()
  })

  test('and an operation, in either service', async () => {
    const none = 'UnknownOperationException'
    expect((await said(glue('GetJobs', {})))?.[0]).toBe(none)
    expect((await said(athena('CreateWorkGroup', { Name: 'x' })))?.[0]).toBe(none)
    expect((await said(sendJson(aws, 'AWSLakeFormation.GetDataLakeSettings', {})))?.[0]).toBe(none)
  })
})
