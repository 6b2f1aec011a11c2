/** Tries what the promise rests on, then the steps, each to its end whatever became of the one before. */
import { formatDuration } from '../../lib/cli/duration.ts'
import { type GuaranteeName, guarantees } from './guarantees.ts'
import { type Ending, NotOffered, type Outcome, Refused, Wrong } from './outcome.ts'
import type { Place } from './place.ts'
import { productAt } from './product.ts'
import { steps } from './steps/all.ts'
import type { Context, Step } from './steps/step.ts'

/** @param chosen names of steps */
export async function runSteps(
  place: Place,
  chosen: ReadonlySet<string>,
  { signal, python, trino }: Pick<Context, 'signal' | 'python' | 'trino'>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const lacking = new Set<GuaranteeName>()
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome)
    const { step, ending, seconds, detail } = outcome
    process.stderr.write(`${ending}: ${step}, ${formatDuration(seconds * 1000)}; ${detail}\n`)
  }
  for (const [name, { title, try: tryIt }] of Object.entries(guarantees)) {
    const outcome = await timed(
      title,
      () => tryIt(place),
      () => 'not offered',
    )
    if (outcome.ending !== 'passed') lacking.add(name as GuaranteeName)
    tell(outcome)
    signal.throwIfAborted()
  }
  const context: Context = {
    ...{ place, product: productAt(place, signal), published: new Map() },
    ...{ signal, python, trino },
    lacks: (name) => lacking.has(name),
  }
  const passed = new Set<string>()
  for (const [name, step] of Object.entries(steps)) {
    if (!chosen.has(name)) continue
    const outcome = await runStep(name, step, { context, passed })
    if (outcome.ending === 'passed') passed.add(name)
    tell(outcome)
    signal.throwIfAborted()
  }
  return outcomes
}

async function runStep(
  name: string,
  step: Step,
  { context, passed }: { context: Context; passed: ReadonlySet<string> },
): Promise<Outcome> {
  const missing = step.after?.find((before) => !passed.has(before))
  const title = `${name}: ${step.title}`
  if (missing !== undefined)
    return { step: title, ending: 'not offered', seconds: 0, detail: `${missing} has not passed` }
  const mayBeRefused = step.needs?.some(context.lacks) ?? false
  return timed(
    title,
    () => step.run(context),
    (error) => {
      if (error instanceof Wrong) return 'wrong'
      if (error instanceof NotOffered) return 'not offered'
      return error instanceof Refused && mayBeRefused ? 'refused' : 'failed'
    },
  )
}

async function timed(
  step: string,
  work: () => Promise<string>,
  endingOf: (error: unknown) => Ending,
): Promise<Outcome> {
  const started = performance.now()
  const ended = (ending: Ending, detail: string): Outcome => ({
    ...{ step, ending, detail },
    seconds: Math.round(performance.now() - started) / 1000,
  })
  try {
    return ended('passed', await work())
  } catch (error) {
    return ended(endingOf(error), inWords(error))
  }
}

/** An error of the SDK is told apart by its name. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isNamed = !['Error', 'Failure', 'Refused', 'NotOffered', 'Wrong'].includes(error.name)
  return isNamed ? `${error.name}: ${error.message}` : error.message
}
