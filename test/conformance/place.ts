/** Where the product runs: an embedded Postgres, and S3, Glue and Athena as the settings name them, in a corner of its own. */
import { randomBytes } from 'node:crypto'
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3'
import type { Sql } from 'postgres'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { named } from '../../lib/aws/glue.ts'
import { readDatabase, readLake } from '../../lib/config/config.ts'
import type { LakeConfig } from '../../lib/config/types.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { connectLake } from '../../lib/lake/connect.ts'
import { type StandIn, startStandIn } from '../../lib/local/stand-in.ts'
import { connectPostgres } from '../../lib/postgres/client.ts'
import { template } from '../support/template.ts'
import { clear } from './clear.ts'
import { type Mirror, startMirror } from './mirror.ts'
import { type Service, type Settings, services } from './settings.ts'
import { fill, tableNames } from './source.ts'

export interface Place {
  /** Complete for a program. */
  readonly env: Readonly<Record<string, string>>
  readonly aws: Aws
  readonly lake: LakeConfig
  readonly sql: Sql
  /** Who answers for each service, in words. */
  readonly servedBy: Readonly<Record<Service, string>>
  /** Its version. */
  readonly postgres: string
  /** Where what it makes is, in words. */
  readonly described: string
  /** For files; gone afterwards. */
  readonly folder: string
  /**
   * Removes all that was made, unless it is to be kept, and ends what runs here.
   * @returns a line for each thing that is left in spite of it
   */
  close(keep: boolean): Promise<readonly string[]>
}

const url = (service: Service) => `AWS_ENDPOINT_URL_${service.toUpperCase()}`

/**
 * This process, and the AWS SDK in it, has its environment from now on.
 * @throws Failure (2) where an endpoint or the bucket is not there
 */
export async function openPlace(settings: Settings): Promise<Place> {
  const name = `dracula_conformance_${randomBytes(4).toString('hex')}`
  const prefix = settings.prefix === '' ? `${name}/` : `${settings.prefix}/${name}/`
  const bucket = settings.bucket ?? name.replaceAll('_', '-')
  const databases = [name, `${name}_staging`] as const
  const elsewhere = services.filter((service) => settings.aws || settings.endpoints[service] !== undefined)
  const standIn = await startStandIn({ template })
  const ofStandIn = connectAws({
    endpoint: standIn.aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  let aws: Aws | undefined
  let remove = async (): Promise<readonly string[]> => []
  let mirror: Mirror | undefined
  let sql: Sql | undefined
  const stop = async () => {
    aws?.close()
    ofStandIn.close()
    await Promise.allSettled([sql?.end({ timeout: 1 }), mirror?.stop()])
    await standIn.stop()
  }
  try {
    await ofStandIn.s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
      if (!named(error, 'BucketAlreadyOwnedByYou')) throw error
    })
    const mirrored = elsewhere.filter((service) => service !== 'athena')
    if (mirrored.length > 0 && elsewhere.length < services.length) {
      mirror = startMirror({
        ...{ services: mirrored, bucket, prefix: `${prefix}tables/`, databases },
        there: () => aws!,
        standIn: { url: standIn.aws.url, aws: ofStandIn },
      })
    }
    const ownUrl = mirror?.url ?? standIn.aws.url
    const endpoints = services.flatMap((service): [string, string][] => {
      if (!elsewhere.includes(service)) return [[url(service), ownUrl]]
      const endpoint = settings.endpoints[service]
      return endpoint === undefined ? [] : [[url(service), endpoint]]
    })
    const env: Record<string, string> = {
      ...withoutAws(standIn.env),
      ...settings.variables,
      ...Object.fromEntries(endpoints),
      DRACULA_S3_URI: `s3://${bucket}/${prefix}tables`,
      DRACULA_GLUE_DATABASE: databases[0],
      DRACULA_STAGING_DATABASE: databases[1],
      DRACULA_ATHENA_OUTPUT: `s3://${bucket}/${prefix}results/`,
    }
    for (const each of Object.keys(process.env)) delete process.env[each]
    Object.assign(process.env, env)
    const lake = readLake()
    aws = connectLake({ maxAttempts: 3 })
    const there = aws
    const ownBucket = await ensureBucket(there, bucket, { make: !settings.aws })
    remove = () => clear({ aws: there, lake, prefix, ownBucket, tables: tableNames })
    sql = connectPostgres(readDatabase(), { applicationName: 'conformance' })
    await fill(sql)
    return {
      ...{ env, aws: there, lake, sql, folder: standIn.folder },
      servedBy: await describe(settings, elsewhere),
      postgres: await versionOf(sql),
      described: `s3://${bucket}/${prefix} and the Glue databases ${databases.join(' and ')}`,
      async close(keep) {
        const left = keep ? [] : await remove()
        await stop()
        return left
      },
    }
  } catch (error) {
    await remove()
    await stop()
    throw error
  }
}

function withoutAws(env: StandIn['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:AWS|DRACULA)_/.test(name)))
}

/** @returns whether it was made @throws Failure (2) when it is not there and cannot be */
async function ensureBucket(
  aws: Aws,
  Bucket: string,
  { make }: { readonly make: boolean },
): Promise<boolean> {
  const refused = (cause: unknown) =>
    new Failure({
      exit: 2,
      act: 'use the bucket',
      thing: Bucket,
      reason: cause instanceof Error ? cause.message : String(cause),
      advice: 'See whether the endpoint of S3 is up, and whether the keys are its own.',
      cause,
    })
  try {
    await aws.s3.send(new HeadBucketCommand({ Bucket }))
    return false
  } catch (error) {
    const isMissing = error instanceof Error && ['NotFound', 'NoSuchBucket'].includes(error.name)
    if (!isMissing || !make) throw refused(error)
  }
  await aws.s3.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
    throw refused(error)
  })
  return true
}

async function versionOf(sql: Sql): Promise<string> {
  const [row] = await sql`show server_version`
  return String(row?.['server_version'])
}

async function describe(
  { endpoints }: Settings,
  elsewhere: readonly Service[],
): Promise<Record<Service, string>> {
  const words = async (service: Service) => {
    const endpoint = endpoints[service]
    if (endpoint === undefined) return elsewhere.includes(service) ? 'AWS' : 'the stand-in'
    const server = await fetch(endpoint).then(
      ({ headers }) => headers.get('server'),
      () => null,
    )
    return server === null ? endpoint : `${server} at ${endpoint}`
  }
  const [s3, glue, athena] = await Promise.all(services.map(words))
  return { s3: s3 ?? '', glue: glue ?? '', athena: athena ?? '' }
}
