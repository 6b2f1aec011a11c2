/**
 * The printed policies, enforced by the stand-in: every command runs under them, also where something fails, and what
 * they allow is what the commands have needed.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { getText } from '../../lib/aws/objects.ts'
import { examineIceberg } from '../../lib/commands/examine/iceberg.ts'
import type { Policy } from '../../lib/commands/policies/fill.ts'
import { readLake } from '../../lib/config/config.ts'
import { expireLoads } from '../../lib/lake/hive/expire.ts'
import { newLoadId } from '../../lib/lake/load-id.ts'
import { createStaged } from '../../lib/lake/staged-tables.ts'
import type { Rule } from '../../lib/local/aws/faults.ts'
import { like, type Need } from '../../lib/local/aws/iam/evaluate.ts'
import { Guard } from '../../lib/local/aws/iam/guard.ts'
import { openFanOut } from '../fan-out/fan-out.ts'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(300_000)
const root = join(import.meta.dir, '../..')

const loader = 'loader'
const crawlerRole = 'arn:aws:iam::000000000000:role/local-crawler'
const underPolicy = {
  AWS_ACCESS_KEY_ID: loader,
  DRACULA_KMS_KEY: 'arn:aws:kms:us-east-1:000000000000:key/1234abcd',
}

let standIn: TestStandIn
let scripts: OwnScripts
let heavy: string
let aws: Aws
let policy: Policy
let crawlerPolicy: Policy

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn({ scale: 0.01 }), openScripts()])
  const [iam, crawler] = await Promise.all([print('iam'), print('crawler-role')])
  policy = iam
  crawlerPolicy = crawler
  standIn.guard.restrict(loader, [policy])
  standIn.guard.restrict(crawlerRole, [crawlerPolicy])
  aws = connectAws({
    endpoint: standIn.url,
    region: 'us-east-1',
    credentials: { accessKeyId: loader, secretAccessKey: 'local' },
  })
  await standIn.sql`create table heavy as select decode(repeat(md5(i::text), 4096), 'hex') as load from generate_series(1, 200) i`
  heavy = await scripts.write('heavy', 'load: nullable(bytea)')
})

afterAll(async () => {
  aws?.close()
  await scripts?.close()
  await standIn?.close()
})

async function print(which: string): Promise<Policy> {
  const child = Bun.spawn([process.execPath, join(root, 'lib/commands/policies.ts'), which], {
    env: { ...standIn.env, ...underPolicy },
    stdout: 'pipe',
  })
  return JSON.parse(await child.stdout.text())
}

const needed = ({ action, resource }: Need) => `${action} on ${resource}`

/** Each action on each resource that a policy allows, and whether anybody has needed it. */
function unused({ Statement }: Policy, principal: string): string[] {
  const asked = standIn.guard.asked.filter((each) => each.principal === principal && each.allowed)
  return Statement.flatMap(({ Action, Resource = [] }) =>
    [Action].flat().flatMap((action) =>
      [Resource]
        .flat()
        .filter((pattern) => !asked.some((need) => need.action === action && like(pattern, need.resource)))
        .map((pattern) => `${action} on ${pattern}`),
    ),
  )
}

function refused(): string[] {
  return standIn.guard.asked.filter(({ allowed }) => !allowed).map(needed)
}

const run = (script: string, args: readonly string[] = []) => standIn.run(script, args, underPolicy)

test.each([
  ['a load from the declaration', 'currencies', ['--catalog', 'declared', '--fingerprint']],
  ['a load with a crawl', 'currencies', ['--catalog', 'crawler']],
  ['another, whose crawler is there', 'currencies', ['--catalog', 'crawler', '--fingerprint']],
  ['a dry run', 'currencies', ['--dry-run']],
  ['all', 'lib/commands/all.ts', ['--select', 'taxes,notes']],
  ['check', 'lib/commands/check.ts', ['--select', 'currencies,taxes']],
  ['the check of rows', 'checks/row-counts.ts', ['currencies']],
  ['the check of columns', 'checks/columns.ts', ['currencies']],
  ['the check of scripts', 'checks/schema.ts', ['currencies']],
  ['loads', 'lib/commands/loads.ts', []],
  ['loads of a table', 'lib/commands/loads.ts', ['currencies']],
  ['report', 'lib/commands/report.ts', ['--publish']],
  ['rollback', 'lib/commands/rollback.ts', ['currencies']],
  ['rollback --unpin', 'lib/commands/rollback.ts', ['currencies', '--unpin']],
  ['doctor', 'lib/commands/doctor.ts', []],
] as const)('%s is allowed all that it asks', async (_, script, args) => {
  const { exit, message, stderr } = await run(script, args)
  expect({ exit, message, warned: /AccessDenied|not authorized/.test(stderr) }).toEqual({
    exit: 0,
    message,
    warned: false,
  })
  expect(refused()).toEqual([])
})

