/**
 * What a script does when it is started: flags, progress, summary, exit code. Only `cli/` prints them and sets it; what a
 * load is, `load/load.ts` says.
 */

import { declarationIsSound, watchForBrokenScript } from './cli/broken-script.ts'
import { loadCommand, loadOptions } from './cli/load-flags.ts'
import { failedLoadReport, loadedReport } from './cli/load-report.ts'
import { nameOf, refuseWhileImporting, wrongCall } from './cli/own-script.ts'
import { runProgram } from './cli/program.ts'
import { openProgress, type Progress } from './cli/progress.ts'
import { requireTypes } from './cli/require-types.ts'
import { readConfig, readDryRun } from './config/config.ts'
import type { Table } from './declare/table.ts'
import type { load as loadTable } from './load/load.ts'

watchForBrokenScript()

/** What tests give in place of the process's own. */
export interface RunParts {
  /** The flags: `['--dry-run']`; the process's own when absent. */
  readonly argv?: readonly string[]
  /** What loads the table; `load/load.ts` when absent. */
  readonly load?: typeof loadTable
}

/**
 * Loads the table as the command line and the environment say, and reports it: the result on stdout, progress and failures
 * on stderr. It is the last line of a script: `if (import.meta.main) await run(taxes)`.
 * @param table what `table()` has made, under the name of the script's file
 * @returns never: it ends the process, with an exit code of the table in `failure/exit-code.ts`, which `--help` prints
 * @throws Failure (3) in a script that is only imported for what it declares; all else is reported, and not thrown
 */
export async function run(table: Table, parts: RunParts = {}): Promise<never> {
  refuseWhileImporting(table)
  declarationIsSound()
  const wrong = wrongCall(table, parts, ['argv', 'load'] satisfies (keyof RunParts)[])
  const name = nameOf(table)
  const command = loadCommand(name)
  const started = performance.now()
  let progress: Progress | undefined
  let dryRun = false
  return runProgram({
    command,
    argv: parts.argv,
    subject: { table: name },
    async work({ signal, log, hide, scrub, stopAfter }) {
      if (wrong !== undefined) throw wrong
      const options = loadOptions(command)
      dryRun = options.dryRun
      await requireTypes(log.warn)
      progress = openProgress(log, scrub)
      const config = dryRun ? readDryRun() : readConfig()
      hide(config.database)
      stopAfter(options.deadlineMs)
      // After the flags: `--help` need not wait for the SDK to load.
      const load = parts.load ?? (await import('./load/load.ts')).load
      const summary = await load(table, config, options, progress.observe, signal)
      progress.close(true)
      return loadedReport({
        ...summary,
        location: dryRun ? '' : summary.location,
        warnings: summary.warnings.map(scrub),
      })
    },
    failed(failure, error) {
      progress?.close(false)
      return failedLoadReport({ table: name, failure, error, progress, dryRun, started })
    },
  })
}
