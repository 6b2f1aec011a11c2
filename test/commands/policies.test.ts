/** What lib/policies allows: all that loads, checks and the doctor do, and nothing else. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type { Policy, Statement } from '../../lib/commands/policies/fill.ts'
import { readDatabase } from '../../lib/config.ts'
import type { LogEntry } from '../../lib/local/aws/faults.ts'
import crawlerRole from '../../lib/policies/crawler-role.json' with { type: 'json' }
import iam from '../../lib/policies/iam.json' with { type: 'json' }
import { connectPostgres } from '../../lib/postgres/client.ts'
import { allows } from '../support/iam.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(60_000)
const root = join(import.meta.dir, '../..')

/** S3's operations that are allowed by an action of another name (Service Authorization Reference, "Amazon S3"). */
const s3Actions: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  DeleteObjects: 'DeleteObject',
  HeadObject: 'GetObject',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjectsV2: 'ListBucket',
  UploadPart: 'PutObject',
}

const actionOf = (service: string, operation: string) =>
  `${service}:${(service === 's3' ? s3Actions[operation] : undefined) ?? operation}`

const actionsIn = (statements: readonly Statement[]) => new Set(statements.flatMap(({ Action }) => Action))

const inAthenasName = ({ Sid = '' }: Statement) => Sid.startsWith('AthenaInOurName')

/** What no call of ours is named after: encryption by S3, roles passed on to Glue, tokens that are signed here. */
const withoutCall = ['iam:PassRole', 'kms:Decrypt', 'kms:GenerateDataKey', 'rds-db:connect']

/** Of every command and paginator that production imports. */
async function calledActions(): Promise<Set<string>> {
  const called = new Set<string>()
  for await (const file of new Bun.Glob('{lib,checks}/**/*.ts').scan(root)) {
    if (/^lib\/(local|commands\/(bench|demo))/.test(file)) continue
    const source = await Bun.file(join(root, file)).text()
    const imports = /import \{([^}]+)\} from '@aws-sdk\/client-(\w+)'/g
    for (const [, names = '', service = ''] of source.matchAll(imports)) {
      for (const name of names.split(',').map((each) => each.trim())) {
        const [, command, paginated] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? []
        const operation = command ?? paginated
        if (operation !== undefined) called.add(actionOf(service, operation))
      }
    }
  }
  return called
}

