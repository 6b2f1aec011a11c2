#!/usr/bin/env bun
/**
 * `bun run all`: loads every table; one that fails does not stop the others. Scripts with code of their own have a process
 * each, those that only declare share a few.
 */
import { Command } from 'commander'
import { loadCommand, loadOptions } from '../cli/load-flags.ts'
import type { Log } from '../cli/log.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { runProgram, type Task } from '../cli/program.ts'
import { failedReport } from '../cli/report.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import { readDryRun } from '../config/config.ts'
import { brokenScripts, onlyDeclares } from '../declare/find-tables.ts'
import { describeTarget } from '../lake/open.ts'
import { describeSource } from '../load/route.ts'
import { type LoadedTable, loadedBy, notLoaded, notStarted } from './all/loaded-table.ts'
import { openPool, type Pool } from './all/pool.ts'
import { allReport, lineOf } from './all/report.ts'
import { runScript } from './many/run-script.ts'
import { type Choice, choosable, selectTables } from './many/select-tables.ts'

const command = choosable(new Command('bun run all'))
  .description(
    'Loads every table. One that fails, ends its process or never ends does not stop the others.\n' +
      'Flags it does not know are those of a load, for every table: bun run all --catalog declared.',
  )
  .argument('[flags...]', 'of a load, best after --')
  .option('--parallel <n>', 'tables loaded at the same time', positiveNumber, 2)
  .allowUnknownOption()
  .addHelpText('after', '\nIt exits with the worst code of all tables: 5 before 4, 3, 2, 1 and 0.')

await runProgram({
  command,
  subject: {},
  async work(task) {
    const started = performance.now()
    const { parallel, ...choice } = command.opts<Choice & { parallel: number }>()
    const flags = command.args.filter((each) => each !== '--')
    // Told once, and before anything starts.
    const load = loadCommand('<table>')
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(flags, { from: 'user' })
    const names = await selectTables(choice)
    await tellRoute(task.log, loadOptions(load).dryRun)
    const tables = await loadAll(names, { flags, parallel }, task)
    return allReport(tables, Math.round(performance.now() - started) / 1000)
  },
  failed: (error) =>
    failedReport({
      by: 'all',
      verdict: 'nothing was started',
      error,
      json: { version: 1, command: 'all', ok: false, tables: [] },
      gathered: true,
    }),
})

/** What each load says too, where nobody sees it. */
async function tellRoute(log: Log, dryRun: boolean): Promise<void> {
  try {
    const { database, lake } = readDryRun()
    const source = describeSource(database, undefined)
    const target = await describeTarget(lake, { dryRun })
    log.info(`from ${source} to ${target}`, { source, target })
  } catch {
    // What is wrong with the configuration, each load says.
  }
}

interface Way {
  readonly flags: readonly string[]
  readonly parallel: number
}

async function loadAll(
  names: readonly string[],
  { flags, parallel }: Way,
  { signal, log, scrub }: Task,
): Promise<LoadedTable[]> {
  const pool = openPool(flags, signal)
  const running = new Set<string>()
  let done = 0
  const loaded = await inParallel(Math.ceil(parallel), names, async (name) => {
    if (signal.aborted) return notStarted(name)
    running.add(name)
    draw(log, running, done, names.length)
    const table = await loadOne(name, flags, pool, signal)
    running.delete(name)
    done++
    tell(log, table, scrub)
    draw(log, running, done, names.length)
    return table
  })
  log.transient('')
  await pool.close()
  return loaded
}

/** A script that does more than declare has a process of its own, whatever it does there. */
async function loadOne(
  name: string,
  flags: readonly string[],
  pool: Pool,
  signal: AbortSignal,
): Promise<LoadedTable> {
  if (await onlyDeclares(name)) return loadedBy(name, pool.load(name))
  const failure = (await brokenScripts([name])).get(name)
  if (failure !== undefined) return notLoaded(name, failure)
  if (signal.aborted) return notStarted(name)
  return loadedBy(name, runScript(`scripts/${name}.ts`, flags, signal))
}

function draw(log: Log, running: ReadonlySet<string>, done: number, all: number): void {
  if (running.size > 0) log.transient(`… ${done} of ${all} done, loading ${[...running].join(', ')}`)
}

function tell(log: Log, table: LoadedTable, scrub: (text: string) => string): void {
  const say = table.exit === 0 ? log.info : log.error
  const { summary } = table
  say(scrub(lineOf(table)), {
    table: table.table,
    exit: table.exit,
    load: summary?.load ?? undefined,
    rows: summary?.rows ?? undefined,
    bytes: summary?.bytes ?? undefined,
  })
}
