#!/usr/bin/env bun
/**
 * Nothing changed: per column, what Athena reads is exactly what Postgres had in the load's own snapshot, as far as
 * counts, nulls, least, greatest and sums tell. For loads that were made with --fingerprint.
 */
import { Command } from 'commander'
import { connectAws } from '../lib/aws/clients.ts'
import { runProgram, type Task } from '../lib/cli/program.ts'
import { readLake } from '../lib/config/config.ts'
import { findTables } from '../lib/declare/find-tables.ts'
import { Failure } from '../lib/failure/failure.ts'
import { type ComparedTable, type Comparing, compareColumns } from './columns/compare.ts'
import { comparedEnding, failedEnding, type Uncompared } from './columns/ending.ts'

const command = new Command('bun checks/columns.ts')
  .description('Compares the columns of tables in the lake with what their loads have recorded of Postgres.')
  .argument('[table...]', 'which tables; all that have a script unless named')
  .option('--allow-missing', 'let loads pass that were made without --fingerprint')

/** Tables compared at the same time. */
const atOnce = 4

if (import.meta.main) {
  await runProgram({
    command,
    subject: { check: 'columns' },
    async work(task) {
      const tables = await findTables(command.args)
      const { allowMissing = false } = command.opts<{ allowMissing?: boolean }>()
      return checkAll(
        tables.map(({ name }) => name),
        allowMissing,
        task,
      )
    },
    failed: (report) => failedEnding(report),
  })
}

async function checkAll(names: readonly string[], allowMissing: boolean, { signal, log, scrub }: Task) {
  const lake = readLake()
  const aws = connectAws()
  const tables: ComparedTable[] = []
  const uncompared: Uncompared[] = []
  const waiting = names.values()
  /** One that cannot be compared does not keep the others from it. */
  async function work(comparing: Comparing): Promise<void> {
    for (const table of waiting) {
      try {
        tables.push(await compareColumns(table, comparing))
      } catch (failure) {
        if (!(failure instanceof Failure) || signal.aborted) throw failure
        uncompared.push({ table, failure })
      }
      log.transient(`… compared ${tables.length + uncompared.length} of ${names.length}`)
      if (!log.terminal) log.info('compared', { table })
    }
  }
  try {
    log.transient('… comparing')
    await Promise.all(Array.from({ length: atOnce }, () => work({ aws, lake, signal })))
    log.transient('')
    signal.throwIfAborted()
    tables.sort((a, b) => names.indexOf(a.table) - names.indexOf(b.table))
    return comparedEnding({ tables, uncompared, allowMissing, scrub })
  } finally {
    aws.close()
  }
}
