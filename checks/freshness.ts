#!/usr/bin/env bun
/** What readers see is as fresh as scripts expect it: the age of its load, and of its newest rows. Postgres is not asked. */
import { Command } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { readLake } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { checkLine } from '../lib/failure/command-line.ts'
import { connectLake } from '../lib/lake/connect.ts'
import { runCheck } from './check.ts'
import { type Freshness, measureFreshness } from './freshness/measure.ts'
import { adviceFor, screen } from './freshness/screen.ts'

const command = new Command(checkLine('freshness'))
  .description('Holds the age of what readers see to the freshness that scripts expect.')
  .argument('[table...]', 'which tables; all that have a script unless named')

export function start(): Promise<never> {
  return runCheck<Freshness, object>({
    name: 'freshness',
    command,
    words: { doing: 'looking', done: 'looked at', wrong: 'something is stale', and: ' and ' },
    exit: 4,
    independent: true,
    connected,
    weigh: ({ status }) => (status === 'stale' || status === 'not published' ? 4 : 0),
    advise: adviceFor,
    screen,
  })
}

if (import.meta.main) await start()

async function connected(
  _flags: object,
  { signal }: Task,
  _tables: readonly Table[],
  lookAtAll: (measure: (table: Table) => Promise<Freshness>) => Promise<void>,
): Promise<void> {
  const lake = readLake()
  const aws = connectLake()
  try {
    await lookAtAll((table) => measureFreshness(table, { aws, lake, signal }))
  } finally {
    aws.close()
  }
}
