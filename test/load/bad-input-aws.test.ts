/** S3, Glue and Athena that refuse, throttle, fail or never end. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { GetCrawlerCommand } from '@aws-sdk/client-glue'
import type { ExitCode } from '../../lib/failure/exit-code.ts'
import type { Action, Rule } from '../../lib/local/aws/faults.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { type OwnScripts, openScripts } from './own-scripts.ts'
import { expectRefusal } from './refusal.ts'

setDefaultTimeout(300_000)
let postgres: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[postgres, scripts] = await Promise.all([openStandIn(), openScripts()])
  await postgres.sql.unsafe(`
    create table few (id int not null, name text not null);
    insert into few select g, 'row ' || g from generate_series(1, 3) g;
    create table large (id int not null, name text not null);
    insert into large select g, repeat(md5(g::text), 32768) from generate_series(1, 40) g`)
})

afterAll(async () => {
  await postgres?.close()
  await scripts?.close()
})

/** A lake of the test's own, so that its faults are, and a script that loads the table `from` as `table`. */
async function openLake(table: string, from = 'few') {
  const [lake, script] = await Promise.all([
    postgres.beside(),
    scripts.write(table, 'id: integer, name: text', `from: '${from}'`),
  ])
  return { lake, script }
}

const arrivals = (lake: TestStandIn, operation: string) =>
  lake.faults.log.filter((entry) => entry.operation === operation).length

const nameOf = (...parts: string[]) =>
  parts
    .join('_')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')

interface Call {
  readonly operation: string
  readonly match: string
  /** What is said of it. */
  readonly thing: RegExp
}

