/** The loads of a table by their records alone: whether their files are still whole, nobody looks. */
import type { Call } from '../aws/calls.ts'
import { getTextCalls, listCalls, listObjects } from '../aws/objects.ts'
import type { History } from './history.ts'
import type { HistoryOptions } from './lake.ts'
import { recordKey, recordsFolder, rollbackKey, rollbacksFolder } from './layout.ts'
import type { LoadNames, TablePlace } from './names.ts'
import type { Published } from './published.ts'
import { historyIn } from './recorded-history.ts'

/** @throws Failure (2) when refused, (1) when AWS does not answer */
export async function recordedLoads(
  place: TablePlace,
  { published, signal, ...options }: HistoryOptions & { readonly published: Published },
): Promise<History> {
  const { aws, config, table } = place
  const { bucket, prefix } = config
  const folders = [recordsFolder(prefix, table), rollbacksFolder(prefix, table)]
  const listed = await Promise.all(
    folders.map((folder) => listObjects(aws, { bucket, prefix: folder, signal })),
  )
  const damageOf = async () => undefined
  return historyIn(place, { ...options, published, signal, listed: listed.flat(), damageOf })
}

export function recordedLoadsCalls({ lake: { bucket, prefix }, table }: LoadNames): Call[] {
  return [
    ...[recordsFolder(prefix, table), rollbacksFolder(prefix, table)].flatMap((folder) =>
      listCalls(bucket, folder),
    ),
    ...getTextCalls(bucket, recordKey(prefix, table, '<each load>')),
    ...getTextCalls(bucket, rollbackKey(prefix, table, '<each rollback>')),
  ]
}
