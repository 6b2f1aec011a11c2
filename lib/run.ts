/**
 * What a script does when it is started: flags, progress, summary, exit code. Only `cli/` prints them and sets it; what a
 * load is, `load/load.ts` says.
 */

import { declarationIsSound, watchForBrokenScript } from './cli/broken-script.ts'
import { loadProgram } from './cli/load-program.ts'
import { nameOf, refuseWhileImporting, wrongCall } from './cli/own-script.ts'
import { runProgram } from './cli/program.ts'
import { requireTypes } from './cli/require-types.ts'
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
  const program = loadProgram({
    name: nameOf(table),
    script: process.argv[1],
    load: parts.load,
    async table(warn) {
      if (wrong !== undefined) throw wrong
      await requireTypes(warn)
      return table
    },
  })
  return runProgram({ ...program, argv: parts.argv })
}
