/** Iceberg tables in the stand-in beside others: writers of other minds, crawlers, policies; and what it refuses. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import {
  CreateCrawlerCommand,
  CreateTableCommand,
  DeleteCrawlerCommand,
  GetCrawlerCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionsCommand,
  StartCrawlerCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import {
  CreateBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import type { DataFile } from '../../lib/iceberg/data-file.ts'
import { type ManifestFile, readManifestList, writeManifestList } from '../../lib/iceberg/manifest-list.ts'
import { currentSnapshot, type TableMetadata } from '../../lib/iceberg/metadata.ts'
import { formatMetadata } from '../../lib/iceberg/metadata-json.ts'
import * as t from '../../lib/table.ts'
import { columns, epochDays, events, rowsOf } from '../iceberg/events.ts'
import { refusal } from './aws-target.ts'
import { type IcebergTarget, icebergInput, openIcebergTarget } from './iceberg-target.ts'

setDefaultTimeout(300_000)

let target: IcebergTarget
beforeAll(async () => {
  target = await openIcebergTarget()
})
afterAll(() => target.close())

const day = epochDays + 9556
const { id, created_at, kind, n, note, amount } = columns
const narrow: TableDeclaration = { ...events, columns: { id, created_at, kind, n } }
const shortRows = (of: number | null, count: number, seed: number) =>
  rowsOf(of, count, seed).map(([key, at, , , word, number]) => [key!, at!, word!, number!])

type Table = Awaited<ReturnType<IcebergTarget['newTable']>>

/** Has the catalog point at metadata that no room would write. */
async function publishAs(table: Table, metadata: unknown): Promise<void> {
  const file = `${table.metadata.location}/metadata/${crypto.randomUUID()}.metadata.json`
  await put(file, new TextEncoder().encode(formatMetadata(metadata as TableMetadata)))
  const input = icebergInput(table.name, {
    metadata: table.metadata,
    version: { file, metadata: table.metadata },
  })
  await target.glue
    .send(new UpdateTableCommand({ DatabaseName: target.database, TableInput: input }))
    .catch(() =>
      target.glue.send(new CreateTableCommand({ DatabaseName: target.database, TableInput: input })),
    )
}

async function put(path: string, Body: Uint8Array): Promise<void> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(path) ?? []
  await target.s3.send(new PutObjectCommand({ Bucket, Key, Body }))
}

async function keysOf({ name }: Table): Promise<string[]> {
  const found: string[] = []
  const at = { Bucket: target.bucket, Prefix: `${target.prefix}${name}/` }
  for await (const { Contents = [] } of paginateListObjectsV2({ client: target.s3 }, at)) {
    found.push(...Contents.map(({ Key }) => Key!))
  }
  return found
}

describe('columns', () => {
  test('are found by their ids: added, renamed, widened and dropped ones in files of every age', async () => {
    const table = await target.newTable({
      ...narrow,
      columns: { ...narrow.columns, tiny: t.smallint, share: t.real, price: t.numeric(9, 3) },
    })
    const old = shortRows(day, 1, 1).map((row) => [...row, 7, 0.5, '12.500'])
    await table.replace('all', [old])
    const wide = {
      ...narrow,
      columns: {
        created_at,
        note,
        word: t.text,
        id,
        n: t.bigint,
        tiny: t.bigint,
        share: t.doublePrecision,
        price: t.numeric(20, 3),
      },
      renamed: { word: 'kind' },
    }
    await table.replace(
      [[day + 1]],
      [
        [
          [
            shortRows(day + 1, 1, 2)[0]![1]!,
            'new',
            'moved',
            9n,
            2n ** 40n,
            2n ** 41n,
            0.1,
            '12345678901234567.125',
          ],
        ],
      ],
      { declared: wide },
    )
    await target.publish(table)
    const [[, , word, number] = []] = shortRows(day, 1, 1)
    expect(
      await target.query(`select word, note, id, n, tiny, share, price from ${table.name} order by id desc`),
    ).toEqual([
      [String(word), null, '1000000', String(number), '7', '0.5', '12.500'],
      ['moved', 'new', '9', String(2n ** 40n), String(2n ** 41n), '0.1', '12345678901234567.125'],
    ])
    expect(
      await target.query(`select count(note), count(*) filter (where note is null) from ${table.name}`),
    ).toEqual([['1', '1']])
    expect(await target.failure(`select kind from ${table.name}`)).toMatch(/^COLUMN_NOT_FOUND/)
  })

  test('of another type in a file are bad data', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    const { metadata } = table
    const [schema] = metadata.schemas
    const fields = schema!.fields.map((field) => (field.name === 'kind' ? { ...field, type: 'int' } : field))
    await publishAs(table, { ...metadata, schemas: [{ ...schema, fields }] })
    expect(await target.query(`select count(*) from ${table.name}`)).toEqual([['3']])
    expect(await target.failure(`select count(id) from ${table.name}`)).toMatch(
      /^ICEBERG_BAD_DATA: .*kind.* string/,
    )
  })

  test('are read through partition specs of every age', async () => {
    const table = await target.newTable({ ...narrow, partitionBy: [] })
    await table.replace('all', [shortRows(day, 3, 1)])
    const first = table.metadata
    await table.replace('all', [shortRows(day, 2, 2)], { declared: narrow })
    const { metadata } = table
    // Files of both specs in one snapshot, as a writer leaves them that rewrites none.
    const both = currentSnapshot(metadata)!
    const lists = await Promise.all(
      [currentSnapshot(first)!, both].map((snapshot) => table.read(snapshot['manifest-list'])),
    )
    const manifests = (await Promise.all(lists.map((bytes) => readManifestList(async () => bytes!, 'list'))))
      .flat()
      .filter(({ added }) => added.files > 0)
    await put(both['manifest-list'], writeManifestList(manifests, {}))
    await target.publish(table)
    expect(await target.query(`select count(*), count(id), sum(id) from ${table.name}`)).toEqual([
      ['5', '5', String(3_000_003 + 4_000_001)],
    ])
    const wanted = `created_at >= timestamp '2026-03-01 00:00:00 UTC'`
    expect(await target.query(`select count(*) from ${table.name} where ${wanted}`)).toEqual([['5']])
    expect(
      await target.query(
        `select "partition".created_at_day, record_count from "${table.name}$partitions" order by 2`,
      ),
    ).toEqual([
      ['2026-03-01', '2'],
      [null, '3'],
    ])
  })
})

