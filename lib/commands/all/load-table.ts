/** How `bun run all` loads one table, and what its JSON says of it. */
import type { FailedSummary } from '../../cli/load-report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { type ExitCode, runAgainAdvice } from '../../failure/exit-code.ts'
import type { Failure } from '../../failure/failure.ts'
import type { LoadSummary } from '../../load/summary.ts'
import { type Finished, runScript } from '../many/run-script.ts'

/** One table in the JSON of `bun run all`. */
export type LoadedTable = { readonly table: string; readonly exit: 0 | ExitCode } & (
  | { readonly summary: LoadSummary }
  | { readonly summary: FailedSummary | null; readonly error: ReportedFailure }
)

export async function loadTable(
  table: string,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<LoadedTable> {
  const finished = await runScript(`scripts/${table}.ts`, flags, signal)
  const summary = finished.json as LoadSummary | FailedSummary | undefined
  if (summary === undefined) {
    const error = mute(table, finished)
    return { table, exit: error.exit, summary: null, error }
  }
  return 'error' in summary
    ? { table, exit: summary.error.exit, summary, error: summary.error }
    : { table, exit: 0, summary }
}

/** What is said of a script that declares no table. */
export function notLoaded(table: string, { exit, summary, advice, retry }: Failure): LoadedTable {
  return { table, exit, summary: null, error: { exit, summary, advice, retry } }
}

/** What is said of a table whose turn never came. */
export function notStarted(table: string): LoadedTable {
  const summary = 'it was not started, as the run was stopped before'
  const error: ReportedFailure = { exit: 1, summary, advice: 'Start it again.', retry: true }
  return { table, exit: 1, summary: null, error }
}

/** A process that did not say how it ended: killed, and then nobody knows whether it had published, or never begun. */
function mute(table: string, { exit, lastLine }: Finished): ReportedFailure {
  const last = lastLine === '' ? '' : `; its last line: ${lastLine}`
  if (exit === null || exit > 128) {
    return {
      exit: 5,
      summary: `its process was killed${last}`,
      advice: runAgainAdvice,
      retry: true,
    }
  }
  return {
    exit: 3,
    summary: `the script does not run${last}`,
    advice: `It is to end with: if (import.meta.main) await run(${table}).`,
    retry: false,
  }
}
