/** What the JSON of `bun run all` says of one table, however its process ended. */
import type { FailedSummary } from '../../cli/load-report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { type ExitCode, runAgainAdvice } from '../../failure/exit-code.ts'
import type { Failure } from '../../failure/failure.ts'
import type { LoadSummary } from '../../load/summary.ts'
import type { Finished } from '../many/run-script.ts'

/** One table in the JSON of `bun run all`. */
export type LoadedTable = { readonly table: string; readonly exit: 0 | ExitCode } & (
  | { readonly summary: LoadSummary }
  | { readonly summary: FailedSummary | null; readonly error: ReportedFailure }
)

/** @param loading what became of the process that loads it */
export async function loadedBy(table: string, loading: Promise<Finished>): Promise<LoadedTable> {
  const finished = await loading
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

const stoppedBefore = 'it was not started, as the run was stopped before'

/** Whether its turn has come. */
export function wasStarted(table: LoadedTable): boolean {
  return !('error' in table) || table.error.summary !== stoppedBefore
}

/** What is said of a table whose turn never came. */
export function notStarted(table: string): LoadedTable {
  const error: ReportedFailure = { exit: 1, summary: stoppedBefore, advice: 'Start it again.', retry: true }
  return { table, exit: 1, summary: null, error }
}

/** A process that did not say how it ended: once it had begun, nobody knows whether it has published. */
function mute(table: string, { exit, stuck, begun, lastLine }: Finished): ReportedFailure {
  const last = lastLine === '' ? '' : `; its last line: ${lastLine}`
  const killed = exit === null || exit > 128
  const how = stuck
    ? 'its process was ended, as it was busy with one thing and answered nothing more'
    : killed
      ? 'its process was killed'
      : `it ended its process, with exit code ${exit}`
  if (begun) {
    const advice =
      killed && !stuck ? runAgainAdvice : `${runAgainAdvice} Look for what ends or never ends in it.`
    return { exit: 5, summary: `${how}${last}`, advice, retry: true }
  }
  if (killed && !stuck) {
    const advice = 'Run it again.'
    return { exit: 1, summary: `${how} before it had begun${last}`, advice, retry: true }
  }
  return {
    exit: 3,
    summary: `the script does not run: ${how}${last}`,
    advice: `It is to end with: if (import.meta.main) await run(${table}).`,
    retry: false,
  }
}
