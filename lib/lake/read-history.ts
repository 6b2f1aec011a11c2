/** The loads of a table of which it is known what kind it is, by clients that are connected. */
import type { History } from './history.ts'
import type { HistoryOptions } from './lake.ts'
import type { TablePlace } from './names.ts'

/** @throws Failure as `history` of a lake */
export async function readHistory(
  place: TablePlace,
  { isIceberg, ...options }: HistoryOptions & { readonly isIceberg: boolean },
): Promise<History> {
  const kind = isIceberg ? await import('./iceberg/history.ts') : await import('./hive/history.ts')
  return kind.readHistory(place, options)
}
