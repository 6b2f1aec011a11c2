/** Tables of somebody else's, loads that are too late, and a publish nobody answers. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { CreateTableCommand, type TableInput, UpdateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { findTable } from '../../lib/aws/glue.ts'
import { listObjects } from '../../lib/aws/objects.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectClearLine, expectNoSecret, expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let postgres: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[postgres, scripts] = await Promise.all([openStandIn(), openScripts()])
  await postgres.sql.unsafe(`
    create table few (id int not null);
    insert into few select g from generate_series(1, 3) g`)
})

afterAll(async () => {
  await postgres?.close()
  await scripts?.close()
})

/** A crawl changes nothing here, and takes its time. */
const declared = ['--catalog', 'declared']

/** A lake of the test's own, so that its faults are, in which this table has been loaded already. */
async function openLake(table: string) {
  const [lake, script] = await Promise.all([
    postgres.beside(),
    scripts.write(table, 'id: integer', "from: 'few'"),
  ])
  expect((await lake.run(script, declared)).exit).toBe(0)
  return { lake, script }
}

/** Makes an unmanaged table, over the files of one that has. */
async function makeForeign(
  lake: TestStandIn,
  Name: string,
  input: Omit<TableInput, 'Name'>,
): Promise<string> {
  const script = await scripts.write(Name, 'id: integer', "from: 'few'")
  await lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name, ...input } }))
  return script
}

