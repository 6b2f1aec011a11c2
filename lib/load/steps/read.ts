/** Step 3 of a load: its slices become files. */
import type { Table } from '../../declare/table.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import { addUp } from '../../pipeline/add-up.ts'
import { readSlice, type SliceMeans } from '../../pipeline/slice.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { Leader } from './leader.ts'
import type { Slicing } from './slicing.ts'

/**
 * Reads all slices over the leader's own connection, one after the other.
 * @returns what they come to together
 * @throws as `readSlice` does
 */
export async function readSlices(
  table: Table,
  { reader, source }: Leader,
  { slices }: Slicing,
  means: Omit<SliceMeans, 'table' | 'reader'>,
): Promise<SliceFacts> {
  const facts: SliceFacts[] = []
  for (const slice of slices) {
    const read = () => readSlice(slice, { ...means, table, reader })
    facts.push(await underSettingsOf(reader, table, source, read, { ordered: true }))
  }
  return addUp(facts)
}
