/** What an Iceberg load that was not published takes away of itself. */
import { type Call, inTrouble } from '../../aws/calls.ts'
import { abortUploadCalls, deleteObjectsCalls, listUploadsCalls } from '../../aws/objects.ts'
import { recordKey, stagedName } from '../layout.ts'
import type { LoadNames } from '../names.ts'
import { dropStagedCalls } from '../staged-tables.ts'
import { accountKey, dataFolder, metadataFolder, stagedFolder } from './layout.ts'

export function discardCalls({ lake, table, load }: LoadNames): Call[] {
  const { bucket, prefix, stagingDatabase: database } = lake
  const files = dataFolder(prefix, table, load)
  const written = [
    files,
    metadataFolder(prefix, table, load),
    stagedFolder(prefix, table, load),
    accountKey(prefix, table, load),
    recordKey(prefix, table, load),
  ]
  return inTrouble([
    ...written.flatMap((key) => deleteObjectsCalls(bucket, key)),
    ...listUploadsCalls(bucket, files),
    ...abortUploadCalls(bucket, files),
    ...dropStagedCalls({ database, table: stagedName(table, load) }),
  ])
}
