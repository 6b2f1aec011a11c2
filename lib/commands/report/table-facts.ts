/** What the page tells of one table, from all that is known of it. */

import { columnComment, tableComment } from '../../declare/documentation.ts'
import { formatExpectation, isOfRows } from '../../declare/expectation.ts'
import { callOf } from '../../declare/partition-by.ts'
import { formatSource } from '../../declare/selection.ts'
import type { SourceIdentity } from '../../declare/source-identity.ts'
import type { Table } from '../../declare/table.ts'
import type { CatalogTable } from '../../lake/catalog.ts'
import type { DamagedRecord, History, RecordedLoad } from '../../lake/history.ts'
import type { PublishedColumn } from '../../lake/published.ts'
import type { StoredRecord } from '../../lake/recorded.ts'
import type { Failing } from '../../notify/failing.ts'
import type { ColumnFacts, ExpectationFacts, LoadFacts, PartitionsFacts, TableFacts } from './facts.ts'
import { healthOf } from './health.ts'
import { linksOf, originOf } from './lineage.ts'

export interface Known {
  /** undefined: it has no script, or one that is broken. */
  readonly table: Table | undefined
  readonly script: boolean
  /** Why the script is no table, a sentence. */
  readonly broken: string | undefined
  /** undefined: Glue has no table of the name. */
  readonly found: CatalogTable | undefined
  readonly history: History
  readonly partitions: PartitionsFacts | undefined
  readonly scrub: (text: string) => string
  /** Loads that are told of at the most. */
  readonly mostLoads: number
  /** What of it has failed last, and not been well since. */
  readonly failing: readonly Failing[]
}

/** @param now milliseconds since 1970 */
export function tableFacts(name: string, known: Known, now: number): TableFacts {
  const { table, script, broken, found, history } = known
  const { published } = history
  const managed = published.kind === 'managed' ? published : undefined
  const record = history.loads.find(({ load }) => load === managed?.load)
  const own = record !== undefined && 'record' in record ? record : undefined
  const stored = own?.record
  const ages = table?.expectations.filter((each) => each.kind === 'age') ?? []
  const expectations = expectationsOf(table, stored)
  const words = found?.documentation
  return {
    name,
    script,
    health: healthOf({
      ...{ published, script, broken, ages, now },
      unreadable: found?.unreadable && known.scrub(found.unreadable),
      ...{ failing: known.failing, damage: own?.damage },
      recorded: own !== undefined || history.more > 0,
      warnings: stored?.expectations?.warned.length ?? 0,
    }),
    comment: words?.comment ?? tableComment(table?.comment),
    owner: words?.owner ?? table?.owner,
    tags: { ...table?.tags, ...words?.tags },
    format: found?.isIceberg === true || table?.format === 'iceberg' ? 'iceberg' : 'plain',
    partitionBy: table?.partitionBy && callOf(table.partitionBy),
    source: sourceOf(table, managed?.source),
    where: table?.where,
    filtered: table?.filter !== undefined,
    columns: columnsOf(table, managed?.columns, found?.documentation.columns ?? {}, stored),
    links: table === undefined ? [] : linksOf(table),
    published: managed && {
      load: managed.load,
      snapshotAt: managed.snapshotAt,
      rows: managed.rows,
      bytes: managed.bytes,
      pinned: managed.pin && { at: managed.pin.at, reason: managed.pin.reason },
    },
    freshMs: ages.length === 0 ? undefined : Math.min(...ages.map(({ withinMs }) => withinMs)),
    expectations,
    loads: loadsOf(history).slice(-known.mostLoads),
    partitions: known.partitions,
  }
}

/** By the load that readers see, else by the script. */
function sourceOf(table: Table | undefined, identity: SourceIdentity | undefined): string | undefined {
  if (identity === undefined) return table && formatSource(table.source)
  const { schema, relation, database, place } = identity
  return `${relation === null ? 'a query' : `${schema}.${relation}`} of ${database} on ${place.server}`
}

/** Those that readers see; of a table that nobody has published those of its script. */
function columnsOf(
  table: Table | undefined,
  published: readonly PublishedColumn[] | undefined,
  comments: Readonly<Record<string, string>>,
  record: StoredRecord | undefined,
): ColumnFacts[] {
  const declared = table?.output ?? {}
  const seen =
    published ??
    Object.entries(declared).map(([name, { athena }]): PublishedColumn => ({ name, type: athena }))
  return seen.map(({ name, type }) => {
    const column = Object.hasOwn(declared, name) ? declared[name] : undefined
    const recorded = record?.columns.find((each) => each.name === name)
    const own = table !== undefined && Object.hasOwn(table.comments, name) ? table.comments[name] : undefined
    return {
      name,
      athena: type,
      postgres: column?.type ?? recorded?.type,
      nullable: column?.nullable ?? recorded?.nullable,
      comment: Object.hasOwn(comments, name) ? comments[name] : columnComment(own),
      origin: table && originOf(table, name),
    }
  })
}

/** Values that break an expectation are in the record, and not here: they are a row's. */
function expectationsOf(table: Table | undefined, record: StoredRecord | undefined): ExpectationFacts[] {
  const { held = [], warned = [] } = record?.expectations ?? {}
  if (table === undefined) return held.map((text) => ({ text, severity: 'stop', outcome: 'held' }))
  const expected = table.expectations
    .filter(isOfRows)
    .map((each) => ({ text: formatExpectation(each), severity: each.severity }))
  const others = expected.filter(({ text, severity }) => severity === 'warn' && !held.includes(text))
  // Where they are as many as did not hold, the script has expected nothing else since.
  const isBroken = others.length > 0 && others.length === warned.length
  return expected.map(({ text, severity }) => {
    const outcome = held.includes(text) ? 'held' : isBroken && severity === 'warn' ? 'broken' : 'unknown'
    return { text, severity, outcome }
  })
}

/** Oldest first; of loads whose records are gone, what the newest record has kept of them. */
function loadsOf({ loads }: History): LoadFacts[] {
  const newest = loads.find((each) => 'record' in each)
  const earlier = newest !== undefined && 'record' in newest ? newest.record.earlier : []
  const kept = new Map(
    earlier.map(({ load, snapshot_at: snapshotAt, rows, bytes, seconds, estimated_usd: usd }) => {
      const facts: LoadFacts = {
        ...{ load, state: 'superseded', snapshotAt, rows, bytes, seconds, usd: usd ?? undefined },
      }
      return [load, facts]
    }),
  )
  const recorded = loads.map(loadFacts).map((each) => {
    const told = kept.get(each.load)
    // Readers saw it, although the record that says so is gone.
    return told !== undefined && each.state === 'unproven' ? { ...each, state: told.state } : each
  })
  const all = new Map([...kept, ...recorded.map((each) => [each.load, each] as const)])
  return [...all.values()].toSorted((a, b) => (a.load < b.load ? -1 : 1))
}

function loadFacts(each: RecordedLoad | DamagedRecord): LoadFacts {
  if ('wrong' in each) {
    const unknown = { snapshotAt: undefined, rows: undefined, bytes: undefined, seconds: undefined }
    return { load: each.load, state: 'damaged record', ...unknown, usd: undefined }
  }
  const { load, state, record } = each
  const ms = Object.values(record.phases).reduce((sum, spent) => sum + Math.round(spent * 1_000), 0)
  const { snapshot_at: snapshotAt, rows, bytes, estimated_usd: usd } = record
  return { load, state, snapshotAt, rows, bytes, seconds: ms / 1_000, usd: usd ?? undefined }
}