async function inputOver(lake: TestStandIn, table: string): Promise<Omit<TableInput, 'Name'>> {
  const seen = await lake.readersSee(table)
  return {
    TableType: 'EXTERNAL_TABLE',
    Parameters: { classification: 'parquet', owner: 'finance' },
    StorageDescriptor: {
      Location: seen?.location ?? '',
      Columns: [{ Name: 'id', Type: 'int', Comment: 'the number of it' }],
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  }
}

describe("somebody else's table", () => {
  test.concurrent('is left alone', async () => {
    const { lake } = await openLake('mine_alone')
    const script = await makeForeign(lake, 'alone', await inputOver(lake, 'mine_alone'))
    await expectRefusal(lake, 'alone', () => lake.run(script, declared), {
      exit: 2,
      says: [
        'alone: not published; readers still see an unmanaged table, which Dracula has not made. Cause: ',
        '"lake.alone": it is unmanaged: Dracula has not made it',
        'take it over with --adopt',
      ],
    })
  })

  test.concurrent('is taken over when that is meant, and keeps what it says of itself', async () => {
    const { lake } = await openLake('mine_adopted')
    const script = await makeForeign(lake, 'adopted', await inputOver(lake, 'mine_adopted'))
    expect((await lake.run(script, [...declared, '--adopt'])).exit).toBe(0)
    const seen = await lake.readersSee('adopted')
    expect(seen).toMatchObject({ rows: 3, counted: 3, parameters: { owner: 'finance' } })
    expect(seen?.columns).toEqual([{ name: 'id', type: 'int', comment: 'the number of it' }])
  })

  test.concurrent('that appears while a load runs is left alone', async () => {
    const { lake } = await openLake('mine_sudden')
    const script = await scripts.write('sudden', 'id: integer', "from: 'few'")
    lake.faults.add({ operation: 'StartQueryExecution', match: 'sudden__', action: { kind: 'hold' } })
    const { finished } = lake.begin(script, declared)
    await lake.faults.held('StartQueryExecution')
    await makeForeign(lake, 'sudden', await inputOver(lake, 'mine_sudden'))
    const made = await findTable(lake.aws, { database: 'lake', table: 'sudden' })
    lake.faults.release()
    expectClearLine(await finished, 'sudden', 2)
    expect((await finished).message).toContain('"lake.sudden": it is unmanaged: Dracula has not made it')
    expect(await findTable(lake.aws, { database: 'lake', table: 'sudden' })).toEqual(made)
    expect(await lake.remains('sudden')).toEqual(nothing)
  })

  test.concurrent.each<[string, Partial<TableInput>, string]>([
    ['view', { TableType: 'VIRTUAL_VIEW', ViewOriginalText: 'select 1' }, 'it is a view'],
    ['iceberg', { Parameters: { table_type: 'ICEBERG' } }, 'it is a table of the format ICEBERG'],
    ['partitioned', { PartitionKeys: [{ Name: 'day', Type: 'string' }] }, 'it is a partitioned table'],
  ])('that is a plain table no more, %s, is never taken over, and no row is read', async (...given) => {
    const [table, input, says] = given
    const { lake } = await openLake(`mine_${table}`)
    const mine = await inputOver(lake, `mine_${table}`)
    const script = await makeForeign(lake, table, { ...mine, ...input })
    const made = await findTable(lake.aws, { database: 'lake', table })
    const finished = await lake.run(script, [...declared, '--adopt'])
    expectClearLine(finished, table, 2)
    expect(finished.message).toContain(`"lake.${table}": ${says}, which Dracula has not made`)
    expect(finished.message).toContain('Do: Give the table another name, or drop the old one. Retry')
    expect(finished.stderr).not.toContain('"phase":"read"')
    expect(await findTable(lake.aws, { database: 'lake', table })).toEqual(made)
    expect(await lake.remains(table)).toEqual(nothing)
  })
})

const nothing = { objects: [], uploads: [], stagedTables: [], backends: [] }

test.concurrent('a load whose snapshot is older than what readers see ends before it reads', async () => {
  const { lake, script } = await openLake('behind')
  const { Name, Parameters, StorageDescriptor, TableType } =
    (await findTable(lake.aws, { database: 'lake', table: 'behind' })) ?? {}
  const at = '2999-01-01T00:00:00.000000Z'
  const ahead = { ...Parameters, 'dracula.snapshot_at': at }
  const TableInput = { Name, TableType, StorageDescriptor, Parameters: ahead }
  await lake.aws.glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
  const finished = await lake.run(script, declared)
  expectClearLine(finished, 'behind', 1)
  expect(finished.message).toContain(`readers see a snapshot of ${at}, which is newer than this one of`)
  expect(finished.message).toContain('let it catch up')
  expect(finished.stderr).not.toContain('"phase":"read"')
})

test.concurrent('a load whose snapshot is older than what was published meanwhile gives way', async () => {
  const { lake, script } = await openLake('late')
  lake.faults.add({ operation: 'StartQueryExecution', match: 'late__', times: 1, action: { kind: 'hold' } })
  const older = lake.begin(script, declared)
  await lake.faults.held('StartQueryExecution')
  const newer = (await lake.run(script, declared)).summary()
  lake.faults.release()
  const finished = await older.finished
  expectClearLine(finished, 'late', 1)
  expect(finished.message).toContain(`late: not published; readers still see load ${newer.load} `)
  expect(finished.message).toContain(`load ${newer.load} of a newer snapshot`)
  expect(finished.message).toContain('Do: Nothing, unless the source has changed since.')
  expect(await lake.readersSee('late')).toMatchObject({ load: newer.load, counted: 3 })
  const { objects, ...rest } = await lake.remains('late')
  expect(rest).toEqual({ uploads: [], stagedTables: [], backends: [] })
  expect(objects.filter((key) => key.includes(finished.failure().load ?? ''))).toEqual([])
})

test.concurrent('a publish that nobody answers is unknown, and nothing is deleted', async () => {
  const { lake, script } = await openLake('unanswered')
  const before = await lake.readersSee('unanswered')
  lake.faults.add({ operation: 'UpdateTable', action: { kind: 'drop' } })
  const finished = await lake.run(script, declared)
  lake.faults.clear()
  expectClearLine(finished, 'unanswered', 5)
  expectNoSecret(finished, [lake.env['DATABASE_URL'] ?? ''])
  const { load } = finished.failure()
  expect(finished.message).toContain(`readers may see load ${load}, or still load ${before?.load} `)
  expect(finished.message).toContain(
    `Run it again, which is safe and settles it: of two loads the newer snapshot stays. Until then the parameter dracula.load of the Glue table tells: ${load} means published`,
  )
  expect(await lake.readersSee('unanswered')).toEqual(before)
  expect((await lake.remains('unanswered')).objects).toContain(`${load}/unanswered-00000.parquet`)

  expect((await lake.run(script, declared)).exit).toBe(0)
  expect(await lake.readersSee('unanswered')).toMatchObject({ rows: 3, counted: 3 })
})

describe('files that somebody changes between their audit and the publish', () => {
  for (const [how, what, change] of [
    [
      'rewrites',
      'has the ETag',
      (aws: TestStandIn['aws'], Bucket: string, Key: string, bytes: number) =>
        aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes) })),
    ],
    [
      'removes',
      'is gone',
      (aws: TestStandIn['aws'], Bucket: string, Key: string) =>
        aws.s3.send(new DeleteObjectCommand({ Bucket, Key })),
    ],
    [
      'adds',
      'was not written by this load',
      (aws: TestStandIn['aws'], Bucket: string, Key: string) =>
        aws.s3.send(new PutObjectCommand({ Bucket, Key: `${Key}.more`, Body: 'x' })),
    ],
  ] as const) {
    test.concurrent(`are not published when somebody ${how} one`, async () => {
      const table = `someone_${how}`
      const { lake, script } = await openLake(table)
      const before = await lake.readersSee(table)
      // The record is put after the audit.
      lake.faults.add({ operation: 'PutObject', match: '_loads/', times: 1, action: { kind: 'hold' } })
      const running = lake.begin(script, declared)
      await lake.faults.held('PutObject')
      const objects = await listObjects(lake.aws, { bucket: 'lake', prefix: `tables/${table}/` })
      const { key = '', bytes = 0 } = objects.filter((each) => each.key.endsWith('.parquet')).at(-1) ?? {}
      await change(lake.aws, 'lake', key, bytes)
      lake.faults.release()
      const finished = await running.finished
      expect(finished.exit).toBe(4)
      expect(finished.message).toContain(what)
      expect(await lake.readersSee(table)).toEqual(before)
    })
  }
})