test('an Iceberg table is loaded again, gone back to and examined with no more than that', async () => {
  const events = await scripts.write('events', 'load: nullable(bytea)', "format: 'iceberg', from: 'heavy'")
  for (const args of [[], ['--retain', '1']]) expect((await run(events, args)).exit).toBe(0)
  for (const args of [[], ['--unpin']]) {
    expect((await run('lib/commands/rollback.ts', ['events', ...args])).exit).toBe(0)
  }
  const declared = [{ name: 'events', format: 'iceberg' }] as const
  const { signal } = new AbortController()
  for (const { status } of await examineIceberg(aws, readLake(standIn.env), declared, signal)) {
    expect(status).toBe('ok')
  }
  expect(refused()).toEqual([])
})

test('several machines that read one load are allowed all that they ask, and a lost one is put away', async () => {
  await using fanOut = await openFanOut(standIn, 'taxes', 2, underPolicy)
  const holder = await fanOut.hold()
  await fanOut.read([0, 0, 1])
  expect(await fanOut.run('finish')).toMatchObject({ exit: 0 })
  expect(await fanOut.end(holder)).toMatchObject({ exit: 0 })
  await using lost = await openFanOut(standIn, 'taxes', 2, underPolicy)
  const another = await lost.hold()
  await lost.read([1])
  expect(await lost.end(another)).toMatchObject({ exit: 0 })
  expect((await standIn.remains('taxes')).uploads).toEqual([])
  expect(refused()).toEqual([])
})

test('An Iceberg table is loaded whole and in part, listed, and rolled back, with all that is asked allowed', async () => {
  await standIn.sql`create table parted as select i::bigint as id, date '2026-03-01' + i / 10 as day from generate_series(1, 40) i`
  const script = await scripts.write(
    'parted',
    'id: nullable(bigint), day: nullable(date)',
    "partitionBy: value('day'), expect: { unique: ['id'], warn: { references: { id: 'currencies.id' } } }",
  )
  const steps = [
    [script, []],
    [script, ['--partitions', '2026-03-02']],
    ['lib/commands/loads.ts', ['parted']],
    ['lib/commands/rollback.ts', ['parted']],
    ['lib/commands/rollback.ts', ['parted', '--unpin']],
    [script, []],
  ] as const
  for (const [step, args] of steps) {
    const { exit, message, stderr } = await run(step, args)
    expect([exit, message, /AccessDenied|not authorized/.test(stderr)]).toEqual([0, message, false])
  }
  expect(refused()).toEqual([])
})