describe('the policy of loads and checks', () => {
  test('allows the actions that the code calls, each of them and no other', async () => {
    const ours = actionsIn(iam.Statement.filter((each) => !inAthenasName(each)))
    expect([...ours].toSorted()).toEqual([...(await calledActions()), ...withoutCall].toSorted())
  })

  // Athena User Guide, "Access to databases and tables in the AWS Glue Data Catalog" and "Access to Amazon S3".
  test('allows what Athena does in its name, and no other', () => {
    expect([...actionsIn(iam.Statement.filter(inAthenasName))].toSorted()).toEqual([
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

  // Service Authorization Reference, "AWS Glue": CreateCrawler is the only one without a type of resource.
  test.each([...iam.Statement, ...crawlerRole.Statement])(
    'is of named resources: $Sid',
    ({ Action, Resource }) => {
      if (Action === 'glue:CreateCrawler') {
        expect(Resource).toBe('*')
        return
      }
      for (const arn of [Resource].flat()) {
        expect(arn).toMatch(
          /^(<crawler-role>|<kms-key>|arn:<partition>:[^*]+(<prefix>\*|<results-prefix>\*|-database>\/\*|-database>-\*|crawlers:\*|[^*]))$/,
        )
      }
    },
  )
})

describe('in the stand-in', () => {
  let lake: TestStandIn
  let policy: Policy

  beforeAll(async () => {
    lake = await openStandIn({ scale: 0.01 })
    policy = JSON.parse((await print('iam')).stdout)
  })

  afterAll(() => lake?.close())

  async function print(
    which: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ) {
    const child = Bun.spawn([process.execPath, join(root, 'lib/commands/policies.ts'), which, ...args], {
      cwd: '/',
      env: { ...lake.env, ...env },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    return { exit, stdout, stderr }
  }

  const glueArn = (resource: string) => `arn:aws:glue:us-east-1:000000000000:${resource}`

  /** The action and resources of a request that the stand-in has served; undefined: of a test's own. */
  function needs({ operation, subject }: LogEntry): { action: string; arns: string[] } {
    if (operation.endsWith('Crawler')) {
      const arn = operation === 'CreateCrawler' ? '*' : glueArn(`crawler/${subject}`)
      return { action: `glue:${operation}`, arns: [arn] }
    }
    if (/Table|Database/.test(operation)) {
      const [database = '', table] = subject.split('.')
      const tables = table === undefined ? [] : [glueArn(`table/${database}/${table}`)]
      return {
        action: `glue:${operation}`,
        arns: [glueArn('catalog'), glueArn(`database/${database}`), ...tables],
      }
    }
    if (/Query|WorkGroup/.test(operation)) {
      const arn = 'arn:aws:athena:us-east-1:000000000000:workgroup/primary'
      return { action: `athena:${operation}`, arns: [arn] }
    }
    return {
      action: actionOf('s3', operation),
      arns: subject.split(' ').map((each) => `arn:aws:s3:::${each}`),
    }
  }

  test('a load, its checks, a rollback and the doctor are allowed every request they make', async () => {
    lake.faults.log.length = 0
    for (const [script, ...args] of [
      ['currencies', '--fingerprint'],
      ['currencies'],
      ['checks/row-counts.ts', 'currencies'],
      ['lib/commands/loads.ts', 'currencies'],
      ['lib/commands/rollback.ts', 'currencies'],
      ['lib/commands/doctor.ts'],
    ] as const) {
      const { exit, message } = await lake.run(script, args)
      expect({ script, exit, message }).toMatchObject({ exit: 0 })
    }
    const requests = [...lake.faults.log]
    expect(new Set(requests.map(({ operation }) => operation)).size).toBeGreaterThan(20)
    const refused = requests.flatMap((entry) => {
      const { action, arns } = needs(entry)
      return arns.filter((arn) => !allows(policy, action, arn)).map((arn) => `${action} on ${arn}`)
    })
    expect(refused).toEqual([])
  })

  test('a dry run plans no call that is not allowed', async () => {
    const { plan } = (await lake.run('currencies', ['--dry-run'])).summary()
    const calls = plan?.lake?.calls.flatMap(({ call }) => call.split(' or ')) ?? []
    expect(calls.length).toBeGreaterThan(20)
    const allowed = actionsIn(policy.Statement)
    const refused = calls.filter((call) => {
      const [service = '', operation = ''] = call.split(':')
      return !allowed.has(actionOf(service, operation))
    })
    expect(refused).toEqual([])
  })

  test.each([
    ['s3:PutObject', 'arn:aws:s3:::lake/other/object'],
    ['s3:DeleteObject', 'arn:aws:s3:::lake-results/result.csv'],
    ['s3:ListBucket', 'arn:aws:s3:::another'],
    ['glue:UpdateTable', 'arn:aws:glue:us-east-1:000000000000:table/other/orders'],
    ['glue:UpdateTable', 'arn:aws:glue:us-east-1:000000000000:table/lake_staging/orders__load'],
    ['glue:DeleteTable', 'arn:aws:glue:us-east-1:000000000000:table/lake/orders'],
    ['glue:StartCrawler', 'arn:aws:glue:us-east-1:000000000000:crawler/another'],
    ['glue:DeleteCrawler', 'arn:aws:glue:us-east-1:000000000000:crawler/dracula-lake-orders'],
    ['iam:PassRole', 'arn:aws:iam::000000000000:role/admin'],
    ['athena:StartQueryExecution', 'arn:aws:athena:us-east-1:000000000000:workgroup/other'],
    ['rds-db:connect', 'arn:aws:rds-db:us-east-1:000000000000:dbuser:db-A/reader'],
  ])('nobody is allowed %s on %s', (action, arn) => {
    expect(allows(policy, action, arn)).toBe(false)
  })

  test('leaves out what an installation does not have, and names what nobody has told', async () => {
    const bare = { DRACULA_CRAWLER_ROLE: '', DRACULA_ATHENA_OUTPUT: '', AWS_REGION: 'cn-north-1' }
    const { stdout, stderr, exit } = await print('iam', ['--account', '123456789012'], bare)
    expect(exit).toBe(0)
    expect(stderr).toBe('Still to be filled in: <results-bucket>, <results-prefix>\n')
    expect(stdout).toContain('arn:aws-cn:glue:cn-north-1:123456789012:catalog')
    expect(stdout).not.toMatch(/Crawler|iam:|kms:|rds-db:/)
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

  describe.each([['reader'], [`re'a"d$create$er\\; drop table taxes; --`]])(
    'the Postgres role %s',
    (role) => {
      let env: { DATABASE_URL: string }

      beforeAll(async () => {
        const { stdout } = await print('postgres-role', ['--role', role])
        // Twice, as after a new script.
        const admin = connectPostgres(readDatabase(lake.env), { max: 1 })
        for (let time = 0; time < 2; time++) await admin.unsafe(stdout)
        await admin.end()
        await lake.sql.unsafe(`alter role "${role.replaceAll('"', '""')}" password 'word'`)
        await lake.sql`create table if not exists salaries (amount int)`
        const url = new URL(lake.env['DATABASE_URL'] ?? '')
        url.username = encodeURIComponent(role)
        url.password = 'word'
        env = { DATABASE_URL: url.href }
      })

      test('is enough for the doctor and for a load with lookups', async () => {
        const doctor = await lake.run('lib/commands/doctor.ts', [], env)
        const found = JSON.parse(doctor.stdout).checks as { check: string; status: string; found: string }[]
        expect(found.filter(({ status }) => status !== 'ok')).toEqual([])
        expect(found.find(({ check }) => check === 'postgres role')?.found).toBe(
          `${role}, read-only, 10 connections`,
        )
        expect(found.find(({ check }) => check === 'postgres tables')?.found).toBe('24 of 24 may be read')
        const { exit, message } = await lake.run('purchase_orders', [], env)
        expect({ exit, message }).toEqual({ exit: 0, message: expect.any(String) })
      })

      test('may write nothing and read nothing else', async () => {
        const { connectPostgres } = await import('../../lib/postgres/client.ts')
        const { readDatabase } = await import('../../lib/config.ts')
        const sql = connectPostgres(readDatabase(env), { max: 1 })
        const refusalOf = (text: string) =>
          sql.unsafe(text).then(
            () => 'done',
            (error: Error) => error.message,
          )
        try {
          expect(await refusalOf('delete from taxes')).toContain('read-only transaction')
          expect(await refusalOf('begin read write; delete from taxes')).toContain('permission denied')
          expect(await refusalOf('rollback; select from salaries')).toContain('permission denied')
          const [row] = await sql`show statement_timeout`
          expect(row).toEqual({ statement_timeout: '1h' })
        } finally {
          await sql.end({ timeout: 1 })
        }
        expect(await lake.sql`select from taxes limit 1`).toHaveLength(1)
      })
    },
  )
})
