/**
 * Everything a script needs, on this machine: Postgres, S3, Glue and Athena in a temporary folder.
 *
 * I want to…                          → file
 * change the Postgres that is started → postgres.ts, postgres-binaries.ts
 * change the sample domain            → seed.ts, seed/
 * answer another call of AWS          → aws/server.ts, aws/s3/, aws/glue/, aws/athena/
 * change how SQL of Athena is run     → aws/engine.ts, aws/athena/execute.ts
 * hold requests and answers to AWS    → aws/model/
 * read Iceberg tables otherwise       → aws/athena/iceberg/
 * let a service misbehave in a test   → aws/faults.ts
 * refuse what a policy does not allow → aws/iam/
 * refuse what a quota does not allow  → aws/quotas/
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { Quotas } from './aws/quotas/quotas.ts'
import { type LocalAws, startLocalAws } from './aws/server.ts'
import { type LocalPostgres, startLocalPostgres } from './postgres.ts'
import { seed } from './seed.ts'
import { startWatchdog } from './watchdog.ts'

export interface StandIn {
  /** The whole environment of a process inside: `variables` and the little a program needs to run at all. */
  readonly env: Record<string, string>
  /** What points a script at the stand-in. The passwords and the hash key in them are worth nothing elsewhere. */
  readonly variables: Record<string, string>
  /** None beside a database of the user's own. */
  readonly postgres: LocalPostgres | undefined
  readonly aws: LocalAws
  readonly folder: string
  /** Ends the servers and removes the folder. Safe to call again. */
  stop(): Promise<void>
}

export interface StandInOptions {
  /** A database of the user's own to stand beside; nothing is written to it. */
  readonly databaseUrl?: string | undefined
  /** Fill the embedded database. */
  readonly seed?: boolean
  readonly scale?: number
  /** Where its temporary folder goes; the system's unless given. */
  readonly folder?: string
  /** What Postgres begins with, as `startLocalPostgres` takes it. */
  readonly template?: string | undefined
  /** What AWS is to refuse for its quotas' sake. */
  readonly quotas?: Quotas | undefined
}

const region = 'us-east-1'
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const

/** @throws Failure when a server does not start; nothing is left behind then */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'dracula-'))
  const watchdog = startWatchdog(folder)
  let aws: LocalAws | undefined
  let postgres: LocalPostgres | undefined
  let stopped: Promise<void> | undefined
  const stopAll = async () => {
    await Promise.allSettled([aws?.stop(), postgres?.stop()])
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    watchdog.stop()
  }
  const stop = () => {
    stopped ??= stopAll()
    return stopped
  }
  try {
    if (options.databaseUrl === undefined)
      postgres = await startLocalPostgres({ folder, template: options.template })
    aws = await startLocalAws({ folder: join(folder, 'aws'), quotas: options.quotas })
    await createBuckets(aws.url, ['lake', 'lake-results'])
    if (postgres !== undefined && options.seed === true) {
      await seed(postgres.url, { scale: options.scale ?? 1 })
    }
    const databaseUrl = options.databaseUrl ?? postgres?.url ?? ''
    // Hashes of this lake join no other's: a real key has nothing to do here.
    const hashKey = randomBytes(32).toString('hex')
    const variables = {
      ...{ DATABASE_URL: databaseUrl, ...lakeVariables(aws.url) },
      DRACULA_HASH_KEY: hashKey,
    }
    // Scripts of a source with a name read the user's own: nothing here could stand in for it.
    const sources = Object.keys(process.env).filter((name) => /^DATABASE_URL_(?!FILE$)/.test(name))
    const kept = [
      ...[...always, ...sources],
      ...(options.databaseUrl !== undefined ? connection : sources.length > 0 ? connectionOfSources : []),
    ]
    return { env: { ...inherited(kept), ...variables }, variables, postgres, aws, folder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createBuckets(endpoint: string, names: readonly string[]): Promise<void> {
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  try {
    for (const Bucket of names) await s3.send(new CreateBucketCommand({ Bucket }))
  } finally {
    s3.destroy()
  }
}

function lakeVariables(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    // A profile in the user's home must not lead a script from here to a real account.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    DRACULA_S3_URI: 's3://lake/tables',
    DRACULA_GLUE_DATABASE: 'lake',
    DRACULA_CRAWLER_ROLE: 'arn:aws:iam::000000000000:role/local-crawler',
    DRACULA_ATHENA_WORKGROUP: 'primary',
    DRACULA_ATHENA_OUTPUT: 's3://lake-results/',
  }
}

const always = [
  ...['PATH', 'HOME', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ'],
  ...['TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'NO_COLOR', 'FORCE_COLOR', 'CI'],
]

/** The rest of what connects to a database of the user's own. */
const connection = ['PGPASSWORD', 'PGPASSFILE', 'PGSSLMODE', 'PGSSLROOTCERT', 'PGCONNECT_TIMEOUT']

/** The same of sources with a name, as far as it leaves the Postgres that is started here alone. */
const connectionOfSources = ['PGPASSFILE', 'PGSSLROOTCERT']

function inherited(names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  // The AWS SDK does not start without a home.
  return { HOME: tmpdir(), ...Object.fromEntries(found) }
}
