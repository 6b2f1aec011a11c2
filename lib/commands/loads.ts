#!/usr/bin/env bun
/** `bun run loads`: the loads of a table, as their records tell, or how fresh every table is. */
import { Command } from 'commander'
import { parseAge } from '../cli/duration.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { runProgram } from '../cli/program.ts'
import { failedReport, type Report } from '../cli/report.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { readLake } from '../config/config.ts'
import { findTables, tableNames } from '../declare/find-tables.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import type { Lake } from '../lake/lake.ts'
import { openTable, publishedTables } from '../lake/open.ts'
import { freshnessReport } from './loads/freshness.ts'
import { historyReport } from './loads/history.ts'

const command = withScripts(new Command(commandLine('loads')))
  .description(
    'Shows the loads of a table that are retained, newest first, from their records;\n' +
      'without a table, what readers see of every table, the stalest first. It asks S3\n' +
      'and Glue only, and changes nothing.',
  )
  .argument('[table]', 'whose loads')
  .option('--limit <n>', 'show only so many loads', positiveNumber)
  .option(
    '--max-age <time>',
    'exit with 4 where what readers see of a table with a script is older, or nothing, such as 2h',
    parseAge,
  )
  .addHelpText(
    'after',
    '\nA load is published, superseded, rolled back (a rollback was the last to replace it), or\n' +
      'unproven: no record says that readers have ever seen it. A line that ends in a reason is\n' +
      'of a load that cannot be published again.',
  )

await runProgram({
  command,
  subject: {},
  async work({ signal, log }) {
    const [table] = command.args
    const { limit, maxAge } = command.opts<{ limit?: number; maxAge?: number }>()
    const config = readLake()
    log.transient('… reading')
    try {
      if (table !== undefined && maxAge !== undefined)
        throw refused('--max-age', 'it is of all tables', 'Leave the table out.')
      if (table !== undefined)
        return await loadsOf(await openTable(config, table, signal), table, { limit, signal })
      if (limit !== undefined) throw refused('--limit', 'it is of the loads of one table', 'Name the table.')
      const [scripts, tables] = await Promise.all([tableNames(), publishedTables(config, signal)])
      return freshnessReport(scripts, tables, { maxAge })
    } finally {
      log.transient('')
    }
  },
  failed: (error) =>
    failedReport({
      by: 'loads',
      verdict: 'nothing to show',
      error,
      json: { version: 1, command: 'loads', ok: false },
      gathered: false,
    }),
})

async function loadsOf(
  lake: Lake,
  table: string,
  { limit, signal }: { readonly limit: number | undefined; readonly signal: AbortSignal },
): Promise<Report> {
  const history = await lake.history({ limit: limit && Math.ceil(limit), signal }).finally(() => lake.close())
  const { published, loads } = history
  if (published.kind === 'absent' && loads.length === 0) {
    await findTables([table])
    throw refused(table, 'nothing of it is published', `Load it: bun scripts/${table}.ts`)
  }
  if (published.kind === 'unmanaged') {
    const reason = 'the lake has an unmanaged table of that name: Dracula has not made it'
    throw refused(table, reason, 'Give the table another name, or take it over with --adopt.')
  }
  return historyReport(table, history, process.stdout.isTTY === true)
}

function refused(thing: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 2, act: 'show the loads of', thing, reason, advice })
}
