/**
 * What Dracula's promise rests on in S3, Glue and Athena, each tried by bare calls of the SDK: what an implementation lacks
 * is known before a load meets it.
 */
import {
  CreateCrawlerCommand,
  CreateTableCommand,
  DeleteCrawlerCommand,
  DeleteTableCommand,
  GetCatalogCommand,
  GetCrawlerCommand,
  GetDatabaseCommand,
  GetTableCommand,
  StartCrawlerCommand,
  StopCrawlerCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { runQuery } from '../../lib/aws/athena.ts'
import { crc32Text } from '../../lib/aws/checksum.ts'
import type { Aws } from '../../lib/aws/clients.ts'
import { encryption } from '../../lib/aws/encryption.ts'
import { ensureDatabase } from '../../lib/aws/glue.ts'
import { wait } from '../../lib/aws/wait.ts'
import { crawlerName } from '../../lib/lake/layout.ts'
import { NotOffered } from './outcome.ts'
import type { Place } from './place.ts'

export interface Guarantee {
  /** In a few words, for the table. */
  readonly title: string
  /** @returns what was seen @throws NotOffered, or what the SDK throws: then it is not offered either */
  try(place: Place): Promise<string>
}

export type GuaranteeName = keyof typeof guarantees

const body = Buffer.from('A probe.')
const other = Buffer.from('Another.')
const checksum = crc32Text(Bun.hash.crc32(body))

export const guarantees = {
  'new-object': {
    title: 'S3 writes an object only where none is (If-None-Match)',
    async try(place) {
      const object = probe(place, 'new')
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body, IfNoneMatch: '*' }))
      return refusal('a second object of one key', () =>
        place.aws.s3.send(new PutObjectCommand({ ...object, Body: other, IfNoneMatch: '*' })),
      )
    },
  },
  'new-upload': {
    title: 'S3 completes an upload only where no object is',
    async try(place) {
      const object = probe(place, 'upload')
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body }))
      const { complete, abort } = await uploaded(place, object)
      try {
        return await refusal('an upload to a key that is taken', () => complete({ IfNoneMatch: '*' }))
      } finally {
        await abort()
      }
    },
  },
  'read-object': {
    title: 'S3 writes an object only over the one that was read (If-Match)',
    async try(place) {
      const object = probe(place, 'read')
      const { ETag } = await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body }))
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: other, IfMatch: ETag }))
      return refusal('an object over another than was read', () =>
        place.aws.s3.send(new PutObjectCommand({ ...object, Body: body, IfMatch: ETag })),
      )
    },
  },
  'aborted-upload': {
    title: 'S3 keeps the object to whose key an upload is aborted',
    async try(place) {
      const object = probe(place, 'aborted')
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body }))
      const { abort } = await uploaded(place, object)
      await abort()
      const { ContentLength } = await place.aws.s3.send(new HeadObjectCommand(object)).catch(() => {
        throw new NotOffered('the object is gone as well')
      })
      return `${ContentLength} bytes are there`
    },
  },
  checksum: {
    title: 'S3 holds an object against its CRC32, and tells it',
    async try(place) {
      const object = probe(place, 'checksum')
      const refused = await refusal('an object with the checksum of another', () =>
        place.aws.s3.send(new PutObjectCommand({ ...object, Body: other, ChecksumCRC32: checksum })),
      )
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body, ChecksumCRC32: checksum }))
      return `${refused}; ${await toldChecksum(place, object)}`
    },
  },
  'part-checksum': {
    title: 'S3 tells no checksum of the whole with a part of an object',
    async try(place) {
      const object = probe(place, 'part')
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body, ChecksumCRC32: checksum }))
      const part = { ...object, Range: 'bytes=2-4', ChecksumMode: 'ENABLED' } as const
      const { Body, ChecksumCRC32 } = await place.aws.s3.send(new GetObjectCommand(part))
      const text = await Body?.transformToString()
      if (ChecksumCRC32 === undefined && text === 'pro') return 'it tells none'
      throw new NotOffered(`with "${text}" it tells ${ChecksumCRC32}`)
    },
  },
  'upload-checksum': {
    title: 'S3 holds an upload in parts against the CRC32 of the whole',
    async try(place) {
      const object = probe(place, 'parts')
      const { complete, abort } = await uploaded(place, object)
      try {
        const refused = await refusal('an upload with the checksum of another', () =>
          complete({ ChecksumCRC32: crc32Text(Bun.hash.crc32(other)), ChecksumType: 'FULL_OBJECT' }),
        )
        await complete({ ChecksumCRC32: checksum, ChecksumType: 'FULL_OBJECT' })
        return `${refused}; ${await toldChecksum(place, object)}`
      } finally {
        await abort()
      }
    },
  },
  encryption: {
    title: 'S3 says by what an object is encrypted',
    async try(place) {
      const object = probe(place, 'encrypted')
      const { kmsKey } = place.lake
      await place.aws.s3.send(new PutObjectCommand({ ...object, Body: body, ...encryption(kmsKey) }))
      const { ServerSideEncryption } = await place.aws.s3.send(new HeadObjectCommand(object))
      const wanted = kmsKey === undefined ? 'AES256' : 'aws:kms'
      if (ServerSideEncryption === wanted) return ServerSideEncryption
      throw new NotOffered(`it is to be ${wanted}, and S3 says ${ServerSideEncryption ?? 'nothing'}`)
    },
  },
  version: {
    title: 'Glue changes a table only in the version that was read',
    async try({ aws, lake: { stagingDatabase: DatabaseName } }) {
      await ensureDatabase(aws, DatabaseName)
      const Name = 'a_probe'
      const input = (Description: string) => ({ DatabaseName, TableInput: { Name, Description } })
      await aws.glue.send(new CreateTableCommand(input('first')))
      try {
        const { Table } = await aws.glue.send(new GetTableCommand({ DatabaseName, Name }))
        const VersionId = Table?.VersionId
        if (VersionId === undefined) throw new NotOffered('a table has no version')
        const change = (text: string) => aws.glue.send(new UpdateTableCommand({ ...input(text), VersionId }))
        await change('second')
        return await refusal('a change of a version that is no longer there', () => change('third'))
      } finally {
        await aws.glue.send(new DeleteTableCommand({ DatabaseName, Name }))
      }
    },
  },
  catalog: {
    title: 'Glue tells of the settings of its catalog',
    async try({ aws, lake: { stagingDatabase: Name } }) {
      const { Database } = await aws.glue.send(new GetDatabaseCommand({ Name }))
      const CatalogId = Database?.CatalogId
      const { Catalog } = await aws.glue.send(new GetCatalogCommand({ CatalogId }))
      return `catalog ${Catalog?.CatalogId ?? CatalogId ?? ''}`
    },
  },
  crawler: {
    title: "Glue's crawlers run, and end",
    async try({ aws, lake }) {
      if (lake.crawlerRole === undefined) throw new NotOffered('DRACULA_CRAWLER_ROLE is not set')
      const Name = crawlerName(lake.glueDatabase, 'a_probe')
      const target = { Path: `s3://${lake.bucket}/${lake.prefix}/_probes/` }
      await aws.glue.send(
        new CreateCrawlerCommand({
          ...{ Name, Role: lake.crawlerRole, DatabaseName: lake.stagingDatabase },
          ...{ TablePrefix: 'a_probe_', Targets: { S3Targets: [target] } },
        }),
      )
      try {
        await aws.glue.send(new StartCrawlerCommand({ Name }))
        return await crawlEnds(aws, Name)
      } finally {
        await aws.glue.send(new StopCrawlerCommand({ Name })).catch(() => undefined)
        await aws.glue.send(new DeleteCrawlerCommand({ Name }))
      }
    },
  },
  query: {
    title: 'Athena answers a query',
    async try(place) {
      const { glueDatabase, workgroup, athenaOutput } = place.lake
      await ensureDatabase(place.aws, glueDatabase)
      const { rows } = await runQuery(place.aws, {
        sql: 'select count(*), sum(n) from (values (1), (2), (39)) as t (n)',
        ...{ database: glueDatabase, workgroup, output: athenaOutput },
        timeoutMs: 60_000,
        signal: AbortSignal.timeout(90_000),
      })
      const [row] = rows
      if (row?.[0] === '3' && row[1] === '42') return 'it counts and adds up'
      throw new NotOffered(`its answer is ${JSON.stringify(rows)}, not 3 and 42`)
    },
  },
} as const satisfies Readonly<Record<string, Guarantee>>

