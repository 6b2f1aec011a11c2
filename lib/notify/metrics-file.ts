/**
 * What is known of the last loads of a table, in a file of its own for the textfile collector of Prometheus' node exporter
 * (Prometheus documentation, "Text-based format"): written beside, and renamed, so that nobody reads half of it.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import type { Outcome } from './outcome.ts'

export interface MeasuredLoad {
  /** Absolute. */
  readonly folder: string
  readonly environment: string | undefined
  /** The one that readers use; undefined: none is configured. */
  readonly database: string | undefined
  readonly table: string
  readonly outcome: Pick<Outcome, 'figures' | 'trouble' | 'seconds'>
  /** When it ended, on the clock of `Date.now()`. */
  readonly now: number
}

interface Metric {
  readonly type: 'gauge' | 'counter'
  readonly help: string
}

/** In the order of the file. Units are in the names, as Prometheus would have them. */
const metrics = {
  dracula_load_info: { type: 'gauge', help: 'Which version of Dracula has loaded the table, always 1.' },
  dracula_load_runs_total: { type: 'counter', help: 'Loads that have ended.' },
  dracula_load_failures_total: { type: 'counter', help: 'Loads that have failed.' },
  dracula_load_estimated_dollars_total: {
    type: 'counter',
    help: 'What loads that succeeded have cost by list price.',
  },
  dracula_load_last_run_timestamp_seconds: { type: 'gauge', help: 'When a load last ended.' },
  dracula_load_last_run_duration_seconds: { type: 'gauge', help: 'How long it took.' },
  dracula_load_last_run_exit_code: { type: 'gauge', help: 'Its exit code, 0 where it succeeded.' },
  dracula_load_last_success_timestamp_seconds: { type: 'gauge', help: 'When a load last succeeded.' },
  dracula_load_last_success_duration_seconds: { type: 'gauge', help: 'How long that load took.' },
  dracula_load_last_success_snapshot_timestamp_seconds: {
    type: 'gauge',
    help: 'The time of the snapshot that it published.',
  },
  dracula_load_last_success_rows: { type: 'gauge', help: 'Rows in the files that it wrote.' },
  dracula_load_last_success_bytes: { type: 'gauge', help: 'Bytes of the files that it wrote.' },
  dracula_load_last_success_estimated_dollars: { type: 'gauge', help: 'What it cost by list price.' },
} as const satisfies Readonly<Record<string, Metric>>

type MetricName = keyof typeof metrics
type Values = Partial<Record<MetricName, number>>

/** @throws Error of the system when the file cannot be written */
export async function writeMetrics(load: MeasuredLoad): Promise<void> {
  const { folder, environment, database, table } = load
  const name = ['dracula', environment, database, table].flatMap((each) => each ?? []).map(encodeURIComponent)
  const path = join(folder, `${name.join('.')}.prom`)
  const before = await readFile(path, 'utf8').catch(() => '')
  // The collector reads what ends in .prom alone.
  const beside = `${path}.${crypto.randomUUID()}`
  try {
    await writeFile(beside, textOf(load, valuesAfter(valuesIn(before), load)), { mode: 0o644 })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
}

/** What a failed load says nothing of stays as it was. */
function valuesAfter(before: Values, { outcome, now }: MeasuredLoad): Values {
  const { figures, trouble, seconds } = outcome
  const sum = (name: MetricName, more: number) => ({ [name]: (before[name] ?? 0) + more })
  const run: Values = {
    ...before,
    dracula_load_info: 1,
    ...sum('dracula_load_runs_total', 1),
    ...sum('dracula_load_failures_total', trouble === undefined ? 0 : 1),
    ...sum('dracula_load_estimated_dollars_total', figures?.dollars ?? 0),
    dracula_load_last_run_timestamp_seconds: now / 1_000,
    dracula_load_last_run_exit_code: trouble?.exit ?? 0,
    ...(seconds !== undefined && { dracula_load_last_run_duration_seconds: seconds }),
  }
  if (figures === undefined) return run
  return {
    ...run,
    dracula_load_last_success_timestamp_seconds: now / 1_000,
    ...(seconds !== undefined && { dracula_load_last_success_duration_seconds: seconds }),
    dracula_load_last_success_snapshot_timestamp_seconds: Date.parse(figures.snapshotAt) / 1_000,
    dracula_load_last_success_rows: figures.rows,
    dracula_load_last_success_bytes: figures.bytes,
    dracula_load_last_success_estimated_dollars: figures.dollars,
  }
}

function textOf({ environment, database, table }: MeasuredLoad, values: Values): string {
  const whose = { environment, database, table }
  const names = Object.keys(metrics) as MetricName[]
  const lines = names.flatMap((name) => {
    const value = values[name]
    if (value === undefined || !Number.isFinite(value)) return []
    const { type, help } = metrics[name]
    const labels = name === 'dracula_load_info' ? { ...whose, version: packageFile.version } : whose
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name}${labelsText(labels)} ${value}`]
  })
  return `${lines.join('\n')}\n`
}

function labelsText(labels: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escaped(value)}"`],
  )
  return `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** The values of a file that an earlier load has written. */
function valuesIn(text: string): Values {
  const found: Values = {}
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+)\{.*\} (\S+)$/gm)) {
    if (name in metrics && Number.isFinite(Number(value))) found[name as MetricName] = Number(value)
  }
  return found
}
