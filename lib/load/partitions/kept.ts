/** Partitions that a load does not read: they stay as they were written, by the columns that the script had then. */
import { requireKeepable } from '../../lake/keeping.ts'
import type { DryDraft } from '../../lake/lake.ts'
import type { PartitionPlan } from './plan.ts'

/**
 * A load that would read some does not read all by itself because somebody has changed a column: that may be dear, and
 * readers see another type.
 * @param plan undefined: the table has no partitions
 * @throws Failure (3) where they cannot stay as they are
 */
export function requireKept(
  table: string,
  plan: PartitionPlan | undefined,
  { keeping }: Pick<DryDraft, 'keeping'>,
  warn: (message: string) => void,
): void {
  if (plan === undefined || keeping === undefined) return
  if (plan.which === 'these' || plan.because !== null) requireKeepable(table, keeping)
  if (plan.which === 'all') return
  const { nullColumns } = keeping
  if (nullColumns.length === 0) return
  const are = nullColumns.length === 1 ? 'is' : 'are'
  warn(`${nullColumns.join(', ')} ${are} null in partitions that were not read; --full fills them`)
}
