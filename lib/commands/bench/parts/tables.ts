/** Each table: whole loads and dry runs beside draining COPY, and beside peers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  copyName,
  drain,
  dryRuns,
  loadName,
  loads,
  peerContenders,
  type Target,
  withoutFunctions,
  withoutFunctionsName,
} from '../contenders.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import { measure } from '../measure.ts'
import type { Peer } from '../peer.ts'
import { benchTables } from '../tables.ts'
import { median, medianRatio, type Rounds, takeTurns, wall } from '../turns.ts'
import { type Bench, rowsOf, titleOf, turnsOf } from './part.ts'

interface TableFigures {
  readonly rows: number
  readonly contenders: Readonly<Record<string, Figures>>
  /** What a table with functions does beside one without. */
  readonly derived?: Derived
  /** By cursor and parquetjs-lite, extrapolated, in seconds. */
  readonly plain_s: number
  readonly files_mb: number
  /** What DuckDB makes of the same rows with zstd. */
  readonly duckdb_mb: number
}

interface Derived {
  /** Wall time of a load, by the first number of connections asked for, against one without functions and lookups. */
  readonly ratio: number
  /** While it reads. */
  readonly rows_per_s: number
  readonly lookups_mb: number
}

/** @param peers that are here; none is measured for a table with functions, which peers do not have */
export async function tablesPart(
  bench: Bench,
  peers: readonly Peer[],
): Promise<Readonly<Record<string, TableFigures>>> {
  const figures: Record<string, TableFigures> = {}
  for (const table of bench.flags.tables) {
    const measured = await measureTable(table, bench, peers)
    figures[table] = measured
    bench.show(textOf(table, measured, bench))
  }
  return figures
}

async function measureTable(table: string, bench: Bench, peers: readonly Peer[]): Promise<TableFigures> {
  const { flags, place } = bench
  const target = await place.table(table, rowsOf(table, flags))
  const enriched = benchTables[table]?.enriched === true
  const [fewest = 1] = flags.connections
  const others = enriched ? [withoutFunctions(target, fewest)] : peerContenders(target, peers, place.folder)
  const rounds = await takeTurns(
    table,
    [
      drain(target),
      ...loads(target, flags.connections),
      ...dryRuns(target, flags.connections, place.folder),
      ...others,
    ],
    turnsOf(bench),
  )
  const names = enriched ? [] : peers.map(({ name }) => name)
  return {
    rows: target.rows,
    contenders: figuresOf(rounds, copyName, target.rows, names),
    ...(enriched && derivedOf(rounds, loadName(fewest))),
    plain_s: await plainSeconds(target, bench),
    ...(await fileSizes(target, bench)),
  }
}

interface LoadJson {
  readonly rows_read: number
  readonly phases: { readonly read: number }
  readonly lookups: Readonly<Record<string, { readonly bytes: number }>>
}

function derivedOf(rounds: Rounds, load: string): { readonly derived?: Derived } {
  const runs = rounds.get(load) ?? []
  const plain = rounds.get(withoutFunctionsName) ?? []
  if (runs.length === 0) return {}
  const summaryOf = (output: string): LoadJson => JSON.parse(output)
  const speed = ({ output }: { readonly output: string }): number => {
    const { rows_read, phases } = summaryOf(output)
    return rows_read / phases.read
  }
  const sizes = Object.values(summaryOf(runs[0]!.output).lookups).map(({ bytes }) => bytes)
  return {
    derived: {
      ratio: medianRatio(runs, plain, wall),
      rows_per_s: median(runs, speed) ?? Number.NaN,
      lookups_mb: sizes.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20,
    },
  }
}

async function plainSeconds(
  { table, env, url, rows }: Target,
  { flags, place, signal }: Bench,
): Promise<number> {
  const sample = Math.min(flags.sample, rows)
  const { seconds } = await measure(
    {
      command: [
        ...[process.execPath, join(import.meta.dirname, '../plain.ts'), table, String(sample)],
        join(place.folder, 'plain.parquet'),
      ],
      env: { ...env, DATABASE_URL: url },
    },
    place.beside,
    signal,
  )
  return (seconds * rows) / sample
}

async function fileSizes(
  { table, env }: Target,
  { place, signal }: Bench,
): Promise<Pick<TableFigures, 'files_mb' | 'duckdb_mb'>> {
  const folder = await mkdtemp(join(place.folder, 'sizes-'))
  const command = [process.execPath, join(import.meta.dirname, '../file-sizes.ts'), table, folder]
  const { output } = await measure({ command, env, listen: true }, place.beside, signal)
  await rm(folder, { recursive: true })
  return JSON.parse(output)
}

function textOf(table: string, figures: TableFigures, { flags }: Bench): string {
  const { rows, contenders, derived, plain_s, files_mb, duckdb_mb } = figures
  const lines = [
    derived &&
      `With functions and lookups, ${derived.ratio.toFixed(2)} times a load without: ${Math.round(derived.rows_per_s).toLocaleString('en')} rows/s while reading, lookups of ${derived.lookups_mb.toFixed(0)} MB.`,
    `Files: ${files_mb.toFixed(1)} MB, ${(files_mb / duckdb_mb).toFixed(2)} times what DuckDB writes.`,
    `A cursor and parquetjs-lite: ~${plain_s.toFixed(0)} s, from ${Math.min(flags.sample, rows).toLocaleString('en')} rows.`,
  ]
  return `${figuresText(titleOf(table, rows), contenders, 'COPY')}\n${lines.flatMap((line) => (line === undefined ? [] : [`  ${line}`])).join('\n')}\n`
}
