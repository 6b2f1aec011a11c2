/** Policies with the installation's own names in the places of `<bucket>` and its like. */
import type { LakeConfig } from '../../config/config.ts'

export interface Installation {
  readonly lake: LakeConfig
  readonly region: string
  /** Undefined: that of the crawlers' role, if that is an ARN. */
  readonly account: string | undefined
  /** The resource id of an RDS instance: `db-…`. */
  readonly databaseResource: string | undefined
  /** Who connects by IAM token; undefined: nobody does. */
  readonly tokenUser: string | undefined
}

export interface Statement {
  readonly Sid?: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Principal?: Readonly<Record<string, string>>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>
}

export interface Policy {
  readonly Version: string
  readonly Statement: readonly Statement[]
}

/** Leaves out the statements about what this installation does not have: crawlers, a key, tokens. */
export function fillPolicy(policy: Policy, installation: Installation): Policy {
  const { lake, tokenUser } = installation
  const absent = [
    ...(lake.kmsKey === undefined ? ['kms'] : []),
    ...(tokenUser === undefined ? ['rds-db'] : []),
    ...(lake.crawlerRole === undefined ? ['iam'] : []),
  ]
  const statements = policy.Statement.filter(({ Action }) => {
    const actions = [Action].flat()
    const crawls = actions.some((action) => action.endsWith('Crawler')) && lake.crawlerRole === undefined
    return !crawls && !actions.some((action) => absent.includes(action.split(':')[0] ?? ''))
  }).map((statement) => withAlias(statement, lake.kmsKey))
  const values = valuesOf(installation)
  const text = JSON.stringify({ ...policy, Statement: statements })
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1)
  return JSON.parse(text.replace(/<([a-z-]+)>/g, (place, name) => inJson(values[name] ?? place)))
}

/** Names of places that are still open. */
export function unfilledIn(text: string): string[] {
  return [...new Set(text.match(/<[a-z-]+>/g))]
}

/** Values by the place they are filled in at; undefined: nobody has told. */
function valuesOf({
  lake,
  region,
  databaseResource,
  tokenUser,
  ...given
}: Installation): Readonly<Record<string, string | undefined>> {
  const { bucket, prefix, glueDatabase, stagingDatabase, workgroup, athenaOutput, crawlerRole, kmsKey } = lake
  const account = given.account ?? /^arn:[\w-]+:iam::(\d{12}):/.exec(crawlerRole ?? '')?.[1]
  const partition = partitionOf(region)
  const [, resultsBucket, resultsPrefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(athenaOutput ?? '') ?? []
  const inAccount = (service: string, where: string, name: string, kind: string) =>
    name.startsWith('arn:')
      ? name
      : `arn:${partition}:${service}:${where}:${account ?? '<account>'}:${kind}${name}`
  return {
    partition,
    region,
    account,
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    'glue-database': glueDatabase,
    'staging-database': stagingDatabase,
    workgroup,
    'results-bucket': resultsBucket,
    'results-prefix': resultsPrefix,
    'crawler-role': crawlerRole && inAccount('iam', '', crawlerRole, 'role/'),
    'kms-key': kmsKey && inAccount('kms', region, isAlias(kmsKey) ? '*' : kmsKey, 'key/'),
    'database-resource': databaseResource,
    'database-user': tokenUser,
  }
}

/** A policy names a key by its id; one that is configured by an alias, by a condition (AWS KMS, "kms:ResourceAliases"). */
function withAlias(statement: Statement, kmsKey: string | undefined): Statement {
  const encrypts = [statement.Action].flat().some((action) => action.startsWith('kms:'))
  if (!encrypts || kmsKey === undefined || !isAlias(kmsKey)) return statement
  const alias = kmsKey.slice(kmsKey.indexOf('alias/'))
  const condition = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } }
  return { ...statement, Condition: { ...statement.Condition, ...condition } }
}

function isAlias(kmsKey: string): boolean {
  return kmsKey.includes('alias/')
}

/** AWS General Reference, "Amazon Resource Names". */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
