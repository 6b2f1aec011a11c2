/** A connection that reads slices beside the leader's, in its snapshot. */
import type { Table } from '../../declare/table.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import { readSlice, type Slice, type SliceMeans } from '../../pipeline/slice.ts'
import type { Reader } from '../../postgres/connect.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import { joinSnapshot } from '../../postgres/shared-snapshot.ts'
import type { Joining } from './messages.ts'

/** @throws Failure as `joinSnapshot` */
export async function join(
  table: Table,
  { database, snapshot, applicationName, deadlineMs, source, by, select }: Joining,
  signal: AbortSignal,
): Promise<Reader> {
  return joinSnapshot(database, snapshot, {
    ...{ applicationName, deadlineMs, select, signal },
    underSettings: (reader, work) => underSettingsOf(reader, table, source, work, { ordered: true, by }),
  })
}

/** @throws as `readSlice`, and the driver's error */
export async function readBy(
  reader: Reader,
  { source, by }: Pick<Joining, 'source' | 'by'>,
  slice: Slice,
  means: Omit<SliceMeans, 'reader'>,
): Promise<SliceFacts> {
  const read = () => readSlice(slice, { ...means, reader })
  return underSettingsOf(reader, means.table, source, read, { ordered: true, by })
}