describe('what fails is put away under the same policy:', () => {
  const lost = { kind: 'lost answer' } as const
  const invalid = { kind: 'error', code: 'InvalidRequest' } as const
  const invalidInput = { kind: 'error', code: 'InvalidInputException' } as const
  const troubles: readonly (readonly [what: string, table: 'heavy' | 'notes', exit: number, rule: Rule])[] = [
    ['an upload in parts', 'heavy', 2, { operation: 'UploadPart', after: 1, action: invalid }],
    [
      'the end of one, its answer lost',
      'heavy',
      0,
      { operation: 'CompleteMultipartUpload', times: 1, action: lost },
    ],
    ['a file, its answer lost', 'notes', 0, { operation: 'PutObject', times: 1, action: lost }],
    [
      'a staged table, its answer lost',
      'notes',
      0,
      { operation: 'CreateTable', match: 'notes__', times: 1, action: lost },
    ],
    ['an audit', 'notes', 4, { operation: 'StartQueryExecution', action: { kind: 'wrong count', by: 1 } }],
    ['a publish', 'notes', 2, { operation: 'UpdateTable', action: invalidInput }],
  ]

  test.each(troubles)('%s', async (_, table, expected, rule) => {
    standIn.faults.add(rule)
    const { exit, stderr } = await run(table === 'heavy' ? heavy : table, [
      '--catalog',
      'declared',
      '--codec',
      'none',
    ])
    standIn.faults.clear()
    expect(stderr).not.toMatch(/AccessDenied|not authorized|may be left behind/)
    expect(exit).toBe(expected)
    expect(refused()).toEqual([])
  })

  test('a rollback', async () => {
    standIn.faults.add({ operation: 'UpdateTable', action: { kind: 'error', code: 'InvalidInputException' } })
    const { exit } = await run('lib/commands/rollback.ts', ['currencies'])
    standIn.faults.clear()
    expect(exit).toBe(2)
    expect(refused()).toEqual([])
  })

  test.each([
    [
      'a crawl that hangs',
      ['--catalog', 'crawler'],
      'StartCrawler',
      'crawl hangs',
      'GetCrawler',
      'StopCrawler',
    ],
    [
      'a query that hangs',
      ['--catalog', 'declared'],
      'StartQueryExecution',
      'query hangs',
      'GetQueryExecution',
      'StopQueryExecution',
    ],
  ] as const)('%s', async (_, args, operation, kind, looks, stops) => {
    const from = standIn.faults.log.length
    standIn.faults.add({ operation, action: { kind } })
    const script = standIn.start('currencies', args, underPolicy)
    const began = () => {
      const since = standIn.faults.log.slice(from).map((each) => each.operation)
      return since.includes(operation) && since.slice(since.indexOf(operation)).includes(looks)
    }
    await until(() => began())
    script.kill('SIGTERM')
    await script.finished
    standIn.faults.clear()
    expect(standIn.faults.log.slice(from).map((each) => each.operation)).toContain(stops)
    expect(refused()).toEqual([])
  })

  test('old loads and what killed ones left', async () => {
    const { bucket, stagingDatabase } = readLake(standIn.env)
    const killed = newLoadId()
    const location = `s3://lake/tables/currencies/${killed}/`
    await standIn.aws.s3.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: `tables/currencies/${killed}/currencies-00000.parquet`,
      }),
    )
    await createStaged(standIn.aws, {
      database: stagingDatabase,
      name: `currencies__${killed}`,
      location,
      columns: [{ name: 'id', type: 'int' }],
    })
    const inThreeDays = new Date(Date.now() + 3 * 86_400_000)
    const { signal } = new AbortController()
    const { removedLoads, abortedUploads, warnings } = await expireLoads(
      { aws, config: readLake(standIn.env), table: 'currencies' },
      { keep: 1, deadlineMs: 3_600_000, signal, now: inThreeDays },
    )
    expect(warnings).toEqual([])
    expect(removedLoads.length).toBeGreaterThan(0)
    expect(abortedUploads).toBe(1)
    expect(refused()).toEqual([])
  })

  test('a record that is gone is told as gone, though S3 refuses to tell', async () => {
    const gone = getText(aws, { bucket: 'lake', key: 'tables/currencies/_loads/none.json' })
    await expect(gone).rejects.toMatchObject({ exit: 1, cause: { name: 'NoSuchKey' } })
  })
})

// The last, as they look at all that was asked before.
describe('nothing more is allowed than was asked', () => {
  test('of the identity that loads, beside what Athena may do with large results', () => {
    expect(unused(policy, loader)).toEqual([
      // Athena User Guide, "Access to Amazon S3": results are written in parts where they are large.
      's3:ListBucket on arn:aws:s3:::lake-results',
      's3:AbortMultipartUpload on arn:aws:s3:::lake-results/*',
      's3:ListMultipartUploadParts on arn:aws:s3:::lake-results/*',
    ])
  })

  // Glue User Guide, "Crawler prerequisites", and the managed policy AWSGlueServiceRole: a crawler looks before it
  // makes, adds partitions where folders have them, and writes its log.
  test('of the crawlers’ role, beside what a crawler of AWS does and the stand-in’s does not', () => {
    const own = unused(crawlerPolicy, crawlerRole).filter((each) => !/^(logs|glue):/.test(each))
    expect(own).toEqual(['s3:GetBucketLocation on arn:aws:s3:::lake'])
  })
})

