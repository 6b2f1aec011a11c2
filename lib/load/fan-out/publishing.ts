/** How a load is not cleared away while somebody may be publishing it, nor published while it is cleared away. */
import { Failure } from '../../failure/failure.ts'
import type { Machine } from './machine.ts'
import { discardedNote, newPublishingNote, over, publishedNote } from './notes.ts'
import type { FanOutPlan } from './plan.ts'

/**
 * Says, while it is so, that somebody may be publishing the load, so that nobody clears it away then; and does not begin
 * once somebody clears it away. Each of the two writes before it looks, so one of them sees the other.
 */
export async function publishing<T>(
  { fanOut, lastWords }: Machine,
  { load, table }: FanOutPlan,
  work: () => Promise<T>,
): Promise<T> {
  const note = newPublishingNote()
  const settle = () => lastWords().removeNote(load, note)
  await fanOut.writeNote(load, note, '{}')
  try {
    const [plan, notes] = await Promise.all([fanOut.readPlan(), fanOut.listNotes(load)])
    if (notes.includes(discardedNote) || plan?.includes(load) !== true) {
      throw over(table, load, 'it has been cleared away')
    }
    const result = await work()
    // Whatever comes of this, it is published; while the first note is there nobody takes it away.
    await lastWords()
      .writeNote(load, publishedNote, '{}')
      .then(settle)
      .catch(() => {})
    return result
  } catch (error) {
    // Any other error leaves it open whether a call that publishes is under way.
    if (error instanceof Failure && error.exit !== 5) await settle().catch(() => {})
    throw error
  }
}
