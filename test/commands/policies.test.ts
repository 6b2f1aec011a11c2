/** What lib/policies allows: all that loads, checks and the doctor do, and nothing else. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { allCalls } from '../../lib/commands/policies/calls.ts'
import type { Policy } from '../../lib/commands/policies/fill.ts'
import { iamPolicy } from '../../lib/commands/policies/iam.ts'
import crawlerRole from '../../lib/policies/crawler-role.json' with { type: 'json' }

import { runInProcess } from '../support/in-process.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)
const root = join(import.meta.dir, '../..')

const lakeConfig = {
  bucket: 'lake',
  prefix: 'tables',
  glueDatabase: 'lake',
  stagingDatabase: 'lake_staging',
  crawlerRole: 'crawler',
  workgroup: 'primary',
  athenaOutput: 's3://lake-results/',
  kmsKey: 'key',
} as const

const topic = { arn: 'arn:aws:sns:eu-central-1:123456789012:alerts', key: 'key' }

/** The operation of every command and paginator that production imports. */
async function operationsInCode(): Promise<Set<string>> {
  const called = new Set<string>()
  for await (const file of new Bun.Glob('{lib,checks}/**/*.ts').scan(root)) {
    if (/^lib\/(local|commands\/(bench|demo))/.test(file)) continue
    const source = await Bun.file(join(root, file)).text()
    const imports = /import \{([^}]+)\} from '@aws-sdk\/client-(\w+)'/g
    for (const [, names = '', service = ''] of source.matchAll(imports)) {
      for (const name of names.split(',').map((each) => each.trim())) {
        const [, command, paginated] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? []
        const operation = command ?? paginated
        if (operation !== undefined) called.add(`${service}:${operation}`)
      }
    }
  }
  return called
}

test('each call that the code makes is one that a step declares, and the other way round', async () => {
  const declared = allCalls(lakeConfig, topic).flatMap(({ call, by }) =>
    by === undefined ? [call].flat() : [],
  )
  expect([...new Set(declared)].toSorted()).toEqual(
    [...(await operationsInCode())].toSorted() as typeof declared,
  )
})

// Athena User Guide, "Access to databases and tables in the AWS Glue Data Catalog" and "Access to Amazon S3".
test('what Athena does in our name is told apart where we do not do it ourselves', () => {
  const { Statement } = iamPolicy(lakeConfig, allCalls(lakeConfig))
  const byAthena = Statement.filter(({ Sid = '' }) => Sid.startsWith('AthenaInOurName'))
  expect([...new Set(byAthena.flatMap(({ Action }) => Action))].toSorted()).toEqual([
    'glue:GetDatabase',
    'glue:GetPartitions',
    's3:AbortMultipartUpload',
    's3:GetBucketLocation',
    's3:GetObject',
    's3:ListBucket',
    's3:ListMultipartUploadParts',
    's3:PutObject',
  ])
})

// Service Authorization Reference, "AWS Glue": CreateCrawler and GetCrawlers are those without a type of resource.
test.each([...iamPolicy(lakeConfig, allCalls(lakeConfig, topic)).Statement, ...crawlerRole.Statement])(
  'is of named resources: $Sid',
  ({ Action, Resource }) => {
    if (Action === 'glue:CreateCrawler' || Action === 'glue:GetCrawlers') {
      expect(Resource).toBe('*')
      return
    }
    for (const arn of [Resource].flat()) {
      expect(arn).toMatch(
        /^(<crawler-role>|<kms-key>|<topic-key>|arn:<partition>:[^*]+(:lake\/tables\/\*|lake-results\/\*|<prefix>\*|table\/(lake|lake_staging|<staging-database>)\/\*|dracula-lake-\*|crawlers:\*|[^*]))$|^arn:aws:sns:eu-central-1:123456789012:alerts$/,
      )
    }
  },
)