/** Every call of a table's first load, which crawls. */
const calls: readonly Call[] = [
  { operation: 'GetTable', match: 'lake.', thing: /read the table "lake\./ },
  { operation: 'GetWorkGroup', match: 'primary', thing: /read the workgroup "primary"/ },
  { operation: 'GetDatabase', match: 'lake_staging', thing: /read the Glue database "lake_staging"/ },
  { operation: 'PutObject', match: '.parquet', thing: /upload "s3:\/\/lake\/tables\/.*\.parquet"/ },
  { operation: 'ListObjectsV2', match: '', thing: /list "s3:\/\/lake\/tables\// },
  { operation: 'GetCrawler', match: '', thing: /crawl "s3:\/\/lake\/tables\// },
  { operation: 'CreateCrawler', match: '', thing: /crawl "s3:\/\/lake\/tables\// },
  { operation: 'StartCrawler', match: '', thing: /crawl "s3:\/\/lake\/tables\// },
  { operation: 'GetTable', match: 'lake_staging.', thing: /crawl "s3:\/\/lake\/tables\// },
  { operation: 'StartQueryExecution', match: '__', thing: /query Athena "select count/ },
  { operation: 'GetQueryExecution', match: '', thing: /query Athena "select count/ },
  { operation: 'GetQueryResults', match: '', thing: /query Athena "select count/ },
  { operation: 'PutObject', match: '/_loads/', thing: /write "s3:\/\/lake\/tables\/.*\.json"/ },
  { operation: 'CreateTable', match: 'lake.', thing: /publish "lake\./ },
]
/** One of each service. */
const ofEachService = calls.filter(({ operation }) =>
  ['ListObjectsV2', 'StartCrawler', 'StartQueryExecution'].includes(operation),
)

const isS3 = (operation: string) => /Object/.test(operation)

function refusal(operation: string): Action {
  const message = 'arn:aws:iam::1:user/x is not authorized to perform it'
  return { kind: 'error', code: isS3(operation) ? 'AccessDenied' : 'AccessDeniedException', message }
}

function throttle(operation: string): Action {
  return {
    kind: 'error',
    code: isS3(operation) ? 'SlowDown' : 'ThrottlingException',
    message: 'Rate exceeded',
  }
}

/** Loads a table for the first time where these rules hold, and expects it to be refused so. */
async function refused(
  table: string,
  rules: readonly Rule[],
  exit: ExitCode,
  says: readonly (string | RegExp)[],
  { from = 'few', args = [] as readonly string[] } = {},
) {
  const { lake, script } = await openLake(table, from)
  const load = () => {
    lake.faults.add(...rules)
    return lake.run(script, args)
  }
  return { lake, finished: await expectRefusal(lake, table, load, { exit, says }) }
}

describe('calls that are throttled', () => {
  test.concurrent('twice are repeated, and the load goes on', async () => {
    const { lake, script } = await openLake('throttled')
    for (const operation of ['GetTable', 'PutObject', 'StartCrawler', 'StartQueryExecution', 'CreateTable'])
      lake.faults.add({ operation, times: 2, action: throttle(operation) })
    const { exit, message } = await lake.run(script)
    expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
    expect(await lake.readersSee('throttled')).toMatchObject({ rows: 3, counted: 3 })
  })

  test.concurrent.each(ofEachService)('for good end the load: $operation', async (call) => {
    const { operation, match, thing } = call
    const rules = [{ operation, match, action: throttle(operation) }]
    const says = [thing, 'Rate exceeded', 'AWS asks for fewer calls; try again later']
    const { lake } = await refused(nameOf('busy', operation), rules, 1, says)
    expect(arrivals(lake, operation)).toBeGreaterThanOrEqual(5)
  })
})

describe('access that is refused', () => {
  test.concurrent.each(calls)('to $operation $match', async ({ operation, match, thing }) => {
    const rules = [{ operation, match, action: refusal(operation) }]
    const says = [
      thing,
      /AccessDenied/,
      'is not authorized to perform it',
      /Allow (s3|glue|athena):\w+ in the IAM policy/,
    ]
    await refused(nameOf('denied', operation, match), rules, 2, says)
  })

  test.concurrent('to a bucket that is not there', async () => {
    const { lake, script } = await openLake('bucketless')
    const env = { DRACULA_S3_URI: 's3://no-such-lake/tables' }
    const finished = await expectRefusal(lake, 'bucketless', () => lake.run(script, [], env), {
      exit: 2,
      says: [/upload "s3:\/\/no-such-lake\/.*NoSuchBucket/, 'Create the bucket, or correct DRACULA_S3_URI.'],
    })
    expect(finished.failure().warnings).toEqual([])
  })

  test.concurrent('to clean up as well leaves a warning', async () => {
    const { lake, script } = await openLake('untidy')
    for (const operation of ['StartQueryExecution', 'DeleteObjects'])
      lake.faults.add({ operation, action: refusal(operation) })
    const { exit, failure } = await lake.run(script)
    expect(exit).toBe(2)
    expect(failure().warnings).toEqual([
      expect.stringMatching(
        /^some of load \w+ may be left behind, for a later load to remove: Cannot delete/,
      ),
    ])
  })
})

describe('an upload', () => {
  const uncompressed = { from: 'large', args: ['--codec', 'none'] }

  test.concurrent.each<[string, Action, RegExp]>([
    [
      'fails',
      { kind: 'error', code: 'InternalError', message: 'We had an internal error' },
      /internal error/,
    ],
    ['breaks off', { kind: 'drop' }, /closed|reset/i],
  ])(
    'one of whose parts %s for good ends the load, and its parts are dropped',
    async (what, action, says) => {
      const rules = [{ operation: 'UploadPart', after: 1, action }]
      const upload = /upload "s3:\/\/lake\/tables\/.*\.parquet"/
      const { lake } = await refused(nameOf('part', what), rules, 1, [upload, says], uncompressed)
      expect(arrivals(lake, 'UploadPart')).toBeGreaterThan(5)
      expect(arrivals(lake, 'AbortMultipartUpload')).toBe(1)
    },
  )

  test.concurrent('that can never be completed ends the load, and its parts are dropped', async () => {
    const action = { kind: 'error', code: 'InternalError' } as const
    const rules = [{ operation: 'CompleteMultipartUpload', action }]
    const upload = /upload "s3:\/\/lake\/tables\/.*\.parquet": InternalError/
    const { lake } = await refused('incomplete', rules, 1, [upload], uncompressed)
    expect(arrivals(lake, 'AbortMultipartUpload')).toBe(1)
  })

  test.concurrent('whose completion is carried out though the answer is lost has succeeded', async () => {
    const { lake, script } = await openLake('completed', 'large')
    lake.faults.add({ operation: 'CompleteMultipartUpload', times: 1, action: { kind: 'lost answer' } })
    const { exit } = await lake.run(script, uncompressed.args)
    expect(exit).toBe(0)
    expect(await lake.readersSee('completed')).toMatchObject({ rows: 40, counted: 40 })
  })
})

describe('a crawl', () => {
  test.concurrent('that fails', async () => {
    const action = { kind: 'crawl fails', message: 'Service Principal is not authorized.' } as const
    const says = [
      /crawl "s3:\/\/lake\/tables\/.*": crawler dracula-lake-failed_crawl: Service Principal is not authorized\. Do/,
      'load with --catalog declared',
    ]
    const { lake } = await refused('failed_crawl', [{ operation: 'StartCrawler', action }], 1, says)
    expect(await stateOfCrawler(lake, 'failed_crawl')).toBe('READY')
  })

  test.concurrent('that infers other columns than declared', async () => {
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: 'name', type: 'string' },
      { name: 'extra', type: 'int' },
    ]
    const action = { kind: 'crawl infers', columns } as const
    await refused('other_crawl', [{ operation: 'StartCrawler', action }], 4, [
      'declared id int, crawled id bigint; declared nothing, crawled extra int',
      'load with --catalog declared',
    ])
  })
})

describe('Athena', () => {
  const query = (action: Action): Rule[] => [{ operation: 'StartQueryExecution', match: '__', action }]

  test.concurrent('that fails', async () => {
    const rules = query({ kind: 'query fails', message: 'HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split.' })
    const says = [
      /query Athena .*failed_query__.*: HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split \(query /,
    ]
    await refused('failed_query', rules, 1, says)
  })

  test.concurrent('that fails once, as S3 does twice, delays a load, which says so', async () => {
    const { lake, script } = await openLake('delayed')
    lake.faults.add(
      { operation: 'PutObject', match: '.parquet', times: 2, action: { kind: 'error', code: 'SlowDown' } },
      { ...query({ kind: 'query fails' })[0]!, times: 1 },
    )
    const { stderr, summary } = await lake.run(script, ['--catalog', 'declared'])
    expect(summary()).toMatchObject({
      published: true,
      retries: 3,
      estimated_usd: { athena: 0.00005, crawler: 0 },
    })
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ message }) => message)).toContain('s3:PutObject: SlowDown (HTTP 503); again')
    expect(lines.at(-1)).toMatchObject({
      ...{ level: 'info', table: 'delayed', exit: 0, rows: 3, rows_read: 3, retries: 3, published: true },
      estimated_usd: { athena: 0.00005, crawler: 0 },
      message: expect.stringMatching(/^delayed: published 3 rows, .*, about \$0\.00005$/),
    })
  })

  test.concurrent('that may not write its results', async () => {
    const rules = query({ kind: 'query fails', message: 'Access denied when writing output to url: s3://x/' })
    await refused('denied_query', rules, 2, ['Access denied when writing output', 'IAM policy'])
  })

  test.concurrent.each([
    ['fewer', -1],
    ['more', 1],
  ])('that counts %s rows than were written', async (table, by) => {
    const says = [`${3 + by} rows counted by Athena, but 3 were written`, 'Run it once more by hand']
    await refused(table, query({ kind: 'wrong count', by }), 4, says)
  })

  test.concurrent('that counts nothing, as where an imitation of Athena runs no query', async () => {
    const answer: Rule = {
      operation: 'GetQueryResults',
      action: { kind: 'answers', with: { ResultSet: { Rows: [] } } },
    }
    const says = ['has no number, and 3 were written', 'bun run doctor']
    await refused('uncounted', [answer], 4, says)
  })
})

test('a crawl, a query and an answer that never end are stopped at the deadline', async () => {
  const endless: readonly [string, Rule, string, string][] = [
    ['crawl', { operation: 'StartCrawler', action: { kind: 'crawl hangs' } }, 'GetCrawler', 'StopCrawler'],
    [
      'query',
      { operation: 'StartQueryExecution', match: '__', action: { kind: 'query hangs' } },
      'GetQueryExecution',
      'StopQueryExecution',
    ],
    ['answer', { operation: 'ListObjectsV2', action: { kind: 'hold' } }, 'ListObjectsV2', 'PutObject'],
  ]
  await Promise.all(
    endless.map(async ([what, rule, waiting, stopping]) => {
      const table = `endless_${what}`
      const { lake, script } = await openLake(table)
      await expectRefusal(
        lake,
        table,
        async () => {
          lake.faults.add(rule)
          const from = lake.faults.log.length
          const run = lake.begin(script, ['--deadline', '90m'])
          for (const operation of [rule.operation, waiting]) {
            while (!lake.faults.log.slice(from).some((entry) => entry.operation === operation))
              await Bun.sleep(5)
          }
          run.elapse(90 * 60_000)
          return await run.finished
        },
        {
          exit: 1,
          says: [
            `Cannot finish "bun scripts/${table}.ts": it did not end within 1 h 30 min`,
            'Give it more with --deadline',
          ],
        },
      )
      expect(arrivals(lake, stopping)).toBe(1)
      expect(await stateOfCrawler(lake, table)).not.toBe('RUNNING')
    }),
  )
})

async function stateOfCrawler(lake: TestStandIn, table: string): Promise<string | undefined> {
  try {
    const { Crawler } = await lake.aws.glue.send(new GetCrawlerCommand({ Name: `dracula-lake-${table}` }))
    return Crawler?.State
  } catch (error) {
    if (error instanceof Error && error.name === 'EntityNotFoundException') return undefined
    throw error
  }
}
