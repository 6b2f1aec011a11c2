/** The files of a load, brought from S3 into a folder. */
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { LoadSummary } from '../../lib/load/summary.ts'
import type { TestStandIn } from './stand-in.ts'

/** Brings the files of a load into a folder; their paths in the order of the files. */
export async function download(
  { aws }: TestStandIn,
  { files, load }: LoadSummary,
  folder: string,
): Promise<string[]> {
  return Promise.all(
    files.map(async (uri) => {
      const { hostname: Bucket, pathname } = new URL(uri)
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }))
      const path = join(folder, `${load}-${pathname.split('/').at(-1)}`)
      await Bun.write(path, (await Body?.transformToByteArray()) ?? '')
      return path
    }),
  )
}
