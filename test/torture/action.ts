/** What is done to a subject, whichever processes that takes: begun, disturbed by somebody, and then over. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../support/random.ts'
import type { FinishedScript, RunningScript } from '../support/stand-in.ts'
import { type Lane, type Started, scriptOf, scriptsFolder } from './lane.ts'
import type { Subject } from './subjects.ts'

export interface Running {
  /** Who is killed or stopped: the process, or one of several. */
  readonly victim: () => RunningScript
  readonly isOver: () => boolean
  /** What each process has come to; the last one's exit code is that of the whole. */
  readonly finished: Promise<readonly FinishedScript[]>
  /** Where its files go; undefined: to the lake. */
  readonly folder?: string
}

const slices = 2

export function act(lane: Lane, subject: Subject, random: Random, started: Started = {}): Running {
  switch (subject.action) {
    case 'load':
      return alone(lane.start(scriptOf(subject), subject.args, started))
    case 'rollback':
      return alone(
        lane.start('lib/commands/rollback.ts', [subject.name, '--scripts', scriptsFolder], started),
      )
    case 'folder': {
      const folder = join(lane.temporary, `out-${crypto.randomUUID()}`)
      return { ...alone(lane.start(scriptOf(subject), ['--out', folder], started)), folder }
    }
    case 'pods':
      return byPods(lane, subject, random, started)
  }
}

function alone(run: RunningScript): Running {
  return {
    victim: () => run,
    isOver: () => run.exitCode !== null,
    finished: run.finished.then((each) => [each]),
  }
}

/** A holder and slices, as Argo starts them: a pod that is lost is started again once, and at the end all is cleared away. */
function byPods(lane: Lane, { name, args }: Subject, random: Random, started: Started): Running {
  const fanOut = crypto.randomUUID()
  const ready = join(lane.temporary, `ready-${fanOut}`)
  const step = (which: string, more: readonly string[] = []): RunningScript =>
    lane.start(
      'lib/commands/fan-out.ts',
      [which, name, '--fan-out', fanOut, '--scripts', scriptsFolder, ...more],
      started,
    )
  const chosen = random.pick(['hold', 'slice', 'slice', 'finish'] as const)
  const holder = step('hold', ['--slices', String(slices), '--ready-file', ready, ...args])
  let victim = holder
  let over = false

  async function twice(begin: () => RunningScript, mayBeVictim: boolean): Promise<FinishedScript[]> {
    const first = begin()
    if (mayBeVictim) victim = first
    const one = await first.finished
    return one.exit === 0 ? [one] : [one, await begin().finished]
  }

  async function work(): Promise<readonly FinishedScript[]> {
    const all: FinishedScript[] = []
    let done = false
    // A process that a signal has ended has no exit code.
    let ended = false
    holder.finished.finally(() => {
      ended = true
    })
    while (!ended && !existsSync(ready)) await Bun.sleep(5)
    if (existsSync(ready)) {
      const read = await Promise.all(
        Array.from({ length: slices }, (_, slice) =>
          twice(() => step('slice', ['--slice', String(slice)]), chosen === 'slice' && slice === 0),
        ),
      )
      all.push(...read.flat())
      if (read.every((each) => each.at(-1)?.exit === 0)) {
        done = true
        all.push(...(await twice(() => step('finish'), chosen === 'finish')))
      }
    }
    holder.kill('SIGTERM')
    const held = await holder.finished
    const cleared = await twice(() => step('clear'), false)
    over = true
    // The end of the whole is that of whoever published, or of the first who could not go on.
    const last = done ? all.at(-1) : ([held, ...all].find(({ exit }) => exit !== 0) ?? held)
    return [
      ...[held, ...cleared, ...all].filter((each) => each !== last),
      ...(last === undefined ? [] : [last]),
    ]
  }
  return { victim: () => victim, isOver: () => over, finished: work() }
}
