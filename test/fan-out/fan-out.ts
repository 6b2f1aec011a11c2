/** Loads that several machines read: each step runs by the very command of the workflows, in a process of its own or in this one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defaults, namesOfProject } from '../../lib/commands/argo/installation.ts'
import { manifest } from '../../lib/commands/argo/manifest.ts'
import type { FinishedScript, RunningScript, TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { parseWorkflows, stepCommand } from '../support/workflows.ts'

type Step = 'hold' | 'slice' | 'finish' | 'clear'

/** A process can be killed and frozen; a run in this one is cheaper. */
type How = 'start' | 'begin'

interface Given {
  readonly slice?: number
  /** Arguments after those of the workflow, which overrule them. */
  readonly more?: readonly string[]
  /** The id of the workflow, where it is not the fan-out's own. */
  readonly uid?: string
}

export interface FanOutRun extends AsyncDisposable {
  /** The name of the fan-out, as the workflow's id is. */
  readonly uid: string
  /** Starts a step as a process of its own. */
  start(step: Step, given?: Given): RunningScript
  /** Runs a step in this process, to its end. */
  run(step: Step, given?: Given): Promise<FinishedScript>
  /** Runs the holder until it is ready, as its pod's probe tells. @throws Error when it ends before */
  hold(how?: How, given?: Given): Promise<RunningScript>
  /** Reads slices at once, all by default. @throws Error when one fails */
  read(slices?: readonly number[]): Promise<readonly FinishedScript[]>
  /** What Argo does at the end: the holder is told to stop, then all is cleared away. */
  end(holder: RunningScript): Promise<FinishedScript>
}

/**
 * @param slices that the workflow asks for
 * @param env over the stand-in's own
 */
export async function openFanOut(
  standIn: TestStandIn,
  table: string,
  slices = 3,
  env: Readonly<Record<string, string>> = {},
): Promise<FanOutRun> {
  const folder = await temporaryFolder()
  const own = crypto.randomUUID()
  const schedules = [{ name: 'daily', cron: '0 6 * * *', tables: [table] }]
  const text = manifest({ ...defaults, ...namesOfProject(), schedules, slices: { [table]: slices } })
  const workflows = parseWorkflows(text)
  const inOwnFolder = (argument: string) => argument.replace(/^\/tmp\//, `${folder.path}/`)

  function runAs(how: How, step: Step, { slice = 0, more = [], uid = own }: Given = {}): RunningScript {
    const inputs = { table, slices: String(slices), slice: String(slice) }
    const [bun, program = '', ...args] = stepCommand(workflows, step, inputs, uid)
    if (bun !== 'bun') throw new Error(`It starts ${bun}.`)
    return standIn[how](program, [...args.map(inOwnFolder), ...more], env)
  }

  const run = (step: Step, given?: Given) => runAs('begin', step, given).finished
  return {
    uid: own,
    start: (step, given) => runAs('start', step, given),
    run,
    async hold(how = 'begin', given = {}) {
      const holder = runAs(how, 'hold', { ...given, more: ['--catalog', 'declared', ...(given.more ?? [])] })
      while (!existsSync(join(folder.path, 'ready'))) {
        if (holder.exitCode !== null) throw new Error((await holder.finished).stderr)
        await Bun.sleep(20)
      }
      const pod = workflows.templates.find(({ name }) => name === 'hold')?.container
      const probe = pod?.readinessProbe?.exec?.command ?? ['false']
      const probed = await Bun.spawn(probe.map(inOwnFolder)).exited
      if (probed !== 0) throw new Error('Its probe does not say that it is ready.')
      return holder
    },
    async read(which = [...Array(slices).keys()]) {
      const read = await Promise.all(which.map((slice) => run('slice', { slice })))
      for (const { exit, stderr } of read) if (exit !== 0) throw new Error(stderr)
      return read
    },
    async end(holder) {
      if (holder.exitCode === null) holder.kill('SIGTERM')
      await holder.finished
      return run('clear')
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
