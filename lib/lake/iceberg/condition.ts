/** What an Iceberg table has in its place: what its snapshots need, and what nobody does. */
import type { Call } from '../../aws/calls.ts'
import { listCalls, listObjects } from '../../aws/objects.ts'
import { reachableObjects } from '../../iceberg/reachable.ts'
import { tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { isDayOld } from '../reader-grace.ts'
import { readBase, readBaseCalls } from './base.ts'
import { icebergOwnerOf, metadataFolder } from './layout.ts'
import { objectReader, readObjectsCalls } from './objects.ts'

export interface Condition {
  readonly snapshots: number
  /** What every query and every load reads first. */
  readonly metadataBytes: number
  readonly objects: number
  readonly bytes: number
  /** Objects of more than a day that no snapshot reaches. */
  readonly orphans: {
    /** Those that Dracula has written. */
    readonly own: number
    readonly others: number
    readonly bytes: number
  }
}

/**
 * @returns undefined: there is no Iceberg table of that name
 * @throws Failure (2) when refused, (1) when AWS does not answer, (4) for metadata or manifests that are gone or broken
 */
export async function conditionOf(
  place: TablePlace,
  signal: AbortSignal,
  now: Date,
): Promise<Condition | undefined> {
  const { aws, config, table } = place
  const { bucket, prefix } = config
  const folder = tableFolder(prefix, table)
  const location = `${folder}iceberg/`
  const listed = await listObjects(aws, { bucket, prefix: location, signal })
  // Read after the listing: what came meanwhile is no orphan.
  const { version } = await readBase(place, signal)
  if (version === undefined) return undefined
  const reached = await reachableObjects(version, objectReader(aws, signal))
  const orphans = listed.filter(
    ({ key, modified }) => isDayOld(modified, now) && !reached.has(`s3://${bucket}/${key}`),
  )
  const own = orphans.filter(({ key }) => icebergOwnerOf(key, folder) !== undefined).length
  return {
    snapshots: version.metadata.snapshots?.length ?? 0,
    metadataBytes: listed.find(({ key }) => version.file === `s3://${bucket}/${key}`)?.bytes ?? 0,
    objects: listed.length,
    bytes: sizeOf(listed),
    orphans: { own, others: orphans.length - own, bytes: sizeOf(orphans) },
  }
}

function sizeOf(objects: readonly { readonly bytes: number }[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0)
}

export function conditionCalls(names: LoadNames): Call[] {
  const { bucket, prefix } = names.lake
  return [
    ...listCalls(bucket, `${tableFolder(prefix, names.table)}iceberg/`),
    ...readBaseCalls(names),
    ...readObjectsCalls(bucket, metadataFolder(prefix, names.table, '<each load>')),
  ]
}