describe('a catalog', () => {
  test('lets the first of two writers win, and keeps no version of the loser', async () => {
    const table = await target.newTable(narrow)
    await target.publish(table)
    const at = { DatabaseName: target.database }
    const { Table } = await target.glue.send(new GetTableCommand({ ...at, Name: table.name }))
    const before = table.version.file
    await table.replace('all', [shortRows(day, 3, 1)])
    const update = () =>
      target.glue.send(
        new UpdateTableCommand({
          ...{ ...at, VersionId: Table?.VersionId, SkipArchive: true },
          TableInput: icebergInput(table.name, table, before),
        }),
      )
    await update()
    expect(await refusal(update())).toEqual(['ConcurrentModificationException', 400])
    const { TableVersions } = await target.glue.send(
      new GetTableVersionsCommand({ ...at, TableName: table.name }),
    )
    expect(TableVersions).toMatchObject([
      {
        VersionId: '1',
        Table: { Parameters: { metadata_location: table.version.file, previous_metadata_location: before } },
      },
    ])
    expect(await target.query(`select count(id) from ${table.name}`)).toEqual([['3']])
  })

  test('believes the metadata alone: what else it says of a table may be gone', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    const Parameters = { table_type: 'iceberg', metadata_location: table.version.file }
    await target.glue.send(
      new CreateTableCommand({ DatabaseName: target.database, TableInput: { Name: table.name, Parameters } }),
    )
    expect(await target.query(`select count(id), count(n) from ${table.name}`)).toEqual([['3', '3']])
    const gone = { ...Parameters, metadata_location: `${table.version.file}x` }
    await target.glue.send(
      new UpdateTableCommand({
        DatabaseName: target.database,
        TableInput: { Name: table.name, Parameters: gone },
      }),
    )
    expect(await target.failure(`select 1 from ${table.name}`)).toMatch(/^ICEBERG_MISSING_METADATA/)
  })

  test('is not asked to crawl what is an Iceberg table', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    const DatabaseName = target.database
    const tablesNow = async () =>
      (await target.glue.send(new GetTablesCommand({ DatabaseName }))).TableList?.map(({ Name }) => Name)
    const crawl = async (Path: string) => {
      const Name = `crawler-${crypto.randomUUID()}`
      const Targets = { S3Targets: [{ Path }] }
      await target.glue.send(new CreateCrawlerCommand({ Name, Role: target.role, DatabaseName, Targets }))
      await target.glue.send(new StartCrawlerCommand({ Name }))
      for (;;) {
        const { Crawler } = await target.glue.send(new GetCrawlerCommand({ Name }))
        if (Crawler?.State === 'READY' && Crawler.LastCrawl !== undefined) {
          await target.glue.send(new DeleteCrawlerCommand({ Name }))
          return `${Crawler.LastCrawl.Status}: ${Crawler.LastCrawl.ErrorMessage}`
        }
        await Bun.sleep(10)
      }
    }
    const before = await tablesNow()
    expect(await crawl(`${table.metadata.location}/`)).toMatch(
      /^FAILED: The local crawler crawls no Iceberg table/,
    )
    await target.publish(table)
    expect(await crawl(`${table.metadata.location}/data/`)).toMatch(
      new RegExp(`^FAILED: The local crawler crawls no Iceberg table, .*${table.name}\\.$`),
    )
    expect(await tablesNow()).toEqual([...(before ?? []), table.name].toSorted())
  })

  test('loses no table by SQL', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    await target.publish(table)
    const keys = await keysOf(table)
    for (const sql of [
      `drop table ${table.name}`,
      `delete from ${table.name}`,
      `optimize ${table.name} rewrite data using bin_pack`,
      `vacuum ${table.name}`,
      `alter table ${table.name} drop column n`,
    ]) {
      expect(await refusal(target.run(sql))).toEqual(['InvalidRequestException', 400])
    }
    expect(await keysOf(table)).toEqual(keys)
    expect(await target.query(`select count(id) from ${table.name}`)).toEqual([['3']])
  })
})

