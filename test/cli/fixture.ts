/**
 * A script like any other, except that its load is told by `BEHAVE` (JSON) what to do: what is tested is the
 * process around a load, at no database's cost.
 */

import { Failure, type FailureDetail } from '../../lib/failure/failure.ts'
import type { LoadEvent } from '../../lib/load/events.ts'
import { LoadFailure, type StillPublished } from '../../lib/load/load-failure.ts'
import type { LoadOptions } from '../../lib/load/options.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { run } from '../../lib/run.ts'
import { integer, table } from '../../lib/table.ts'

export interface Behaviour {
  /** Told to the observer in this order. */
  events?: LoadEvent[]
  /** How often the last of them is told again. */
  repeats?: number
  /** Between two events. */
  pauseMs?: number
  end:
    | { kind: 'succeed'; summary?: Partial<LoadSummary> }
    /** `published` null: nothing is published yet; without it the load did not get as far as to know. */
    | { kind: 'fail'; detail: FailureDetail; published?: StillPublished | null }
    | { kind: 'throw'; message: string }
    | { kind: 'lose a promise'; message: string }
    /** Until the signal; `deaf`: and beyond. */
    | { kind: 'wait'; deaf?: boolean }
}

const load = '20261122t041233123z_x7k2q9'

if (import.meta.main) {
  const behaviour: Behaviour = JSON.parse(process.env['BEHAVE'] ?? '{"end":{"kind":"succeed"}}')
  await run(table({ name: 'orders', columns: { id: integer } }), {
    async load(_table, _config, options, observe, signal) {
      for (const event of behaviour.events ?? []) {
        observe(event)
        await Bun.sleep(behaviour.pauseMs ?? 0)
      }
      const last = behaviour.events?.at(-1)
      for (let left = behaviour.repeats ?? 0; left > 0; left--) if (last !== undefined) observe(last)
      const { end } = behaviour
      switch (end.kind) {
        case 'succeed':
          return { ...summaryOf(options), ...end.summary }
        case 'fail':
          if (end.published === undefined) throw new Failure(end.detail)
          throw new LoadFailure(end.detail, { load, published: end.published ?? undefined })
        case 'throw':
          throw new TypeError(end.message)
        case 'lose a promise':
          Promise.reject(new TypeError(end.message))
          return stopped(signal)
        case 'wait':
          observe({ kind: 'warning', message: 'waiting' })
          if (end.deaf) await new Promise(() => setInterval(() => {}, 1_000))
          return stopped(signal)
      }
    },
  })
}

async function stopped(signal: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve())
  })
  const published = { load: '20261121t041200000z_aaaaaa', snapshotAt: '2026-11-21T04:12:00.000000Z' }
  throw new LoadFailure(
    { exit: 1, act: 'read the table', thing: 'orders', reason: 'the connection closed', advice: 'None.' },
    { load, published },
  )
}

function summaryOf(options: LoadOptions): LoadSummary {
  return {
    version: 1,
    table: 'orders',
    load,
    snapshot_at: '2026-11-22T04:12:33.123456Z',
    published: !options.dryRun,
    rows: 1_234_567,
    rows_read: 1_234_567,
    softened: {},
    nulls: {},
    lookups: {},
    bytes: 21_300_000,
    slicing: { connections: 1, slices: 1, by: null, column: null, reason: null },
    partitions: null,
    expectations: null,
    location: `s3://lake/tables/orders/${load}/`,
    files: options.dryRun ? [] : [`orders/${load}/orders-00000.parquet`],
    seconds: 2.5,
    xmin_held_s: 2.1,
    retries: 0,
    estimated_usd: { athena: 0.00005, crawler: 0.146667 },
    phases: { open: 0.1, read: 2, count: 0, crawl: 0.1, audit: 0.1, publish: 0.1, retain: 0.1 },
    // The options travel in the summary so that a test can see what the flags became.
    warnings: [JSON.stringify(options)],
    dry_run: options.dryRun,
    crawled: false,
  }
}
