/** What each step of a fan-out does once its flags are right, and how it reports. */
import { rm, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type Followers, openFollowers } from '../../cli/followers.ts'
import { isInterrupted } from '../../cli/interruption.ts'
import { loadOptions } from '../../cli/load-flags.ts'
import { failedLoadReport, loadedReport } from '../../cli/load-report.ts'
import type { Program, Task } from '../../cli/program.ts'
import { openProgress, type Progress } from '../../cli/progress.ts'
import type { Report } from '../../cli/report.ts'
import { requireTypes } from '../../cli/require-types.ts'
import { type Config, inWordsOf, readConfig, readLake } from '../../config/config.ts'
import { findTables, scriptFile } from '../../declare/find-tables.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { fileReason } from '../../failure/file-reason.ts'
import type { Observe } from '../../load/events.ts'
import type { LoadSummary } from '../../load/summary.ts'
import { clearedReport, failedStepReport, heldReport, sliceReport } from './report.ts'

interface Flags {
  readonly fanOut: string
  readonly slices: number
  readonly slice: number
  readonly readyFile?: string
  readonly deadline: number
}

/** What a step is given. */
interface Step extends Task {
  readonly table: Table
  readonly config: Config
  readonly name: string
  readonly flags: Flags
  readonly command: Command
  readonly observe: Progress['observe']
  /** The load is done, whose steps all together are told of by the last one. */
  followed(summary: LoadSummary): void
}

const steps: Readonly<Record<string, (step: Step) => Promise<Report>>> = {
  hold: holding,
  async slice({ table, config, name, flags: { slice }, observe, signal }) {
    const { readSliceOf } = await import('../../load/fan-out/slice.ts')
    return sliceReport(table.name, slice, await readSliceOf({ table, config, name, slice, observe, signal }))
  },
  async finish({ table, config, name, flags, observe, signal, stopAfter, scrub, followed }) {
    stopAfter(flags.deadline)
    const { finish } = await import('../../load/fan-out/finish.ts')
    const summary = await finish({ table, config, name, observe, signal })
    followed(summary)
    return loadedReport({ ...summary, warnings: summary.warnings.map(scrub) })
  },
}

/** @param command with the flags of the step */
export function stepPrograms(command: Command, step: string): Program {
  const started = performance.now()
  let progress: Progress | undefined
  let source: string | undefined
  let followers: Followers | undefined
  let summary: LoadSummary | undefined
  let stopped: AbortSignal | undefined
  const tableOf = () => command.args[1] ?? 'fan-out'
  return {
    command,
    subject: {},
    async work(task) {
      const { log, scrub, hide, signal, stopAfter } = task
      stopped = signal
      const flags = command.opts<Flags>()
      const { fanOut: name } = flags
      progress = await openProgress(log, scrub)
      const { observe: tell } = progress
      const observe: Observe = (event) => {
        tell(event)
        followers?.observe(event)
      }
      if (step === 'finish') followers = await openFollowers({ table: tableOf(), log, scrub })
      const [table] = await findTables([tableOf()])
      if (step === 'clear') {
        stopAfter(flags.deadline)
        const { clear } = await import('../../load/fan-out/clear.ts')
        const lake = readLake()
        return clearedReport(tableOf(), await clear({ lake, table: tableOf(), name, observe, signal }))
      }
      const work = steps[step]
      if (work === undefined || table === undefined) return command.error(`there is no step ${step}`)
      source = table.connection
      const config = readConfig(table)
      hide(config.database)
      await followers?.begin({ table, config })
      const followed = (done: LoadSummary) => {
        summary = done
      }
      const report = await work({ ...task, table, config, name, flags, command, observe, followed })
      progress.close(true)
      return report
    },
    failed(given, error) {
      const failure = { ...given, advice: inWordsOf(source, given.advice) }
      progress?.close(false)
      if (step === 'slice' || step === 'clear') return failedStepReport(tableOf(), step, failure)
      return failedLoadReport({ table: tableOf(), failure, error, progress, dryRun: false, started })
    },
    async ended(report) {
      const interrupted = stopped !== undefined && isInterrupted(stopped)
      await followers?.end({ report, summary, interrupted })
    },
  }
}

async function holding({
  table,
  config,
  name,
  flags,
  command,
  observe,
  signal,
  stopAfter,
  log,
  scrub,
}: Step): Promise<Report> {
  const options = loadOptions(command)
  if (options.dryRun) command.error('a fan-out has no --dry-run, --out or --limit')
  if (command.getOptionValueSource('connections') === 'cli')
    command.error('a fan-out has no --connections: every slice has one')
  const { readyFile, slices } = flags
  // Left by an earlier one it would say that this is ready.
  if (readyFile !== undefined) await rm(readyFile, { force: true })
  const script = scriptFile(table.name)
  await requireTypes(log.warn, script)
  stopAfter(options.deadlineMs)
  const { hold } = await import('../../load/fan-out/hold.ts')
  const held = await hold({
    ...{ table, config, name, options, slices, script, observe, signal, scrub },
    async onReady(plan) {
      log.info(`ready: ${plan.slicing.slices.length} slices may be read`, { load: plan.load })
      if (readyFile !== undefined) await makeReady(readyFile)
    },
  })
  log.info('committed; waiting to be told to stop', { load: held.load })
  await stopped(signal)
  return heldReport(table.name, held)
}

/** Ended earlier, a daemon is taken for one that has failed (Argo's `assessNodeStatus`). */
async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function makeReady(path: string): Promise<void> {
  try {
    await writeFile(path, '')
  } catch (cause) {
    throw new Failure({
      ...{ exit: 2, act: 'make the ready file', thing: path, reason: fileReason(cause), cause },
      advice: 'Give --ready-file a path in a folder that exists and can be written.',
    })
  }
}