describe('what is not read says so', () => {
  test('format versions 1 and 3, delete files, files that are not Parquet', async () => {
    const table = await target.newTable(narrow)
    const from = `select count(id) from ${table.name}`
    await table.replace('all', [shortRows(day, 3, 1)])
    const { metadata } = table
    for (const version of [1, 3]) {
      await publishAs(table, { ...metadata, 'format-version': version })
      expect(await target.failure(from)).toMatch(
        new RegExp(`^NOT_SUPPORTED: not supported by this stand-in: .*format version ${version}`),
      )
    }
    const snapshot = currentSnapshot(metadata)!
    const none = { files: 0, rows: 0 }
    const list = `${metadata.location}/metadata/deletes.avro`
    const deletes: ManifestFile = {
      ...{
        path: 's3://b/d.avro',
        bytes: 1,
        specId: 0,
        content: 'deletes',
        sequence: 1,
        minSequence: 1,
        snapshot: 7n,
      },
      ...{ added: { files: 1, rows: 1 }, existing: none, deleted: none, partitions: undefined },
    }
    await put(list, writeManifestList([deletes], {}))
    await publishAs(table, { ...metadata, snapshots: [{ ...snapshot, 'manifest-list': list }] })
    for (const sql of [
      from,
      `select count(*) from ${table.name}`,
      `select * from "${table.name}$partitions"`,
    ]) {
      expect(await target.failure(sql)).toMatch(
        /^NOT_SUPPORTED: not supported by this stand-in: .*1 delete file/,
      )
    }
    await publishAs(table, { ...metadata, snapshots: [{ ...snapshot, 'manifest-list': `${list}x` }] })
    expect(await target.failure(from)).toMatch(/^ICEBERG_FILESYSTEM_ERROR: .*it is gone/)
    await put(list, new TextEncoder().encode('no Avro'))
    await publishAs(table, { ...metadata, snapshots: [{ ...snapshot, 'manifest-list': list }] })
    expect(await target.failure(from)).toMatch(/^ICEBERG_INVALID_METADATA/)
    const orc = (file: DataFile) => ({ ...file, format: 'ORC' })
    await table.replace('all', [shortRows(day, 3, 1)], { alter: orc })
    await target.publish(table)
    expect(await target.failure(from)).toMatch(/^NOT_SUPPORTED: .*ORC/)
  })

  test('files without ids are null, as they are for the engine, and refused where a mapping of names is to help', async () => {
    const table = await target.newTable(narrow)
    const Key = `${target.prefix}${table.name}/data/named.parquet`
    await target.putParquet(Key, `select 1::bigint as id, 'x' as kind`)
    const { ContentLength = 0 } = await target.s3.send(new HeadObjectCommand({ Bucket: target.bucket, Key }))
    const path = `s3://${target.bucket}/${Key}`
    await table.replace('all', [shortRows(day, 1, 1)], {
      alter: ({ columnSizes: _, ...file }) => ({ ...file, path, bytes: ContentLength }),
    })
    await target.publish(table)
    expect(await target.query(`select count(*), count(id), max(kind) from ${table.name}`)).toEqual([
      ['1', '0', null],
    ])
    const properties = { 'schema.name-mapping.default': '[{"field-id": 1, "names": ["id"]}]' }
    await publishAs(table, { ...table.metadata, properties })
    expect(await target.failure(`select count(id) from ${table.name}`)).toMatch(
      /^NOT_SUPPORTED: files without field ids/,
    )
  })

  test('a struct whose members were renamed, which would be null', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 1, 1)])
    const { metadata } = table
    const [schema] = metadata.schemas
    const withStruct = (member: string, id: number) => ({
      ...schema,
      'schema-id': id,
      fields: [
        ...schema!.fields,
        ...[{ id: 50, name: 'place', required: false }].map((field) => ({
          ...field,
          type: { type: 'struct', fields: [{ id: 51, name: member, required: false, type: 'string' }] },
        })),
      ],
    })
    const ask = `select count(place.town), count(id) from ${table.name}`
    await publishAs(table, { ...metadata, schemas: [withStruct('town', 0)] })
    expect(await target.query(ask)).toEqual([['0', '1']])
    await publishAs(table, {
      ...metadata,
      'current-schema-id': 1,
      schemas: [withStruct('city', 0), withStruct('town', 1)],
    })
    expect(await target.failure(ask)).toMatch(/^NOT_SUPPORTED: city in a struct of .* is now called town/)
  })

  test('a file that is no Parquet file', async () => {
    const table = await target.newTable(narrow)
    await table.replace('all', [shortRows(day, 3, 1)])
    await target.publish(table)
    const [[path = '', bytes] = []] = await target.query(
      `select file_path, file_size_in_bytes from "${table.name}$files"`,
    )
    await put(path!, new Uint8Array(Number(bytes)))
    expect(await target.failure(`select count(id) from ${table.name}`)).toBe(
      `ICEBERG_CANNOT_OPEN_SPLIT: Error opening Iceberg split ${path} (offset=0, length=${bytes}): Not valid Parquet file: ${path}`,
    )
  })
})

