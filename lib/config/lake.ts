/** Where the tables go: the DRACULA_* variables. The region and credentials are the AWS SDK's own. */
import { parseS3Location } from './s3-uri.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'
import { defaultWorkgroup, type SettingName, stagingSuffix } from './settings.ts'
import type { LakeConfig } from './types.ts'

export function missingForLake(env: Environment): string[] {
  return (['DRACULA_S3_URI', 'DRACULA_GLUE_DATABASE'] as const).filter(
    (name) => setting(env, name) === undefined,
  )
}

/** What Athena takes unquoted (Athena User Guide, "Name databases, tables, and columns"). */
const databaseName = /^[a-z_][a-z0-9_]*$/
/** Glue API, NameString. */
const mostLetters = 255

/** @throws Failure (2) naming the variable that is wrong */
export function parseLake(env: Environment): LakeConfig {
  const { bucket, prefix } = parseS3Location('DRACULA_S3_URI', setting(env, 'DRACULA_S3_URI') ?? '')
  const glueDatabase = parseDatabaseName(env, 'DRACULA_GLUE_DATABASE')
  const stagingDatabase = parseStagingName(env, glueDatabase)
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
    workgroup: parseWorkgroup(env),
    athenaOutput: parseOutput(env),
    kmsKey: word(env, 'DRACULA_KMS_KEY'),
  }
}

function parseOutput(env: Environment): string | undefined {
  const name = 'DRACULA_ATHENA_OUTPUT'
  const text = setting(env, name)
  if (text === undefined) return undefined
  const { bucket, prefix } = parseS3Location(name, text)
  return prefix === '' ? `s3://${bucket}/` : `s3://${bucket}/${prefix}/`
}

function parseStagingName(env: Environment, glueDatabase: string): string {
  const name = 'DRACULA_STAGING_DATABASE'
  if (setting(env, name) !== undefined) return parseDatabaseName(env, name)
  const derived = glueDatabase + stagingSuffix
  if (derived.length <= mostLetters) return derived
  throw wrongSetting(
    'DRACULA_GLUE_DATABASE',
    `has ${glueDatabase.length} letters, with ${stagingSuffix} ${derived.length}, and Glue takes ${mostLetters}`,
    `Use at most ${mostLetters - stagingSuffix.length}, or set ${name}.`,
  )
}

function parseDatabaseName(env: Environment, name: SettingName): string {
  const value = setting(env, name) ?? ''
  if (value.length > mostLetters) {
    throw wrongSetting(
      name,
      `has ${value.length} letters, and Glue takes ${mostLetters}`,
      `Use at most ${mostLetters}.`,
    )
  }
  if (databaseName.test(value)) return value
  throw wrongSetting(
    name,
    `is "${value}", which is not a name Athena takes`,
    `Use at most ${mostLetters} lower-case letters, digits and underscores, and no digit first.`,
  )
}

/** Athena API, WorkGroupName. */
function parseWorkgroup(env: Environment): string {
  const name = 'DRACULA_ATHENA_WORKGROUP'
  const value = word(env, name) ?? defaultWorkgroup
  if (/^[a-zA-Z0-9._-]{1,128}$/.test(value)) return value
  throw wrongSetting(
    name,
    'is no name of a workgroup in Athena',
    'Use 1 to 128 letters, digits, dots, hyphens and underscores.',
  )
}

/** Most letters of the id of a key (KMS API, KeyIdType); an ARN of a role has fewer. */
const mostWordLetters = 2048

/** A name or an ARN; it may travel in a header. */
function word(env: Environment, name: SettingName): string | undefined {
  const value = setting(env, name)
  if (value === undefined) return undefined
  if (/\s/.test(value)) throw wrongSetting(name, 'contains white space', 'Remove it.')
  if (!/^[!-~]+$/.test(value)) {
    throw wrongSetting(name, 'contains other than the letters and signs of ASCII', 'Correct it.')
  }
  if (value.length <= mostWordLetters) return value
  const reason = `has ${value.length.toLocaleString('en')} letters, and AWS takes ${mostWordLetters.toLocaleString('en')}`
  throw wrongSetting(name, reason, 'Correct it.')
}
