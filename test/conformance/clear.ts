/** Takes away everything that a run has made, and says what stays. */
import {
  DeleteCrawlerCommand,
  DeleteDatabaseCommand,
  DeleteTableCommand,
  paginateGetTables,
} from '@aws-sdk/client-glue'
import { DeleteBucketCommand } from '@aws-sdk/client-s3'
import type { Aws } from '../../lib/aws/clients.ts'
import { named } from '../../lib/aws/glue.ts'
import { abortUpload, deleteObjects, listObjects, listUploads } from '../../lib/aws/objects.ts'
import type { LakeConfig } from '../../lib/config/types.ts'
import { crawlerName } from '../../lib/lake/layout.ts'

export interface Corner {
  readonly aws: Aws
  readonly lake: LakeConfig
  /** Where all its keys begin; ends with a slash. */
  readonly prefix: string
  readonly tables: readonly string[]
  /** Whether the bucket was made for it. */
  readonly ownBucket: boolean
}

/** @returns a line for each thing that could not be removed */
export async function clear({ aws, lake, prefix, tables, ownBucket }: Corner): Promise<string[]> {
  const { bucket, glueDatabase, stagingDatabase } = lake
  const left: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (named(error, 'EntityNotFoundException', 'NoSuchBucket')) return
      left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const table of tables) {
    const Name = crawlerName(glueDatabase, table)
    await attempt(`crawler ${Name}`, () => aws.glue.send(new DeleteCrawlerCommand({ Name })))
  }
  for (const database of [glueDatabase, stagingDatabase]) {
    await attempt(`tables of ${database}`, () => dropTables(aws, database))
    await attempt(`database ${database}`, () => aws.glue.send(new DeleteDatabaseCommand({ Name: database })))
  }
  const place = `s3://${bucket}/${prefix}`
  await attempt(`uploads under ${place}`, async () => {
    for (const { key, id } of await listUploads(aws, { bucket, prefix }))
      await abortUpload(aws, { bucket, key, id })
  })
  await attempt(`objects under ${place}`, async () => {
    const keys = (await listObjects(aws, { bucket, prefix })).map(({ key }) => key)
    await deleteObjects(aws, { bucket, keys })
  })
  if (ownBucket)
    await attempt(`bucket ${bucket}`, () => aws.s3.send(new DeleteBucketCommand({ Bucket: bucket })))
  return left
}

async function dropTables(aws: Aws, DatabaseName: string): Promise<void> {
  const pages = await Array.fromAsync(paginateGetTables({ client: aws.glue }, { DatabaseName }))
  for (const { Name } of pages.flatMap(({ TableList = [] }) => TableList))
    await aws.glue.send(new DeleteTableCommand({ DatabaseName, Name }))
}
