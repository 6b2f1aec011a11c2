#!/usr/bin/env bun
/** `bun run bench`: what a load costs beside what Postgres alone costs, on this machine, in this minute. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import postgres from 'postgres'
import { runCommand } from '../cli/command.ts'
import { positiveNumber } from '../cli/positive-number.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { textTable } from '../cli/text-table.ts'
import { Failure } from '../failure/failure.ts'
import { standInPackages } from '../local/packages.ts'
import { startLocalPostgres } from '../local/postgres.ts'
import { seed } from '../local/seed.ts'
import { startWatchdog } from '../local/watchdog.ts'
import { startLake } from './bench/lake.ts'
import { type Measured, measure, median } from './bench/measure.ts'
import { benchTables, fillTable } from './bench/tables.ts'

const command = new Command('bun run bench')
  .usage('-- [options]')
  .description('Measures a whole load against draining COPY, interleaved and repeated; prints medians.')
  .option('--rows <n>', 'rows of a narrow table; a wide one has a quarter', positiveNumber, 4_000_000)
  .option('--repeat <n>', 'runs of each measurement', positiveNumber, 5)
  .option('--sample <n>', 'rows for the plain way, which is extrapolated from them', positiveNumber, 40_000)
  .option('--tables <names>', 'which tables, with commas between', Object.keys(benchTables).join())
  .option('--json', 'print one last line of JSON')

interface Flags {
  readonly rows: number
  readonly repeat: number
  readonly sample: number
  readonly tables: string
  readonly json?: true
}

interface Speed {
  readonly rows: number
  readonly copy_s: number
  readonly load_s: number
  /** Median of the ratios of runs that stood side by side. */
  readonly ratio: number
  readonly rss_mb: number
  readonly cpu_s: number
  readonly rows_per_s: number
  readonly rows_per_cpu_s: number
  /** How an enriched table compares with a load of the columns it reads, without its functions and lookups. */
  readonly derived?: { readonly ratio: number; readonly rows_per_s: number; readonly lookups_mb: number }
  /** The plain way, extrapolated. */
  readonly plain_s: number
}

interface Sizes {
  readonly file_mb: number
  /** What DuckDB makes of the same rows with zstd. */
  readonly duckdb_mb: number
}

type Figures = Speed & Sizes

/** Not console.error, which paints it red on a terminal. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function rowsOf(table: string, { rows }: Flags): number {
  return Math.round(rows * (benchTables[table]?.share ?? 1))
}

/** @throws Failure (2) for one there is not */
function chosenTables({ tables }: Flags): string[] {
  const chosen = tables.split(',')
  const unknown = chosen.find((table) => benchTables[table] === undefined)
  if (unknown === undefined) return chosen
  throw new Failure({
    exit: 2,
    act: 'measure',
    thing: unknown,
    reason: 'there is no such table',
    advice: `Choose from ${Object.keys(benchTables).join(', ')}.`,
  })
}

interface Place {
  readonly url: string
  readonly folder: string
  readonly lake: Awaited<ReturnType<typeof startLake>>
  readonly signal: AbortSignal
}

/** Enriched tables share what they look up, and have a database of their own. */
async function databaseOf(table: string, url: string): Promise<string> {
  if (benchTables[table]?.enriched === undefined) return url
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [there] = await sql`select from pg_database where datname = 'enriched'`
    if (there === undefined) await sql`create database enriched`
  } finally {
    await sql.end()
  }
  const enriched = new URL(url)
  enriched.pathname = '/enriched'
  return enriched.href
}

async function measureTable(
  table: string,
  flags: Flags,
  { url, folder, lake, signal }: Place,
): Promise<Speed> {
  const copies: Measured[] = []
  const loads: Measured[] = []
  const plainCopies: Measured[] = []
  const rows = rowsOf(table, flags)
  const { script = '', enriched } = benchTables[table] ?? {}
  const flagsOfLoad = ['--catalog', 'declared', '--json']
  const load = [process.execPath, script, ...flagsOfLoad]
  const copyOf = [process.execPath, join(import.meta.dirname, 'bench/copy-of.ts'), script, ...flagsOfLoad]
  const env = { ...lake.env, DATABASE_URL: url }
  for (let run = 0; run <= flags.repeat; run++) {
    signal.throwIfAborted()
    const copy = await measure(drainCommand(table), drainEnvironment(url), signal)
    const whole = await measure(load, env, signal, true)
    const plainCopy = enriched && (await measure(copyOf, env, signal))
    say(
      `${table} ${run === 0 ? 'warm-up' : `run ${run}`}: copy ${copy.seconds.toFixed(2)} s, load ${whole.seconds.toFixed(2)} s${plainCopy ? `, without functions ${plainCopy.seconds.toFixed(2)} s` : ''}`,
    )
    // The first pair warms caches.
    if (run === 0) continue
    copies.push(copy)
    loads.push(whole)
    if (plainCopy) plainCopies.push(plainCopy)
  }
  const plainFile = join(folder, 'plain.parquet')
  const plain = await measure(
    [process.execPath, join(import.meta.dirname, 'bench/plain.ts'), table, String(flags.sample), plainFile],
    env,
    signal,
  )
  const { seconds, cpuSeconds } = median(loads)
  const ratios = loads.map((whole, run) => ({ ...whole, seconds: whole.seconds / copies[run]!.seconds }))
  return {
    rows,
    copy_s: median(copies).seconds,
    load_s: seconds,
    ratio: median(ratios).seconds,
    rss_mb: Math.max(...loads.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
    cpu_s: cpuSeconds,
    rows_per_s: rows / seconds,
    rows_per_cpu_s: rows / cpuSeconds,
    ...(plainCopies.length > 0 ? { derived: derivedSpeed(loads, plainCopies) } : {}),
    plain_s: (plain.seconds * rows) / flags.sample,
  }
}

async function fileSizes(files: readonly Uint8Array[], folder: string): Promise<Sizes> {
  const { duckdbBytes } = await import('./bench/duckdb.ts')
  return {
    file_mb: files.reduce((sum, file) => sum + file.length, 0) / 1e6,
    duckdb_mb: (await duckdbBytes(files, folder)) / 1e6,
  }
}

interface LoadJson {
  readonly rows_read: number
  readonly phases: { readonly read: number }
  readonly lookups: Readonly<Record<string, { readonly bytes: number }>>
}

function derivedSpeed(
  loads: readonly Measured[],
  copies: readonly Measured[],
): NonNullable<Speed['derived']> {
  const ratios = loads.map((load, run) => ({ ...load, seconds: load.seconds / copies[run]!.seconds }))
  const summaries = loads.map(({ output }): LoadJson => JSON.parse(output))
  const speeds = loads.map((load, run) => {
    const { rows_read, phases } = summaries[run]!
    return { ...load, seconds: rows_read / phases.read }
  })
  const sizes = Object.values(summaries[0]?.lookups ?? {}).map(({ bytes }) => bytes)
  return {
    ratio: median(ratios).seconds,
    rows_per_s: median(speeds).seconds,
    lookups_mb: sizes.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20,
  }
}

const psql = Bun.which('psql')

function drainCommand(table: string): string[] {
  if (psql === null) return [process.execPath, join(import.meta.dirname, 'bench/drain.ts'), table]
  return [psql, '--no-psqlrc', '--command', `copy ${table} to stdout (format binary)`]
}

/** The connection, for psql and for our own drain alike; never in argv, where everybody sees it. */
function drainEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: url,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: pathname.slice(1),
  }
}

