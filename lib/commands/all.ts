#!/usr/bin/env bun
/**
 * `bun run all`: loads every table; one that fails does not stop the others. Scripts with code of their own have a process
 * each, those that only declare share a few.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { type Batch, openBatch } from '../cli/batch.ts'
import { parseDuration } from '../cli/duration.ts'
import { isInterrupted } from '../cli/interruption.ts'
import { loadCommand, loadOptions } from '../cli/load-flags.ts'
import type { Log } from '../cli/log.ts'
import type { Told } from '../cli/parent.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { runProgram, type Task } from '../cli/program.ts'
import { routeLine } from '../cli/progress.ts'
import { failedReport, troubled } from '../cli/report.ts'
import { typeErrors } from '../cli/type-errors.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import { readDryRun } from '../config/config.ts'
import type { Examination } from '../declare/examine.ts'
import { examination, onlyDeclares, scriptFile } from '../declare/find-tables.ts'
import { commandLine } from '../failure/command-line.ts'
import { describeTarget } from '../lake/open.ts'
import { describeSource } from '../load/route.ts'
import { type Board, openBoard } from './all/board.ts'
import { type LoadedTable, loadedBy, notLoaded, notStarted, wasStarted } from './all/loaded-table.ts'
import { inOrder } from './all/order.ts'
import { openPool, type Pool, type PoolOptions } from './all/pool.ts'
import { allReport, lineOf, linesOf } from './all/report.ts'
import { runScript } from './many/run-script.ts'
import { type Choice, choosable, selectTables } from './many/select-tables.ts'

const command = choosable(new Command(commandLine('all')))
  .description(
    'Loads every table. One that fails, ends its process or never ends does not stop the others.\n' +
      'A table is loaded after those that its expect.references names, but in a circle of such.\n' +
      `Flags it does not know are those of a load, for every table: ${commandLine('all --catalog declared')}.`,
  )
  .argument('[flags...]', 'of a load, best after --')
  .option('--parallel <n>', 'tables loaded at the same time', positiveNumber, 2)
  .addOption(
    new Option(
      '--stuck-after <time>',
      'end the process of a load that has answered nothing for so long, as one in an endless loop',
    )
      .argParser(parsePatience)
      .default(parsePatience('2m'), '2m'),
  )
  .allowUnknownOption()
  .addHelpText('after', '\nIt exits with the worst code of all tables: 5 before 4, 3, 2, 1 and 0.')

/** A machine that is busy lets a process wait for seconds. */
function parsePatience(text: string): number {
  const ms = parseDuration(text)
  if (ms >= 5_000) return ms
  throw new InvalidArgumentError('It is 5s or more.')
}

let batch: Batch | undefined
let stopped: AbortSignal | undefined

await runProgram({
  command,
  subject: {},
  async work(task) {
    const started = performance.now()
    const { parallel, stuckAfter, ...choice } = command.opts<
      Choice & Omit<Way, 'flags' | 'heard' | 'board'>
    >()
    const flags = command.args.filter((each) => each !== '--')
    // Told once, and before anything starts.
    const load = loadCommand('<table>')
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(flags, { from: 'user' })
    const names = await selectTables(choice)
    const { dryRun } = loadOptions(load)
    stopped = task.signal
    if (!dryRun) batch = await openBatch({ name: 'all', log: task.log, scrub: task.scrub })
    // Processes that load have the environment of this one.
    Object.assign(process.env, batch?.variables)
    await askCompiler(task.signal)
    const said = new Set<string | null>()
    const board = await openBoard(task.log, names)
    const heard = (told: Told, table: string) => {
      board.heard(told, table)
      if (told.kind !== 'source' || said.has(told.source)) return
      said.add(told.source)
      void tellRoute(told.source ?? undefined, task.log, dryRun)
    }
    const tables = await loadAll(names, { flags, parallel, stuckAfter, heard, board }, task).finally(
      board.close,
    )
    return allReport(tables, {
      seconds: Math.round(performance.now() - started) / 1000,
      dryRun,
      scrub: task.scrub,
    })
  },
  failed: (error) =>
    failedReport({
      by: 'all',
      verdict: 'nothing was started',
      error,
      json: { version: 1, command: 'all', ok: false, tables: [] },
      gathered: true,
      // Where flags are wrong, nothing else is known of them.
      outcomes: process.argv.some((flag) => /^--(dry-run|limit|out)(=|$)/.test(flag))
        ? []
        : [troubled({}, { verdict: 'nothing was started', error })],
    }),
  ended: async (report) => batch?.end(report, stopped !== undefined && isInterrupted(stopped)),
})

