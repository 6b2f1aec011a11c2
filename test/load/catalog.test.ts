/** What a load makes of the catalog: when it crawls, what it leaves as it was, and which loads stay. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { GetTableCommand, type Table, UpdateTableCommand } from '@aws-sdk/client-glue'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { getText } from '../../lib/aws/objects.ts'
import { expireLoads } from '../../lib/lake/hive/expire.ts'
import type { LoadRecord } from '../../lib/lake/record.ts'
import { lakeConfig } from '../support/aws.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'

setDefaultTimeout(300_000)

let first: TestStandIn
let folders: OwnScripts[]
/** The table's script, the same without rows, and the same with a column more. */
let script: string
let empty: string
let wider: string

beforeAll(async () => {
  ;[first, ...folders] = await Promise.all([openStandIn(), openScripts(), openScripts(), openScripts()])
  const columns = 'id: integer, name: nullable(text), price: nullable(numeric(9, 2)),'
  script = (await folders[0]?.write('parts', columns, `ignore: ['made']`)) ?? ''
  empty = (await folders[2]?.write('parts', columns, `ignore: ['made'], where: 'false'`)) ?? ''
  wider = (await folders[1]?.write('parts', `${columns} made: nullable(date),`)) ?? ''
  await first.sql.unsafe(`
    create table parts (id integer not null, name text, price numeric(9, 2), made date);
    insert into parts select i, 'part ' || i, i / 7.0, date '2026-01-01' + i from generate_series(1, 50) i`)
})

afterAll(async () => {
  await first?.close()
  for (const folder of folders ?? []) await folder.close()
})

async function live({ aws }: TestStandIn): Promise<Table> {
  const { Table } = await aws.glue.send(new GetTableCommand({ DatabaseName: 'lake', Name: 'parts' }))
  if (Table === undefined) throw new Error('There is no table.')
  return Table
}

