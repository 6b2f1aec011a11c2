#!/usr/bin/env bun
/** `bun run demo`: every table from Postgres to Athena on this machine, as a user would run it. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { runQuery } from '../aws/athena.ts'
import { runCommand } from '../cli/command.ts'
import { formatDuration } from '../cli/duration.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { formatSize } from '../cli/size.ts'
import { textTable } from '../cli/text-table.ts'
import { readLake } from '../config/config.ts'
import { decimal } from '../decimal/decimal.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { connectLake } from '../lake/connect.ts'
import type { LoadSummary } from '../load/summary.ts'
import { changeEvents } from '../local/change-events.ts'
import { exportLines } from '../local/export-lines.ts'
import { standInPackages } from '../local/packages.ts'
import { runInside } from '../local/run-inside.ts'
import { seed } from '../local/seed.ts'
import type { StandIn } from '../local/stand-in.ts'
import { afterwards, proposed, whileUp } from './demo/next.ts'
import { step } from './demo/step.ts'

const command = new Command(commandLine('demo'))
  .description(
    'Starts Postgres, S3, Glue and Athena on this machine, fills the database, loads and checks all tables,\n' +
      'asks the lake a question, and removes everything again.',
  )
  .option('--scale <n>', 'times 200,000 currencies, and the other tables alike', positiveNumber, 1)
  .option('--stay', 'leave everything running and print the environment that leads to it', false)
  .addHelpText('after', '\nExit codes: 0 done, 2 wrong flags, else that of the step that failed.')

/**
 * Only the joined data can answer it: a document knows its order, the order its organization by way of its request, and
 * what it costs in dollars was computed while it was loaded.
 */
const spending = `
  with spent as (
    select order_id, po_created_at as at, total_price_usd as ordered, cast(null as decimal(18,6)) as invoiced
    from purchase_orders
    union all
    select order_id, issued_at, cast(null as decimal(18,6)), total_price_usd
    from invoices where not cancelled
  )
  select o.name, substr(cast(date_trunc('month', spent.at) as varchar), 1, 7) as month,
    coalesce(sum(ordered), 0) as ordered, coalesce(sum(invoiced), 0) as invoiced
  from spent
    join orders on orders.id = spent.order_id
    join organizations o on o.id = orders.organization_id
  where spent.at is not null and o.name is not null
  group by 1, 2
  having sum(ordered) > 0 and sum(invoiced) > 0
  order by 2 desc, 3 desc, 1
  limit 8`

/** Tables that are loaded by the days that have changed. */
const partitioned = ['events', 'events_emails']

/** A quarter of a million events over a hundred days, so that a demo takes no minute. */
const eventsScale = 0.25

await runCommand(command, async (signal) => {
  const { scale, stay } = command.opts<{ scale: number; stay: boolean }>()
  requirePackages(command.name(), standInPackages)
  const { startStandIn } = await import('../local/stand-in.ts')
  const standIn = await step('Starting Postgres, S3, Glue and Athena on this machine', () => startStandIn())
  const lines = exportLines(standIn, process.env)
  try {
    enterEnvironment(standIn.env)
    await demonstrate(standIn, scale, signal)
    if (stay) {
      process.stderr.write(
        '\nAll of it stays up until Ctrl-C. To use it in another terminal, run these lines there:\n\n',
      )
      console.log(`${lines}\n`)
      console.log(proposed(whileUp))
      if (!signal.aborted) await once(signal, 'abort')
    } else console.log(`\n${proposed(afterwards)}`)
    return 0
  } finally {
    await standIn.stop()
  }
})

async function demonstrate(standIn: StandIn, scale: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const filled = await step('Filling the database', (tell) => {
    const more = { scaleOf: { events: eventsScale }, onTable: tell, signal }
    return seed(standIn.postgres?.url ?? '', { scale, ...more })
  })
  const rows = Object.values(filled).reduce((sum, each) => sum + each, 0)
  process.stderr.write(`${rows.toLocaleString('en')} rows in ${Object.keys(filled).length} tables\n`)
  const summaryFile = join(standIn.folder, 'summary.json')
  await runProgram('bun run all', 'lib/commands/all.ts', ['--summary-file', summaryFile], standIn, signal)
  await runProgram('bun checks/row-counts.ts', 'checks/row-counts.ts', [], standIn, signal)

  console.log(
    '\nWhat an organization ordered and was invoiced in a month, in USD (local: DuckDB in place of Athena)\n',
  )
  const answer = await ask(spending, signal)
  console.log(textTable([['organization', 'month', 'ordered', 'invoiced'], ...answer.map(inDollars)], [2, 3]))
  const loaded: AllLoaded = JSON.parse(await readFile(summaryFile, 'utf8'))
  await demonstrateIncrements(standIn, loaded, signal)
  showEnd(loaded)
}

