/** How a table was shared out among connections, for people. */
import type { LoadSummary } from '../load/summary.ts'

/** `1, as it is smaller than 128 MB`, `4 by blocks, over 4 connections` */
export function describeSlicing({ slices, connections, by, column, reason }: LoadSummary['slicing']): string {
  if (slices === 1) return reason === null ? '1' : `1, as ${reason}`
  const over = `over ${connections} ${connections === 1 ? 'connection' : 'connections'}`
  const cut = by === 'values' ? `by the values of ${column}` : 'by where rows are stored'
  return `${slices} ${cut}, ${over}${reason === null ? '' : `, as ${reason}`}`
}
