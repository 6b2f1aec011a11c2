#!/usr/bin/env bun
/** `bun run query`: asks the lake, and prints what it answers. */
import { Command, Option } from 'commander'
import { runQuery } from '../aws/athena.ts'
import { tellMistake } from '../aws/query-mistake.ts'
import { formatDuration, parseDuration } from '../cli/duration.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { runProgram, type Task } from '../cli/program.ts'
import { failedReport, type Report } from '../cli/report.ts'
import { formatSize } from '../cli/size.ts'
import { coloursWanted, readLake } from '../config/config.ts'
import { commandLine } from '../failure/command-line.ts'
import { connectLake } from '../lake/connect.ts'
import { estimatedUsd } from '../load/cost.ts'
import { csvOf } from './query/csv.ts'
import { screenOf } from './query/screen.ts'
import { readingStatement, type Statement } from './query/statement.ts'

/** Nobody looks at more; what goes to a program goes there whole. */
const shownRows = 1_000

const command = new Command(commandLine('query'))
  .description(
    'Asks Athena, in the database and workgroup of the environment, and prints the rows. It only\n' +
      'reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE and EXPLAIN. What it scanned and about\n' +
      'what that costs is told on stderr.',
  )
  .argument('<sql>', "the query, in quotes, or - to read it from the program's input")
  .option('--csv', 'print CSV: null is empty, and an empty text is ""')
  .option(
    '--max-rows <n>',
    `print so many rows at the most (default: ${shownRows.toLocaleString('en')}, with --csv or --json all)`,
    positiveNumber,
  )
  .addOption(
    new Option('--deadline <time>', 'stop the query after this time')
      .argParser(parseDuration)
      .default(parseDuration('30m'), '30m'),
  )
  .addHelpText(
    'after',
    "\nValues are in Athena's own text; with --json too, so that no digit of a number is lost.\n" +
      'Ctrl-C stops the query in Athena.',
  )

interface Flags {
  readonly csv?: true
  readonly json?: true
  readonly maxRows?: number
  readonly deadline: number
}

await runProgram({
  command,
  subject: {},
  async work(task) {
    const { deadline, ...flags } = command.opts<Flags>()
    const [given = ''] = command.args
    task.stopAfter(deadline)
    const statement = readingStatement(given === '-' ? await inputText(task.signal) : given)
    return await ask(statement, { ...flags, deadline }, task)
  },
  failed: (error) =>
    failedReport({
      by: 'query',
      verdict: 'no answer',
      error,
      json: { version: 1, command: 'query', ok: false },
      gathered: false,
    }),
})

async function inputText(signal: AbortSignal): Promise<string> {
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
  return await Promise.race([Bun.stdin.text(), stopped])
}

async function ask({ sql, billed }: Statement, flags: Flags, { signal, log }: Task): Promise<Report> {
  const { glueDatabase: database, workgroup, athenaOutput: output } = readLake()
  const whole = flags.csv === true || flags.json === true
  const maxRows = flags.maxRows === undefined ? (whole ? undefined : shownRows) : Math.ceil(flags.maxRows)
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const draw = () => log.transient(`… asking Athena · ${formatDuration(elapsed())}`)
  draw()
  const drawing = setInterval(draw, 1_000)
  const aws = connectLake()
  const question = { sql, database, workgroup, output, signal, maxRows, timeoutMs: flags.deadline }
  const result = await runQuery(aws, question)
    .catch((error: unknown) => {
      throw tellMistake(error)
    })
    .finally(() => {
      clearInterval(drawing)
      log.transient('')
      aws.close()
    })

  const { columns, types, rows, more, bytesScanned, queryId } = result
  const usd = billed ? estimatedUsd({ scanned: [bytesScanned], crawlSeconds: undefined }).athena : 0
  const seconds = Math.round(elapsed()) / 1_000
  const count = `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'row' : 'rows'}`
  const told = more ? `the first ${count}, there are more (--max-rows)` : count
  const cost = `${formatSize(bytesScanned)} scanned, about $${usd}`
  return {
    exit: 0,
    json: {
      ...{ version: 1, command: 'query', ok: true, query: queryId, seconds },
      ...{ bytes_scanned: bytesScanned, estimated_usd: usd, more },
      columns: columns.map((name, at) => ({ name, type: types[at] ?? '' })),
      rows,
    },
    text: flags.csv ? csvOf(columns, rows) : screenOf({ columns, types, rows }, screen()),
    line: `query: ${told} · ${cost} · ${formatDuration(elapsed())}`,
    lineAfter: true,
    fields: { rows: rows.length, seconds },
  }
}

function screen() {
  const { isTTY, columns } = process.stdout
  return { width: isTTY ? columns : undefined, colours: isTTY === true && coloursWanted() }
}
