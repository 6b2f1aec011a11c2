/** What may happen to a process: killed, told to stop, frozen. */
import { atCall, callOf, halfwayThroughCopy } from '../moment.ts'
import { type End, endOf, type Kind, publishes, readsPostgres } from './kind.ts'

const group = 'processes'

function atACall(
  name: string,
  signals: readonly NodeJS.Signals[],
  answered: boolean,
  ends: readonly End[],
): Kind {
  return {
    name,
    group,
    kills: true,
    befalls: publishes,
    ends,
    async strike({ lane, subject, random, begin }) {
      const { run, reached } = await atCall(lane, {
        call: callOf(lane, subject, random),
        begin: () => begin({ how: 'start' }),
        answered,
        async work(running) {
          const victim = running.victim()
          for (const signal of signals) victim.kill(signal)
          if (signals.includes('SIGKILL')) await victim.finished
        },
      })
      return await endOf(run, reached)
    },
  }
}

/** An end by SIGTERM is exit code 1, or what was published by then. */
const stopped: readonly End[] = [0, 1, 5]

export const kills: readonly Kind[] = [
  atACall('kill -9 before a call', ['SIGKILL'], false, [0, 1, 2, null]),
  atACall('kill -9 before the answer to a call', ['SIGKILL'], true, [0, 1, 2, null]),
  atACall('told to stop', ['SIGTERM'], false, [...stopped, 2]),
  atACall('told to stop before the answer to a call', ['SIGTERM'], true, [...stopped, 2]),
  {
    name: 'kill -9 in the middle of COPY',
    group,
    kills: true,
    befalls: readsPostgres,
    ends: [0, 1, 2, null],
    async strike({ lane, random, begin }) {
      await using gate = await halfwayThroughCopy(lane, random)
      const run = begin({ how: 'start', env: { DATABASE_URL: gate.url } })
      const reached = await Promise.race([gate.reached.then(() => true), run.finished.then(() => false)])
      const victim = run.victim()
      victim.kill('SIGKILL')
      await victim.finished
      gate.open()
      return await endOf(run, reached)
    },
  },
  {
    name: 'frozen while another load is published',
    group,
    kills: true,
    befalls: ({ action }) => action === 'load',
    ends: [0, 1],
    async strike({ lane, subject, random, begin }) {
      let other: ReturnType<typeof begin> | undefined
      const { run, reached } = await atCall(lane, {
        call: callOf(lane, subject, random),
        begin: () => begin({ how: 'start' }),
        async work(running) {
          running.victim().kill('SIGSTOP')
          await lane.change(subject, random)
          // Only the one call was to be held.
          lane.standIn.faults.clear()
          other = begin()
          await other.finished
          running.victim().kill('SIGCONT')
        },
      })
      const runs = [...(await run.finished), ...((await other?.finished) ?? [])]
      return { runs, reached, raced: true }
    },
  },
]
