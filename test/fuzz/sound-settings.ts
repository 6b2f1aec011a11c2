/** Settings and flags as they should be, some of them spoilt. */
import type { Random } from '../support/random.ts'
import { spoilt } from './hostile.ts'

/** Nobody may read it in a message, whatever is wrong around it. */
export const secret = 'S3cr3tOfNobody'

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

const needed = ['DATABASE_URL', 'DRACULA_S3_URI', 'DRACULA_GLUE_DATABASE']

/** Nearly all of them are spoilt, or few. */
function spoiler(random: Random): (values: readonly string[]) => string {
  const share = random.pick([0.1, 0.5])
  return (values) => {
    const text = random.pick(values)
    return random() < share ? spoilt(text, random) : text
  }
}

export function someSettings(random: Random): Readonly<Record<string, string>> {
  const share = random.pick([0.1, 0.3, 0.7])
  const value = spoiler(random)
  const chance = (name: string) => (needed.includes(name) ? 0.9 : alone.includes(name) ? 0.02 : share)
  const env = Object.entries(sound)
    .filter(([name]) => random() < chance(name))
    .map(([name, values]) => [name, value(values)] as const)
  return Object.fromEntries(env)
}

/** Each with its value behind it. */
export function someFlags(random: Random): string[] {
  const value = spoiler(random)
  return Object.entries(soundFlags)
    .filter(() => random() < 0.15)
    .flatMap(([name, values]) => [name, value(values)])
}
