#!/usr/bin/env bun
/**
 * Nothing changed: per column, what Athena reads is exactly what Postgres had in the load's own snapshot, as far as
 * counts, nulls, least, greatest and sums tell. For loads that were made with --fingerprint.
 */
import { Command } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { readLake } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { checkLine } from '../lib/failure/command-line.ts'
import { connectLake } from '../lib/lake/connect.ts'
import { runCheck } from './check.ts'
import { type ComparedTable, compareColumns } from './columns/compare.ts'
import { adviceFor, screen } from './columns/screen.ts'

export { compareColumnsCalls } from './columns/compare.ts'

const command = new Command(checkLine('columns'))
  .description('Compares the columns of tables in the lake with what their loads have recorded of Postgres.')
  .argument('[table...]', 'which tables; all that have a script unless named')
  .option('--allow-missing', 'let loads pass that were made without --fingerprint')

interface Flags {
  readonly allowMissing?: true
}

export function start(): Promise<never> {
  return runCheck<ComparedTable, Flags>({
    name: 'columns',
    command,
    words: { doing: 'comparing', done: 'compared', wrong: 'something differs', and: ' and ' },
    exit: 4,
    independent: true,
    connected,
    weigh({ status }, { allowMissing }) {
      if (status === 'no fingerprint') return allowMissing ? 0 : 2
      return status === 'ok' ? 0 : 4
    },
    advise: adviceFor,
    screen,
  })
}

if (import.meta.main) await start()

async function connected(
  _flags: Flags,
  { signal }: Task,
  _tables: readonly Table[],
  lookAtAll: (compare: (table: Table) => Promise<ComparedTable>) => Promise<void>,
): Promise<void> {
  const lake = readLake()
  const aws = connectLake()
  try {
    await lookAtAll(({ name }) => compareColumns(name, { aws, lake, signal }))
  } finally {
    aws.close()
  }
}