describe('a load crawls', () => {
  type Run = readonly [path: string, args: string, env?: Record<string, undefined>]

  /** Which of some loads, one after the other, crawl: by their own word and by the calls they make. */
  async function crawls(...runs: readonly Run[]): Promise<boolean[]> {
    const standIn = await first.beside()
    const crawled: boolean[] = []
    for (const [path, args, env] of runs) {
      const from = standIn.faults.log.length
      const summary = (await standIn.run(path, args.split(' '), env)).summary()
      const called = standIn.faults.log.slice(from).some(({ operation }) => operation === 'StartCrawler')
      expect(called).toBe(summary.crawled)
      const { rows, load } = summary
      expect(await standIn.readersSee('parts')).toMatchObject({ load, rows, counted: rows })
      crawled.push(called)
    }
    return crawled
  }

  test.concurrent('with auto when the table is new or its declared schema is another, else not', async () => {
    const auto = '--catalog auto'
    expect(await crawls([script, auto], [script, auto], [wider, auto], [wider, auto])).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test.concurrent('with auto when its schema was declared but never crawled', async () => {
    const [auto, declared] = ['--catalog auto', '--catalog declared']
    expect(await crawls([script, declared], [script, auto], [wider, declared], [wider, auto])).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  test.concurrent('with auto no more after loads that were declared, while the schema is the one crawled', async () => {
    const [auto, declared] = ['--catalog auto', '--catalog declared']
    expect(await crawls([script, auto], [script, declared], [script, auto])).toEqual([true, false, false])
  })

  test.concurrent('with crawler always', async () => {
    const crawler = '--catalog crawler'
    expect(await crawls([script, crawler], [script, crawler])).toEqual([true, true])
  })

  test.concurrent('with auto no table without rows, until it has some', async () => {
    const auto = '--catalog auto'
    expect(await crawls([empty, auto], [empty, auto], [script, auto], [script, auto])).toEqual([
      false,
      false,
      true,
      false,
    ])
    const { plan } = (await first.run(empty, ['--dry-run'])).summary()
    expect(plan?.lake?.calls.map(({ call }) => call)).not.toContain('glue:StartCrawler')
  })

  test.concurrent('never where it has no role to', async () => {
    const withoutRole = { DRACULA_CRAWLER_ROLE: undefined }
    expect(await crawls([script, '--catalog auto', withoutRole])).toEqual([false])
  })
})

describe('a load leaves as it was', () => {
  const comments = {
    Description: 'What we are made of.',
    Owner: 'stock',
    Retention: 7,
  }

  async function annotate(standIn: TestStandIn): Promise<void> {
    const { TableType, StorageDescriptor = {}, Parameters } = await live(standIn)
    const Columns = StorageDescriptor.Columns?.map((column) =>
      column.Name === 'price' ? { ...column, Comment: 'In euros.', Parameters: { unit: 'EUR' } } : column,
    )
    const TableInput = {
      Name: 'parts',
      TableType,
      ...comments,
      StorageDescriptor: { ...StorageDescriptor, Columns },
      Parameters: {
        ...Parameters,
        comment: 'Ask stock.',
        'projection.enabled': 'true',
        'projection.made.type': 'date',
        has_encrypted_data: 'true',
      },
    }
    await standIn.aws.glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
  }

  test.concurrent('comments and parameters of others, also when the columns change', async () => {
    const standIn = await first.beside()
    await standIn.run(script)
    await annotate(standIn)
    const { load } = (await standIn.run(wider)).summary()
    const { StorageDescriptor, Parameters, ...table } = await live(standIn)
    expect(table).toMatchObject(comments)
    expect(Parameters).toMatchObject({
      comment: 'Ask stock.',
      'projection.enabled': 'true',
      'projection.made.type': 'date',
      has_encrypted_data: 'true',
      'dracula.load': load,
      classification: 'parquet',
    })
    expect(StorageDescriptor?.Columns).toEqual([
      { Name: 'id', Type: 'int' },
      { Name: 'name', Type: 'string' },
      { Name: 'price', Type: 'decimal(9,2)', Comment: 'In euros.', Parameters: { unit: 'EUR' } },
      { Name: 'made', Type: 'date' },
    ])
  })
})

describe('of several loads', () => {
  test.concurrent('all stay for a day, then as many as are asked for', async () => {
    const standIn = await first.beside()
    const loads: string[] = []
    for (let i = 0; i < 4; i++) loads.push((await standIn.run(script, ['--retain', '1'])).summary().load)
    const there = async () =>
      (await standIn.remains('parts')).objects.flatMap((key) => /^_loads\/(.*)\.json$/.exec(key)?.[1] ?? [])
    expect(await there()).toEqual(loads)

    const clear = (hours: number, keep: number) =>
      expireLoads(
        { aws: standIn.aws, config: lakeConfig, table: 'parts' },
        {
          keep,
          deadlineMs: 1000,
          signal: new AbortController().signal,
          now: new Date(Date.now() + hours * 3_600_000),
        },
      )
    expect(await clear(23.9, 1)).toMatchObject({ removedLoads: [], warnings: [] })
    expect(await clear(24.1, 3)).toMatchObject({ removedLoads: loads.slice(0, 1), warnings: [] })
    expect(await clear(24.1, 1)).toMatchObject({ removedLoads: loads.slice(1, 3), warnings: [] })
    expect(await there()).toEqual(loads.slice(3))
    expect(await standIn.readersSee('parts')).toMatchObject({ load: loads[3], counted: 50 })
  })

  test.concurrent('each has a record of what it wrote, and all is encrypted', async () => {
    const standIn = await first.beside()
    const before = (await standIn.run(script)).summary()
    const { load, location, rows, bytes, snapshot_at } = (await standIn.run(wider)).summary()
    const Key = `tables/parts/_loads/${load}.json`
    const record: LoadRecord = JSON.parse(await getText(standIn.aws, { bucket: 'lake', key: Key }))
    expect(record).toMatchObject({
      version: 1,
      table: 'parts',
      load,
      location,
      rows,
      rows_read: rows,
      bytes,
      snapshot_at,
      source: 'public.parts',
      where: null,
      replaces: before.load,
      crawled: true,
    })
    expect(record.columns.map(({ name }) => name)).toEqual(['id', 'name', 'price', 'made'])
    const head = (key: string) =>
      standIn.aws.s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: key, ChecksumMode: 'ENABLED' }))
    expect(record.objects).toHaveLength(1)
    for (const { key, bytes, etag, crc32 } of record.objects) {
      const { ContentLength, ETag, ChecksumCRC32, ServerSideEncryption } = await head(key)
      expect([ContentLength, ETag, ChecksumCRC32, ServerSideEncryption]).toEqual([
        bytes,
        etag,
        crc32 ?? '',
        'AES256',
      ])
    }
    expect((await head(Key)).ServerSideEncryption).toBe('AES256')
  })
})
