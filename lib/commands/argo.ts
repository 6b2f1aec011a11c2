#!/usr/bin/env bun
/** `bun run argo`: the workflows that load and check every table of `scripts/`, for Argo Workflows. */
import { Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../cli/command.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { findTables } from '../declare/find-tables.ts'
import { wrongSchedule } from '../declare/schedule.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import { defaults, type Installation, mostLetters, namesOfProject } from './argo/installation.ts'
import { manifest } from './argo/manifest.ts'
import { schedulesOf, usualCron } from './argo/schedules.ts'

/** Pods of one table: more than these, and the server's own disks are what a load waits for. */
const mostSlices = 100

const command = withScripts(new Command(commandLine('argo')))
  .description(
    'Prints the WorkflowTemplate and CronWorkflows of an installation: every table of scripts/, loaded and then\n' +
      `checked. It asks nobody and changes nothing: ${commandLine('argo --image …')} | kubectl apply -f -`,
  )
  .option(
    '--name <name>',
    "of the installation and all that belongs to it (default: the project's own)",
    kubernetesName,
  )
  .option(
    '--image <image>',
    "made of the Containerfile, best by digest (default: the project's name and version)",
    imageName,
  )
  .option('--parallel <n>', 'tables at a time', positiveNumber, defaults.parallel)
  .option('--schedule <cron>', 'when tables are loaded whose scripts say no schedule', cron, usualCron)
  .option('--slices <table=n,…>', 'tables that so many pods read at once, such as orders=8,notes=4', slicesOf)
  .option('--timezone <zone>', 'of all schedules', timezone, defaults.timezone)
  .option('--role <arn>', 'IAM role of the loads: adds a service account that takes it on', roleArn)
  .option('--out <file>', 'write it there')

type Flags = Partial<Installation> & { readonly schedule: string; readonly out?: string }

await runCommand(command, async () => {
  const { schedule, out, ...chosen } = command.opts<Flags>()
  const installation = { ...defaults, ...namesOfProject(), ...chosen }
  const tables = await findTables([])
  const names = tables.map((table) => table.name)
  for (const table of Object.keys(installation.slices)) requireTable(table, names)
  const schedules = schedulesOf(tables, schedule, installation.name)
  const text = manifest({ ...installation, schedules })
  if (out === undefined) process.stdout.write(text)
  else await write(out, text)
  return 0
})

function requireTable(table: string, tables: readonly string[]): void {
  if (tables.includes(table)) return
  throw new Failure({
    exit: 2,
    act: 'schedule the table',
    thing: table,
    reason: 'no script has that name',
    advice: `Known are: ${tables.join(', ') || 'none'}.`,
  })
}

async function write(path: string, text: string): Promise<void> {
  try {
    await Bun.write(path, text, { createPath: false })
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'write',
      thing: path,
      reason: fileReason(cause),
      advice: 'Check that its folder exists and can be written.',
      cause,
    })
  }
}

/**
 * Takes the names that most Kubernetes objects may have (RFC 1123), with room for a schedule's name after it: a
 * CronWorkflow's has at most 52 characters.
 */
function kubernetesName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) && text.length <= mostLetters) return text
  throw new InvalidArgumentError(
    `It is at most ${mostLetters} lower-case letters, digits and hyphens, no hyphen at its ends.`,
  )
}

function imageName(text: string): string {
  if (/^[\w][\w./:@+-]*$/.test(text)) return text
  throw new InvalidArgumentError('It is a name such as registry.example.com/dracula:1.0.0, or by digest.')
}

function cron(text: string): string {
  const wrong = wrongSchedule(text)
  if (wrong === undefined) return text
  throw new InvalidArgumentError(`It ${wrong}.`)
}

function timezone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return text
  } catch {
    throw new InvalidArgumentError('It is a name such as Europe/Berlin.')
  }
}

function roleArn(text: string): string {
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(text)) return text
  throw new InvalidArgumentError('It is an ARN such as arn:aws:iam::111122223333:role/dracula.')
}

function slicesOf(text: string): Readonly<Record<string, number>> {
  const entries = list(text).map((each) => {
    const [, table = '', number = ''] = /^([^=]+)=(\d+)$/.exec(each) ?? []
    const slices = Number(number)
    if (table !== '' && slices >= 2 && slices <= mostSlices) return [table, slices] as const
    throw new InvalidArgumentError(
      `It is a table with a number from 2 to ${mostSlices}, such as orders=8, with commas between.`,
    )
  })
  return Object.fromEntries(entries)
}

function list(text: string): readonly string[] {
  return text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
}
