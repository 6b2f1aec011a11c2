#!/usr/bin/env bun
/**
 * Nothing lost: per table, Athena counts exactly the rows recorded with the published load, and Postgres has
 * about as many now as that load read.
 */
import { Command, Option } from 'commander'
import { connectAws } from '../lib/aws/clients.ts'
import type { Log } from '../lib/cli/log.ts'
import { runProgram, type Task } from '../lib/cli/program.ts'
import { readDatabase, readLake } from '../lib/config/config.ts'
import { findTables } from '../lib/declare/find-tables.ts'
import type { Table } from '../lib/declare/table.ts'
import { Failure } from '../lib/failure/failure.ts'
import { connectPostgres } from '../lib/postgres/client.ts'
import type { CountMode } from '../lib/postgres/count.ts'
import { type Counting, countRows, type RowCount } from './row-counts/count.ts'
import { countedEnding, failedEnding, type Uncounted } from './row-counts/ending.ts'
import { type Limit, parseLimit } from './row-counts/limit.ts'

const command = new Command('bun checks/row-counts.ts')
  .description('Compares the row counts of tables in Postgres and in the lake.')
  .argument('[table...]', 'which tables; all that have a script unless named')
  .addOption(
    new Option('--max-count-diff <rows or %>', 'how far Postgres may have moved on since the load')
      .argParser(parseLimit)
      .default(parseLimit('1%'), '1%'),
  )
  .addOption(
    new Option('--source-count <how>', 'count Postgres exactly, by what its planner expects, or not at all')
      .choices(['exact', 'estimate', 'none'])
      .default('exact'),
  )

/** Tables counted at the same time. */
const atOnce = 4

interface Flags {
  readonly maxCountDiff: Limit
  readonly sourceCount: CountMode | 'none'
}

if (import.meta.main) {
  await runProgram({
    command,
    subject: { check: 'row-counts' },
    async work(task) {
      const tables = await findTables(command.args)
      return checkAll(tables, command.opts<Flags>(), task)
    },
    failed: (report) => failedEnding(report),
  })
}

async function checkAll(tables: readonly Table[], { maxCountDiff, sourceCount }: Flags, task: Task) {
  const lake = readLake()
  const database = sourceCount === 'none' ? undefined : readDatabase()
  if (database !== undefined) task.hide(database)
  const sql = database && connectPostgres(database, { applicationName: 'dracula/row-counts', max: atOnce })
  const source =
    database === undefined || sql === undefined || sourceCount === 'none'
      ? undefined
      : { sql, database, mode: sourceCount }
  const aws = connectAws()
  const disconnect = () => sql?.end({ timeout: 0 })
  task.signal.addEventListener('abort', disconnect)
  try {
    const counting = { aws, lake, source, limit: maxCountDiff, signal: task.signal }
    const { counts, uncounted } = await countAll(tables, counting, task.log)
    task.signal.throwIfAborted()
    return countedEnding(counts, uncounted, task.scrub)
  } finally {
    await disconnect()
    aws.close()
  }
}

/** One that cannot be counted does not keep the others from it. */
async function countAll(tables: readonly Table[], counting: Counting, { transient, info, terminal }: Log) {
  const counts: RowCount[] = []
  const uncounted: Uncounted[] = []
  const waiting = tables.values()
  async function work(): Promise<void> {
    for (const table of waiting) {
      try {
        counts.push(await countRows(table, counting))
      } catch (failure) {
        if (!(failure instanceof Failure) || counting.signal.aborted) throw failure
        uncounted.push({ table: table.name, failure })
      }
      transient(`… counted ${counts.length + uncounted.length} of ${tables.length}`)
      if (!terminal) info('counted', { table: table.name })
    }
  }
  transient('… counting')
  await Promise.all(Array.from({ length: atOnce }, work))
  transient('')
  const place = ({ table }: { table: string }) => tables.findIndex(({ name }) => name === table)
  counts.sort((a, b) => place(a) - place(b))
  return { counts, uncounted }
}
