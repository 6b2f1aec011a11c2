/** Loads over several connections in this process, and what they have written. */
import { expect } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadEvent } from '../../lib/load/events.ts'
import { load } from '../../lib/load/load.ts'
import type { LoadFailure } from '../../lib/load/load-failure.ts'
import type { LoadOptions } from '../../lib/load/options.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import type { Table } from '../../lib/table.ts'
import type { TestDatabase } from '../support/database.ts'
import { dryRun } from '../support/load-options.ts'
import { needsPostgres, postgresMajor } from '../support/needs-postgres.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'

export interface Sliced {
  readonly summary: LoadSummary
  /** Their names. */
  readonly files: readonly string[]
  /** The text of each, in its own order. */
  readonly rows: readonly string[]
  /** The files, without the load's id. */
  readonly bytes: readonly Buffer[]
}

/** Tests of ranges of the blocks that rows are stored in. */
export const needsRanges = needsPostgres(14, 'TID range scans')

/** What has a table of several slices on each version: ranges of blocks take 14, those of a column's values do not. */
export const sliced: { readonly sliceBy?: 'id' } = postgresMajor < 14 ? { sliceBy: 'id' } : {}

export interface How {
  readonly options?: Partial<LoadOptions>
  readonly observe?: (event: LoadEvent, folder: string) => void
  readonly signal?: AbortSignal
  readonly config?: TestDatabase['config']
  readonly script?: string
  /** The machine has so many; absent: enough for each connection to have a thread of its own. */
  readonly cores?: number
}

/** Loads a table into a folder over four connections, and reads the files back. */
export async function loadSliced(database: TestDatabase, declared: Table, how: How = {}): Promise<Sliced> {
  await using folder = await temporaryFolder()
  const summary = await loadInto(folder.path, database, declared, how)
  const files = (await readdir(folder.path)).toSorted()
  const names = Object.keys(declared.output)
  const rows: string[] = []
  const bytes: Buffer[] = []
  for (const name of files) {
    const path = join(folder.path, name)
    const values = names.map((each) => `coalesce("${each}"::varchar, '∅')`).join(', ')
    const found = await queryWithDuckdb(path, `select concat_ws('|', ${values}) from read_parquet($file)`)
    rows.push(...found.map(([row]) => String(row)))
    const file = Buffer.from(await Bun.file(path).bytes())
    const at = file.lastIndexOf(summary.load)
    file.fill('-', at, at + summary.load.length)
    bytes.push(file)
  }
  return { summary, files, rows: rows.toSorted(), bytes }
}

function loadInto(
  folder: string,
  database: TestDatabase,
  declared: Table,
  { options, observe, signal, config, script, cores = 8 }: How,
): Promise<LoadSummary> {
  return load(
    declared,
    { database: config ?? database.config, lake: undefined },
    { ...dryRun, connections: 4, ...options, out: folder },
    (event) => observe?.(event, folder),
    signal ?? new AbortController().signal,
    { script, cores },
  )
}

/** Expects of it what one connection reads of the same table. */
export async function expectSameAsWhole(
  database: TestDatabase,
  declared: Table,
  how: How = {},
): Promise<Sliced> {
  const options = { ...how.options, connections: 1 }
  const whole = await loadSliced(database, declared, { ...how, options })
  const sliced = await loadSliced(database, declared, how)
  expect(sliced.rows.length).toBe(sliced.summary.rows)
  expect(sliced.rows).toEqual(whole.rows)
  return sliced
}

/** Expects it to fail, to leave no file, and no connection once the server has seen that they are closed. */
export async function expectFailure(
  database: TestDatabase,
  declared: Table,
  how: How = {},
): Promise<LoadFailure> {
  await using folder = await temporaryFolder()
  const failure = await loadInto(folder.path, database, declared, how).then(
    () => expect.unreachable(),
    (error: LoadFailure) => error,
  )
  expect(await readdir(folder.path)).toEqual([])
  await until(async () => (await backends(database)).length === 0)
  return failure
}

/**
 * Process ids of those that read for a load, the first to connect at the front.
 * @param query that they have begun, as LIKE has it
 */
async function backends({ sql }: TestDatabase, query = '%'): Promise<number[]> {
  const rows = await sql`
    select pid from pg_stat_activity where application_name like 'dracula/%' and query like ${query} order by backend_start`
  return rows.map(({ pid }) => Number(pid))
}

/** Waits until so many are there, see {@link backends}. */
export async function backendsOnce(database: TestDatabase, count: number, query?: string): Promise<number[]> {
  return await until(async () => {
    const found = await backends(database, query)
    return found.length >= count && found
  })
}
