/**
 * What files an Iceberg table has, found as the format's specification says and by none of our own code: the catalog's
 * pointer, its metadata as JSON, list and manifests as avsc reads them.
 */
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { findTable } from '../../lib/aws/glue.ts'
import type { TestStandIn } from '../support/stand-in.ts'
import { readWithAvsc } from './avsc.ts'

export interface LiveFile {
  /** `s3://bucket/key` */
  readonly uri: string
  readonly rows: number
}

/** Entry of a manifest: 0 existing, 1 added, 2 deleted. */
const deleted = 2

/**
 * Those of the current snapshot.
 * @param database of Glue; that of the stand-in's own lake when absent
 * @throws Error for a table that has none, or that has delete files
 */
export async function findLiveFiles(
  { aws }: Pick<TestStandIn, 'aws'>,
  table: string,
  database = 'lake',
): Promise<readonly LiveFile[]> {
  const live = await findTable(aws, { database, table })
  const pointer = live?.Parameters?.['metadata_location']
  if (pointer === undefined) throw new Error(`${table} is no Iceberg table`)
  const read = (uri: string) => readObject(aws, uri)
  // Ids of snapshots are longer than a number holds: told apart by their text.
  const text = new TextDecoder().decode(await read(pointer))
  const quoted = text.replace(/("[\w-]*snapshot-id"\s*:\s*)(-?\d+)/g, '$1"$2"')
  const metadata: Metadata = JSON.parse(quoted)
  const current = metadata.snapshots.find((each) => each['snapshot-id'] === metadata['current-snapshot-id'])
  if (current === undefined) return []
  const list = await readWithAvsc(await read(current['manifest-list']))
  const files: LiveFile[] = []
  for (const { manifest_path, content } of list.records) {
    if (content !== 0) throw new Error(`${table} has delete files`)
    const { records } = await readWithAvsc(await read(String(manifest_path)))
    for (const { status, data_file } of records) {
      if (status === deleted) continue
      const { file_path, record_count } = data_file as Readonly<Record<string, unknown>>
      files.push({ uri: String(file_path), rows: Number(record_count) })
    }
  }
  return files
}

interface Metadata {
  readonly 'current-snapshot-id': string
  readonly snapshots: readonly { readonly 'snapshot-id': string; readonly 'manifest-list': string }[]
}

/** Data files never change, so each is brought once. */
export async function bring(
  { aws }: Pick<TestStandIn, 'aws'>,
  files: readonly Pick<LiveFile, 'uri'>[],
  folder: string,
): Promise<string[]> {
  return Promise.all(
    files.map(async ({ uri }) => {
      const path = `${folder}/${uri.replace(/\W+/g, '_')}.parquet`
      if (!(await Bun.file(path).exists())) await Bun.write(path, await readObject(aws, uri))
      return path
    }),
  )
}

async function readObject(aws: TestStandIn['aws'], uri: string): Promise<Uint8Array> {
  const { hostname: Bucket, pathname } = new URL(uri)
  const { Body } = await aws.s3.send(
    new GetObjectCommand({ Bucket, Key: decodeURIComponent(pathname.slice(1)) }),
  )
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}