/** What each load says too, where nobody sees it: once for each source that is read. @param name of the source */
async function tellRoute(name: string | undefined, log: Log, dryRun: boolean): Promise<void> {
  try {
    const { database, lake } = readDryRun({ name: 'all', connection: name })
    const source = describeSource(database, undefined)
    const target = await describeTarget(lake, { dryRun })
    log.info(routeLine({ source, target }), { source, target, version: packageFile.version })
  } catch {
    // What is wrong with the configuration, each load says.
  }
}

/** Its answer is kept, so that loads which begin at the same time do not all ask for it. */
async function askCompiler(signal: AbortSignal): Promise<void> {
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  // What it could not answer, each load says.
  await Promise.race([typeErrors().catch(() => {}), stopped])
}

interface Way {
  readonly flags: readonly string[]
  readonly parallel: number
  readonly stuckAfter: number
  readonly board: Board
  heard(told: Told, table: string): void
}

async function loadAll(
  names: readonly string[],
  { flags, parallel, stuckAfter: stuckAfterMs, heard, board }: Way,
  { signal, log, scrub }: Task,
): Promise<LoadedTable[]> {
  const how = { flags, signal, stuckAfterMs, heard }
  const means = { ...how, pool: openPool(how), examination: examination() }
  const ends = new Map(names.map((name) => [name, Promise.withResolvers<void>()]))
  const loaded = await inParallel(
    Math.ceil(parallel),
    await inOrder(names),
    async ({ table: name, after }) => {
      await Promise.all(after.map((each) => ends.get(each)?.promise))
      const table = signal.aborted ? notStarted(name) : await loadShown(name, means, board)
      ends.get(name)?.resolve()
      if (wasStarted(table)) tell(log, table, scrub)
      return table
    },
  )
  means.examination.close()
  await means.pool.close()
  return loaded.toSorted((one, other) => names.indexOf(one.table) - names.indexOf(other.table))
}

interface Means extends PoolOptions {
  readonly pool: Pool
  readonly examination: Examination
}

async function loadShown(name: string, means: Means, board: Board): Promise<LoadedTable> {
  board.begin(name)
  const table = await loadOne(name, means)
  board.end(name, table.exit !== 0)
  return table
}

/** A script that does more than declare has a process of its own, whatever it does there. */
async function loadOne(name: string, { pool, examination, ...how }: Means): Promise<LoadedTable> {
  const shared = await onlyDeclares(name)
  const failure = shared ? undefined : await examination.examine(name)
  if (failure !== undefined) return notLoaded(name, failure)
  if (how.signal.aborted) return notStarted(name)
  const runOwn = () =>
    runScript(scriptFile(name), how.flags, { ...how, heard: (told) => how.heard(told, name) })
  return loadedBy(name, shared ? pool.load(name) : runOwn())
}

function tell(log: Log, table: LoadedTable, scrub: (text: string) => string): void {
  const say = table.exit === 0 ? log.info : log.error
  const { summary } = table
  say(scrub(log.terminal ? linesOf(table) : lineOf(table)), {
    table: table.table,
    exit: table.exit,
    load: summary?.load ?? undefined,
    rows: summary?.rows ?? undefined,
    bytes: summary?.bytes ?? undefined,
  })
  // What its process has said, nobody sees.
  for (const each of summary?.warnings ?? [])
    log.warn(scrub(`${table.table}: ${each}`), { table: table.table })
}
