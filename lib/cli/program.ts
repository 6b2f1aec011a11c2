/**
 * The frame of everything a user starts: flags in, one report out, and in between signals, logs and secrets.
 * Only this sets exit codes, and only this and its siblings print.
 *
 * I want to…                                 → file
 * add or change a flag of loads              → load-flags.ts
 * change the end of every --help             → settings.ts
 * change how a failure is written            → report.ts, reported-failure.ts, last-line.ts, failure-text.ts
 * change what a load prints at its end       → summary.ts, load-report.ts, plan-text.ts
 * change what it prints meanwhile            → progress.ts, log.ts
 * show times, sizes and columns of text      → duration.ts, size.ts, text-table.ts
 * write a command that starts servers        → command.ts
 * know what is hidden, and what is sent away → scrub.ts, tell.ts, followers.ts, followed-rollback.ts, batch.ts
 * know what stops a program                  → interruption.ts
 * change what a program tells its parent     → parent.ts
 */
import { type Command, CommanderError } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import {
  debugWanted,
  environmentName,
  readLineage,
  readNotify,
  readSentry,
  requireEnvFiles,
} from '../config/config.ts'
import type { ExitCode } from '../failure/exit-code.ts'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import { type Interruption, watchForInterruption } from './interruption.ts'
import { lastLine } from './last-line.ts'
import { type Log, type LogFields, openLog } from './log.ts'
import { tellParent } from './parent.ts'
import type { Report } from './report.ts'
import { type ReportedFailure, reportFailure } from './reported-failure.ts'
import { createScrubber, hideConfigured, type Scrubber } from './scrub.ts'
import { settingsHelp } from './settings.ts'
import { tellEnd } from './tell.ts'

/** What work is given of the frame. */
export interface Task extends Pick<Scrubber, 'hide' | 'scrub'> {
  readonly signal: AbortSignal
  readonly log: Log
  /** Aborts the signal then, with a Failure that says so. */
  stopAfter(deadlineMs: number): void
}

export interface Program {
  /** Its own flags; `--json`, `--summary-file`, `--help` and what all share are added here. */
  readonly command: Command
  readonly argv?: readonly string[] | undefined
  /** Whose the log lines are. */
  readonly subject: LogFields
  /** Called when the flags are right. */
  work(task: Task): Promise<Report>
  /** How it ends when `work`, or reading the flags, throws. */
  failed(failure: ReportedFailure, error: unknown): Report
  /** Tells others how it ended, before the last line, which stays the last. Never throws. */
  ended?(report: Report): Promise<void>
}

/** Parses, works, prints and exits. */
export async function runProgram(program: Program): Promise<never> {
  const args = program.argv ?? process.argv.slice(2)
  // A reader that went away (`| head`) does not undo a load.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const { report, json, log } = await carryOut(program, args, watchForInterruption(program.command.name()))
  if (report === undefined) return end(log, 0)
  await tellParent({ kind: 'report', exit: report.exit, json: report.json })
  // Wrong flags may have kept the parser from reaching this one.
  const result = args.includes('--json') ? json : forPeople(report)
  return end(log, report.exit, result, report.exit === 0 && report.lineAfter ? report.line : undefined)
}

export interface CarriedOut {
  /** Undefined: it was asked for help, and has given it. */
  readonly report: Report | undefined
  /** What --json prints. */
  readonly json: string
  readonly log: Log
}

/** Parses, works, and says on stderr how that ended; what becomes of the process is the caller's. */
export async function carryOut(
  { command, subject, work, failed, ended }: Program,
  args: readonly string[],
  { signal, overdue, stopAfter }: Interruption,
): Promise<CarriedOut> {
  const { hide, hideKey, scrub } = createScrubber()
  // Flags too may have a password in them, and are told of before any configuration is read.
  hideConfigured({ hide, hideKey })
  const log = openLog(process.stderr, { ...subject, environment: environmentName() }, scrub)
  command
    .version(packageFile.version)
    .option('--json', 'print the summary as one JSON object, of failures too')
    .option('--summary-file <path>', 'write that object to this file as well')
    .addHelpText('after', settingsHelp)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const flags = () => command.opts<{ summaryFile?: string }>()

  let report: Report
  let writable = true
  try {
    command.parse(args, { from: 'user' })
    requireEnvFiles()
    readSentry()
    readNotify()
    readLineage()
    const { summaryFile } = flags()
    if (summaryFile !== undefined) {
      writable = false
      await emptyFile(summaryFile)
      writable = true
    }
    await tellParent({ kind: 'begun' })
    report = await Promise.race([work({ signal, log, hide, scrub, stopAfter }), overdue])
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { report: undefined, json: '', log }
    if (debugWanted()) log.error(Bun.inspect(error))
    report = failed(reportFailure(error, signal, scrub), error)
  }

  const json = `${JSON.stringify(report.json)}\n`
  const { summaryFile } = flags()
  if (summaryFile !== undefined && writable) {
    await Bun.write(summaryFile, json).catch((error: unknown) =>
      log.warn(`Cannot write the summary file "${summaryFile}": ${fileReason(error)}.`),
    )
  }
  // Before the last line, which stays the last.
  const last = lastLine(report, subject)
  await Promise.all([tellEnd(report, last, { log, scrub }), ended?.(report)])
  if (last.message !== undefined) {
    const { atTerminal = last.message } = report
    if (report.exit !== 0) log.error(log.terminal ? atTerminal : last.message, last.fields)
    else if (!log.terminal) log.info(last.message, last.fields)
  }
  return { report, json, log }
}

function forPeople({ text }: Report): string {
  if (text === undefined) return ''
  return process.stdout.isTTY ? `\n${text}\n` : `${text}\n`
}

/** A summary left by an earlier run must not be taken for this one's. */
async function emptyFile(path: string): Promise<void> {
  try {
    await Bun.write(path, '')
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'write the summary file',
      thing: path,
      reason: fileReason(cause),
      advice: 'Give --summary-file a path in a folder that exists and can be written.',
      cause,
    })
  }
}

/** How long a slow reader of our output may keep us from report. */
const flushMs = 10_000

/** Prints the result and ends the process, whatever timers or sockets a library left behind. @param after at a terminal */
async function end(log: Log, exit: 0 | ExitCode, result = '', after?: string): Promise<never> {
  process.exitCode = exit
  const printed = new Promise<void>((resolve) => process.stdout.write(result, () => resolve()))
  const said = printed.then(() => {
    if (log.terminal && after !== undefined) log.info(after)
    return log.written()
  })
  await Promise.race([said, Bun.sleep(flushMs)])
  process.exit(exit)
}
