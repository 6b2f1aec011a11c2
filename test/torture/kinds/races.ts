/** Loads and rollbacks of one table at the same time. */
import { act } from '../action.ts'
import { scriptOf } from '../lane.ts'
import { atCall, callOf } from '../moment.ts'
import type { Fault, Kind, Struck } from './kind.ts'

const group = 'races'

async function together(fault: Fault, loads: number, change: boolean): Promise<Struck> {
  const { lane, subject, random, begin } = fault
  const runs = []
  for (let i = 0; i < loads; i++) {
    runs.push(begin())
    if (change) await lane.change(subject, random)
  }
  const ended = await Promise.all(runs.map((run) => run.finished))
  return { runs: ended.flat(), reached: true, raced: true }
}

export const races: readonly Kind[] = [
  {
    name: 'two loads at once',
    group,
    befalls: ({ action }) => action === 'load',
    ends: [0, 1],
    strike: (fault) => together(fault, 2, false),
  },
  {
    name: 'three loads at once, of three generations',
    group,
    befalls: ({ action }) => action === 'load',
    ends: [0, 1],
    strike: (fault) => together(fault, 3, true),
  },
  {
    name: 'a load is published while another is held at a call',
    group,
    befalls: ({ action }) => action === 'load',
    ends: [0, 1],
    async strike({ lane, subject, random, begin }) {
      let other: ReturnType<typeof begin> | undefined
      const { run, reached } = await atCall(lane, {
        call: callOf(lane, subject, random),
        begin,
        answered: random.integer(2) === 0,
        async work() {
          lane.standIn.faults.clear()
          await lane.change(subject, random)
          other = begin()
          await other.finished
        },
      })
      return { runs: [...(await run.finished), ...((await other?.finished) ?? [])], reached, raced: true }
    },
  },
  {
    name: 'a load while a rollback is held at a call',
    group,
    befalls: ({ action }) => action === 'rollback',
    // Whoever comes second finds a newer load, or a table that is pinned.
    ends: [0, 1, 2],
    async strike({ lane, subject, random, begin }) {
      let load: ReturnType<typeof lane.start> | undefined
      const { run, reached } = await atCall(lane, {
        call: callOf(lane, subject, random),
        begin,
        async work() {
          lane.standIn.faults.clear()
          load = lane.start(scriptOf(subject), subject.args)
          await load.finished
        },
      })
      const beside = load === undefined ? [] : [await load.finished]
      return { runs: [...(await run.finished), ...beside], reached, raced: true }
    },
  },
  {
    name: 'a rollback while a load is held at a call',
    group,
    befalls: ({ action }) => action === 'rollback',
    ends: [0, 1, 2],
    async strike({ lane, subject, random, begin }) {
      let back: ReturnType<typeof begin> | undefined
      const load = { ...subject, action: 'load' } as const
      const { run, reached } = await atCall(lane, {
        call: callOf(lane, subject, random),
        begin: () => act(lane, load, random),
        async work() {
          lane.standIn.faults.clear()
          back = begin()
          await back.finished
        },
      })
      return { runs: [...(await run.finished), ...((await back?.finished) ?? [])], reached, raced: true }
    },
  },
  {
    name: 'two rollbacks at once',
    group,
    befalls: ({ action }) => action === 'rollback',
    ends: [0, 1, 2],
    async strike({ begin }) {
      const ended = await Promise.all([begin().finished, begin().finished])
      return { runs: ended.flat(), reached: true, raced: true }
    },
  },
]
