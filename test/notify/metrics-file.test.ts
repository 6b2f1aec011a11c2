/** What node exporter finds of loads in the folder of its textfile collector. */
import { describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeMetrics } from '../../lib/notify/metrics-file.ts'
import packageFile from '../../package.json' with { type: 'json' }
import type { Behaviour } from '../cli/fixture.ts'
import { logLines, runToEnd } from '../cli/start.ts'
import { temporaryFolder } from '../support/temporary.ts'

const well: Behaviour = { end: { kind: 'succeed' } }
const detail = { exit: 3, act: 'read', thing: 'orders', reason: 'it is gone', advice: 'Look.' } as const
const failing: Behaviour = { end: { kind: 'fail', detail, published: null } }

interface Sample {
  readonly type: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads the format as Prometheus describes it. @throws Error at a line that is not of it */
function samplesIn(text: string): ReadonlyMap<string, Sample> {
  expect(text).toEndWith('\n')
  const found = new Map<string, Sample>()
  const types = new Map<string, string>()
  const helped = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    const [, help] = /^# HELP ([a-z_]+) \S.*$/.exec(line) ?? []
    const [, typed, type] = /^# TYPE ([a-z_]+) (gauge|counter)$/.exec(line) ?? []
    const [, name, labels = '', value] =
      /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (-?[0-9.e+-]+)$/.exec(line) ?? []
    if (help !== undefined) helped.add(help)
    else if (typed !== undefined) types.set(typed, type ?? '')
    else if (name === undefined || !helped.has(name) || !types.has(name) || found.has(name)) {
      throw new Error(`No line of the format: ${line}`)
    } else {
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)]
      const unescaped = (text: string) =>
        text.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
      found.set(name, {
        type: types.get(name) ?? '',
        labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, unescaped(text)])),
        value: Number(value),
      })
    }
  }
  return found
}

async function read(folder: string): Promise<ReadonlyMap<string, Sample>> {
  const [name = '', ...more] = await readdir(folder)
  expect(more).toEqual([])
  return samplesIn(await Bun.file(join(folder, name)).text())
}

describe('a load', () => {
  test('leaves its figures in a file, by the names that Prometheus would have them', async () => {
    await using folder = await temporaryFolder()
    const started = Date.now() / 1_000
    const env = { DRACULA_METRICS_DIRECTORY: folder.path, DRACULA_ENVIRONMENT: 'production' }
    expect((await runToEnd([], well, env)).exit).toBe(0)
    expect(await readdir(folder.path)).toEqual(['dracula.production.lake.orders.prom'])
    const samples = await read(folder.path)
    const whose = { environment: 'production', database: 'lake', table: 'orders' }
    expect(Object.fromEntries([...samples].map(([name, { type, value }]) => [name, [type, value]]))).toEqual({
      dracula_load_info: ['gauge', 1],
      dracula_load_runs_total: ['counter', 1],
      dracula_load_failures_total: ['counter', 0],
      dracula_load_estimated_dollars_total: ['counter', 0.146717],
      dracula_load_last_run_timestamp_seconds: ['gauge', expect.any(Number)],
      dracula_load_last_run_duration_seconds: ['gauge', 2.5],
      dracula_load_last_run_exit_code: ['gauge', 0],
      dracula_load_last_success_timestamp_seconds: ['gauge', expect.any(Number)],
      dracula_load_last_success_duration_seconds: ['gauge', 2.5],
      dracula_load_last_success_snapshot_timestamp_seconds: [
        'gauge',
        Date.parse('2026-11-22T04:12:33.123Z') / 1_000,
      ],
      dracula_load_last_success_rows: ['gauge', 1_234_567],
      dracula_load_last_success_bytes: ['gauge', 21_300_000],
      dracula_load_last_success_estimated_dollars: ['gauge', 0.146717],
    })
    expect(samples.get('dracula_load_info')?.labels).toEqual({ ...whose, version: packageFile.version })
    expect(samples.get('dracula_load_last_success_rows')?.labels).toEqual(whose)
    expect(samples.get('dracula_load_last_run_timestamp_seconds')?.value).toBeGreaterThanOrEqual(started)
  })

  test('that fails says so, and leaves what the last one that succeeded has said', async () => {
    await using folder = await temporaryFolder()
    const env = { DRACULA_METRICS_DIRECTORY: folder.path }
    for (const behaviour of [well, failing, failing]) await runToEnd([], behaviour, env)
    const value = (name: string, of: ReadonlyMap<string, Sample>) => of.get(`dracula_load_${name}`)?.value
    const samples = await read(folder.path)
    expect(
      ['runs_total', 'failures_total', 'last_run_exit_code'].map((name) => value(name, samples)),
    ).toEqual([3, 2, 3])
    expect(value('last_success_rows', samples)).toBe(1_234_567)
    expect(value('last_success_timestamp_seconds', samples)).toBeLessThan(
      value('last_run_timestamp_seconds', samples) ?? 0,
    )
  })

  test('that has never succeeded says nothing of a success', async () => {
    await using folder = await temporaryFolder()
    await runToEnd([], failing, { DRACULA_METRICS_DIRECTORY: folder.path })
    expect([...(await read(folder.path)).keys()].filter((name) => name.includes('last_success'))).toEqual([])
  })

  test('that is a dry run leaves nothing', async () => {
    await using folder = await temporaryFolder()
    await runToEnd(['--dry-run'], well, { DRACULA_METRICS_DIRECTORY: folder.path })
    expect(await readdir(folder.path)).toEqual([])
  })

  test('ends as it would where the folder cannot be written, and says so in a line', async () => {
    await using folder = await temporaryFolder()
    const missing = join(folder.path, 'missing')
    const started = await runToEnd([], well, { DRACULA_METRICS_DIRECTORY: missing })
    expect(started.exit).toBe(0)
    expect(logLines(started).at(-2)).toMatchObject({
      level: 'warn',
      message: `Cannot write the metrics of orders in "${missing}": there is no such file or folder.`,
    })
  })
})

test('a name with quotes, points and slashes leads to no other folder, and to a label that reads back', async () => {
  await using folder = await temporaryFolder()
  const environment = '../a "b"\\\n'
  const load = { folder: folder.path, environment, database: 'lake', table: 'orders', now: 1_000 }
  await writeMetrics({ ...load, outcome: {} })
  expect((await read(folder.path)).get('dracula_load_info')?.labels).toMatchObject({ environment })
})

test('what was there and is no file of metrics is written over', async () => {
  await using folder = await temporaryFolder()
  const load = { folder: folder.path, environment: undefined, database: 'lake', table: 'orders', now: 1_000 }
  await Bun.write(join(folder.path, 'dracula.lake.orders.prom'), 'dracula_load_runs_total{x="y"} NaN\n<html>')
  await writeMetrics({ ...load, outcome: {} })
  expect((await read(folder.path)).get('dracula_load_runs_total')?.value).toBe(1)
})

test('nothing is left beside where the file cannot be put in its place', async () => {
  await using folder = await temporaryFolder()
  const load = { folder: folder.path, environment: undefined, database: 'lake', table: 'orders', now: 1_000 }
  // A folder of that name is what no file takes the place of.
  await Bun.write(join(folder.path, 'dracula.lake.orders.prom/x'), '')
  await expect(writeMetrics({ ...load, outcome: {} })).rejects.toThrow()
  expect(await readdir(folder.path)).toEqual(['dracula.lake.orders.prom'])
})
