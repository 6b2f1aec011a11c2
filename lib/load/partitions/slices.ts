/** Partitions as slices: neighbours that are small share one, and connections share out the slices. */
import { selectQuery } from '../../copy/query.ts'
import { partitionLookups } from '../../declare/lookup.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { partitionLabel } from '../../lake/file-name.ts'
import type { SlicePartition } from '../../pipeline/parts.ts'
import type { Slice } from '../../pipeline/slice.ts'
import type { PartitionForm, PartitionValue } from '../../postgres/partition-form.ts'
import { planCost } from '../../postgres/plan-cost.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import { someTenants } from '../../postgres/tenant-rows.ts'
import type { Leader } from '../steps/leader.ts'
import type { PartitionedBy } from './field.ts'
import type { PartitionPlan, WantedPartition } from './plan.ts'

/** One that has rows, with its place among all that the source has, in their order. */
export interface FilledPartition extends WantedPartition {
  readonly value: PartitionValue
  readonly place: number
}

export interface PartitionSlicesOptions {
  readonly field: PartitionedBy
  /** Those to read, in the order of their places. */
  readonly filled: readonly FilledPartition[]
  /** Whether those are all rows of the source. */
  readonly isAll: boolean
  /** Whether nothing but one query gives the same rows for sure. */
  readonly once: boolean
  /** Bytes of memory that lookups within a partition may take. */
  readonly maxLookupBytes: number
  readonly shared: Omit<Slice, 'select' | 'part' | 'number' | 'partitions' | 'lookups'>
}

export interface PartitionSlices extends Pick<PartitionPlan, 'way' | 'cost'> {
  readonly slices: readonly Slice[]
}

/** Neighbours together that are smaller than this: a query has a price of its own. */
const togetherBytes = 32 * 1024 * 1024
/** And no more rows than this, where nothing is known of bytes. */
const togetherRows = 200_000

/** Whose costs stand for those of the others. */
const sampled = 12

/** @throws Failure (3) for lookups within partitions that cannot be read apart; the driver's error */
export async function partitionSlices(
  table: Table,
  leader: Leader,
  options: PartitionSlicesOptions,
): Promise<PartitionSlices> {
  const { filled, once } = options
  const single = isEachAlone(table)
  const isOfTenants = table.source.tenants !== undefined
  // What a server of its own has, below a view, may come before what stands ahead of it.
  const runs = runsOf(options, single || (isOfTenants && leader.source.evaluated), isOfTenants)
  if (filled.length === 0) return { slices: [], way: 'ranges', cost: { ranges: null, order: null } }
  const inRanges = runs.map((run, at) => sliceOf(table, leader, options, run, at))
  if (single && once) throw notApart(table)
  if (single || (isOfTenants && !once)) {
    return { slices: inRanges, way: 'ranges', cost: { ranges: null, order: null } }
  }
  const inOrder = [sliceInOrder(table, leader, options)]
  if (once) return { slices: inOrder, way: 'order', cost: { ranges: null, order: null } }
  const { reader, source } = leader
  const cost = await underSettingsOf(reader, table, source, () => costsOf(leader, runs, inRanges, inOrder), {
    ...{ ordered: true, by: 'values' },
  })
  const way = cost.ranges <= cost.order ? 'ranges' : 'order'
  return { slices: way === 'ranges' ? inRanges : inOrder, way, cost }
}

async function costsOf(
  { reader }: Leader,
  runs: readonly (readonly FilledPartition[])[],
  inRanges: readonly Slice[],
  inOrder: readonly Slice[],
): Promise<{ readonly ranges: number; readonly order: number }> {
  const step = Math.max(1, Math.floor(inRanges.length / sampled))
  let [cost, rows, all] = [0, 0, 0]
  for (const [at, run] of runs.entries()) {
    const count = run.reduce((sum, each) => sum + each.rows, 0)
    all += count
    if (at % step !== 0) continue
    cost += (await planCost(reader, inRanges[at]!.select)).cost
    rows += count
  }
  const { cost: order } = await planCost(reader, inOrder[0]!.select)
  return { ranges: Math.round((cost / Math.max(1, rows)) * all), order: Math.round(order) }
}

