#!/usr/bin/env bun
/** Every script against the database as it is now: columns, types, nullability. No row is read, and no table locked. */
import { Command } from 'commander'
import type { Task } from '../lib/cli/program.ts'
import { type DatabaseConfig, databaseOf, failureInWordsOf, readDatabases } from '../lib/config/config.ts'
import type { Table } from '../lib/declare/table.ts'
import { checkLine } from '../lib/failure/command-line.ts'
import { openReader, type Reader } from '../lib/postgres/connect.ts'
import { postgresFailure } from '../lib/postgres/failure.ts'
import { readServer } from '../lib/postgres/server.ts'
import { beginStatements } from '../lib/postgres/session-settings.ts'
import { runCheck } from './check.ts'
import { type ComparedSchema, compareSchema } from './schema/compare.ts'
import { adviceFor, screen } from './schema/screen.ts'

const command = new Command(checkLine('schema'))
  .description('Compares scripts with the database, and prints the lines to paste where they disagree.')
  .argument('[table...]', 'which tables; all that have a script unless named')

/** The catalog answers at once, or something is wrong. */
const timeouts = { deadlineMs: 60_000 }

export function start(): Promise<never> {
  return runCheck<ComparedSchema, object>({
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

if (import.meta.main) await start()

/** All of one source over one connection, in one snapshot of the catalog. */
async function connected(
  _flags: object,
  { signal, hide }: Task,
  tables: readonly Table[],
  lookAtAll: (compare: (table: Table) => Promise<ComparedSchema>) => Promise<void>,
): Promise<void> {
  const databases = readDatabases(tables)
  for (const each of databases.values()) hide(each)
  const readers = new Map<string | undefined, Reader>()
  try {
    for (const [source, database] of databases) {
      await told(source, database, async () => {
        const reader = await openReader(database, { applicationName: 'dracula/schema', signal })
        readers.set(source, reader)
        const { version } = await readServer(reader)
        const isolation = 'repeatable read'
        await reader.query(beginStatements({ isolation, serverVersion: version, ...timeouts }))
      })
    }
    await lookAtAll((table) => {
      const { connection: source } = table
      return told(source, databaseOf(table, databases), async () => ({
        ...(await compareSchema(databaseOf(table, readers), table)),
        ...(source !== undefined && { source }),
      }))
    })
    for (const reader of readers.values()) await reader.commit()
  } finally {
    for (const reader of readers.values()) await reader.close()
  }
}

/** @throws Failure that names the database, and the variable which leads there */
async function told<T>(
  source: string | undefined,
  { database }: DatabaseConfig,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failureInWordsOf(source, postgresFailure(error, 'compare scripts with', database))
  }
}
