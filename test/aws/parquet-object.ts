import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Aws } from '../../lib/aws/clients.ts'

/** Puts what a query of DuckDB gives into a Parquet object of the bucket `lake`. */
export async function putParquet(aws: Aws, key: string, select: string): Promise<void> {
  const file = join(tmpdir(), `${crypto.randomUUID()}.parquet`)
  const instance = await DuckDBInstance.create()
  try {
    const connection = await instance.connect()
    await connection.run(`copy (${select}) to '${file}' (format parquet)`)
    connection.closeSync()
    await aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key: key, Body: await Bun.file(file).bytes() }))
  } finally {
    instance.closeSync()
    await rm(file, { force: true })
  }
}
