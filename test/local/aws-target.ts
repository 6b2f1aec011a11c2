import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AthenaClient } from '@aws-sdk/client-athena'
import { CreateDatabaseCommand, DeleteDatabaseCommand, GlueClient } from '@aws-sdk/client-glue'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { type LocalAws, startLocalAws } from '../../lib/local/aws/server.ts'

/** Where a conformance test runs: the embedded stand-in, or real AWS where DRACULA_TEST_S3_URI names a place to write. */
export interface Target {
  readonly s3: S3Client
  readonly glue: GlueClient
  readonly athena: AthenaClient
  readonly bucket: string
  /** Ends in a slash; this run's own. */
  readonly prefix: string
  /** A Glue database of this run's own. */
  readonly database: string
  /** Undefined: nothing to crawl with. */
  readonly role: string | undefined
  readonly local: LocalAws | undefined
  /** Writes what the SELECT yields as a Parquet object. */
  putParquet(key: string, select: string): Promise<void>
  close(): Promise<void>
}

const real = process.env['DRACULA_TEST_S3_URI']

/** A crawl takes minutes in AWS. */
export const patience = real === undefined ? 10_000 : 900_000

export async function openTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-aws-'))
  const local = real === undefined ? await startLocalAws({ folder: join(folder, 'aws') }) : undefined
  const settings =
    local === undefined
      ? {}
      : {
          endpoint: local.url,
          region: 'us-east-1',
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
          maxAttempts: 1,
        }
  const s3 = new S3Client(settings)
  const glue = new GlueClient(settings)
  const athena = new AthenaClient(settings)
  const run = crypto.randomUUID().slice(0, 8)
  const [, bucket = 'lake', parent = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(real ?? '') ?? []
  const prefix = `${parent === '' ? '' : `${parent}/`}${run}/`
  const database = `dracula_test_${run}`
  if (local !== undefined) await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: database } }))
  const duck = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' })

  return {
    s3,
    glue,
    athena,
    bucket,
    prefix,
    database,
    role: local === undefined ? process.env['DRACULA_CRAWLER_ROLE'] : 'arn:aws:iam::000000000000:role/local',
    local,
    putParquet: async (key, select) => {
      const path = join(folder, crypto.randomUUID())
      const connection = await duck.connect()
      await connection.run(`set TimeZone = 'UTC'`)
      await connection.run(`copy (${select}) to '${path}' (format parquet)`)
      connection.closeSync()
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(path) }))
    },
    close: async () => {
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: s3 },
        { Bucket: bucket, Prefix: prefix },
      )) {
        const Objects = Contents.map(({ Key }) => ({ Key }))
        if (Objects.length > 0) {
          await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
        }
      }
      await glue.send(new DeleteDatabaseCommand({ Name: database }))
      for (const client of [s3, glue, athena]) client.destroy()
      await local?.stop()
      local?.violations.refuse()
      duck.closeSync()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The exception a promise ends in: its name and HTTP status. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<[name: string, status: number | undefined]> {
  try {
    await promise
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } }
    return [name, $metadata?.httpStatusCode]
  }
  throw new Error('Nothing was refused.')
}
