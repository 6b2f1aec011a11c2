/** The calls to AWS that a load makes, by the log of one that nobody disturbs: a new one is found by itself. */
import type { LogEntry } from '../../lib/local/aws/faults.ts'
import type { TestStandIn } from '../support/stand-in.ts'
import { openLane, publishOnce, type Scenario } from './lane.ts'

export interface Step {
  /** Operation and subject, without what differs from load to load; numbered where several are alike. */
  readonly name: string
  readonly scenario: Scenario
  readonly operation: string
  /** Calls of the operation before it. */
  readonly after: number
  /** Where the call stands to the one that publishes. */
  readonly place: 'before' | 'publish' | 'after'
}

/** Finds the calls of all scenarios, each in the first scenario that has it; repeats (parts, polls, records) are one. */
export async function stepsOf(standIn: TestStandIn, scenarios: readonly Scenario[]): Promise<Step[]> {
  const steps = new Map<string, Step>()
  for (const scenario of scenarios) {
    for (const step of await rehearse(standIn, scenario))
      if (!steps.has(step.name)) steps.set(step.name, step)
  }
  return [...steps.values()]
}

async function rehearse(standIn: TestStandIn, scenario: Scenario): Promise<Step[]> {
  const lane = await openLane(standIn, scenario)
  const { log } = lane.standIn.faults
  const from = log.length
  await publishOnce(lane.standIn, scenario)
  const calls = log.slice(from)
  await lane.standIn.close()

  const publish = calls.findIndex(
    ({ operation, subject }) =>
      /^(Create|Update)Table$/.test(operation) && subject === `lake.${scenario.table}`,
  )
  if (publish < 0) throw new Error('A load that nobody disturbs publishes nothing.')
  const count = new Map<string, number>()
  const next = (key: string): number => {
    const nth = (count.get(key) ?? 0) + 1
    count.set(key, nth)
    return nth
  }
  return calls.flatMap((call, at) => {
    const { operation } = call
    const after = next(operation) - 1
    const before = calls[at - 1]
    const plain = nameOf(call, scenario)
    if (before !== undefined && nameOf(before, scenario) === plain) return []
    const nth = next(plain)
    const name = nth === 1 ? plain : `${plain} #${nth}`
    const place = at === publish ? 'publish' : at < publish ? 'before' : 'after'
    return [{ name, scenario, operation, after, place }]
  })
}

function nameOf({ operation, subject }: LogEntry, { table }: Scenario): string {
  const general = subject
    .replaceAll(table, '<table>')
    .replace(/\d{8}t\d{9}z_[a-z0-9]{6}/g, '<load>')
    .replace(/^[0-9a-f]{8}-[0-9a-f-]{27}$/, '<id>')
  return `${operation} ${general}`
}
