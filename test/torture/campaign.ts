/** A campaign: the faults of a plan, one after the other, on one lane. */
import { charge } from './judge.ts'
import { type Lane, openLane } from './lane.ts'
import type { Planned } from './plan.ts'
import { mended, type Outcome, strike } from './strike.ts'
import type { Subject } from './subjects.ts'

/** @param processes the share of runs that are processes where they need not be @param observe is told of each fault once it is judged */
export async function runCampaign(
  plan: readonly Planned[],
  {
    processes,
    observe = () => {},
  }: { readonly processes: number; readonly observe?: (outcome: Outcome) => void },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  while (outcomes.length < plan.length) {
    await using lane = await openPrepared(plan)
    for (const planned of plan.slice(outcomes.length)) {
      let broken = false
      const outcome = await strike(lane, planned, processes).catch((error: unknown) => {
        broken = true
        const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
        return brokenOutcome(planned, words)
      })
      outcomes.push(outcome)
      observe(outcome)
      // Nobody knows what state it is in.
      if (broken) break
    }
  }
  return outcomes
}

/** A lane on which everyone whom a fault of the plan befalls has been loaded. */
export async function openPrepared(plan: readonly Planned[]): Promise<Lane> {
  const subjects = [...new Set(plan.map(({ subject }) => subject))]
  const lane = await openLane(subjects)
  for (const subject of subjects) await prepare(lane, subject)
  return lane
}

/** Loads twice, so that there is a load to go back to. */
async function prepare(lane: Lane, subject: Subject): Promise<void> {
  for (const seed of [1, 2]) {
    const wrong = await mended(lane, { subject, seed })
    if (wrong.length === 0) continue
    throw new Error(`Nothing was disturbed yet: ${subject.name}: ${JSON.stringify(wrong)}`)
  }
}

/** What is told of a fault whose end the campaign has not seen, which is its own failing and nothing that it has found. */
export function brokenOutcome({ number, kind, subject, seed }: Planned, words: string): Outcome {
  return {
    ...{ number, group: kind.group, kind: kind.name, subject: subject.name, seed },
    ...{ reached: false, exit: null, readers: 'before', looks: 0, seconds: 0, message: '' },
    wrong: [charge('campaign', words)],
  }
}
