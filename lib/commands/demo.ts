#!/usr/bin/env bun
/** `bun run demo`: one table from Postgres to Athena on this machine, as a user would run it. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { runQuery } from '../aws/athena.ts'
import { connectAws } from '../aws/clients.ts'
import { readLake } from '../config.ts'
import { Failure } from '../failure.ts'
import type { LoadSummary } from '../load.ts'
import { exportLines } from '../local/export-lines.ts'
import { runInside } from '../local/run-inside.ts'
import { seed } from '../local/seed.ts'
import { type StandIn, startStandIn } from '../local/stand-in.ts'
import { runCommand } from '../run/command.ts'
import { formatDuration } from '../run/duration.ts'
import { positiveNumber } from '../run/positive-number.ts'
import { formatSize } from '../run/size.ts'
import { textTable } from '../run/text-table.ts'

const command = new Command('bun run demo')
  .description(
    'Starts Postgres, S3, Glue and Athena on this machine, fills the database, loads and checks one table,\n' +
      'asks the lake a question, and removes everything again.',
  )
  .option('--scale <n>', 'times 200,000 currencies, and the other tables alike', positiveNumber, 1)
  .option('--stay', 'leave everything running and print the environment that leads to it', false)
  .addHelpText('after', '\nExit codes: 0 done, 2 wrong flags, else that of the step that failed.')

/** A question a reader of the lake would ask; XTS is the code for tests. */
const averageRates = `
  select currency, count(*), cast(avg(conversion_rate) as decimal(18,6))
  from currencies
  where conversion_rate > 0 and length(currency) = 3 and currency <> 'XTS'
  group by currency
  order by 2 desc, 1`

await runCommand(command, async (signal) => {
  const { scale, stay } = command.opts<{ scale: number; stay: boolean }>()
  const standIn = await step('Starting Postgres, S3, Glue and Athena on this machine', startStandIn())
  const lines = exportLines(standIn, process.env)
  try {
    enterEnvironment(standIn.env)
    await demonstrate(standIn, scale, signal)
    if (stay) {
      process.stderr.write(
        '\nAll of it stays up until Ctrl-C. To use it in another terminal, run these lines there:\n\n',
      )
      console.log(lines)
      if (!signal.aborted) await once(signal, 'abort')
    }
    return 0
  } finally {
    await standIn.stop()
  }
})

async function demonstrate(standIn: StandIn, scale: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const seeding = seed(standIn.postgres?.url ?? '', { scale, signal })
  const { currencies: inPostgres = 0 } = await step('Filling the database', seeding)
  const summaryFile = join(standIn.folder, 'summary.json')
  await runScript('scripts/currencies.ts', ['--summary-file', summaryFile], standIn, signal)
  await runScript('checks/row-counts.ts', ['currencies'], standIn, signal)

  console.log('\nAverage rate per currency (local: DuckDB in place of Athena, over the file in the lake)\n')
  const averages = await ask(averageRates, signal)
  console.log(textTable([['currency', 'rates', 'average rate'], ...averages], [1, 2]))

  const [[inLake] = []] = await ask('select count(*) from currencies', signal)
  const summary: LoadSummary = JSON.parse(await readFile(summaryFile, 'utf8'))
  showEnd(summary, { Postgres: inPostgres, load: summary.rows, 'lake (local)': Number(inLake) })
}

/** From here on this process, and the AWS SDK in it, knows what a script inside knows. */
function enterEnvironment(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
}

async function ask(sql: string, signal: AbortSignal): Promise<string[][]> {
  const { glueDatabase: database, workgroup, athenaOutput: output } = readLake()
  const aws = connectAws()
  try {
    const { rows } = await runQuery(aws, { sql, database, workgroup, output, timeoutMs: 30_000, signal })
    return rows.map((row) => row.map((cell) => cell ?? 'null'))
  } finally {
    aws.close()
  }
}

/** As a user would: a process of its own that knows only its environment, on this terminal. */
async function runScript(
  script: string,
  args: readonly string[],
  standIn: StandIn,
  signal: AbortSignal,
): Promise<void> {
  process.stderr.write(`\n$ bun ${[script, ...args].join(' ')}\n`)
  const path = join(import.meta.dir, '../..', script)
  const code = await runInside(standIn.env, [process.execPath, path, ...args])
  signal.throwIfAborted()
  if (code === 0) return
  throw new Failure({
    exit: code === 2 || code === 3 || code === 4 || code === 5 ? code : 1,
    act: 'finish the demo after',
    thing: script,
    reason: `it ended with exit code ${code}`,
    advice: 'What it said is above.',
  })
}

async function step<T>(name: string, promise: Promise<T>): Promise<T> {
  const started = performance.now()
  process.stderr.write(`${name} … `)
  const result = await promise.catch((error: unknown) => {
    process.stderr.write('\n')
    throw error
  })
  process.stderr.write(`${formatDuration(performance.now() - started)}\n`)
  return result
}

function showEnd(summary: LoadSummary, counts: Readonly<Record<string, number>>): void {
  const { rows, bytes, files, seconds, phases } = summary
  const whole = (number: number) => Math.round(number).toLocaleString('en')
  const agree = new Set(Object.values(counts)).size === 1
  const listed = Object.entries(counts).map(([where, counted]) => `${where} ${whole(counted)}`)
  const reading = Math.max(phases.read ?? seconds, 0.001)
  const facts = [
    ['rows', whole(rows)],
    ['size', `${formatSize(bytes)} of Parquet`],
    [
      'speed',
      `${whole(rows / reading)} rows/s: read, encoded and stored in ${formatDuration(reading * 1000)}`,
    ],
    ['time', `${formatDuration(seconds * 1000)} with crawl, audit and publish`],
    ['file', files.join(', ')],
    ['counts', listed.join(agree ? ' = ' : ', ')],
  ]
  console.log(`\nFrom Postgres to Athena: currencies\n\n${textTable(facts)}`)
  if (agree) return
  throw new Failure({
    exit: 4,
    act: 'finish the demo with',
    thing: 'currencies',
    reason: `the counts differ: ${listed.join(', ')}`,
    advice: 'This should not happen: please report it.',
  })
}
