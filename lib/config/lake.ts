/** Where the tables go: the DRACULA_* variables. The region and credentials are the AWS SDK's own. */

import { type Environment, setting, wrongSetting } from './setting.ts'
import type { LakeConfig } from './types.ts'

export function missingForLake(env: Environment): string[] {
  return ['DRACULA_S3_URI', 'DRACULA_GLUE_DATABASE'].filter((name) => setting(env, name) === undefined)
}

/** S3 User Guide, "Bucket naming rules". */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
/** S3 User Guide, "Safe characters", less what a crawler takes for a partition (`=`) and what URLs escape. */
const keySegment = /^[A-Za-z0-9_.-]+$/
/** What Athena takes unquoted (Athena User Guide, "Name databases, tables, and columns"). */
const databaseName = /^[a-z_][a-z0-9_]{0,254}$/

/** @throws Failure (2) naming the variable that is wrong */
export function parseLake(env: Environment): LakeConfig {
  const { bucket, prefix } = parseS3Uri(env, 'DRACULA_S3_URI')
  const glueDatabase = parseDatabaseName(env, 'DRACULA_GLUE_DATABASE')
  const stagingDatabase = parseDatabaseName(env, 'DRACULA_STAGING_DATABASE', `${glueDatabase}_staging`)
  if (stagingDatabase === glueDatabase) {
    throw wrongSetting(
      'DRACULA_STAGING_DATABASE',
      'is the database of DRACULA_GLUE_DATABASE',
      'Name another one: what is staged there is not for readers.',
    )
  }
  return {
    bucket,
    prefix,
    glueDatabase,
    stagingDatabase,
    crawlerRole: word(env, 'DRACULA_CRAWLER_ROLE'),
    workgroup: word(env, 'DRACULA_ATHENA_WORKGROUP') ?? 'primary',
    athenaOutput: parseOutput(env),
    kmsKey: word(env, 'DRACULA_KMS_KEY'),
  }
}

function parseS3Uri(env: Environment, name: string): { bucket: string; prefix: string } {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(.*)$/s.exec(setting(env, name) ?? '') ?? []
  const prefix = path.replace(/^\/|\/$/g, '')
  const sound = prefix === '' || prefix.split('/').every((segment) => keySegment.test(segment))
  if (!bucketName.test(bucket) || !sound) {
    throw wrongSetting(
      name,
      'is not an S3 location',
      'Write s3://bucket/prefix, the prefix of letters, digits, dots, hyphens, underscores and single slashes.',
    )
  }
  return { bucket, prefix }
}

function parseOutput(env: Environment): string | undefined {
  const name = 'DRACULA_ATHENA_OUTPUT'
  if (setting(env, name) === undefined) return undefined
  const { bucket, prefix } = parseS3Uri(env, name)
  return prefix === '' ? `s3://${bucket}/` : `s3://${bucket}/${prefix}/`
}

function parseDatabaseName(env: Environment, name: string, otherwise = ''): string {
  const value = setting(env, name) ?? otherwise
  if (databaseName.test(value)) return value
  throw wrongSetting(
    name,
    `is "${value}", which is not a name Athena takes`,
    'Use at most 255 lower-case letters, digits and underscores, and no digit first.',
  )
}

function word(env: Environment, name: string): string | undefined {
  const value = setting(env, name)
  if (value === undefined || /^\S+$/.test(value)) return value
  throw wrongSetting(name, 'contains white space', 'Remove it.')
}
