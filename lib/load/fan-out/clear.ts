/** The end of a fan-out, however it went: of a load that is published its notes go, of any other all. */
import type { LakeConfig } from '../../config/config.ts'
import type { Observe } from '../events.ts'
import { onMachine } from './machine.ts'
import { discardedNote, isPublishingNote, publishedNote } from './notes.ts'
import { parsePlan } from './plan.ts'

export interface ClearOptions {
  readonly lake: LakeConfig
  /** Its name. */
  readonly table: string
  /** The name of the fan-out. */
  readonly name: string
  readonly observe: Observe
  readonly signal: AbortSignal
}

export interface Cleared {
  /** undefined: there was none under that name. */
  readonly load: string | undefined
  /** `left`: somebody was lost while publishing it, so it may be seen yet, and a later load takes it away. */
  readonly outcome: 'nothing' | 'published' | 'discarded' | 'left'
}

/** @throws Failure as the lake's answers fail; what stays a later load takes away */
export async function clear(options: ClearOptions): Promise<Cleared> {
  const { signal } = options
  return onMachine(options, async ({ lake, fanOut, journal }) => {
    const text = await fanOut.readPlan()
    const load = text === undefined ? undefined : parsePlan(text)?.load
    if (load === undefined) return { load, outcome: 'nothing' }
    // Each of the two, this and whoever publishes, writes before it looks: one of them sees the other.
    await fanOut.writeNote(load, discardedNote, '{}')
    const notes = await fanOut.listNotes(load)
    const mayBePublished = notes.some(isPublishingNote)
    const current = await lake.current(signal)
    const isPublished = notes.includes(publishedNote) || (current.kind === 'managed' && current.load === load)
    if (isPublished || mayBePublished) await fanOut.dropUnfinished(load)
    else await fanOut.discard(load)
    await fanOut.removeNotes(load)
    if (isPublished) return { load, outcome: 'published' }
    if (!mayBePublished) return { load, outcome: 'discarded' }
    journal.warn(`whoever was publishing load ${load} was lost: its files stay for a later load to remove`)
    return { load, outcome: 'left' }
  })
}
