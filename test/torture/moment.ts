/** A moment of a run: before or after one of its calls of AWS, or so far into what Postgres sends it. */
import type { Action, Rule } from '../../lib/local/aws/faults.ts'
import { type Gate, openGate } from '../support/gate.ts'
import type { Random } from '../support/random.ts'
import type { Running } from './action.ts'
import type { Lane } from './lane.ts'
import type { Subject } from './subjects.ts'

/** The access key of loads. */
const loads = 'local'

/** A call that a run makes, chosen among those that it made when nobody disturbed it. */
export function callOf(lane: Lane, subject: Subject, random: Random): Pick<Rule, 'operation' | 'after'> {
  const { calls } = lane.known(subject)
  const at = random.integer(Math.max(calls.length, 1))
  const operation = calls[at]?.operation ?? '*'
  return { operation, after: calls.slice(0, at).filter((each) => each.operation === operation).length }
}

/** The rule is for loads alone, whoever else asks. */
export function disturb(lane: Lane, rule: Omit<Rule, 'by'>): void {
  lane.standIn.faults.add({ ...rule, by: loads })
}

/**
 * Holds a run at a call until `work` is done.
 * @returns false: it was over before
 */
export async function atCall(
  lane: Lane,
  {
    call,
    begin,
    work,
    answered = false,
  }: {
    readonly call: Pick<Rule, 'operation' | 'after' | 'match'>
    readonly begin: () => Running
    readonly work: (run: Running) => Promise<unknown>
    /** Whether the call has been carried out by then, and only its answer waits. */
    readonly answered?: boolean
  },
): Promise<{ readonly run: Running; readonly reached: boolean }> {
  const { faults } = lane.standIn
  const kind: Action['kind'] = answered ? 'hold answer' : 'hold'
  const from = faults.log.length
  disturb(lane, { ...call, times: 1, action: { kind } })
  const run = begin()
  let reached = false
  while (!run.isOver() && !reached) {
    await Bun.sleep(2)
    reached = faults.log.slice(from).some(({ status }) => status === 'held')
  }
  if (reached) await work(run)
  faults.clear()
  faults.release()
  return { run, reached }
}

/** Postgres, held in the middle of the answer to the first COPY. */
export function halfwayThroughCopy(lane: Lane, random: Random): Promise<Gate> {
  const bytes = random.pick([1, 300, 2_000, 8_000])
  return openGate(lane.standIn.env['DATABASE_URL'] ?? '', { at: 'copy (', answerBytes: bytes })
}
