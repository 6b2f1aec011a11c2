#!/usr/bin/env bun
/**
 * `bun run tell`: tells a webhook and a topic of SNS how a run of a table ended, in the place of a pod that was killed
 * before it could; a scheduler starts it at the end of each run. And whether messages arrive at all.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { runProgram, type Task } from '../cli/program.ts'
import { failedReport, type Report, troubled } from '../cli/report.ts'
import { oneLine } from '../cli/reported-failure.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { findLake, readNotify } from '../config/config.ts'
import { requireScripts } from '../declare/find-tables.ts'
import { commandLine } from '../failure/command-line.ts'
import { runAgainAdvice } from '../failure/exit-code.ts'
import { Failure } from '../failure/failure.ts'
import { type Delivered, deliver } from '../notify/deliver.ts'
import { testMessage } from '../notify/message.ts'
import { channelsOf, notify } from '../notify/notify.ts'
import type { Outcome } from '../notify/outcome.ts'
import type { Channel } from '../notify/state.ts'

const ends = ['succeeded', 'failed', 'error', 'skipped', 'omitted'] as const
type End = (typeof ends)[number]

const command = withScripts(new Command(commandLine('tell')))
  .description(
    'Tells DRACULA_WEBHOOK and DRACULA_SNS_TOPIC how a run of a table ended, where its own process could not: a pod that\n' +
      'was killed, or never came up. What the process has told already is not told again, and neither is what was so\n' +
      'before.',
  )
  .option('--table <name>', 'whose run it was')
  .addOption(
    new Option(
      '--status <how>',
      'how the run ended, as Argo says it: Succeeded, Failed, Error, Skipped or Omitted',
    ).argParser(parseEnd),
  )
  .addOption(
    new Option('--since <time>', 'when the run began: what its processes have told since counts').argParser(
      parseTime,
    ),
  )
  .option('--reason <text>', 'why, such as OOMKilled; a list of failures as Argo has it too')
  .option('--test', 'send a message to each, and change nothing')

interface Flags {
  readonly table?: string
  readonly status?: End
  /** On the clock of `Date.now()`. */
  readonly since?: number
  readonly reason?: string
  readonly test?: true
}

await runProgram({
  command,
  subject: {},
  work: (task) => tell(command.opts<Flags>(), task),
  failed: (error) =>
    failedReport({
      ...{ by: 'tell', verdict: 'nobody was told', error, gathered: true },
      json: { version: 1, command: 'tell', ok: false, told: [] },
    }),
})

async function tell(flags: Flags, { scrub, log }: Task): Promise<Report> {
  const config = readNotify()
  const to = channelsOf(config)
  if (flags.test === true) {
    if (to.length === 0)
      throw refused('DRACULA_WEBHOOK', 'neither it nor DRACULA_SNS_TOPIC is set', 'Set one.')
    return reportOf(await deliver(config, testMessage(config.environment, Date.now()), to), to)
  }
  const outcomes = await outcomesOf(flags, scrub)
  const { told, warnings } = await notify(outcomes, { config, lake: findLake() })
  if (told.length > 0) for (const each of warnings) log.warn(each)
  return reportOf({ told, warnings: told.length > 0 ? [] : warnings }, to)
}

/** @throws Failure (2) for flags that say too little, and a table that no script has */
async function outcomesOf(
  { table, status, since = 0, reason }: Flags,
  scrub: (text: string) => string,
): Promise<Outcome[]> {
  if (table === undefined || status === undefined) {
    const missing = table === undefined ? '--table' : '--status'
    throw refused(
      missing,
      'it is not given',
      `Give --table and --status, or --test: see ${commandLine('tell --help')}`,
    )
  }
  await requireScripts([table])
  // What did not run leaves all as it was.
  if (status === 'skipped' || status === 'omitted') return []
  if (status === 'succeeded') return [{ table }]
  const why = reason === undefined ? '' : scrub(oneLine(reasonIn(reason)))
  const summary = `its run ended as ${status}, and its process has not said why${why === '' ? '' : `: ${why}`}`
  const error = { exit: 5, summary, advice: runAgainAdvice, retry: true } as const
  const { trouble } = troubled({ table }, { verdict: 'not known whether it was published', error })
  return [{ table, trouble: { ...trouble, exit: null }, unlessToldSince: since }]
}

function reportOf({ told, warnings }: Delivered, to: readonly Channel[]): Report {
  const [first] = warnings
  if (first !== undefined) {
    throw new Failure({
      exit: 1,
      act: 'tell',
      thing: told.length === 0 ? 'anybody' : 'everybody',
      reason: warnings.map((each) => each.replace(/\.$/, '')).join('; '),
      advice: `Correct it, and look whether it arrives: ${commandLine('tell --test')}`,
    })
  }
  const nobody =
    to.length === 0 ? 'nobody is to be told: no webhook and no topic is set' : 'nothing was to be told'
  const line = told.length === 0 ? nobody : `told: ${told.join(', ')}`
  return { exit: 0, text: line, line, json: { version: 1, command: 'tell', ok: true, told } }
}

function refused(thing: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 2, act: 'use', thing, reason, advice })
}

function parseEnd(text: string): End {
  const end = ends.find((each) => each === text.toLowerCase())
  if (end !== undefined) return end
  throw new InvalidArgumentError('It is Succeeded, Failed, Error, Skipped or Omitted.')
}

function parseTime(text: string): number {
  const time = Date.parse(text)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time)) return time
  throw new InvalidArgumentError('It is a time such as 2026-11-26T04:00:00Z.')
}

/** Argo's `workflow.failures` is a list in JSON, of what failed on the way too; other text is a reason as it stands. */
function reasonIn(text: string): string {
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list)) return text
    return list.flatMap(describeNode).join('; ')
  } catch {
    return text
  }
}

function describeNode(node: unknown): string[] {
  if (typeof node !== 'object' || node === null || !('message' in node)) return []
  const name = 'displayName' in node ? `${node.displayName}: ` : ''
  return [`${name}${node.message}`]
}
