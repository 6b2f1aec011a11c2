/**
 * The load's order of effects: whatever breaks at whichever call to AWS, before it or after it, readers see the old
 * load or the new one, whole, and nothing is left behind that the next load does not remove.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readLake } from '../../lib/config/config.ts'
import { expireLoads } from '../../lib/lake/hive/expire.ts'
import type { Action, Rule } from '../../lib/local/aws/faults.ts'
import { denied } from '../support/denied.ts'
import { openStandIn, type RunningScript, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'
import { type Lane, openLane, outcomeOf, type Scenario } from './lane.ts'
import { type Step, stepsOf } from './steps.ts'

setDefaultTimeout(300_000)

const taxes = { table: 'taxes', script: 'taxes' }
const parcels = { table: 'parcels', script: 'test/load/scripts/parcels.ts' }

/** Between them every call a load may make: crawled and declared, replacing and new, whole and in parts. */
const scenarios: readonly Scenario[] = [
  { ...taxes, args: ['--catalog', 'crawler'], replaces: true },
  { ...taxes, args: ['--catalog', 'crawler'], replaces: false },
  { ...taxes, args: ['--catalog', 'declared'], replaces: true },
  { ...parcels, args: ['--catalog', 'declared', '--codec', 'none'], replaces: true },
]

let standIn: TestStandIn
let steps: Step[]
/** Those that change something, and those that only ask. */
let writes: Step[]
let reads: Step[]

beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.001, tables: ['taxes'] })
  await standIn.sql.unsafe(`
    create table parcels (id integer not null, body text not null);
    insert into parcels select i, repeat(md5(i::text), 32768) from generate_series(1, 9) as i`)
  steps = await stepsOf(standIn, scenarios)
  writes = steps.filter(({ operation }) => !/^(Get|Head|List)/.test(operation))
  reads = steps.filter((step) => !writes.includes(step))
})

afterAll(() => standIn?.close())

/** Lanes that no load runs in now. */
const idle: Lane[] = []
/** Those where something was left behind, the last of it when. */
const withLeftovers = new Set<Lane>()
let leftoversSince = 0

async function borrowLane(scenario: Scenario): Promise<Lane> {
  // A load is the first one only once, even if it fails: it leaves databases and a crawler.
  const at = scenario.replaces ? idle.findIndex((lane) => lane.scenario === scenario) : -1
  const [lane] = at < 0 ? [] : idle.splice(at, 1)
  return lane ?? openLane(standIn, scenario)
}

type Disturb = (lane: Lane, step: Step, run: RunningScript) => Promise<void>

/**
 * Disturbs a load at each call, three loads at a time. Tells the outcomes by the calls' names.
 * @param how in a process of its own where it is killed
 */
async function atEach(
  calls: readonly Step[],
  disturb: Disturb,
  how: 'start' | 'begin' = 'begin',
): Promise<Record<string, string>> {
  const left = [...calls]
  const outcomes: Record<string, string> = {}
  const work = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      const at = step
      const lane = await borrowLane(at.scenario)
      const { words } = await outcomeOf(lane, (run) => disturb(lane, at, run), how)
      outcomes[at.name] = words
      if (words.includes('+')) {
        withLeftovers.add(lane)
        leftoversSince = Date.now()
      }
      if (at.scenario.replaces || withLeftovers.has(lane)) idle.push(lane)
      else await lane.standIn.close()
    }
  }
  await Promise.all([work(), work(), work()])
  return outcomes
}

function expected(calls: readonly Step[], outcome: (step: Step) => string): Record<string, string> {
  return Object.fromEntries(calls.map((step) => [step.name, outcome(step)]))
}

function rule({ operation, after }: Step, action: Action, times = Number.POSITIVE_INFINITY): Rule {
  return { operation, after, times, action }
}

test('the calls of a load are known, and every scenario adds some', () => {
  expect(new Set(steps.map(({ scenario }) => scenario))).toEqual(new Set(scenarios))
  expect(steps.length).toBeGreaterThan(25)
  expect(writes.length).toBeGreaterThan(12)
  expect(writes.filter(({ place }) => place === 'publish').map(({ name }) => name)).toEqual([
    'UpdateTable lake.<table>',
    'CreateTable lake.<table>',
  ])
})

/**
 * Who is killed does nothing more, so being killed before a call is being killed after the last that changed something.
 * That leaves the first of each scenario, and those next to what publishes.
 */
function hasNothingBefore(step: Step, at: number): boolean {
  return step.scenario !== writes[at - 1]?.scenario || step.place !== 'before'
}

test('SIGKILL before a call: readers see the old load until the new one is published', async () => {
  const calls = writes.filter(hasNothingBefore)
  expect(calls.length).toBeGreaterThan(4)
  const outcomes = await atEach(calls, signalAt('SIGKILL', 'hold'), 'start')
  const outcome = ({ place }: Step) => (place === 'after' ? 'killed new' : 'killed old')
  expect(withoutRemains(outcomes)).toEqual(expected(calls, outcome))
})

test('SIGKILL after a call: the same', async () => {
  const outcomes = await atEach(writes, signalAt('SIGKILL', 'hold answer'), 'start')
  const outcome = ({ place }: Step) => (place === 'before' ? 'killed old' : 'killed new')
  expect(withoutRemains(outcomes)).toEqual(expected(writes, outcome))
  const left = Object.values(outcomes).join()
  for (const kind of ['files', 'upload', 'record', 'staged table']) expect(left).toContain(kind)
})

