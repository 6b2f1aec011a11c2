/** Tells everybody beside the log how a program ended: Sentry, a webhook, a topic of SNS, node exporter. */
import { findLake, findNotifyConfig, readSentry, startedAtTerminal } from '../config/config.ts'
import { fileReason } from '../failure/file-reason.ts'
import type { Outcome } from '../notify/outcome.ts'
import type { LastLine } from './last-line.ts'
import type { Log } from './log.ts'
import type { Report } from './report.ts'
import { scrubbed } from './scrub.ts'

export interface Teller {
  readonly log: Pick<Log, 'warn' | 'terminal'>
  scrub(text: string): string
}

/** Before the last line, which stays the last. Never throws: how it ends is settled. */
export async function tellEnd(report: Report, last: LastLine, teller: Teller): Promise<void> {
  await Promise.all([tellSentry(report, last, teller), tellChanges(report, teller), measure(report, teller)])
}

async function tellSentry({ failure, exit }: Report, last: LastLine, { log, scrub }: Teller): Promise<void> {
  if (failure === undefined) return
  try {
    const sentry = readSentry()
    if (sentry === undefined) return
    const { sendFailure } = await import('./sentry.ts')
    await sendFailure(sentry, last, scrub)
  } catch (error) {
    log.warn(`Sentry was not told: ${error instanceof Error ? error.message : String(error)}.`, { exit })
  }
}

async function tellChanges({ outcomes: all = [], exit }: Report, { log, scrub }: Teller): Promise<void> {
  const outcomes = toBeTold(all, { terminal: log.terminal || startedAtTerminal() })
  if (outcomes.length === 0) return
  try {
    const config = findNotifyConfig()
    if (config.webhook === undefined && config.topic === undefined) return
    // A load that tells nobody need not wait for it.
    const { notify } = await import('../notify/notify.ts')
    const { warnings } = await notify(scrubbed(outcomes, scrub), { config, lake: findLake() })
    for (const warning of warnings) log.warn(warning, { exit })
  } catch (error) {
    log.warn(`Nobody was told: ${error instanceof Error ? error.message : String(error)}.`, { exit })
  }
}

/** Whoever sits at a terminal has seen what failed, be it a command mistyped or interrupted: nobody else is told. */
export function toBeTold(
  outcomes: readonly Outcome[],
  { terminal }: Pick<Log, 'terminal'>,
): readonly Outcome[] {
  return terminal ? outcomes.filter(({ trouble }) => trouble === undefined) : outcomes
}

/** Loads alone are measured. */
async function measure({ outcomes = [], exit }: Report, { log }: Teller): Promise<void> {
  const { metricsFolder: folder, environment } = findNotifyConfig()
  if (folder === undefined) return
  for (const outcome of outcomes) {
    const { table, check } = outcome
    if (table === undefined || check !== undefined) continue
    try {
      const { writeMetrics } = await import('../notify/metrics-file.ts')
      const database = findLake()?.glueDatabase
      await writeMetrics({ folder, environment, database, table, outcome, now: Date.now() })
    } catch (error) {
      log.warn(`Cannot write the metrics of ${table} in "${folder}": ${fileReason(error)}.`, { exit })
    }
  }
}