/** A day's changes to the table of events, and what it takes to load them. */
async function demonstrateIncrements(standIn: StandIn, whole: AllLoaded, signal: AbortSignal): Promise<void> {
  process.stderr.write('\n')
  const changes = await step('Changing one event of a hundred', () =>
    changeEvents(standIn.postgres?.url ?? '', { signal }),
  )
  const words = Object.entries(changes).map(([what, rows]) => `${rows.toLocaleString('en')} ${what}`)
  process.stderr.write(`${words.join(', ')}\n`)
  const summaryFile = join(standIn.folder, 'changed.json')
  const selected = partitioned.join(',')
  const all = ['--select', selected, '--summary-file', summaryFile]
  await runProgram(`bun run all --select ${selected}`, 'lib/commands/all.ts', all, standIn, signal)
  const day = '2025-01-02'
  const args = ['--partitions', day]
  await runProgram(`bun scripts/events.ts --partitions ${day}`, 'scripts/events.ts', args, standIn, signal)
  await runProgram(
    `bun checks/row-counts.ts ${partitioned.join(' ')}`,
    ...(['checks/row-counts.ts', partitioned, standIn, signal] as const),
  )
  showIncrements(whole, JSON.parse(await readFile(summaryFile, 'utf8')))
}

function showIncrements(whole: AllLoaded, changed: AllLoaded): void {
  const lines = partitioned.map((name) => {
    const of = ({ tables }: AllLoaded) => tables.find(({ summary }) => summary.table === name)?.summary
    const [first, then] = [of(whole), of(changed)]
    if (first === undefined || then === undefined) throw new Error(`No load of ${name} is summed up.`)
    const { reasons = {}, kept = 0 } = then.partitions ?? {}
    const read = Object.values(reasons).reduce((sum, count) => sum + count, 0)
    return [
      name,
      ...[first, then].flatMap(({ rows_read, seconds }) => [
        `${rows_read.toLocaleString('en')} rows`,
        formatDuration(seconds * 1000),
      ]),
      `${read} of ${read + (kept ?? 0)} days`,
      `${((then.seconds / first.seconds) * 100).toFixed(0)}% of the time`,
    ]
  })
  console.log(
    '\nWhat a hundredth of changes costs: all rows, and then the days that have changed\n\n' +
      textTable(lines, [1, 2, 3, 4, 5, 6]),
  )
}

/** Rounded for the screen; the lake has six digits after the point. */
function inDollars([organization = '', month = '', ...amounts]: readonly string[]): string[] {
  const shown = amounts.map((amount) => {
    const [, whole = '', cents = ''] =
      /^(-?\d+)\.(\d\d)\d*$/.exec(decimal(amount).toDecimalPlaces(2).toFixed(2)) ?? []
    return `${BigInt(whole).toLocaleString('en')}.${cents}`
  })
  return [organization.replace(/\s+/g, ' '), month, ...shown]
}

/** From here on this process, and the AWS SDK in it, knows what a script inside knows. */
function enterEnvironment(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
}

async function ask(sql: string, signal: AbortSignal): Promise<string[][]> {
  const { glueDatabase: database, workgroup, athenaOutput: output } = readLake()
  const aws = connectLake()
  try {
    const { rows } = await runQuery(aws, { sql, database, workgroup, output, timeoutMs: 30_000, signal })
    return rows.map((row) => row.map((cell) => cell ?? 'null'))
  } finally {
    aws.close()
  }
}

/** Runs a program as a user would: a process of its own that knows only its environment, on this terminal. */
async function runProgram(
  shown: string,
  program: string,
  args: readonly string[],
  standIn: StandIn,
  signal: AbortSignal,
): Promise<void> {
  process.stderr.write(`\n$ ${shown}\n`)
  const path = join(import.meta.dir, '../..', program)
  const code = await runInside(standIn.env, [process.execPath, path, ...args])
  signal.throwIfAborted()
  if (code === 0) return
  throw new Failure({
    exit: code === 2 || code === 3 || code === 4 || code === 5 ? code : 1,
    act: 'finish the demo after',
    thing: shown,
    reason: `it ended with exit code ${code}`,
    advice: 'What it said is above.',
  })
}

/** The summary of `bun run all`, where nothing failed. */
interface AllLoaded {
  readonly seconds: number
  readonly tables: readonly { readonly summary: LoadSummary }[]
}

function showEnd({ seconds, tables }: AllLoaded): void {
  const sumOf = (figure: (summary: LoadSummary) => number) =>
    tables.reduce((sum, { summary }) => sum + figure(summary), 0)
  const rows = sumOf(({ rows }) => rows)
  const reading = sumOf(({ phases }) => phases.read ?? 0)
  const facts = [
    ['tables', String(tables.length)],
    ['rows', rows.toLocaleString('en')],
    ['size', `${formatSize(sumOf(({ bytes }) => bytes))} of Parquet`],
    [
      'speed',
      `${Math.round(rows / Math.max(reading, 0.001)).toLocaleString('en')} rows/s a table while reading`,
    ],
    ['time', `${formatDuration(seconds * 1000)} with crawls, audits and publishing, two tables at a time`],
  ]
  console.log(`\nFrom Postgres to Athena\n\n${textTable(facts)}`)
}
