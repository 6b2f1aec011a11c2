/** What a record keeps of the loads before its own, as their records go with their files. */
import { type Call, onlyWhen } from '../aws/calls.ts'
import { findText, getTextCalls } from '../aws/objects.ts'
import { recordKey } from './layout.ts'
import type { LoadNames, LoadPlace } from './names.ts'
import type { EarlierLoad } from './record.ts'
import { parseRecord, type StoredRecord } from './recorded.ts'

/** Loads; some weeks of two a day. */
const most = 60

/**
 * The loads that readers saw one after another before this one, oldest first. Nothing but a picture hangs on them: where
 * they cannot be read they begin anew.
 * @param replaced the load that is published; null: none is
 */
export async function earlierLoads(
  { aws, config: { bucket, prefix }, table, signal }: Pick<LoadPlace, 'aws' | 'config' | 'table' | 'signal'>,
  replaced: string | null,
): Promise<readonly EarlierLoad[]> {
  if (replaced === null) return []
  const key = recordKey(prefix, table, replaced)
  const text = await findText(aws, { bucket, key, signal }).catch(() => undefined)
  const record = parseRecord(text ?? '', table, replaced)
  return typeof record === 'string' ? [] : [...record.earlier, earlierOf(record)].slice(-most)
}

function earlierOf({ load, snapshot_at, rows, bytes, phases, estimated_usd }: StoredRecord): EarlierLoad {
  const ms = Object.values(phases).reduce((sum, spent) => sum + Math.round(spent * 1_000), 0)
  return { load, snapshot_at, rows, bytes, seconds: ms / 1_000, estimated_usd }
}

export function earlierLoadsCalls({
  lake: { bucket, prefix },
  table,
}: Pick<LoadNames, 'lake' | 'table'>): Call[] {
  return onlyWhen('it replaces a load', getTextCalls(bucket, recordKey(prefix, table, '<published load>')))
}
