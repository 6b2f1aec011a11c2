/** Since when readers no longer see a load, from the records of loads and rollbacks. */
import { getText, type ListedObject } from '../../aws/objects.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import { recordKey, rollbackOf, tableFolder } from '../layout.ts'
import type { TablePlace } from '../names.ts'
import { isDayOld } from '../reader-grace.ts'

/** What there is of one load. */
export interface Found {
  readonly files: ListedObject[]
  record: ListedObject | undefined
}

export interface Rollback {
  readonly at: Date
  /** What it published again. */
  readonly load: string | undefined
  readonly replaces: string | undefined
}

/** Those of the last day; for readers of today's earlier ones tell nothing. */
export async function recentRollbacks(
  { aws, config: { bucket, prefix }, table }: TablePlace,
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
  listed: readonly ListedObject[],
): Promise<Rollback[]> {
  const folder = tableFolder(prefix, table)
  const recent = listed.filter(({ key, modified }) => {
    return rollbackOf(key, folder) !== undefined && !isDayOld(modified, now)
  })
  return Promise.all(
    recent.map(async ({ key, modified: at }) => {
      const text = await getText(aws, { bucket, key, signal })
      return { at, load: memberOf(text, 'load'), replaces: memberOf(text, 'replaces') }
    }),
  )
}

/** Records read at the same time: a table that is loaded every few minutes has hundreds of them in a day. */
const readAtOnce = 8

/**
 * Since when each recorded load has not been the published one, as late as the records of the last day allow. A record is
 * written just before its load is published and names, as `replaces`, the load that was published then; so a load was still
 * read when the last record that names it was written. (The next record alone would not do: its load may never have
 * been published.) A load that no record of the last day names was replaced unseen by the next one, or never published, or
 * left longer ago than that, and older records need not be read to know so. The record of a rollback names one just so.
 */
export async function whenSuperseded(
  { aws, config: { bucket, prefix }, table }: TablePlace,
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
  loads: ReadonlyMap<string, Found>,
  rollbacks: readonly Rollback[],
): Promise<Map<string, Date>> {
  const recorded: { load: string; at: Date }[] = []
  for (const [load, { record }] of loads) {
    if (record !== undefined) recorded.push({ load, at: record.modified })
  }
  // By the one clock of S3: names are of clocks of machines, and say when a load began.
  recorded.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.load < b.load ? -1 : 1))
  const seen = new Map<string, Date>()
  const saw = (load: string | undefined, at: Date): void => {
    const last = load === undefined ? undefined : seen.get(load)
    if (load !== undefined && (last === undefined || last < at)) seen.set(load, at)
  }
  const recent = recorded.filter(({ at }) => !isDayOld(at, now))
  await inParallel(readAtOnce, recent, async ({ load, at }) => {
    const text = await getText(aws, { bucket, key: recordKey(prefix, table, load), signal })
    saw(memberOf(text, 'replaces'), at)
  })
  for (const { at, replaces } of rollbacks) saw(replaces, at)
  return new Map(
    recorded.map(({ load, at }, index) => {
      const next = recorded[index + 1]?.at
      return [load, seen.get(load) ?? next ?? at]
    }),
  )
}

/** A record that cannot be read as one names nothing. */
function memberOf(text: string, name: 'load' | 'replaces'): string | undefined {
  try {
    const record: unknown = JSON.parse(text)
    if (typeof record !== 'object' || record === null) return undefined
    const value: unknown = Reflect.get(record, name)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
