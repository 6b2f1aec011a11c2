/** Reads what the records and the Glue table say together of a table's loads. */
import type { Call } from '../../aws/calls.ts'
import { readTableCalls } from '../../aws/glue.ts'
import { getTextCalls, listCalls, listObjects } from '../../aws/objects.ts'
import type { History } from '../history.ts'
import type { HistoryOptions } from '../lake.ts'
import { ownerOf, recordKey, rollbackKey, tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import type { StoredRecord } from '../recorded.ts'
import { historyIn } from '../recorded-history.ts'
import { describeDifference } from '../written.ts'
import { readPublished } from './published.ts'

/** @throws Failure (2) when refused, (1) when AWS does not answer */
export async function readHistory(place: TablePlace, options: HistoryOptions): Promise<History> {
  const { aws, config, table } = place
  const folder = tableFolder(config.prefix, table)
  const published = await readPublished(aws, {
    ...{ database: config.glueDatabase, table, signal: options.signal },
  })
  const listed = await listObjects(aws, { bucket: config.bucket, prefix: folder, signal: options.signal })
  const files = Map.groupBy(listed, ({ key }) => {
    const owner = ownerOf(key, folder)
    return owner?.kind === 'file' ? owner.load : undefined
  })
  const damageOf = async ({ load, objects }: StoredRecord) =>
    describeDifference(objects, files.get(load) ?? [])
  return historyIn(place, { ...options, published, listed, damageOf })
}

export function historyCalls({ lake, table }: LoadNames): Call[] {
  const { bucket, prefix, glueDatabase: database } = lake
  return [
    ...readTableCalls({ database, table }),
    ...listCalls(bucket, tableFolder(prefix, table)),
    ...getTextCalls(bucket, recordKey(prefix, table, '<each load>')),
    ...getTextCalls(bucket, rollbackKey(prefix, table, '<each rollback>')),
  ]
}
