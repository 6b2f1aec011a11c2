import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  CreateCrawlerCommand,
  DeleteCrawlerCommand,
  GetCrawlerCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  StartCrawlerCommand,
  StopCrawlerCommand,
  UpdateCrawlerCommand,
} from '@aws-sdk/client-glue'
import { openTarget, patience, refusal, type Target } from './aws-target.ts'

let target: Target
beforeAll(async () => {
  target = await openTarget()
})
afterAll(() => target.close())

const real = process.env['DRACULA_TEST_S3_URI'] !== undefined
const possible = !real || process.env['DRACULA_CRAWLER_ROLE'] !== undefined

/** A crawler over a folder of this run, deleted when the test is over. */
async function withCrawler(
  folder: string,
  prefix: string,
  use: (crawler: { name: string; run(): Promise<string[]>; last(): Promise<unknown> }) => Promise<void>,
): Promise<void> {
  const Name = `dracula-test-${crypto.randomUUID().slice(0, 8)}`
  await target.glue.send(
    new CreateCrawlerCommand({
      Name,
      Role: target.role,
      DatabaseName: target.database,
      TablePrefix: prefix,
      Targets: { S3Targets: [{ Path: `s3://${target.bucket}/${target.prefix}${folder}` }] },
      SchemaChangePolicy: { DeleteBehavior: 'LOG', UpdateBehavior: 'UPDATE_IN_DATABASE' },
    }),
  )
  const get = async () => (await target.glue.send(new GetCrawlerCommand({ Name }))).Crawler
  const run = async () => {
    await target.glue.send(new StartCrawlerCommand({ Name }))
    const states: string[] = []
    for (;;) {
      const state = (await get())?.State ?? ''
      if (states.at(-1) !== state) states.push(state)
      if (state === 'READY') return states
      await Bun.sleep(real ? 5000 : 5)
    }
  }
  try {
    await use({ name: Name, run, last: async () => (await get())?.LastCrawl })
  } finally {
    await target.glue.send(new DeleteCrawlerCommand({ Name }))
  }
}

const table = async (Name: string) =>
  (await target.glue.send(new GetTableCommand({ DatabaseName: target.database, Name }))).Table

