/** A campaign: the faults of a plan, one after the other, on one lane. */
import { charge } from './judge.ts'
import { openLane } from './lane.ts'
import type { Planned } from './plan.ts'
import { mended, type Outcome, strike } from './strike.ts'

/** @param processes the share of runs that are processes where they need not be @param observe is told of each fault once it is judged */
export async function runCampaign(
  plan: readonly Planned[],
  {
    processes,
    observe = () => {},
  }: { readonly processes: number; readonly observe?: (outcome: Outcome) => void },
): Promise<Outcome[]> {
  const subjects = [...new Set(plan.map(({ subject }) => subject))]
  const outcomes: Outcome[] = []
  await using lane = await openLane(subjects)
  for (const subject of subjects) {
    // Two, so that there is one to go back to.
    for (const seed of [1, 2]) {
      const wrong = await mended(lane, { subject, seed })
      if (wrong.length > 0)
        throw new Error(`Nothing was disturbed yet: ${subject.name}: ${JSON.stringify(wrong)}`)
    }
  }
  for (const planned of plan) {
    const outcome = await strike(lane, planned, processes).catch((error: unknown) => failed(planned, error))
    outcomes.push(outcome)
    observe(outcome)
  }
  return outcomes
}

function failed({ number, kind, subject, seed }: Planned, error: unknown): Outcome {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    ...{ number, group: kind.group, kind: kind.name, subject: subject.name, seed },
    ...{ reached: false, exit: null, readers: 'before', looks: 0, seconds: 0, message: '' },
    wrong: [charge('next load', `the campaign itself failed: ${words}`)],
  }
}
