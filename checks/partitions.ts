#!/usr/bin/env bun
/**
 * Nothing stale: in each partition that incremental loads keep, as neither its changes nor its keys tell them otherwise,
 * Athena reads what Postgres has now. Both read the partitions that are asked for.
 */
import { Command } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { databaseOf, readDatabases, readLake } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { checkLine } from '../lib/failure/command-line.ts'
import { connectLake } from '../lib/lake/connect.ts'
import { runCheck } from './check.ts'
import { type ComparedPartitions, comparePartitions } from './partitions/compare.ts'
import { adviceFor, screen } from './partitions/screen.ts'

const command = new Command(checkLine('partitions'))
  .description(
    'Compares the partitions that incremental loads keep with what Postgres has now, and prints how to load again those\nthat differ. Both read all rows of the partitions that are asked for.',
  )
  .argument('[table...]', 'which tables; all that have a script unless named')
  .option('--partitions <which>', 'these alone, as of a load: 2026-03-01..2026-03-07')

interface Flags {
  readonly partitions?: string
}

/** Those of which there is nothing to say. */
const fine: readonly ComparedPartitions['status'][] = ['ok', 'not incremental', 'has a filter']

export function start(): Promise<never> {
  return runCheck<ComparedPartitions, Flags>({
    name: 'partitions',
    command,
    words: { doing: 'comparing', done: 'compared', wrong: 'something is stale', and: ' and ' },
    exit: 4,
    independent: true,
    connected,
    weigh: ({ status }) => (fine.includes(status) ? 0 : 4),
    advise: adviceFor,
    screen,
  })
}

if (import.meta.main) await start()

async function connected(
  { partitions: which }: Flags,
  { signal, hide }: Task,
  tables: readonly Table[],
  lookAtAll: (compare: (table: Table) => Promise<ComparedPartitions>) => Promise<void>,
): Promise<void> {
  const lake = readLake()
  const databases = readDatabases(tables)
  for (const each of databases.values()) hide(each)
  const aws = connectLake()
  try {
    await lookAtAll((table) =>
      comparePartitions(table, { aws, lake, database: databaseOf(table, databases), which, signal }),
    )
  } finally {
    aws.close()
  }
}