/** AWS takes a minute or two for a crawl; an endpoint of one's own is asked for some seconds. */
const crawlPatienceMs = { aws: 10 * 60_000, other: 10_000 } as const

async function crawlEnds(aws: Aws, Name: string): Promise<string> {
  const { endpoint } = await aws.where()
  const { crawlerPoll } = await aws.timings()
  const patience = crawlPatienceMs[endpoint === undefined ? 'aws' : 'other']
  const started = performance.now()
  for (;;) {
    const { Crawler } = await aws.glue.send(new GetCrawlerCommand({ Name }))
    if (Crawler?.State === 'READY' && Crawler.LastCrawl !== undefined)
      return `it ended as ${Crawler.LastCrawl.Status}`
    if (performance.now() - started > patience)
      throw new NotOffered(`a crawler is ${Crawler?.State} after ${patience / 1000} s`)
    await wait(crawlerPoll, AbortSignal.timeout(patience))
  }
}

interface ObjectName {
  readonly Bucket: string
  readonly Key: string
}

function probe({ lake }: Place, name: string): ObjectName {
  return { Bucket: lake.bucket, Key: `${lake.prefix}/_probes/${name}` }
}

/** @throws NotOffered when it is carried out */
async function refusal(what: string, act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
  } catch (error) {
    return `${error instanceof Error ? error.name : String(error)} for ${what}`
  }
  throw new NotOffered(`it takes ${what}`)
}

async function toldChecksum({ aws }: Place, object: ObjectName): Promise<string> {
  const { ChecksumCRC32 } = await aws.s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))
  if (ChecksumCRC32 === checksum) return 'it is told'
  throw new NotOffered(`it tells ${ChecksumCRC32 ?? 'no checksum'}, not ${checksum}`)
}

/** One part, all of which is there. */
async function uploaded({ aws: { s3 } }: Place, object: ObjectName) {
  const begun = { ...object, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun))
  const part = { ...object, UploadId, PartNumber: 1, Body: body, ChecksumCRC32: checksum }
  const { ETag } = await s3.send(new UploadPartCommand(part))
  const Parts = [{ PartNumber: 1, ETag, ChecksumCRC32: checksum }]
  return {
    complete: (more: object) =>
      s3.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts }, ...more }),
      ),
    abort: () =>
      s3.send(new AbortMultipartUploadCommand({ ...object, UploadId })).then(
        () => undefined,
        () => undefined,
      ),
  }
}
