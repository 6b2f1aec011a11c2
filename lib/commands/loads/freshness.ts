/** How fresh what readers see is, a line a table. */

import { formatDuration } from '../../cli/duration.ts'
import { failedReport, type Report, troubled } from '../../cli/report.ts'
import type { ReportedFailure } from '../../cli/reported-failure.ts'
import { formatSize } from '../../cli/size.ts'
import { textTable } from '../../cli/text-table.ts'
import type { Published } from '../../lake/published.ts'
import type { Outcome } from '../../notify/outcome.ts'

/** One table in the JSON; null where no load of Dracula is published. */
export interface Freshness {
  readonly table: string
  readonly status: 'published' | 'not published' | 'not ours'
  /** Whether there is `scripts/<table>.ts`. */
  readonly script: boolean
  readonly load: string | null
  readonly snapshot_at: string | null
  /** Seconds since its snapshot. */
  readonly age_s: number | null
  readonly rows: number | null
  readonly bytes: number | null
  /** Since when; null: the next load replaces it. */
  readonly pinned: string | null
}

export interface FreshnessOptions {
  /** Milliseconds that what readers see of a table with a script may be old; undefined: as old as it is. */
  readonly maxAge?: number | undefined
  readonly now?: number
}

/** @param scripts names of the tables that have one */
export function freshnessReport(
  scripts: readonly string[],
  lake: ReadonlyMap<string, Published>,
  { maxAge, now = Date.now() }: FreshnessOptions = {},
): Report {
  const ours = [...lake].filter(([, { kind }]) => kind === 'managed').map(([name]) => name)
  const names = [...new Set([...scripts, ...ours])].toSorted()
  const tables = names
    .map((table) => freshness(table, scripts.includes(table), lake.get(table), now))
    .toSorted((a, b) => (b.age_s ?? -1) - (a.age_s ?? -1))
  const stale = maxAge === undefined ? [] : tables.filter((each) => each.script && isOlder(each, maxAge))
  const json = { version: 1, command: 'loads', ok: stale.length === 0, tables }
  if (maxAge === undefined) return { exit: 0, json, text: screen(tables) }
  const outcomes = tables
    .filter(({ script }) => script)
    .map((each): Outcome => {
      const subject = { table: each.table, check: 'max-age' }
      return stale.includes(each)
        ? troubled(subject, { verdict: 'stale', error: staleness([each], maxAge) })
        : subject
    })
  if (stale.length === 0) return { exit: 0, json, text: screen(tables), outcomes }
  return failedReport({
    by: 'loads',
    verdict: `${stale.length.toLocaleString('en')} of ${scripts.length.toLocaleString('en')} tables are stale`,
    error: staleness(stale, maxAge),
    json,
    text: screen(tables),
    gathered: true,
    outcomes,
  })
}

function staleness(stale: readonly Freshness[], maxAge: number): ReportedFailure {
  return {
    exit: 4,
    summary: `Older than ${formatDuration(maxAge)}: ${stale.map(describeAge).join(', ')}`,
    advice: `Load them, for example: bun scripts/${stale[0]?.table}.ts.`,
    retry: false,
  }
}

function isOlder({ age_s }: Freshness, maxAge: number): boolean {
  return age_s === null || age_s * 1_000 > maxAge
}

function describeAge({ table, age_s, status }: Freshness): string {
  return `${table} (${age_s === null ? status : formatDuration(age_s * 1_000)})`
}

function freshness(table: string, script: boolean, published: Published | undefined, now: number): Freshness {
  if (published?.kind !== 'managed') {
    const status = published?.kind === 'unmanaged' ? 'not ours' : 'not published'
    const nothing = { load: null, snapshot_at: null, age_s: null, rows: null, bytes: null, pinned: null }
    return { table, status, script, ...nothing }
  }
  const { load, snapshotAt, rows, bytes, pin } = published
  const age_s = Math.round(now - Date.parse(snapshotAt)) / 1_000
  const measured = { load, snapshot_at: snapshotAt, age_s, rows, bytes, pinned: pin?.at ?? null }
  return { table, status: 'published', script, ...measured }
}

function screen(tables: readonly Freshness[]): string {
  const head = ['table', 'age', 'rows', 'size', 'load', '']
  const cells = tables.map(({ table, status, script, load, age_s, rows, bytes, pinned }) => [
    table,
    age_s === null ? '' : formatDuration(age_s * 1_000),
    rows === null ? '' : rows.toLocaleString('en'),
    bytes === null ? '' : formatSize(bytes),
    load ?? '',
    [
      ...(status === 'published' ? [] : [status]),
      ...(pinned === null ? [] : [`pinned since ${pinned}`]),
      ...(script ? [] : ['no script']),
    ].join(', '),
  ])
  return textTable([head, ...cells], [1, 2, 3])
}