function report(figures: Readonly<Record<string, Figures>>, { repeat, sample, json }: Flags): void {
  const limit = psql === null ? 'a bare socket' : 'psql'
  const lines: [string, (figures: Figures) => string][] = [
    ['rows', ({ rows }) => rows.toLocaleString('en')],
    [`COPY drained by ${limit}`, ({ copy_s }) => `${copy_s.toFixed(2)} s`],
    ['whole load, zstd, to S3', ({ load_s }) => `${load_s.toFixed(2)} s`],
    ['load / COPY', ({ ratio }) => ratio.toFixed(2)],
    ['rows/s', ({ rows_per_s }) => Math.round(rows_per_s).toLocaleString('en')],
    ['CPU', ({ cpu_s }) => `${cpu_s.toFixed(2)} s`],
    ['rows per CPU-second', ({ rows_per_cpu_s }) => Math.round(rows_per_cpu_s).toLocaleString('en')],
    ['load / load without functions', ({ derived }) => derived?.ratio.toFixed(2) ?? ''],
    [
      'derived rows/s while reading',
      ({ derived }) => (derived ? Math.round(derived.rows_per_s).toLocaleString('en') : ''),
    ],
    ['lookups', ({ derived }) => (derived ? `${derived.lookups_mb.toFixed(0)} MB` : '')],
    ['peak RSS', ({ rss_mb }) => `${rss_mb.toFixed(0)} MB`],
    ['files', ({ file_mb }) => `${file_mb.toFixed(1)} MB`],
    ['files / what DuckDB writes', ({ file_mb, duckdb_mb }) => (file_mb / duckdb_mb).toFixed(2)],
    [
      `cursor to parquetjs-lite, from ${sample.toLocaleString('en')} rows`,
      ({ plain_s }) => `~${plain_s.toFixed(0)} s`,
    ],
  ]
  const table = [
    ['', ...Object.keys(figures)],
    ...lines.map(([name, of]) => [name, ...Object.values(figures).map(of)]),
  ]
  console.log(`Medians of ${repeat} ${repeat === 1 ? 'run' : 'runs'}, taken in turns\n\n${textTable(table)}`)
  if (json) console.log(JSON.stringify({ tables: figures }))
}

await runCommand(command, async (signal) => {
  const flags = command.opts<Flags>()
  const tables = chosenTables(flags)
  requirePackages(command.name(), standInPackages)
  const folder = await mkdtemp(join(tmpdir(), 'dracula-bench-'))
  const watchdog = startWatchdog(folder)
  const server = await startLocalPostgres({
    folder,
    settings: { shared_buffers: '512MB', max_wal_size: '16GB' },
  })
  const lake = await startLake(server.url)
  try {
    // Marks the database as one that may be written to.
    await seed(server.url, { tables: [] })
    for (const table of tables) {
      signal.throwIfAborted()
      say(`Making ${rowsOf(table, flags).toLocaleString('en')} rows of ${table} …`)
      await fillTable(await databaseOf(table, server.url), table, rowsOf(table, flags))
    }
    const measured: [string, Speed][] = []
    for (const table of tables) {
      signal.throwIfAborted()
      const url = await databaseOf(table, server.url)
      measured.push([table, await measureTable(table, flags, { url, folder, lake, signal })])
    }
    // Not before all is measured: Linux counts what the parent held when it started a child as the child's peak,
    // and DuckDB makes this process a large one.
    const figures: Record<string, Figures> = {}
    for (const [table, speed] of measured) {
      figures[table] = { ...speed, ...(await fileSizes(await lake.files(table), folder)) }
    }
    report(figures, flags)
    return 0
  } finally {
    await lake.stop()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
    watchdog.stop()
  }
})
