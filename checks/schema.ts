#!/usr/bin/env bun
/** Every script against the database as it is now: columns, types, nullability. No row is read, and no table locked. */
import { Command } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { readDatabase } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { openReader } from '../lib/postgres/connect.ts'
import { postgresFailure } from '../lib/postgres/failure.ts'
import { readServer } from '../lib/postgres/server.ts'
import { beginStatements } from '../lib/postgres/session-settings.ts'
import { runCheck } from './check.ts'
import { type ComparedSchema, compareSchema } from './schema/compare.ts'
import { adviceFor, screen } from './schema/screen.ts'

const command = new Command('bun checks/schema.ts')
  .description('Compares scripts with the database, and prints the lines to paste where they disagree.')
  .argument('[table...]', 'which tables; all that have a script unless named')

/** The catalog answers at once, or something is wrong. */
const timeouts = { deadlineMs: 60_000 }

if (import.meta.main) {
  await runCheck<ComparedSchema, object>({
    name: 'schema',
    command,
    words: { doing: 'comparing', done: 'compared', wrong: 'scripts and database disagree', and: ', ' },
    exit: 3,
    independent: false,
    connected,
    advise: (wrong) => wrong.map(adviceFor).join(' '),
    screen,
  })
}

/** All over one connection, in one snapshot of the catalog. */
async function connected(
  _flags: object,
  { signal, hide }: Task,
  lookAtAll: (compare: (table: Table) => Promise<ComparedSchema>) => Promise<void>,
): Promise<void> {
  const database = readDatabase()
  hide(database)
  const reader = await openReader(database, { applicationName: 'dracula/schema', signal })
  try {
    const { version } = await readServer(reader)
    await reader.query(beginStatements({ isolation: 'repeatable read', serverVersion: version, ...timeouts }))
    await lookAtAll((table) => compareSchema(reader, table))
    await reader.commit()
  } catch (error) {
    throw postgresFailure(error, 'compare scripts with', database.database)
  } finally {
    await reader.close()
  }
}
