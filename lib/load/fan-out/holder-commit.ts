/** How whoever publishes has the holder COMMIT, and learns that it has, or never will. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import { isServed } from '../../postgres/backend.ts'
import type { Journal } from '../journal.ts'
import { type Committed, commitNote, committedNote, over, requireOpen, type Verified } from './notes.ts'
import type { FanOutPlan } from './plan.ts'

const lookMs = 500

/**
 * Tells the holder that it may COMMIT, and waits until it has.
 * @throws Failure (2) when it has ended without, or was lost
 */
export async function committedBy(
  plan: FanOutPlan,
  { rowsRead }: Verified,
  { fanOut, journal, signal }: { fanOut: FanOut; journal: Journal; signal: AbortSignal },
  config: Config,
): Promise<Committed> {
  const { load, table } = plan
  const answer = async (): Promise<Committed | undefined> => {
    const text = await fanOut.readNote(load, committedNote)
    return text === undefined ? undefined : JSON.parse(text)
  }
  const verified: Verified = { rowsRead }
  await fanOut.writeNote(load, commitNote, JSON.stringify(verified))
  // Looks after which it is asked whether the holder is still there: mostly it has answered before the first time.
  let nextQuestion = 4
  for (let look = 1; ; look++) {
    const committed = await answer()
    if (committed !== undefined) return committed
    await requireOpen(fanOut, plan, await fanOut.listNotes(load))
    journal.observe({ kind: 'wait', message: 'waiting for the COMMIT of the snapshot' })
    await pause(lookMs, undefined, { signal })
    if (look < nextQuestion) continue
    nextQuestion = Math.min(look * 2, look + 60)
    if (!(await isLost(plan, config, signal))) continue
    const late = await answer()
    if (late !== undefined) return late
    await requireOpen(fanOut, plan, await fanOut.listNotes(load))
    throw over(
      table,
      load,
      'whoever held its snapshot was lost before COMMIT, so nothing proves that all was read in it',
    )
  }
}

/** Whether nobody holds the snapshot any more; false where that is not known. */
async function isLost(
  { snapshot, load, table }: FanOutPlan,
  config: Config,
  signal: AbortSignal,
): Promise<boolean> {
  const { address, backend } = snapshot
  try {
    const applicationName = `dracula/${table}/${load}`
    return !(await isServed(config.database, backend, { applicationName, signal, address }))
  } catch {
    return false
  }
}
