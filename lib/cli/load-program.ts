/** One load as a program: the flags it has, what it does with them, and what it reports. */
import { inWordsOf, readConfig, readDryRun } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { Observe } from '../load/events.ts'
import type { load as loadTable } from '../load/load.ts'
import type { LoadSummary } from '../load/summary.ts'
import { evolved } from './evolved.ts'
import { type Followers, openFollowers } from './followers.ts'
import { isInterrupted } from './interruption.ts'
import { isDryRun, loadCommand, loadOptions } from './load-flags.ts'
import { failedLoadReport, loadedReport } from './load-report.ts'
import { tellParent, tellStanding } from './parent.ts'
import type { Program } from './program.ts'
import { openProgress, type Progress } from './progress.ts'

export interface LoadProgramParts {
  /** The table's name, for messages. */
  readonly name: string
  /** Gives the table when the flags are right; what it throws ends the load before it began. */
  table(warn: (message: string) => void): Promise<Table>
  /** The module whose default export is the table, absolute. */
  readonly script?: string | undefined
  /** What loads it; `load/load.ts` when absent. */
  readonly load?: typeof loadTable | undefined
}

export function loadProgram(parts: LoadProgramParts): Program {
  const { name, table: find, load: given } = parts
  const command = loadCommand(name)
  const started = performance.now()
  let progress: Progress | undefined
  let dryRun = false
  let source: string | undefined
  let followers: Followers | undefined
  let summary: LoadSummary | undefined
  let stopped: AbortSignal | undefined
  return {
    command,
    subject: { table: name },
    async work({ signal, log, hide, scrub, stopAfter }) {
      stopped = signal
      const options = loadOptions(command)
      dryRun = options.dryRun
      // A dry run is nothing that others are told of.
      if (!dryRun) followers = await openFollowers({ table: name, log, scrub })
      const declared = await find(log.warn)
      source = declared.connection
      const { script } = parts
      const opened = await openProgress(log, scrub)
      progress = opened
      tellStanding(() => opened.standing)
      const config = dryRun ? readDryRun(declared) : readConfig(declared)
      hide(config.database)
      await tellParent({ kind: 'source', source: source ?? null })
      stopAfter(options.deadlineMs)
      const table = given
        ? declared
        : await evolved(declared, { options, database: config.database, script, log, signal })
      // After the flags: `--help` need not wait for the SDK to load.
      const load = given ?? (await import('../load/load.ts')).load
      const { observe: tell } = progress
      if (config.lake !== undefined)
        await followers?.begin({ table, config: { ...config, lake: config.lake } })
      const observe: Observe = (event) => {
        tell(event)
        followers?.observe(event)
      }
      summary = await load(table, config, options, observe, signal, { script })
      progress.close(true)
      return loadedReport({
        ...summary,
        location: dryRun ? '' : summary.location,
        warnings: summary.warnings.map(scrub),
      })
    },
    failed(given, error) {
      progress?.close(false)
      const failure = { ...given, advice: inWordsOf(source, given.advice) }
      return failedLoadReport({
        ...{ table: name, failure, error, progress, dryRun, started },
        publishes: !isDryRun(command),
      })
    },
    async ended(report) {
      const interrupted = stopped !== undefined && isInterrupted(stopped)
      await followers?.end({ report, summary, interrupted })
    },
  }
}
