#!/usr/bin/env bun
/**
 * Nothing lost: per table, Athena counts exactly the rows recorded with the published load, and Postgres has
 * about as many now as that load read.
 */
import { Command, Option } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { databaseOf, readDatabases, readLake } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { checkLine } from '../lib/failure/command-line.ts'
import { connectLake } from '../lib/lake/connect.ts'
import { connectPostgres } from '../lib/postgres/client.ts'
import type { CountMode } from '../lib/postgres/count.ts'
import { runCheck, tablesAtOnce } from './check.ts'
import { type Limit, parseLimit } from './limit.ts'
import { countRows, type RowCount } from './row-counts/count.ts'
import { adviceFor, screen } from './row-counts/screen.ts'

export { countRowsCalls } from './row-counts/count.ts'

const command = new Command(checkLine('row-counts'))
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

interface Flags {
  readonly maxCountDiff: Limit
  readonly sourceCount: CountMode | 'none'
}

export function start(): Promise<never> {
  return runCheck<RowCount, Flags>({
    name: 'row-counts',
    command,
    words: { doing: 'counting', done: 'counted', wrong: 'something differs', and: ' and ' },
    exit: 4,
    independent: true,
    connected,
    advise: adviceFor,
    screen,
  })
}

if (import.meta.main) await start()

async function connected(
  { maxCountDiff: limit, sourceCount }: Flags,
  { signal, hide }: Task,
  tables: readonly Table[],
  lookAtAll: (count: (table: Table) => Promise<RowCount>) => Promise<void>,
): Promise<void> {
  const lake = readLake()
  const databases = readDatabases(sourceCount === 'none' ? [] : tables)
  for (const each of databases.values()) hide(each)
  const pool = { applicationName: 'dracula/row-counts', max: tablesAtOnce }
  const sources = new Map(
    [...databases].map(([name, database]) => [name, { sql: connectPostgres(database, pool), database }]),
  )
  const aws = connectLake()
  const disconnect = () => Promise.all([...sources.values()].map(({ sql }) => sql.end({ timeout: 0 })))
  signal.addEventListener('abort', disconnect)
  try {
    await lookAtAll((table) => {
      const source = sourceCount === 'none' ? undefined : { ...databaseOf(table, sources), mode: sourceCount }
      return countRows(table, { aws, lake, source, limit, signal })
    })
  } finally {
    await disconnect()
    aws.close()
  }
}