describe.skipIf(!possible)('a crawl', () => {
  test(
    'names a table after its folder and spells its columns as Hive does',
    async () => {
      await target.putParquet(
        `${target.prefix}orders/20261122t041233123z_x7k2q9/orders-00000.parquet`,
        `select 1::int as id, 2::bigint as big, 3::smallint as small, 1.5::float as f, 2.5::double as d, true as b,
          'x' as s, 1.25::decimal(9,2) as n9, 1.25::decimal(18,6) as n18, 1.25::decimal(38,10) as n38,
          date '2020-01-01' as day, timestamp '2020-01-01 00:00:00' as ts, timestamptz '2020-01-01 00:00:00+00' as tz,
          'ab'::blob as raw, ['a', null] as list, {'x': 1, 'y': ['z']} as row_, map {'k': 1.5::double} as m`,
      )
      await withCrawler('orders/20261122t041233123z_x7k2q9/', 'orders__', async ({ run, last }) => {
        expect(await run()).toEqual(['RUNNING', 'STOPPING', 'READY'])
        expect(await last()).toMatchObject({ Status: 'SUCCEEDED', StartTime: expect.any(Date) })
        const found = await table('orders__20261122t041233123z_x7k2q9')
        expect(found?.StorageDescriptor?.Location).toBe(
          `s3://${target.bucket}/${target.prefix}orders/20261122t041233123z_x7k2q9/`,
        )
        expect(found?.Parameters).toMatchObject({ classification: 'parquet' })
        expect(found?.PartitionKeys).toEqual([])
        expect(found?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
          'id int',
          'big bigint',
          'small smallint',
          'f float',
          'd double',
          'b boolean',
          's string',
          'n9 decimal(9,2)',
          'n18 decimal(18,6)',
          'n38 decimal(38,10)',
          'day date',
          'ts timestamp',
          'tz timestamp',
          'raw binary',
          'list array<string>',
          'row_ struct<x:int,y:array<string>>',
          'm map<string,double>',
        ])
      })
    },
    patience,
  )

  test(
    'makes partition keys of name=value folders and leaves out hidden ones',
    async () => {
      const folder = `${target.prefix}events`
      await target.putParquet(`${folder}/dt=2026-01-01/a.parquet`, 'select 1 as id')
      await target.putParquet(`${folder}/dt=2026-01-02/a.parquet`, 'select 2 as id')
      await target.putParquet(`${folder}/_loads/a.parquet`, 'select 3 as other')
      await withCrawler('events/', '', async ({ run }) => {
        await run()
        expect((await table('events'))?.PartitionKeys).toEqual([{ Name: 'dt', Type: 'string' }])
        const { Partitions } = await target.glue.send(
          new GetPartitionsCommand({ DatabaseName: target.database, TableName: 'events' }),
        )
        expect(Partitions?.map(({ Values }) => Values?.[0]).sort()).toEqual(['2026-01-01', '2026-01-02'])
      })
    },
    patience,
  )

  test(
    'of a name that is another place’s table adds a hash to it',
    async () => {
      await target.putParquet(`${target.prefix}here/same/a.parquet`, 'select 1 as id')
      await target.putParquet(`${target.prefix}there/same/a.parquet`, 'select 1 as id')
      await withCrawler('here/same/', 'x_', async ({ run }) => void (await run()))
      await withCrawler('there/same/', 'x_', async ({ run }) => void (await run()))
      const { TableList = [] } = await target.glue.send(
        new GetTablesCommand({ DatabaseName: target.database, Expression: 'x_same.*' }),
      )
      expect(TableList.map(({ Name = '' }) => Name).sort()).toEqual([
        'x_same',
        expect.stringMatching(/^x_same_[0-9a-f]{32}$/),
      ])
    },
    patience,
  )

  test(
    'keeps the last crawl until the next one is over, and sees what changed',
    async () => {
      const folder = `${target.prefix}again/`
      await target.putParquet(`${folder}a.parquet`, 'select 1 as id')
      await withCrawler('again/', '', async ({ name, run, last }) => {
        expect(await last()).toBeUndefined()
        await run()
        const before = await last()
        await target.putParquet(`${folder}a.parquet`, `select 1 as id, 'x' as name`)
        await target.glue.send(new StartCrawlerCommand({ Name: name }))
        expect(await last()).toEqual(before)
        expect((await refusal(target.glue.send(new StartCrawlerCommand({ Name: name }))))[0]).toBe(
          'CrawlerRunningException',
        )
        expect(
          (await refusal(target.glue.send(new UpdateCrawlerCommand({ Name: name, TablePrefix: 'y' }))))[0],
        ).toBe('CrawlerRunningException')
        expect((await refusal(target.glue.send(new DeleteCrawlerCommand({ Name: name }))))[0]).toBe(
          'CrawlerRunningException',
        )
        while ((await target.glue.send(new GetCrawlerCommand({ Name: name }))).Crawler?.State !== 'READY') {
          await Bun.sleep(real ? 5000 : 5)
        }
        expect(await last()).not.toEqual(before)
        expect((await table('again'))?.StorageDescriptor?.Columns).toMatchObject([
          { Name: 'id' },
          { Name: 'name' },
        ])
      })
    },
    patience,
  )
})

describe('a crawler', () => {
  test('that is not there cannot be read, started or deleted', async () => {
    const Name = 'dracula-test-absent'
    for (const command of [
      new GetCrawlerCommand({ Name }),
      new StartCrawlerCommand({ Name }),
      new DeleteCrawlerCommand({ Name }),
    ]) {
      expect((await refusal(target.glue.send(command as GetCrawlerCommand)))[0]).toBe(
        'EntityNotFoundException',
      )
    }
  })

  test.skipIf(!possible)('is created once, and not stopped when it does not run', async () => {
    await withCrawler('once/', '', async ({ name }) => {
      const again = new CreateCrawlerCommand({
        Name: name,
        Role: target.role,
        DatabaseName: target.database,
        Targets: { S3Targets: [{ Path: `s3://${target.bucket}/` }] },
      })
      expect((await refusal(target.glue.send(again)))[0]).toBe('AlreadyExistsException')
      expect((await refusal(target.glue.send(new StopCrawlerCommand({ Name: name }))))[0]).toBe(
        'CrawlerNotRunningException',
      )
    })
  })

  test.skipIf(!possible || real)('whose crawl cannot work ends FAILED with the reason', async () => {
    await withCrawler('broken/', '', async ({ run, last }) => {
      const { PutObjectCommand } = await import('@aws-sdk/client-s3')
      const Key = `${target.prefix}broken/a.parquet`
      await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body: 'no parquet' }))
      await run()
      expect(await last()).toMatchObject({ Status: 'FAILED', ErrorMessage: expect.stringContaining(Key) })
    })
  })
})
