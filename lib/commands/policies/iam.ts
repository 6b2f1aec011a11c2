/**
 * The policy of the identity that loads, checks and commands run as: made of the calls that they declare, each allowed
 * for the resources of its kind, and nothing else. Places such as `<account>` are for `fillPolicy`.
 */

import type { Call, Operation, Resource } from '../../aws/calls.ts'
import { actionOf } from '../../aws/denied.ts'
import type { LakeConfig } from '../../config/config.ts'
import { crawlerName } from '../../lake/layout.ts'
import type { Policy, Statement } from './fill.ts'

type Allowed = Pick<Statement, 'Resource' | 'Condition'> & { readonly Sid: string }

/** @param calls all that are made of this lake, whoever makes them in whose name */
export function iamPolicy(lake: LakeConfig, calls: readonly Call[]): Policy {
  const statements = new Map<string, Allowed & { readonly actions: Set<string> }>()
  // What Athena does in our name comes last, so that only what we do not do ourselves is told apart.
  for (const { call, on, by } of calls.toSorted((a, b) => rank(a) - rank(b))) {
    for (const operation of [call].flat()) {
      const action = actionOf(operation)
      const allowed = allowedOn(operation, on, lake)
      if (by === 'athena' && statements.get(allowed.Sid)?.actions.has(action)) continue
      const Sid = by === 'athena' ? `AthenaInOurName${allowed.Sid}` : allowed.Sid
      const statement = statements.get(Sid) ?? { ...allowed, Sid, actions: new Set<string>() }
      statement.actions.add(action)
      statements.set(Sid, statement)
    }
  }
  return {
    Version: '2012-10-17',
    Statement: [
      ...[...statements.values()].map(({ actions, Sid, Resource, ...rest }) => ({
        Sid,
        Effect: 'Allow',
        Action: oneOrAll([...actions].toSorted()),
        Resource: Resource!,
        ...rest,
      })),
      {
        Sid: 'ConnectToTheDatabase',
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: 'arn:<partition>:rds-db:<region>:<account>:dbuser:<database-resource>/<database-user>',
      },
    ],
  }
}

function rank({ by }: Call): number {
  return by === 'athena' ? 1 : 0
}

function oneOrAll(actions: readonly string[]): string | readonly string[] {
  const [first] = actions
  return first !== undefined && actions.length === 1 ? first : actions
}

/** What a statement says of a resource of this kind, whichever of them it is; equal ones have an equal Sid. */
function allowedOn(operation: Operation, on: Resource, lake: LakeConfig): Allowed {
  const glue = (name: string) => `arn:<partition>:glue:<region>:<account>:${name}`
  switch (on.kind) {
    case 'object': {
      const [place, key] = placeOf(on, lake)
      return { Sid: `Use${place}`, Resource: `arn:<partition>:s3:::${on.bucket}/${key}*` }
    }
    case 'listing': {
      const [place, key] = placeOf({ bucket: on.bucket, key: on.prefix }, lake)
      return {
        Sid: `List${place}`,
        Resource: bucketArn(on.bucket),
        Condition: { StringLike: { 's3:prefix': `${key}*` } },
      }
    }
    // It has no condition key for the prefix (Service Authorization Reference, "Amazon S3").
    case 'uploads':
      return { Sid: 'ListUnfinishedUploads', Resource: bucketArn(on.bucket) }
    case 'bucket':
      return {
        Sid: on.bucket === lake.bucket ? 'FindsTheTablesBucket' : 'FindsTheResultsBucket',
        Resource: bucketArn(on.bucket),
      }
    case 'database':
      return {
        Sid: `Use${describeDatabase(on.database, lake)}Database`,
        Resource: [glue('catalog'), glue(`database/${on.database}`)],
      }
    case 'table':
    case 'tables':
      return {
        Sid: `Use${describeDatabase(on.database, lake)}Tables`,
        Resource: [glue('catalog'), glue(`database/${on.database}`), glue(`table/${on.database}/*`)],
      }
    case 'crawler':
      // CreateCrawler has no type of resource (Service Authorization Reference, "AWS Glue").
      if (operation === 'glue:CreateCrawler')
        return { Sid: 'MakeCrawlersWhichAwsLimitsToNoResource', Resource: '*' }
      return operation === 'glue:DeleteCrawler'
        ? { Sid: 'RemoveTheDoctorsCrawler', Resource: glue(`crawler/${on.name}`) }
        : { Sid: 'RunCrawlers', Resource: glue(`crawler/${crawlerName(lake.glueDatabase, '*')}`) }
    // GetCrawlers has no type of resource either.
    case 'crawlers':
      return { Sid: 'LookAtCrawlersWhichAwsLimitsToNoResource', Resource: '*' }
    case 'catalog':
      return { Sid: 'LookAtTheCatalog', Resource: glue('catalog') }
    case 'role':
      return {
        Sid: 'GiveCrawlersTheirRole',
        Resource: '<crawler-role>',
        Condition: { StringEquals: { 'iam:PassedToService': 'glue.amazonaws.com' } },
      }
    case 'key':
      return {
        Sid: 'EncryptWithTheKey',
        Resource: '<kms-key>',
        Condition: { StringLike: { 'kms:ViaService': 's3.<region>.amazonaws.com*' } },
      }
    case 'topic key':
      return {
        Sid: 'EncryptForTheTopic',
        Resource: '<topic-key>',
        Condition: { StringLike: { 'kms:ViaService': 'sns.<topic-region>.amazonaws.com*' } },
      }
    case 'topic':
      return { Sid: 'TellTheTopic', Resource: on.arn }
    case 'query':
    case 'workgroup':
      return {
        Sid: 'QueryInTheWorkgroup',
        Resource: `arn:<partition>:athena:<region>:<account>:workgroup/${on.workgroup}`,
      }
  }
}

function bucketArn(bucket: string): string {
  return `arn:<partition>:s3:::${bucket}`
}

/** The tables' own place, whichever table's it is, or that of query results; and what keys there begin with. */
function placeOf(
  { bucket, key }: { readonly bucket: string; readonly key: string },
  lake: LakeConfig,
): readonly [place: string, key: string] {
  const prefix = lake.prefix === '' ? '' : `${lake.prefix}/`
  const isResults = `s3://${bucket}/${key}` === lake.athenaOutput || bucket.startsWith('<')
  return isResults ? ['TheResults', key] : ['TheTablesFiles', prefix]
}

function describeDatabase(database: string, { glueDatabase, stagingDatabase }: LakeConfig): string {
  if (database === glueDatabase) return 'ThePublished'
  return database === stagingDatabase ? 'TheStaging' : 'TheDefault'
}
