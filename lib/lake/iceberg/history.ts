/** Reads what the records, the Glue table and its metadata say together of an Iceberg table's loads. */
import type { Call } from '../../aws/calls.ts'
import { getTextCalls, listCalls, listObjects } from '../../aws/objects.ts'
import type { History } from '../history.ts'
import type { HistoryOptions } from '../lake.ts'
import { recordKey, rollbackKey, tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { historyIn } from '../recorded-history.ts'
import { readBase, readBaseCalls } from './base.ts'
import { metadataFolder } from './layout.ts'
import { snapshotOfLoad } from './lineage.ts'
import { objectReader, readObjectsCalls } from './objects.ts'
import { describeLost } from './whole.ts'

/** @throws Failure (2) when refused, (1) when AWS does not answer, (4) for metadata that is gone or broken */
export async function readHistory(place: TablePlace, options: HistoryOptions): Promise<History> {
  const { aws, config, table } = place
  const { bucket, prefix } = config
  const { signal } = options
  const folder = tableFolder(prefix, table)
  const { published, version } = await readBase(place, signal)
  const listed = await listObjects(aws, { bucket, prefix: folder, signal })
  const read = objectReader(aws, signal)
  return historyIn(place, {
    ...options,
    ...{ published, listed },
    async damageOf({ load, objects }) {
      const snapshot = version && snapshotOfLoad(version.metadata, load)
      if (snapshot === undefined) return 'its snapshot has expired'
      const { metadata } = version!
      return describeLost(table, { metadata, snapshot, read }, { bucket, folder, listed, objects })
    },
  })
}

export function historyCalls(names: LoadNames): Call[] {
  const { lake, table } = names
  const { bucket, prefix } = lake
  return [
    ...readBaseCalls(names),
    ...listCalls(bucket, tableFolder(prefix, table)),
    ...getTextCalls(bucket, recordKey(prefix, table, '<each load>')),
    ...getTextCalls(bucket, rollbackKey(prefix, table, '<each rollback>')),
    ...readObjectsCalls(bucket, metadataFolder(prefix, table, '<each load>')),
  ]
}
