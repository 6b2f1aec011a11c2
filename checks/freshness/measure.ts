/** How fresh one table is, against what its script expects. */
import type { Aws } from '../../lib/aws/clients.ts'
import { formatDuration } from '../../lib/cli/duration.ts'
import type { LakeConfig } from '../../lib/config/config.ts'
import { type Expectation, formatTime, type RowExpectation } from '../../lib/declare/expectation.ts'
import type { Table } from '../../lib/declare/table.ts'
import { askPublished } from '../../lib/lake/expect/ask.ts'
import { readPublished } from '../../lib/lake/open.ts'
import type { PublishedLoad } from '../../lib/lake/published.ts'
import type { TableVerdict } from '../check.ts'

/** One table in the JSON of the check; null where there is nothing to tell. */
export interface Freshness extends TableVerdict {
  /** `warned`: only what stands under `warn` is stale. */
  readonly status: 'ok' | 'warned' | 'stale' | 'not published' | 'not expected'
  readonly load: string | null
  /** Seconds since its snapshot. */
  readonly age_s: number | null
  /** By Athena, for the age of rows; 0: nothing is expected of that. */
  readonly bytes_scanned: number
}

export interface Measuring {
  readonly aws: Aws
  readonly lake: LakeConfig
  readonly signal: AbortSignal
}

/** @throws Failure when it cannot be told */
export async function measureFreshness(table: Table, { aws, lake, signal }: Measuring): Promise<Freshness> {
  const { name, expectations } = table
  const ages = expectations.filter((each) => each.kind === 'age')
  const newest = expectations.filter((each) => each.kind === 'newest')
  const nothing = { table: name, load: null, age_s: null, bytes_scanned: 0 }
  if (ages.length + newest.length === 0) return { ...nothing, status: 'not expected', findings: [] }
  const published = await readPublished(aws, lake, name, signal)
  if (published.kind !== 'managed') {
    const finding =
      published.kind === 'absent' ? 'it is not published' : 'what is there, Dracula has not made'
    return { ...nothing, status: 'not published', findings: [finding] }
  }
  const now = Date.now()
  const there = newest.filter(({ column }) => published.columns.some((each) => each.name === column))
  const asked =
    there.length === 0
      ? undefined
      : await askPublished({ aws, config: lake, table: name }, table, there, signal)
  const seconds = new Map(there.map(({ column }, at) => [column, asked?.answers[at]?.number ?? null]))
  const stale = [
    ...ages.flatMap((each) => describeAge(each, published, now)),
    ...newest.flatMap((each) => describeNewest(each, seconds.get(each.column), now)),
  ]
  const stops = stale.some(({ severity }) => severity === 'stop')
  return {
    table: name,
    status: stops ? 'stale' : stale.length > 0 ? 'warned' : 'ok',
    load: published.load,
    age_s: Math.round(now - Date.parse(published.snapshotAt)) / 1_000,
    bytes_scanned: asked?.bytesScanned ?? 0,
    findings: stale.map(({ finding }) => finding),
  }
}

interface Stale extends Pick<Expectation, 'severity'> {
  readonly finding: string
}

function describeAge(
  { severity, withinMs }: Extract<Expectation, { readonly kind: 'age' }>,
  { load, snapshotAt }: Pick<PublishedLoad, 'load' | 'snapshotAt'>,
  now: number,
): Stale[] {
  const age = now - Date.parse(snapshotAt)
  if (age <= withinMs) return []
  const finding = `readers see load ${load}, which is ${formatDuration(age)} old, and ${formatTime(withinMs)} is expected`
  return [{ severity, finding }]
}

function describeNewest(
  { severity, column, withinMs }: Extract<RowExpectation, { readonly kind: 'newest' }>,
  seconds: number | null | undefined,
  now: number,
): Stale[] {
  const expected = `and ${formatTime(withinMs)} is expected`
  if (seconds === undefined) return [{ severity, finding: `readers see no ${column} yet, ${expected}` }]
  if (seconds === null) return [{ severity, finding: `${column} has no value, ${expected}` }]
  const age = now - seconds * 1_000
  if (age <= withinMs) return []
  return [{ severity, finding: `the newest ${column} is ${formatDuration(age)} old, ${expected}` }]
}
