/** S3 and Glue of the stand-in in this process, and how a failure of a promise is taken. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { type Aws, connectAws } from '../../lib/aws/clients.ts'
import { ensureDatabase } from '../../lib/aws/glue.ts'
import type { LakeConfig } from '../../lib/config/config.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { startLocalAws } from '../../lib/local/aws/server.ts'

/** The settings that the environment would give. */
export const lakeConfig: LakeConfig = {
  bucket: 'lake',
  prefix: 'tables',
  glueDatabase: 'lake',
  stagingDatabase: 'lake_staging',
  crawlerRole: undefined,
  workgroup: 'primary',
  athenaOutput: 's3://lake-results/',
  kmsKey: undefined,
}

/** The stand-in with the bucket `lake` and the databases `lake` and `lake_staging`, and a client of it. */
export async function openLake() {
  const folder = await mkdtemp(join(tmpdir(), 'lake-'))
  const server = await startLocalAws({ folder })
  const connect = (url = server.url): Aws =>
    connectAws({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestTimeout: 5_000,
      maxAttempts: 5,
    })
  const aws = connect()
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'lake' }))
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'lake-results' }))
  await ensureDatabase(aws, 'lake')
  await ensureDatabase(aws, 'lake_staging')
  return {
    aws,
    connect,
    /** Leads programs to it. */
    env: {
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      DRACULA_S3_URI: 's3://lake/tables',
      DRACULA_GLUE_DATABASE: 'lake',
    },
    /** A table of it. */
    place: (table: string) => ({ aws, config: lakeConfig, table }),
    faults: server.faults,
    guard: server.guard,
    /** What topics of SNS were sent. */
    published: server.published,
    /** How often an operation has arrived. */
    calls: (operation: string) => server.faults.log.filter((entry) => entry.operation === operation).length,
    /** What AWS' models forbid, and a test asked for all the same: `close` throws for the rest. */
    violations: server.violations,
    async close() {
      aws.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
      server.violations.refuse()
    },
  }
}

/** The Failure that the promise ends in. @throws Error when it ends well, or otherwise */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** A signal that nobody aborts. */
export const never = new AbortController().signal
