/** What a load that was not published takes away of itself. */
import { type Call, inTrouble } from '../../aws/calls.ts'
import { abortUploadCalls, deleteObjectsCalls, listUploadsCalls } from '../../aws/objects.ts'
import { loadFolder, recordKey, stagedName } from '../layout.ts'
import type { LoadNames } from '../names.ts'
import { dropStagedCalls } from '../staged-tables.ts'

export function discardCalls({ lake, table, load }: LoadNames): Call[] {
  const { bucket, prefix, stagingDatabase: database } = lake
  const files = loadFolder(prefix, table, load)
  return inTrouble([
    ...deleteObjectsCalls(bucket, files),
    ...deleteObjectsCalls(bucket, recordKey(prefix, table, load)),
    ...listUploadsCalls(bucket, files),
    ...abortUploadCalls(bucket, files),
    ...dropStagedCalls({ database, table: stagedName(table, load) }),
  ])
}