describe('an action that is not allowed', () => {
  test.each([
    ['glue:GetTables', 'lib/commands/loads.ts', [], 'arn:aws:glue:us-east-1:000000000000:'],
    ['glue:UpdateTable', 'notes', ['--catalog', 'declared'], 'arn:aws:glue:us-east-1:000000000000:'],
    ['s3:PutObject', 'notes', [], 'arn:aws:s3:::lake/tables/notes/'],
    ['s3:ListBucket', 'notes', [], 'arn:aws:s3:::lake'],
    [
      'athena:StartQueryExecution',
      'checks/row-counts.ts',
      ['notes'],
      'arn:aws:athena:us-east-1:000000000000:workgroup/primary',
    ],
    ['glue:GetPartitions', 'checks/row-counts.ts', ['notes'], 'arn:aws:glue:us-east-1:000000000000:'],
    ['kms:GenerateDataKey', 'notes', [], 'arn:aws:kms:us-east-1:000000000000:key/1234abcd'],
  ] as const)('is named with its resource, exit 2: %s', async (action, script, args, resource) => {
    const Statement = policy.Statement.map((each) => ({
      ...each,
      Action: [each.Action].flat().filter((one) => one !== action),
    }))
    standIn.guard.restrict('less', [{ Statement }])
    const { exit, stderr } = await standIn.run(script, args, { ...underPolicy, AWS_ACCESS_KEY_ID: 'less' })
    const last = stderr.trimEnd().split('\n').at(-1) ?? ''
    expect(exit).toBe(2)
    expect(last).toContain(action)
    expect(last).toContain(resource)
    expect(last).toContain('bun run policies iam')
  })
})

const forbidden: readonly Need[] = [
  { action: 's3:PutObject', resource: 'arn:aws:s3:::lake/other/object' },
  { action: 's3:DeleteObject', resource: 'arn:aws:s3:::lake-results/result.csv' },
  { action: 's3:ListBucket', resource: 'arn:aws:s3:::another' },
  { action: 's3:ListBucket', resource: 'arn:aws:s3:::lake', context: { 's3:prefix': 'other/' } },
  { action: 's3:ListBucket', resource: 'arn:aws:s3:::lake' },
  { action: 'glue:UpdateTable', resource: 'arn:aws:glue:us-east-1:000000000000:table/other/orders' },
  {
    action: 'glue:UpdateTable',
    resource: 'arn:aws:glue:us-east-1:000000000000:table/lake_staging/orders__load',
  },
  { action: 'glue:DeleteTable', resource: 'arn:aws:glue:us-east-1:000000000000:table/lake/orders' },
  { action: 'glue:DeleteDatabase', resource: 'arn:aws:glue:us-east-1:000000000000:database/lake' },
  { action: 'glue:StartCrawler', resource: 'arn:aws:glue:us-east-1:000000000000:crawler/another' },
  {
    action: 'glue:DeleteCrawler',
    resource: 'arn:aws:glue:us-east-1:000000000000:crawler/dracula-lake-orders',
  },
  { action: 'iam:PassRole', resource: crawlerRole },
  { action: 'iam:PassRole', resource: crawlerRole, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  {
    action: 'iam:PassRole',
    resource: 'arn:aws:iam::000000000000:role/admin',
    context: { 'iam:PassedToService': 'glue.amazonaws.com' },
  },
  { action: 'kms:Decrypt', resource: 'arn:aws:kms:us-east-1:000000000000:key/1234abcd' },
  { action: 'athena:StartQueryExecution', resource: 'arn:aws:athena:us-east-1:000000000000:workgroup/other' },
  { action: 'rds-db:connect', resource: 'arn:aws:rds-db:us-east-1:000000000000:dbuser:db-A/reader' },
]

test.each(forbidden.map((need) => [needed(need), need] as const))('nobody is allowed %s', (_, need) => {
  const guard = new Guard()
  guard.restrict(loader, [policy])
  expect(guard.mayAlso(loader, need)).toBe(false)
})
