/** What loads take away once nobody needs it, looked at from two days later. */
import { CreateMultipartUploadCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { listObjects, listUploads } from '../../../lib/aws/objects.ts'
import { expireLoads } from '../../../lib/lake/hive/expire.ts'
import { expireLoads as expireIcebergLoads } from '../../../lib/lake/iceberg/expire.ts'
import { dataFolder } from '../../../lib/lake/iceberg/layout.ts'
import { loadFolder, tableFolder } from '../../../lib/lake/layout.ts'
import { newLoadId } from '../../../lib/lake/load-id.ts'
import type { Place } from '../place.ts'
import everyKind from '../scripts/every_kind.ts'
import visits from '../scripts/visits.ts'
import type { Context, Step } from './step.ts'

const dayMs = 24 * 3_600_000
const deadlineMs = 6 * 3_600_000

export const upkeepSteps = {
  expired: {
    title: 'old loads, and what a killed load has left, are removed',
    after: ['again'],
    async run(context) {
      const { place, product, published, signal } = context
      const { aws, lake: config } = place
      const rows = await product.seen(everyKind)
      const killed = await leaveKilled(place, (load) => loadFolder(config.prefix, everyKind.name, load))
      const now = new Date(Date.now() + 2 * dayMs)
      const table = { aws, config, table: everyKind.name }
      const { warnings, removedLoads, abortedUploads } = await expireLoads(table, {
        ...{ keep: 1, deadlineMs, signal, now },
      })
      requireNoWarnings(warnings)
      const [first] = published.get(everyKind.name) ?? []
      if (first !== undefined && !removedLoads.includes(first.summary.load))
        throw new Error(`load ${first.summary.load} is still there`)
      await requireGone(place, everyKind.name, killed)
      await product.requireSeen(everyKind, rows)
      return `${removedLoads.length} loads and ${abortedUploads} unfinished upload removed`
    },
  },
  'iceberg-expired': {
    title: 'the same of an Iceberg table, whose snapshots stay whole',
    after: ['iceberg'],
    async run(context: Context) {
      const { place, product, published, signal } = context
      const { aws, lake: config } = place
      const rows = await product.seen(visits)
      const killed = await leaveKilled(place, (load) => dataFolder(config.prefix, visits.name, load))
      const done = published.get(visits.name)?.at(-1)?.summary.load ?? ''
      const now = new Date(Date.now() + 2 * dayMs)
      const table = { aws, config, table: visits.name }
      const { warnings, removed } = await expireIcebergLoads(table, { deadlineMs, done, signal, now })
      requireNoWarnings(warnings)
      await requireGone(place, visits.name, killed)
      await product.requireSeen(visits, rows)
      return `${removed.length} objects and an unfinished upload removed`
    },
  },
} as const satisfies Readonly<Record<string, Step>>

/** An object and an upload of a load that began ten days ago and left no record. @returns its name */
async function leaveKilled({ aws, lake }: Place, folderOf: (load: string) => string): Promise<string> {
  const load = newLoadId(new Date(Date.now() - 10 * dayMs))
  const object = (name: string) => ({ Bucket: lake.bucket, Key: `${folderOf(load)}${name}` })
  await aws.s3.send(new PutObjectCommand({ ...object('part-0.parquet'), Body: 'PAR1' }))
  const unfinished = object('part-1.parquet')
  const { UploadId } = await aws.s3.send(new CreateMultipartUploadCommand(unfinished))
  await aws.s3.send(new UploadPartCommand({ ...unfinished, UploadId, PartNumber: 1, Body: 'PAR1' }))
  return load
}

async function requireGone({ aws, lake }: Place, table: string, load: string): Promise<void> {
  const under = { bucket: lake.bucket, prefix: tableFolder(lake.prefix, table) }
  const [objects, uploads] = await Promise.all([listObjects(aws, under), listUploads(aws, under)])
  const left = [...objects, ...uploads].filter(({ key }) => key.includes(`/${load}/`))
  if (left.length > 0) throw new Error(`${left[0]!.key} is still there`)
}

function requireNoWarnings(warnings: readonly string[]): void {
  if (warnings.length > 0) throw new Error(warnings.join('; '))
}