function withoutRemains(outcomes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outcomes).map(([name, words]) => [name, words.replace(/ \+ .*/, '')]),
  )
}

test('AWS refuses a call: nothing is published, unless it was already', async () => {
  const outcomes = await atEach(steps, async ({ standIn }, step) => {
    standIn.faults.add(rule(step, denied(step.operation), 1))
  })
  const outcome = ({ place, operation }: Step): string => {
    // What it reads of the load before is for a picture alone, and may be missing there.
    if (operation === 'GetObject') return '0 new'
    if (place !== 'after') return '2 old'
    return operation === 'DeleteTable' ? '0 new + staged table' : '0 new'
  }
  expect(outcomes).toEqual(expected(steps, outcome))
})

test('what publishes, or comes after, never gets through: it is not known, or done all the same', async () => {
  const late = writes.filter(({ place }) => place !== 'before')
  const outcomes = await atEach(late, async ({ standIn }, step) => {
    standIn.faults.add(rule(step, { kind: 'drop' }))
  })
  const outcome = ({ place }: Step) =>
    place === 'publish' ? '5 old + files, record, staged table' : '0 new + staged table'
  expect(outcomes).toEqual(expected(late, outcome))
})

test('an answer is lost after the call was carried out: the next try finds that out', async () => {
  const outcomes = await atEach(writes, async ({ standIn }, step) => {
    standIn.faults.add(rule(step, { kind: 'lost answer' }, 1))
  })
  expect(outcomes).toEqual(expected(writes, () => '0 new'))
})

/** Sends the signal while the call waits, before it is carried out or after that. */
function signalAt(signal: NodeJS.Signals, action: 'hold' | 'hold answer'): Disturb {
  return async ({ standIn: { faults } }, step, run) => {
    faults.add(rule(step, { kind: action }, 1))
    const held = await Promise.race([faults.held(step.operation), run.finished])
    if (!('operation' in held)) throw new Error(`It ended before ${step.name}: ${held.message}`)
    run.kill(signal)
    // Without it the load waits for the answer a while, and then does not know what came of it.
    if (signal !== 'SIGKILL' && isSeenThrough(step)) faults.release()
    await run.finished
    expect(run.exitCode === null).toBe(signal === 'SIGKILL')
    // The stand-in must know that nobody waits any more before it lets go of what it holds.
    await until(() => held.status !== 'held')
  }
}

/** Calls whose answer is waited for whatever happens: the one that publishes, and the last thing to put away. */
function isSeenThrough({ place, operation }: Step): boolean {
  return place === 'publish' || (place === 'after' && operation === 'DeleteTable')
}

test('SIGTERM before a question is answered: it ends, with nothing left behind', async () => {
  const outcomes = await atEach(reads, signalAt('SIGTERM', 'hold'))
  expect(outcomes).toEqual(expected(reads, ({ place }) => (place === 'before' ? '1 old' : '0 new')))
})

test('SIGINT after something was done, and before it is known: the same', async () => {
  const outcomes = await atEach(writes, signalAt('SIGINT', 'hold answer'))
  expect(outcomes).toEqual(expected(writes, ({ place }) => (place === 'before' ? '1 old' : '0 new')))
})

describe('what was left behind', () => {
  const deadlineMs = 10_000

  test('is removed by the next load, once it is older than the deadline', async () => {
    await Bun.sleep(Math.max(0, leftoversSince + deadlineMs - Date.now()))
    expect(withLeftovers.size).toBeGreaterThan(3)
    await eachLane(withLeftovers, async ({ standIn, scenario: { table, script, args } }) => {
      const { warnings } = (await standIn.run(script, [...args, '--deadline', `${deadlineMs}ms`])).summary()
      expect(warnings).toEqual([])
      const { objects, uploads, stagedTables } = await standIn.remains(table)
      expect({ uploads, stagedTables }).toEqual({ uploads: [], stagedTables: [] })
      const records = objects.filter((key) => key.startsWith('_loads/')).map((key) => key.slice(7, -5))
      const loads = objects.filter((key) => !key.startsWith('_loads/')).map((key) => key.split('/')[0])
      expect(loads.toSorted()).toEqual(records.toSorted())
    })
  })

  test('a day later, all but the published load, those with a record too', async () => {
    await eachLane(withLeftovers, async ({ standIn, scenario: { table } }) => {
      const place = { aws: standIn.aws, config: readLake(standIn.env), table }
      const { warnings } = await expireLoads(place, {
        keep: 1,
        deadlineMs,
        signal: new AbortController().signal,
        now: new Date(Date.now() + 25 * 3_600_000),
      })
      expect(warnings).toEqual([])
      const load = (await standIn.readersSee(table))?.load
      const objects = load === undefined ? [] : [`${load}/${table}-00000.parquet`, `_loads/${load}.json`]
      expect(await standIn.remains(table)).toEqual({ objects, uploads: [], stagedTables: [], backends: [] })
    })
  })
})

async function eachLane(lanes: Iterable<Lane>, work: (lane: Lane) => Promise<void>): Promise<void> {
  const left = [...lanes]
  const worker = async () => {
    for (let lane = left.pop(); lane !== undefined; lane = left.pop()) await work(lane)
  }
  await Promise.all([worker(), worker(), worker()])
}