/** What is looked up within partitions is read with each. */
function isEachAlone(table: Table): boolean {
  return partitionLookups(table).length > 0
}

function notApart({ name }: Table): Failure {
  return new Failure({
    exit: 3,
    act: 'read the partitions of',
    thing: name,
    reason: 'it has lookups within partitions, and only one query gives all of its rows alike',
    advice:
      'Take out of its source or its where what may give another query something else, as random() and now().',
  })
}

/** Neighbours that no other partition lies between. */
function runsOf(
  { field, filled }: PartitionSlicesOptions,
  single: boolean,
  isOfTenants: boolean,
): FilledPartition[][] {
  const haveOrder = field.form.isRange || isOfTenants
  const runs: FilledPartition[][] = []
  let size = 0
  for (const each of filled) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const weight = each.bytes === null ? each.rows / togetherRows : each.bytes / togetherBytes
    const fits = size + weight <= 1 && haveOrder && !single && each.value !== null
    // A query of tenants reads those alone that it names.
    const isNext = last !== undefined && (isOfTenants || last.place + 1 === each.place)
    if (run !== undefined && isNext && fits) {
      run.push(each)
      size += weight
    } else {
      runs.push([each])
      size = weight
    }
  }
  return runs
}

function sliceOf(
  all: Table,
  { source, lookupSources }: Leader,
  { field: { form }, maxLookupBytes: maxBytes, shared }: PartitionSlicesOptions,
  run: readonly FilledPartition[],
  number: number,
): Slice {
  const isOfTenants = all.source.tenants !== undefined
  const part = isOfTenants ? conditionOf(form, run) : `(${form.condition(run[0]!.value, run.at(-1)!.value)})`
  // Tenants come in their order, and no others.
  const ordered = run.length > 1 && !isOfTenants ? { part, order: form.order } : isOfTenants ? {} : { part }
  const among = new Set(run.map(({ value }) => String(value)))
  const select = selectQuery(someTenants(all, among), source, ordered)
  const selects = partitionLookups(all).map(([name, lookup]) => [
    name,
    selectQuery(someTenants(lookup, among), lookupSources[name]!, { ...ordered, sorted: lookup.many }),
  ])
  return {
    ...{ ...shared, select, part, number, partitions: run.map(slicePartition) },
    ...(selects.length > 0 && { lookups: { selects: Object.fromEntries(selects), maxBytes } }),
  }
}

function sliceInOrder(
  table: Table,
  { source }: Leader,
  { field: { form }, filled, isAll, shared }: PartitionSlicesOptions,
): Slice {
  const part = isAll ? undefined : conditionOf(form, filled)
  const select = selectQuery(table, source, { part, order: form.order })
  return {
    ...{ ...shared, select, part: part ?? null, number: null },
    partitions: filled.map(slicePartition),
  }
}

/** More ranges than these are not compared with each row one by one. */
const fewRanges = 20

/** Which rows are of any of them: neighbours by one range. */
export function conditionOf(
  { isRange, condition, among }: PartitionForm,
  partitions: readonly Pick<FilledPartition, 'value' | 'place'>[],
): string {
  const ranges: { readonly first: PartitionValue; last: PartitionValue; place: number }[] = []
  for (const { value, place } of partitions) {
    const range = ranges.at(-1)
    if (range !== undefined && isRange && value !== null && range.place + 1 === place) {
      range.last = value
      range.place = place
    } else {
      ranges.push({ first: value, last: value, place })
    }
  }
  const values = partitions.flatMap(({ value }) => (value === null ? [] : [value]))
  const conditions =
    ranges.length <= fewRanges
      ? ranges.map(({ first, last }) => condition(first, last))
      : [among(values), ...(values.length < partitions.length ? [condition(null, null)] : [])]
  return `(${conditions.map((each) => `(${each})`).join(' or ')})`
}

function slicePartition({ values, place, rows }: FilledPartition): SlicePartition {
  return { values, label: partitionLabel(values, place), rows }
}