describe('in the stand-in', () => {
  let lake: TestStandIn

  beforeAll(async () => {
    lake = await openStandIn({ scale: 0.01 })
  })

  afterAll(() => lake?.close())

  async function print(
    which: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ) {
    return await runInProcess(join(root, 'lib/commands/policies.ts'), [which, ...args], {
      ...lake.env,
      ...env,
    })
  }

  test('leaves out what an installation does not have, and names what nobody has told', async () => {
    const bare = { DRACULA_CRAWLER_ROLE: '', DRACULA_ATHENA_OUTPUT: '', AWS_REGION: 'cn-north-1' }
    const { stdout, stderr, exit } = await print('iam', ['--account', '123456789012'], bare)
    expect(exit).toBe(0)
    expect(stderr).toBe('Still to be filled in: <results-bucket>, <results-prefix>\n')
    expect(stdout).toContain('arn:aws-cn:glue:cn-north-1:123456789012:catalog')
    expect(stdout).not.toMatch(/iam:|kms:|rds-db:/)
    // Those of others may look where an Iceberg table is.
    expect(stdout.match(/\w+:\w*Crawler\w*/g)).toEqual(['glue:GetCrawlers'])
  })

  test.each([
    ['1234abcd', 'arn:aws:kms:us-east-1:000000000000:key/1234abcd', undefined],
    [
      'arn:aws:kms:us-east-1:111111111111:key/1234abcd',
      'arn:aws:kms:us-east-1:111111111111:key/1234abcd',
      undefined,
    ],
    ['alias/lake', 'arn:aws:kms:us-east-1:000000000000:key/*', { 'kms:ResourceAliases': 'alias/lake' }],
  ])('a key is named by its id, or conditioned by its alias: %s', async (key, arn, condition) => {
    const { stdout } = await print('crawler-role', [], { DRACULA_KMS_KEY: key })
    const statement = (JSON.parse(stdout) as Policy).Statement.find(({ Action }) => Action === 'kms:Decrypt')
    expect(statement?.Resource).toBe(arn)
    expect(statement?.Condition?.['ForAnyValue:StringEquals']).toEqual(condition)
  })

  // AWS KMS Developer Guide, "kms:ViaService": the key is used for the topic alone.
  test.each([
    ['1234abcd', 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd', {}],
    ['arn:aws:kms:eu-central-1:999999999999:key/1', 'arn:aws:kms:eu-central-1:999999999999:key/1', {}],
    [
      'alias/alerts',
      'arn:aws:kms:eu-central-1:123456789012:key/*',
      { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/alerts' } },
    ],
  ])('a topic that is encrypted needs its key too, where it is: %s', async (key, Resource, more) => {
    const env = { DRACULA_SNS_TOPIC: topic.arn, DRACULA_KMS_KEY: 'ours' }
    const statements = async (...args: readonly string[]) =>
      (JSON.parse((await print('iam', args, env)).stdout) as Policy).Statement
    const plain = await statements()
    const withKey = await statements('--topic-key', key)
    expect(withKey.filter(({ Sid }) => Sid !== 'EncryptForTheTopic')).toEqual([...plain])
    expect(withKey.find(({ Sid }) => Sid === 'EncryptForTheTopic')).toEqual({
      Sid: 'EncryptForTheTopic',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource,
      Condition: { StringLike: { 'kms:ViaService': 'sns.eu-central-1.amazonaws.com*' }, ...more },
    })
  })

  test('the key of a topic is refused where there is none', async () => {
    const { exit, stderr } = await print('iam', ['--topic-key', 'key'])
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--topic-key is of iam')])
    const other = await print('crawler-role', ['--topic-key', 'key'], { DRACULA_SNS_TOPIC: topic.arn })
    expect(other.exit).toBe(2)
  })

  test('a token needs the right to connect as its user', async () => {
    const env = {
      DATABASE_URL: 'postgres://the%22reader@db.example.com/shop',
      DRACULA_DATABASE_AUTH: 'rds-iam',
    }
    const { stdout } = await print('iam', ['--database-resource', 'db-ABC'], env)
    const { Statement } = JSON.parse(stdout) as Policy
    expect(Statement.find(({ Action }) => Action === 'rds-db:connect')?.Resource).toBe(
      'arn:aws:rds-db:us-east-1:000000000000:dbuser:db-ABC/the"reader',
    )
  })

  test('and one of a source with a name that as its own, on its own instance', async () => {
    const env = {
      DATABASE_URL: 'postgres://reader@db.example.com/shop',
      DATABASE_URL_BILLING: 'postgres://payer@billing.example.com/billing',
      DATABASE_URL_PLAIN: 'postgres://other:word@plain.example.com/plain',
      DRACULA_DATABASE_AUTH: 'rds-iam',
      DRACULA_DATABASE_AUTH_BILLING: 'rds-iam',
    }
    const { stdout, stderr } = await print('iam', ['--database-resource', 'billing=db-DEF'], env)
    const { Statement } = JSON.parse(stdout) as Policy
    expect(Statement.find(({ Action }) => Action === 'rds-db:connect')?.Resource).toEqual([
      'arn:aws:rds-db:us-east-1:000000000000:dbuser:<database-resource>/reader',
      'arn:aws:rds-db:us-east-1:000000000000:dbuser:db-DEF/payer',
    ])
    expect(stderr).toBe('Still to be filled in: <database-resource>\n')
    expect(await print('iam', ['--source', 'billing'], env)).toMatchObject({ exit: 2, stdout: '' })
  })

  test('nothing is printed without a region, or without a lake', async () => {
    const [noRegion, noLake] = await Promise.all([
      print('iam', [], { AWS_REGION: '' }),
      print('iam', [], { DRACULA_GLUE_DATABASE: '' }),
    ])
    expect(noRegion).toEqual({ exit: 2, stdout: '', stderr: expect.stringContaining('Set AWS_REGION.') })
    expect(noLake).toEqual({ exit: 2, stdout: '', stderr: expect.stringContaining('is not set') })
  })

  test('only Glue, for this account, assumes the role of crawlers', async () => {
    const { stdout } = await print('crawler-trust')
    expect(JSON.parse(stdout).Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'glue.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
      },
    ])
  })
})
