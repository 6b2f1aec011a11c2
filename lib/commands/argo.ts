#!/usr/bin/env bun
/**
 * `bun run argo`: the workflows that load and check every table of `scripts/`, for Argo Workflows.
 *
 * I want to…                                 → file
 * add what an installation may choose        → argo.ts, argo/installation.ts
 * change what a flag may say                 → argo/kubernetes-names.ts, argo/quantity.ts, argo/load-flags.ts
 * change how a table is loaded and checked   → argo/table-templates.ts, argo/fan-out.ts
 * change which tables have templates alike   → argo/variant.ts
 * change what pods have, and may take        → argo/pod.ts
 * change when tables are loaded              → argo/schedules.ts, argo/cron-workflow.ts
 * change who is told of loads, and of what   → argo/tell.ts, argo/metrics.ts
 * change what the YAML says to its reader    → argo/manifest.ts
 */
import { Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../cli/command.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { findTables } from '../declare/find-tables.ts'
import { project } from '../declare/project.ts'
import { wrongSchedule } from '../declare/schedule.ts'
import type { Table } from '../declare/table.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import {
  defaults,
  type Installation,
  type LoadSettings,
  labelsOf,
  mostLetters,
  namesOfProject,
} from './argo/installation.ts'
import { annotation, dnsLabel, dnsName, label, type Toleration, toleration } from './argo/kubernetes-names.ts'
import { scheduledFlags } from './argo/load-flags.ts'
import { manifest } from './argo/manifest.ts'
import { cpuQuantity, memoryQuantity } from './argo/quantity.ts'
import { type ByTable, named, ofTables, several } from './argo/repeated.ts'
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
  .option('--timezone <zone>', 'of all schedules', timezone, defaults.timezone)
  .option('--slices <table=n,…>', 'tables that so many pods read at once, such as orders=8,notes=4', slicesOf)
  .option(
    '--memory <[table=]size>',
    'of loads, such as 4Gi for all or invoices=4Gi for one; can be repeated (default: 512Mi, up to 1536Mi)',
    ofTables(memoryQuantity),
  )
  .option('--cpu <[table=]cores>', 'of loads, such as 2 or invoices=500m (default: 1)', ofTables(cpuQuantity))
  .option(
    '--load-flags <[table=]flags>',
    "of loads, such as 'invoices=--fingerprint --retain 5'",
    ofTables(scheduledFlags),
  )
  .option('--namespace <name>', 'of all objects (default: where they are applied)', (text) => dnsLabel(text))
  .option('--label <key=value>', 'of all objects, workflows and pods; can be repeated', named(ownLabel))
  .option('--annotation <key=value>', 'the same', named(annotation))
  .option('--pull-secret <name>', 'with which the image is pulled; can be repeated', several(dnsName))
  .option('--node-selector <key=value>', 'of the nodes that pods run on; can be repeated', named(label))
  .option('--toleration <taint>', 'of pods, such as dedicated=loads:NoSchedule', several(toleration))
  .option('--service-account <name>', "of pods (default: the installation's name)", dnsName)
  .option('--role <arn>', 'IAM role of the loads: adds a service account that takes it on', roleArn)
  .option('--out <file>', 'write it there')

interface Flags
  extends Partial<
    Pick<Installation, 'name' | 'image' | 'namespace' | 'parallel' | 'timezone' | 'role' | 'serviceAccount'>
  > {
  readonly schedule: string
  readonly slices?: Installation['slices']
  readonly memory?: ByTable<string>
  readonly cpu?: ByTable<string>
  readonly loadFlags?: ByTable<readonly string[]>
  readonly label?: ReadonlyMap<string, string>
  readonly annotation?: ReadonlyMap<string, string>
  readonly nodeSelector?: ReadonlyMap<string, string>
  readonly pullSecret?: readonly string[]
  readonly toleration?: readonly Toleration[]
  readonly out?: string
}

await runCommand(command, async () => {
  const { schedule, out, memory, cpu, loadFlags, ...given } = command.opts<Flags>()
  const {
    label: labels,
    annotation: annotations,
    nodeSelector,
    pullSecret,
    toleration: tolerations,
    ...chosen
  } = given
  const tables = await findTables([])
  if (tables.length === 0) throw nothingToSchedule(project().scripts)
  const names = tables.map((table) => table.name)
  const settings = new Set([memory, cpu, loadFlags].flatMap((each) => [...(each?.of.keys() ?? [])]))
  for (const table of [...Object.keys(chosen.slices ?? {}), ...settings]) requireTable(table, names)
  for (const table of tables) if (table.name in (chosen.slices ?? {})) requireSliceable(table)
  const name = chosen.name ?? namesOfProject().name
  const text = manifest({
    ...defaults,
    ...chosen,
    name,
    image: chosen.image ?? namesOfProject().image,
    labels: Object.fromEntries(labels ?? []),
    annotations: Object.fromEntries(annotations ?? []),
    nodeSelector: Object.fromEntries(nodeSelector ?? []),
    pullSecrets: pullSecret ?? [],
    tolerations: tolerations ?? [],
    loads: { memory: memory?.all, cpu: cpu?.all, flags: loadFlags?.all },
    loadsOf: Object.fromEntries(
      names
        .filter((each) => settings.has(each))
        .map((each) => [each, settingsOf(each, memory, cpu, loadFlags)]),
    ),
    partitioned: tables.flatMap((table) => (table.partitionBy === undefined ? [] : [table.name])),
    schedules: schedulesOf(tables, schedule, name),
  })
  if (out === undefined) process.stdout.write(text)
  else await write(out, text)
  return 0
})

function settingsOf(
  table: string,
  memory: ByTable<string> | undefined,
  cpu: ByTable<string> | undefined,
  flags: ByTable<readonly string[]> | undefined,
): LoadSettings {
  return {
    ...(memory?.of.has(table) && { memory: memory.of.get(table) }),
    ...(cpu?.of.has(table) && { cpu: cpu.of.get(table) }),
    ...(flags?.of.has(table) && { flags: flags.of.get(table) }),
  }
}

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

/** Pods that open a load of another table would refuse it each time that they are started. */
function requireSliceable({ name, format, source }: Table): void {
  const tenants = source.tenants !== undefined
  if (format !== 'iceberg' && !tenants) return
  throw new Failure({
    exit: 2,
    act: 'have many pods load the table',
    thing: name,
    reason: tenants
      ? 'it is one of tenants, whose rows one machine reads'
      : 'it is an Iceberg table, which one machine loads',
    advice: 'Leave it out of --slices: one pod reads it over several connections.',
  })
}

function nothingToSchedule(folder: string): Failure {
  return new Failure({
    exit: 2,
    act: 'schedule the tables of',
    thing: folder,
    reason: 'no script is there',
    advice: `Write one, which ${commandLine('new <table>')} does, or name the folder of the scripts: --scripts <folder>.`,
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

/** By those of the installation its objects are found again. */
function ownLabel(text: string): ReturnType<typeof label> {
  const [key, value] = label(text)
  if (!Object.hasOwn(labelsOf({ name: '', labels: {} }), key)) return [key, value]
  throw new InvalidArgumentError(`${key} is the installation's own: see --name.`)
}

/** A CronWorkflow's name is at most 52 characters, a schedule's among them. */
function kubernetesName(text: string): string {
  return dnsLabel(text, mostLetters)
}

function imageName(text: string): string {
  if (/^\w[\w./:@-]*$/.test(text)) return text
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
