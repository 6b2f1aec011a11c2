/** Which partitions are not what the load before left: what is read again, and why. */
import type { AccountedPartition } from '../../lake/account.ts'
import type { CountedPartition } from '../../postgres/count-partitions.ts'
import type { PartitionReason } from './plan.ts'

/**
 * @param before what was read of it last; undefined: there was none such
 * @returns undefined: it is what it was
 */
export function dirtyReason(
  counted: CountedPartition,
  before: AccountedPartition | undefined,
): PartitionReason | undefined {
  if (before === undefined) return 'new'
  if ((counted.changed ?? 0) > 0) return 'changed'
  if (counted.rows !== before.rowsRead) return 'count'
  // Rows without a key are told from others by nothing.
  if (counted.key !== undefined && counted.key.count < counted.rows) return 'keys'
  const { key } = before
  const isSame =
    key?.count === counted.key?.count && key?.sum === counted.key?.sum && key?.hash === counted.key?.hash
  return isSame ? undefined : 'keys'
}
