/** Policies with the installation's own names in the places of `<bucket>` and its like. */
import type { LakeConfig } from '../../config/config.ts'
import type { EncryptedTopic } from './calls.ts'

export interface Installation {
  readonly lake: LakeConfig
  readonly region: string
  /** Undefined: that of the crawlers' role, if that is an ARN. */
  readonly account: string | undefined
  /** Who connects by IAM token, a source each. */
  readonly tokens: readonly Token[]
  /** Undefined: none is told. */
  readonly topic?: EncryptedTopic | undefined
}

export interface Token {
  readonly user: string
  /** The resource id of the RDS instance, `db-…`; undefined: nobody has told. */
  readonly instance: string | undefined
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
  const { lake, tokens, topic } = installation
  const absent = [
    ...(tokens.length === 0 ? ['rds-db'] : []),
    ...(lake.crawlerRole === undefined ? ['iam'] : []),
  ]
  const statements = policy.Statement.filter(({ Action, Resource }) => {
    if (Resource === '<kms-key>' && lake.kmsKey === undefined) return false
    const actions = [Action].flat()
    const crawls = actions.some((action) => action.endsWith('Crawler')) && lake.crawlerRole === undefined
    return !crawls && !actions.some((action) => absent.includes(action.split(':')[0] ?? ''))
  }).map((statement) => withAlias(statement, statement.Resource === '<topic-key>' ? topic?.key : lake.kmsKey))
  const values = valuesOf(installation)
  const text = JSON.stringify({ ...policy, Statement: statements })
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1)
  const filled: Policy = JSON.parse(
    text.replace(/<([a-z-]+)>/g, (place, name) => inJson(values[name] ?? place)),
  )
  return { ...filled, Statement: filled.Statement.map((statement) => withTokens(statement, tokens)) }
}

/** Connecting is allowed user by user (Amazon RDS User Guide, "Creating and using an IAM policy for IAM database access"). */
function withTokens(statement: Statement, tokens: readonly Token[]): Statement {
  const [resource] = [statement.Resource ?? []].flat()
  if (resource?.includes('<database-user>') !== true) return statement
  const all = tokens.map(({ user, instance = '<database-resource>' }) =>
    resource.replace('<database-resource>', () => instance).replace('<database-user>', () => user),
  )
  const [first, ...more] = new Set(all)
  return first === undefined
    ? statement
    : { ...statement, Resource: more.length === 0 ? first : [first, ...more] }
}

/** Names of places that are still open. */
export function unfilledIn(text: string): string[] {
  return [...new Set(text.match(/<[a-z-]+>/g))]
}

/** Values by the place they are filled in at; undefined: nobody has told. */
function valuesOf({
  lake,
  region,
  topic,
  ...given
}: Installation): Readonly<Record<string, string | undefined>> {
  const { bucket, prefix, glueDatabase, stagingDatabase, workgroup, athenaOutput, crawlerRole, kmsKey } = lake
  const account = given.account ?? /^arn:[\w-]+:iam::(\d{12}):/.exec(crawlerRole ?? '')?.[1]
  const partition = partitionOf(region)
  const [, resultsBucket, resultsPrefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(athenaOutput ?? '') ?? []
  // The topic may be another account's, and its key is where it is.
  const [, , , topicRegion, topicAccount] = topic?.arn.split(':') ?? []
  const arnOf = (name: string, place: string) =>
    name.startsWith('arn:') ? name : `arn:${partition}:${place}${name}`
  const keyOf = (key: string, place: string) => arnOf(isAlias(key) ? '*' : key, `kms:${place}:key/`)
  const whose = account ?? '<account>'
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
    'crawler-role': crawlerRole && arnOf(crawlerRole, `iam::${whose}:role/`),
    'topic-key': topic?.key && keyOf(topic.key, `${topicRegion}:${topicAccount}`),
    'topic-region': topicRegion,
    'kms-key': kmsKey && keyOf(kmsKey, `${region}:${whose}`),
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
