import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { GetCrawlerCommand, StartCrawlerCommand, StopCrawlerCommand } from '@aws-sdk/client-glue'
import { type CrawlOptions, crawl } from '../../lib/aws/crawler.ts'
import { newLoadId } from '../../lib/lake/load-id.ts'
import { failureOf, never, openLake } from '../support/aws.ts'
import { until } from '../support/until.ts'
import { putParquet } from './parquet-object.ts'

let lake: Awaited<ReturnType<typeof openLake>>
beforeAll(async () => {
  lake = await openLake()
})
afterAll(() => lake.close())
afterEach(() => {
  lake.faults.clear()
  lake.faults.release()
})

const staged = async (table: string, more: Partial<CrawlOptions> = {}) => {
  const load = newLoadId()
  await putParquet(
    lake.aws,
    `tables/${table}/${load}/${table}-00000.parquet`,
    'select 1::int id, \'a\' "name"',
  )
  const waits: string[] = []
  const options: CrawlOptions = {
    crawlerName: `dracula-lake-${table}`,
    role: 'arn:aws:iam::000000000000:role/local',
    stagingDatabase: 'lake_staging',
    tablePrefix: `${table}__`,
    target: `s3://lake/tables/${table}/${load}/`,
    timeoutMs: 200_000,
    signal: never,
    onWait: (message) => waits.push(message),
    ...more,
  }
  return { load, options, waits }
}

const state = async (name: string) =>
  (await lake.aws.glue.send(new GetCrawlerCommand({ Name: name }))).Crawler?.State

describe('a crawl', () => {
  test('of a first and of a second load gives the staged table of each', async () => {
    for (const operation of ['CreateCrawler', 'UpdateCrawler']) {
      const before = lake.calls(operation)
      const { load, options } = await staged('rates')
      expect(await crawl(lake.aws, options)).toEqual({
        table: `rates__${load}`,
        location: options.target,
        columns: [
          { name: 'id', type: 'int' },
          { name: 'name', type: 'string' },
        ],
      })
      expect(lake.calls(operation)).toBe(before + 1)
    }
  })

  test('defines the crawler so that it changes and deletes nothing of its own accord', async () => {
    const { Crawler } = await lake.aws.glue.send(new GetCrawlerCommand({ Name: 'dracula-lake-rates' }))
    expect(Crawler).toMatchObject({
      DatabaseName: 'lake_staging',
      TablePrefix: 'rates__',
      SchemaChangePolicy: { UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' },
      RecrawlPolicy: { RecrawlBehavior: 'CRAWL_EVERYTHING' },
    })
  })

  test('waits for a crawler that is at work, and then crawls its own folder', async () => {
    const Name = 'dracula-lake-rates'
    lake.faults.add({ operation: 'StartCrawler', times: 1, action: { kind: 'crawl hangs' } })
    await lake.aws.glue.send(new StartCrawlerCommand({ Name }))
    const waits: string[] = []
    const { load, options } = await staged('rates', {
      onWait(message) {
        waits.push(message)
        void lake.aws.glue.send(new StopCrawlerCommand({ Name }))
      },
    })
    expect((await crawl(lake.aws, options)).table).toBe(`rates__${load}`)
    expect(waits[0]).toBe('crawler dracula-lake-rates is running')
  })

  test('tries again when Glue calls a READY crawler busy, but not for ever', async () => {
    const { options } = await staged('busy')
    const busy = { kind: 'error', code: 'InvalidInputException', message: 'Crawler is not ready.' } as const
    lake.faults.add({ operation: 'StartCrawler', times: 2, action: busy })
    expect((await crawl(lake.aws, options)).location).toBe(options.target)
    lake.faults.add({ operation: 'StartCrawler', action: busy })
    const failure = await failureOf(crawl(lake.aws, options))
    expect(failure.message).toContain('Crawler is not ready')
  })

  test('waits while an account has as many crawlers at work as it may', async () => {
    const { load, options, waits } = await staged('many')
    const full = { kind: 'error', code: 'ResourceNumberLimitExceededException' } as const
    lake.faults.add({ operation: 'StartCrawler', times: 8, action: full })
    expect((await crawl(lake.aws, options)).table).toBe(`many__${load}`)
    expect(waits).toEqual(Array(8).fill('crawler dracula-lake-many waits, as many others are at work'))
  })

  test('of two loads at a time gives each its own table', async () => {
    const both = await Promise.all([staged('twins'), staged('twins')])
    const crawled = await Promise.all(both.map(({ options }) => crawl(lake.aws, options)))
    expect(crawled.map(({ location }) => location)).toEqual(both.map(({ options }) => options.target))
  })

  test('that fails says why and advises', async () => {
    const message = 'Insufficient Lake Formation permission(s).'
    lake.faults.add({ operation: 'StartCrawler', action: { kind: 'crawl fails', message } })
    const failure = await failureOf(crawl(lake.aws, (await staged('fails')).options))
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('Insufficient Lake Formation permission(s). ')
    expect(failure.message).toContain('--catalog declared')
    expect(failure.message).toContain('/aws-glue/crawlers')
  })

  test('that never ends is stopped in time', async () => {
    lake.faults.add({ operation: 'StartCrawler', action: { kind: 'crawl hangs' } })
    const { options } = await staged('hangs', { timeoutMs: 400 })
    const failure = await failureOf(crawl(lake.aws, options))
    expect(failure.exit).toBe(1)
    expect(failure.message).toContain('did not end within 1 s')
    await until(async () => (await state(options.crawlerName)) === 'READY')
  })

  test('ends at once on abort, and the crawler is stopped', async () => {
    lake.faults.add({ operation: 'StartCrawler', action: { kind: 'crawl hangs' } })
    const stop = new AbortController()
    const { options } = await staged('stopped', { signal: stop.signal })
    const before = lake.calls('StartCrawler')
    const running = failureOf(crawl(lake.aws, options))
    await until(() => lake.calls('StartCrawler') !== before)
    const looked = lake.calls('GetCrawler')
    await until(() => lake.calls('GetCrawler') !== looked)
    stop.abort()
    const failure = await running
    expect(failure).toMatchObject({ exit: 1 })
    expect(failure.message).not.toContain('did not end within')
    expect(lake.calls('StopCrawler')).toBeGreaterThan(0)
  })

  test('that finds nothing in the folder fails', async () => {
    const { options } = await staged('none', { target: `s3://lake/tables/none/${newLoadId()}/` })
    const failure = await failureOf(crawl(lake.aws, options))
    expect(failure).toMatchObject({ exit: 1 })
    expect(failure.message).toContain('made no table of that folder')
  })

  test('is refused when the crawler may not be made', async () => {
    lake.faults.add({ operation: 'CreateCrawler', action: { kind: 'error', code: 'AccessDeniedException' } })
    expect(await failureOf(crawl(lake.aws, (await staged('denied')).options))).toMatchObject({ exit: 2 })
  })
})