const example = join(import.meta.dir, '../../../shared/athena-iceberg-example')
const isThere = existsSync(example)

test.skipIf(!isThere)('a table as Athena wrote it is read', async () => {
  await target.s3.send(new CreateBucketCommand({ Bucket: 'hyperparam-iceberg' }))
  const files = await Array.fromAsync(new Bun.Glob('**/*').scan(example))
  for (const file of files) {
    await put(`s3://hyperparam-iceberg/athena/example/${file}`, await Bun.file(join(example, file)).bytes())
  }
  const metadata = files.find((file) => file.endsWith('.metadata.json') && file.includes('00001'))!
  const TableInput = {
    Name: 'example',
    Parameters: {
      table_type: 'ICEBERG',
      metadata_location: `s3://hyperparam-iceberg/athena/example/${metadata}`,
    },
  }
  await target.glue.send(new CreateTableCommand({ DatabaseName: target.database, TableInput }))
  expect(await target.query('select * from example order by 1')).toEqual([
    ['1', 'Alice'],
    ['2', 'Bob'],
  ])
  expect(await target.query('select count(*) from example')).toEqual([['2']])
})

test('who may not read an object of the table may not ask for it', async () => {
  const table = await target.newTable({ ...narrow, columns: { ...narrow.columns, amount } })
  await table.replace('all', [shortRows(day, 3, 1).map((row) => [...row, null])])
  await target.publish(table)
  const { local, bucket, prefix, database } = target
  const folder = `${prefix}${table.name}`
  const ask = async (sql: string, readable: readonly string[]) => {
    const accessKeyId = crypto.randomUUID().replaceAll('-', '')
    const Resource = [...readable, `${prefix}results/*`].map((key) => `arn:aws:s3:::${bucket}/${key}`)
    local!.guard.restrict(accessKeyId, [
      {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['athena:*', 'glue:Get*', 's3:GetBucketLocation', 's3:PutObject'],
            Resource: '*',
          },
          { Effect: 'Allow', Action: 's3:GetObject', Resource },
          {
            ...{ Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${bucket}` },
            Condition: { StringLike: { 's3:prefix': `${folder}/*` } },
          },
        ],
      },
    ])
    const athena = new AthenaClient({
      ...{ endpoint: local!.url, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId, secretAccessKey: 'x' },
    })
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: database },
        ResultConfiguration: { OutputLocation: `s3://${bucket}/${prefix}results/` },
      }),
    )
    for (;;) {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
      const { State = '', StateChangeReason = '' } = QueryExecution?.Status ?? {}
      if (!['QUEUED', 'RUNNING'].includes(State)) {
        athena.destroy()
        return `${State} ${StateChangeReason}`
      }
      await Bun.sleep(5)
    }
  }
  const rows = `select max(id) from ${table.name}`
  const partitions = `select * from "${table.name}$partitions"`
  expect(await ask(rows, [`${folder}/*`])).toBe('SUCCEEDED ')
  expect(await ask(rows, [`${folder}/metadata/*`])).toMatch(
    /^FAILED Insufficient permissions.*s3:GetObject on resource: \S+\/data\/00000.parquet/,
  )
  expect(await ask(partitions, [`${folder}/metadata/*`])).toBe('SUCCEEDED ')
  expect(await ask(partitions, [`${folder}/data/*`])).toMatch(
    /^FAILED .*s3:GetObject on resource: \S+metadata\.json/,
  )
  expect(await ask(rows, [`${folder}/data/*`, `${folder}/metadata/*.json`])).toMatch(
    /^FAILED .*s3:GetObject on resource: \S+\.avro/,
  )
})
