#!/usr/bin/env bun
/**
 * `bun run report`: one page that shows every table of the lake, written to a file or published beside the tables.
 *
 * I want to…                            → file
 * know what the page tells              → report/facts.ts
 * read more of the lake, or of scripts  → report/gather.ts, report/table-facts.ts, report/read-partitions.ts
 * change when a table has a problem     → report/health.ts
 * know where a column comes from        → report/lineage.ts, report/inputs.ts
 * change what stands on the page        → report/page.ts, report/overview.ts, report/table-entry.ts
 * change a chart                        → report/bars.ts, report/partitions.ts, report/freshness-plot.ts
 * write markup                          → report/html.ts
 * change how it looks, and what it does → report/style/, report/page.js
 */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { positiveNumber } from '../cli/positive-number.ts'
import { runProgram } from '../cli/program.ts'
import { failedReport } from '../cli/report.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { formatSize } from '../cli/size.ts'
import { readLake } from '../config/config.ts'
import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'
import { connectLake } from '../lake/connect.ts'
import { publishPage } from '../lake/page.ts'
import { gatherFacts } from './report/gather.ts'
import { pageOf } from './report/page.ts'

const command = withScripts(new Command(commandLine('report')))
  .description(
    'Writes one HTML page that shows every table: what a row is, how fresh it is, its columns and where they come\n' +
      'from, its loads, what is expected of it. It asks S3 and Glue, not Postgres, and has no values of rows.',
  )
  .option('--out <file>', 'where to write it; without it report.html, or nowhere with --publish')
  .option('--publish', 'put it beside the tables as report.html, in place of the one that is there')
  .option('--loads <n>', 'show at most so many loads of a table, the newest', positiveNumber, 60)

await runProgram({
  command,
  subject: {},
  async work({ signal, log, scrub }) {
    const { out, publish = false, loads } = command.opts<{ out?: string; publish?: boolean; loads: number }>()
    const lake = readLake()
    const aws = connectLake()
    try {
      const facts = await gatherFacts({
        ...{ aws, lake, loads: Math.ceil(loads), signal, scrub },
        onTable: (read, of) => log.transient(`… reading ${read} of ${of} tables`),
      })
      const page = await pageOf(facts)
      const file = out ?? (publish ? undefined : 'report.html')
      if (file !== undefined) await writePage(file, page)
      const uri = publish ? await publishPage(aws, lake, page, signal) : undefined
      const bytes = Buffer.byteLength(page)
      const problems = facts.tables.filter(({ health }) => health.grade !== 'good').map(({ name }) => name)
      const places = [file, uri].filter((each) => each !== undefined)
      return {
        exit: 0,
        json: {
          ...{ version: 1, command: 'report', ok: true },
          ...{ file: file === undefined ? null : resolve(file), uri: uri ?? null, bytes },
          ...{ tables: facts.tables.length, problems },
        },
        text: `${places.join('\n')}\n${facts.tables.length} tables, ${formatSize(bytes)}`,
      }
    } finally {
      log.transient('')
      aws.close()
    }
  },
  failed: (error) =>
    failedReport({
      by: 'report',
      verdict: 'no page was written',
      error,
      json: { version: 1, command: 'report', ok: false },
      gathered: false,
    }),
})

async function writePage(file: string, page: string): Promise<void> {
  try {
    await Bun.write(file, page)
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'write the page',
      thing: file,
      reason: fileReason(cause),
      advice: 'Give --out a file in a folder that can be written.',
      cause,
    })
  }
}
