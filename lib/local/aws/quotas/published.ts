/**
 * AWS' default quotas that loads may meet, read in November 2026, each with where AWS says so. A quota is of one account in
 * one region; the stand-in has one of each.
 */

/** Requests in a second, and how many may come at once after a pause. */
export interface RateQuota {
  /** What it is called when it is told of. */
  readonly name: string
  readonly service: 's3' | 'glue' | 'athena'
  /** In the API's own spelling; each has the rate for itself unless they share it. Undefined: every other one. */
  readonly operations: readonly string[] | undefined
  /** Whether all operations together have the rate, in each bucket of S3. */
  readonly shared: boolean
  readonly perSecond: number
  readonly burst: number
  readonly error: QuotaError
  readonly source: string
  /** False: AWS publishes none, and this one is chosen, and low on purpose. */
  readonly published: boolean
}

/** How many there may be of something. */
export interface CountQuota {
  readonly name: string
  readonly of: Counted
  /** What makes one more. */
  readonly operations: readonly string[]
  readonly most: number
  readonly error: QuotaError
  readonly source: string
}

export type Counted =
  | 'tables in the database'
  | 'tables'
  | 'versions of the table'
  | 'versions of tables'
  | 'partitions of the table'
  | 'crawlers'
  | 'crawlers at work'
  | 'queries at work'

export interface QuotaError {
  readonly code: string
  readonly message: string
  readonly status: number
}

const s3Pages = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html'
const athenaPages = 'https://docs.aws.amazon.com/athena/latest/ug/service-limits.html'
const athenaCounts = 'https://docs.aws.amazon.com/general/latest/gr/athena.html'
const gluePages = 'https://docs.aws.amazon.com/general/latest/gr/glue.html'
const glueThrottles = 'https://repost.aws/knowledge-center/glue-throttling-rate-exceeded'

const slowDown: QuotaError = { code: 'SlowDown', message: 'Please reduce your request rate.', status: 503 }
const exceeded: QuotaError = { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 }

const athena = (operations: string, perSecond: number, burst: number): RateQuota => ({
  name: operations.replaceAll(' ', ', '),
  service: 'athena',
  operations: operations.split(' '),
  shared: false,
  ...{ perSecond, burst, error: exceeded, source: athenaPages, published: true },
})

export const rateQuotas: readonly RateQuota[] = [
  // A prefix that S3 has not divided yet has so much, and a bucket begins as one; it divides under load, within an hour or so.
  {
    name: 'writes to a bucket',
    service: 's3',
    operations: [
      ...['PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects', 'UploadPart', 'UploadPartCopy'],
      ...['CreateMultipartUpload', 'CompleteMultipartUpload', 'AbortMultipartUpload'],
    ],
    shared: true,
    ...{ perSecond: 3_500, burst: 3_500, error: slowDown, source: s3Pages, published: true },
  },
  {
    name: 'reads of a bucket',
    service: 's3',
    operations: undefined,
    shared: true,
    ...{ perSecond: 5_500, burst: 5_500, error: slowDown, source: s3Pages, published: true },
  },
  athena('StartQueryExecution StopQueryExecution', 20, 80),
  athena('GetQueryExecution GetQueryResults', 100, 200),
  athena('BatchGetQueryExecution', 20, 40),
  athena('ListQueryExecutions', 5, 10),
  {
    name: 'each call of Glue',
    service: 'glue',
    operations: undefined,
    shared: false,
    ...{ perSecond: 10, burst: 10, error: exceeded, source: glueThrottles, published: false },
  },
]

const full = (what: string, most: number): QuotaError => ({
  code: 'ResourceNumberLimitExceededException',
  message: `Number of ${what} resources exceeds the limit ${most}`,
  status: 400,
})

const glue = (of: Counted, operations: string, most: number, what: string): CountQuota => ({
  ...{ name: of, of, operations: operations.split(' '), most, error: full(what, most), source: gluePages },
})

export const countQuotas: readonly CountQuota[] = [
  glue('tables in the database', 'CreateTable', 200_000, 'TABLE'),
  glue('tables', 'CreateTable', 1_000_000, 'TABLE'),
  glue('versions of the table', 'UpdateTable', 100_000, 'TABLE_VERSION'),
  glue('versions of tables', 'UpdateTable', 1_000_000, 'TABLE_VERSION'),
  glue('partitions of the table', 'CreatePartition BatchCreatePartition', 10_000_000, 'PARTITION'),
  glue('crawlers', 'CreateCrawler', 1_000, 'CRAWLER'),
  // No page says what StartCrawler answers then.
  glue('crawlers at work', 'StartCrawler', 150, 'CRAWLER_RUN'),
  {
    name: 'queries at work',
    of: 'queries at work',
    operations: ['StartQueryExecution'],
    // Those of SELECT in us-east-1, queued ones too; elsewhere there are 20 to 150.
    most: 200,
    error: {
      code: 'TooManyRequestsException',
      message: 'You have exceeded the limit for the number of queries you can run concurrently.',
      status: 400,
    },
    source: athenaCounts,
  },
]
