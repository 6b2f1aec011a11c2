/** The environment and the flags of a load, with anything in them: they are understood, or refused in one clear line. */

import { loadCommand, loadOptions } from '../../lib/cli/load-flags.ts'
import * as config from '../../lib/config/config.ts'
import type { Random } from '../support/random.ts'
import { lineProblem } from './clear-line.ts'
import { hostileText, spoilt } from './hostile.ts'
import type { Part } from './part.ts'

interface SettingsInput {
  readonly env: Readonly<Record<string, string>>
  readonly flags: readonly string[]
}

/** Nobody may read it in a message, whatever is wrong around it. */
const secret = 'S3cr3tOfNobody'

/** Values that are as they should be, secrets in their places. */
const sound: Readonly<Record<string, readonly string[]>> = {
  DATABASE_URL: [
    `postgres://me:${secret}@db.example.com:5432/shop?sslmode=verify-full`,
    `postgresql://me:${secret}@[::1]/shop?application_name=x&connect_timeout=5`,
    `postgres://me@localhost/shop?password=${secret}`,
  ],
  DATABASE_URL_BILLING: [`postgres://me:${secret}@localhost/billing`],
  DATABASE_URL_FILE: ['/nowhere/database-url'],
  PGHOST: ['localhost', '/var/run/postgresql'],
  PGPORT: ['5432', '65535'],
  PGUSER: ['me'],
  PGDATABASE: ['shop'],
  PGPASSWORD: [secret],
  PGSSLMODE: ['disable', 'prefer', 'require', 'verify-full'],
  PGSSLROOTCERT: ['/nowhere/root.crt', 'system'],
  PGPASSFILE: ['/nowhere/pgpass'],
  PGCONNECT_TIMEOUT: ['5'],
  PGOPTIONS: ['-c statement_timeout=0'],
  PGSERVICE: ['shop'],
  DRACULA_DATABASE_AUTH: ['password', 'rds-iam'],
  AWS_REGION: ['eu-central-1'],
  DRACULA_S3_URI: ['s3://lake/tables', 's3://lake', 's3://a.b-c/d/e_f.g/'],
  DRACULA_GLUE_DATABASE: ['lake', 'a_1'],
  DRACULA_STAGING_DATABASE: ['lake_staging'],
  DRACULA_CRAWLER_ROLE: ['arn:aws:iam::123456789012:role/crawler', 'crawler'],
  DRACULA_ATHENA_WORKGROUP: ['primary'],
  DRACULA_ATHENA_OUTPUT: ['s3://results/x/'],
  DRACULA_KMS_KEY: ['arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
  DRACULA_HASH_KEY: [`${secret}${'k'.repeat(32)}`],
  DRACULA_HASH_KEY_FILE: ['/nowhere/key'],
  DRACULA_ENVIRONMENT: ['production'],
  DRACULA_WEBHOOK: [`https://hooks.example.com/services/${secret}`],
  DRACULA_WEBHOOK_FORMAT: ['slack', 'json'],
  DRACULA_SNS_TOPIC: ['arn:aws:sns:eu-central-1:123456789012:loads'],
  DRACULA_METRICS_DIRECTORY: ['/tmp'],
  SENTRY_DSN: [`https://${secret}@sentry.example.com/1`],
  OPENLINEAGE_URL: ['https://lineage.example.com'],
  OPENLINEAGE_API_KEY: [secret],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['http://localhost:4318'],
  OTEL_EXPORTER_OTLP_HEADERS: [`authorization=Bearer%20${secret}`],
  OTEL_RESOURCE_ATTRIBUTES: ['team=data,env=production'],
  TRACEPARENT: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  DRACULA_DEBUG: ['1', '0'],
}

/** Settings that are refused whatever they say, or beside another that is there mostly: they would hide all others. */
const alone = [
  'PGOPTIONS',
  'PGSERVICE',
  'DATABASE_URL_FILE',
  'DRACULA_HASH_KEY_FILE',
  'PGPASSFILE',
  'PGSSLROOTCERT',
]

/** Flags with a value that is as it should be. */
const soundFlags: Readonly<Record<string, readonly string[]>> = {
  '--limit': ['10'],
  '--catalog': ['auto', 'declared'],
  '--retain': ['3'],
  '--max-shrink': ['80%', '5'],
  '--deadline': ['6h', '90s'],
  '--connect-within': ['30s', 'off'],
  '--yield-after': ['10s', '0'],
  '--connections': ['auto', '4'],
  '--partitions': ['2026-03-01..2026-03-07', '"a,b",null'],
  '--codec': ['zstd', 'none'],
  '--max-lookup-size': ['1GiB', '200MB'],
  '--max-file-size': ['512MiB'],
}

const readers: readonly ((env: config.Environment) => unknown)[] = [
  (env) => config.readConfig({ name: 'things', connection: undefined }, env),
  (env) => config.readConfig({ name: 'things', connection: 'billing' }, env),
  (env) => config.readDryRun({ name: 'things', connection: undefined }, env),
  config.readHashKey,
  config.readSentry,
  config.readLineage,
  config.readNotify,
  config.findNotifyConfig,
  config.findTelemetry,
  config.findTokenUsers,
  config.findAllDatabases,
  config.findAllSecrets,
  config.findLake,
  config.environmentName,
  (env) => config.readUnknownSettings(['billing'], env),
]

export const settings: Part<SettingsInput> = {
  name: 'settings',
  words:
    'environments and flags with hostile values: understood, or refused in one clear line without a secret',
  inputs: 100_000,
  make,
  problem,
  *smaller({ env, flags }) {
    for (const name of Object.keys(env)) {
      const { [name]: _, ...others } = env
      yield { env: others, flags }
    }
    for (let at = 0; at < flags.length; at += 2) yield { env, flags: flags.toSpliced(at, 2) }
  },
  describe: (input) => input,
}

function make(random: Random): SettingsInput {
  const share = random.pick([0.1, 0.3, 0.7])
  const needed = ['DATABASE_URL', 'DRACULA_S3_URI', 'DRACULA_GLUE_DATABASE']
  const spoils = random.pick([0.1, 0.5])
  const value = (values: readonly string[]) => {
    const text = random.pick(values)
    return random() < spoils ? spoilt(text, random) : text
  }
  const chance = (name: string) => (needed.includes(name) ? 0.9 : alone.includes(name) ? 0.02 : share)
  const env = Object.entries(sound)
    .filter(([name]) => random() < chance(name))
    .map(([name, values]) => [name, value(values)] as const)
  const flags = Object.entries(soundFlags)
    .filter(() => random() < 0.15)
    .flatMap(([name, values]) => [name, value(values)])
  const stray = random() < 0.05 ? [hostileText(random)] : []
  return { env: Object.fromEntries(env), flags: [...flags, ...stray] }
}

function problem({ env, flags }: SettingsInput): string | undefined {
  for (const read of readers) {
    try {
      read(env)
    } catch (error) {
      const found = lineProblem(error, secret)
      if (found !== undefined) return found
    }
  }
  return lakeProblem(env) ?? flagsProblem(flags)
}

/** What is taken is a place that all clients and servers mean alike. */
function lakeProblem(env: config.Environment): string | undefined {
  const lake = config.findLake(env)
  if (lake === undefined) return undefined
  const { bucket, prefix, glueDatabase } = lake
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return `takes the bucket ${bucket}`
  if (!/^([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*)?$/.test(prefix) || /(^|\/)\.+(\/|$)/.test(prefix))
    return `takes the prefix ${prefix}`
  return /^[a-z_][a-z0-9_]{0,254}$/.test(glueDatabase) ? undefined : `takes the Glue database ${glueDatabase}`
}

/** Whole numbers in their bounds, however they were written. */
function flagsProblem(flags: readonly string[]): string | undefined {
  const command = loadCommand('things')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
  try {
    command.parse(['bun', 'things.ts', ...flags])
    const options = loadOptions(command)
    for (const [name, least] of Object.entries({
      limit: 1,
      retain: 1,
      deadlineMs: 1,
      maxFileBytes: 1,
      maxLookupBytes: 1,
    })) {
      const value: unknown = Reflect.get(options, name)
      if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= least))
        return `takes ${name} ${String(value)}`
    }
    return undefined
  } catch (error) {
    return lineProblem(error, secret)
  }
}
