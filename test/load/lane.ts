/** A table that is loaded over and over, and what each run came to. */
import { readPublished } from '../../lib/lake/hive/published.ts'
import type { FinishedScript, Remains, RunningScript, TestStandIn } from '../support/stand-in.ts'

/** How a table is loaded, and whether the load replaces one. */
export interface Scenario {
  readonly table: string
  readonly script: string
  readonly args: readonly string[]
  readonly replaces: boolean
}

/** A lake of its own, so that lanes can be used at once. */
export interface Lane {
  readonly standIn: TestStandIn
  readonly scenario: Scenario
  /** The load that readers saw, and what else there was, after the last run. */
  seen: string | undefined
  remained: Remains
}

export async function openLane(beside: TestStandIn, scenario: Scenario): Promise<Lane> {
  const { table } = scenario
  const standIn = await beside.beside()
  if (scenario.replaces) await publishOnce(standIn, scenario)
  const seen = (await standIn.readersSee(table))?.load
  return { standIn, scenario, seen, remained: await standIn.remains(table) }
}

/** @throws Error when it fails */
export async function publishOnce(standIn: TestStandIn, { script, args }: Scenario): Promise<string> {
  const finished = await standIn.run(script, args)
  return finished.summary().load
}

/**
 * @param how as a process, or in this one
 * @returns what came of one run, in a few words: `1 old`, `0 new`, `killed old + files, upload`: its exit code, which load
 * readers see, and what it left that no published load needs.
 */
export async function outcomeOf(
  lane: Lane,
  disturb: (run: RunningScript) => Promise<void>,
  how: 'start' | 'begin',
): Promise<Outcome> {
  const { standIn, scenario, seen, remained } = lane
  const { table, script, args } = scenario
  const run = standIn[how](script, args)
  await disturb(run)
  const finished = await run.finished
  standIn.faults.clear()
  standIn.faults.release()

  const load = loadIn(finished.stderr)
  const now = await readPublished(standIn.aws, { database: 'lake', table })
  lane.seen = now.kind === 'managed' ? now.load : undefined
  lane.remained = await settled(standIn, table, load)
  const left = leftovers(remained, lane.remained, lane.seen)
  const sees = await readersOf(lane, seen, load)
  const words = [finished.exit ?? 'killed', sees, ...(left === '' ? [] : ['+', left])]
  return { finished, words: words.join(' ') }
}

export interface Outcome {
  readonly finished: FinishedScript
  readonly words: string
}

/** `old`, `new`, or what is wrong. Files never change, so an old load is whole while all its files are there. */
async function readersOf(lane: Lane, before: string | undefined, load: string | undefined): Promise<string> {
  const { standIn, scenario, seen, remained } = lane
  if (seen === before) {
    const whole = seen === undefined || remained.objects.some((key) => key.startsWith(`${seen}/`))
    return whole ? 'old' : 'a load without files'
  }
  if (seen === undefined || seen !== load) return `load ${seen}`
  const { counted, rows } = (await standIn.readersSee(scenario.table)) ?? {}
  return counted === rows ? 'new' : `${counted} rows of ${rows}`
}

/** A server notices that its client was killed within a moment. */
async function settled(standIn: TestStandIn, table: string, load: string | undefined): Promise<Remains> {
  const until = performance.now() + 3_000
  for (;;) {
    const remains = await standIn.remains(table)
    const backends = remains.backends.filter((each) => load !== undefined && each.startsWith(load))
    if (backends.length === 0 || performance.now() > until) return { ...remains, backends }
    await Bun.sleep(50)
  }
}

function leftovers(before: Remains, now: Remains, published: string | undefined): string {
  const known = new Set([...before.objects, ...before.uploads, ...before.stagedTables])
  const left = new Set<string>(now.backends.map((each) => `connection ${each}`))
  for (const key of now.objects) {
    if (known.has(key) || (published !== undefined && key.includes(published))) continue
    left.add(key.startsWith('_loads/') ? 'record' : 'files')
  }
  for (const key of now.uploads) if (!known.has(key)) left.add('upload')
  for (const name of now.stagedTables) if (!known.has(name)) left.add('staged table')
  return [...left].toSorted().join(', ')
}

/** The load, as its log names it. */
function loadIn(stderr: string): string | undefined {
  return /"load":"([^"]+)"/.exec(stderr)?.[1]
}
