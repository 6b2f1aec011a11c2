/** Which slices a load reads its table in: decided once, by its leader, in its snapshot. */
import { availableMemory } from '../../concurrency/cores.ts'
import { selectQuery } from '../../copy/query.ts'
import { type Lookup, partitionLookups } from '../../declare/lookup.ts'
import type { Selection } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import type { DryDraft } from '../../lake/lake.ts'
import type { Slice } from '../../pipeline/slice.ts'
import { blockRanges, readBlocks } from '../../postgres/block-ranges.ts'
import type { Reader } from '../../postgres/connect.ts'
import { freeConnections } from '../../postgres/free-connections.ts'
import { keyRanges, requireKey } from '../../postgres/key-ranges.ts'
import { plannedRelations } from '../../postgres/planned-relations.ts'
import { primaryKey } from '../../postgres/primary-key.ts'
import { quoteName } from '../../postgres/relation.ts'
import { rowsClause } from '../../postgres/select.ts'
import { hasMeaning, queryUnderSettingsOf, underSettingsOf } from '../../postgres/session-settings.ts'
import type { Source, SourceColumn } from '../../postgres/source.ts'
import { sessionDependent, unorderedAggregates } from '../../postgres/volatile-functions.ts'
import type { LoadOptions } from '../options.ts'
import { nothingKnown, type PartitionBase } from '../partitions/base.ts'
import type { DecideOptions } from '../partitions/decide.ts'
import type { PartitionPlan } from '../partitions/plan.ts'
import type { Leader } from './leader.ts'
import { readingCores } from './reading-cores.ts'

/** Plain data: the same rows, read by the same slicing, make the same files. */
export interface Slicing {
  /** Each row of the snapshot that is read is in exactly one of them; none: there is nothing to read. */
  readonly slices: readonly Slice[]
  /** What they are ranges of: blocks that rows are stored in, or the values of a column; null: there is one, of all rows. */
  readonly by: 'blocks' | 'values' | null
  /** Its name in the source; null: they are ranges of no column. */
  readonly column: string | null
  /** Whose rows they are, as `plannedRelations` names them: all that a slice may read. None where there is one slice. */
  readonly relations: readonly string[]
  /** Why there are no more, in a clause; null: there are as many as were asked for. */
  readonly reason: string | null
  /** So many connections read them at the most. */
  readonly connections: number
  /** Absent: the table has none. */
  readonly partitions?: PartitionPlan
}

export interface SlicingOptions {
  readonly load: string
  /** Cores that the process may use; absent: as many as there are. */
  readonly cores?: number | undefined
  /** Whether whoever reads a slice reads the lookups too. */
  readonly lookupsEach?: boolean
  /** Where its files go. */
  readonly draft: Pick<DryDraft, 'fieldIds'>
  /** What the load before has left of each partition; absent: nothing is known. */
  readonly base?: PartitionBase
  /** The module that declares the table, absolute; absent: it is unknown. */
  readonly script?: string | undefined
  readonly options: Pick<
    LoadOptions,
    'limit' | 'codec' | 'maxFileBytes' | 'maxLookupBytes' | 'connections' | 'partitions' | 'full' | 'dryRun'
  >
}

/** Nobody who was not asked is to be sent more connections than this. */
const mostByItself = 16

/** What is worth a connection of its own, and a start of the code that reads it. */
const leastBytes = 64 * 1024 * 1024

/** @throws Failure (3) for a column to slice by that is none, or is of another type */
export async function decideSlicing(
  table: Table,
  leader: Leader,
  {
    load,
    cores,
    draft: { fieldIds },
    base = nothingKnown,
    script,
    lookupsEach = false,
    options,
  }: SlicingOptions,
): Promise<Slicing> {
  const { reader, source } = leader
  const { limit, codec, maxFileBytes } = options
  const key = table.sliceBy === undefined ? undefined : requireKey(table, source, table.sliceBy)
  const shared = {
    ...{ load, primaryKey: await primaryKey(reader, table.source), codec, maxFileBytes },
    ...(fieldIds && { fieldIds }),
  }
  const whole = (reason: string | null): Slicing => ({
    slices: [{ ...shared, select: selectQuery(table, source, { limit }), part: null, number: null }],
    ...{ by: null, column: null, relations: [], reason, connections: 1 },
  })
  if (table.partitionBy !== undefined) {
    const all = { by: table.partitionBy, options, shared, base, script, cores }
    if (limit === undefined) return byPartition(table, leader, all)
    if (partitionLookups(table).length > 0) {
      const first = { ...all, options: { ...options, full: true } }
      return firstRows(await byPartition(table, leader, first), limit)
    }
  }
  const { wanted, why } = await wantedOf(table, leader, { options, cores }, source.estimatedBytes)
  if (wanted === 1) return whole(why)
  if (limit !== undefined) return whole('it reads no more rows than --limit says')

  const dependent = [
    ...(hasMeaning(table, source) ? await dependentIn(table, source, reader) : []),
    ...(key !== undefined && source.evaluated ? await dependentInKey(table, source, key, reader) : []),
    ...(lookupsEach ? await dependentInLookups(Object.entries(table.lookups), leader) : []),
  ]
  if (dependent.length > 0) return whole(maybeElse(dependent))
  const relations = await plannedRelations(
    queryUnderSettingsOf(reader, table, source),
    selectQuery(table, source),
  )
  const found =
    key === undefined
      ? await byBlocks(table, leader, wanted)
      : await underSettingsOf(reader, table, source, () => keyRanges(reader, table, key, wanted))
  if (typeof found === 'string') return whole(found)
  if (found.length < 2) return whole('it has too few rows')
  const slices = found.map((part, number) => ({
    ...shared,
    ...{ select: selectQuery(table, source, { part }), part, number },
  }))
  const by = key === undefined ? 'blocks' : 'values'
  return {
    slices,
    by,
    column: key?.name ?? null,
    relations,
    reason: slices.length < wanted ? 'it has too few rows' : why,
    connections: slices.length,
  }
}

/** Partitions are what connections share out. */
async function byPartition(
  table: Table,
  leader: Leader,
  {
    by,
    options,
    shared,
    base,
    script,
    cores,
  }: Omit<DecideOptions, 'once'> & Pick<SlicingOptions, 'options' | 'cores'>,
): Promise<Slicing> {
  const { reader, source } = leader
  // Most tables have none, and would wait for it.
  const { decidePartitions } = await import('../partitions/decide.ts')
  const dependent = hasMeaning(table, source) ? await dependentIn(table, source, reader) : []
  const once = dependent.length > 0
  const relations = await plannedRelations(
    queryUnderSettingsOf(reader, table, source),
    selectQuery(table, source),
  )
  const { plan, column, slices, bytes } = await decidePartitions(table, leader, {
    by,
    options,
    shared,
    base,
    script,
    once,
  })
  const { wanted, why } =
    slices.length < 2 ? { wanted: 1, why: null } : await wantedOf(table, leader, { options, cores }, bytes)
  const apart = await dependentInLookups(partitionLookups(table), leader)
  if (apart.length > 0) {
    const reason = maybeElse(apart)
    return { ...{ slices, by: 'values', column, relations, partitions: plan }, reason, connections: 1 }
  }
  const inOrder = plan.way === 'order' ? 'one query that sorts them is cheaper' : null
  return {
    ...{ slices, by: 'values', column, relations, partitions: plan },
    reason: once ? maybeElse(dependent) : (inOrder ?? why),
    connections: Math.min(wanted, Math.max(1, slices.length)),
  }
}

/** The first rows of the first partitions, which are no partitions then. */
function firstRows({ slices, partitions: _, ...slicing }: Slicing, limit: number): Slicing {
  const first: Slice[] = []
  let left = limit
  for (const { partitions = [], ...slice } of slices) {
    if (left === 0 && first.length > 0) break
    const rows = Math.min(
      left,
      partitions.reduce((sum, each) => sum + each.rows, 0),
    )
    first.push({ ...slice, select: `${slice.select} limit ${rows}` })
    left -= rows
  }
  return { ...slicing, slices: first, reason: 'it reads no more rows than --limit says', connections: 1 }
}

function maybeElse(dependent: readonly string[]): string {
  return `${dependent.join(', ')} may give each connection something else`
}

function dependentIn(selection: Selection, source: Source, reader: Reader): Promise<string[]> {
  const query = selectQuery(selection, source)
  return underSettingsOf(reader, selection, source, () => sessionDependent(reader, query))
}

/** A row whose key is another for each slice is in none of them, or in two. */
function dependentInKey(
  table: Table,
  source: Source,
  { name }: SourceColumn,
  reader: Reader,
): Promise<string[]> {
  const query = `select ${quoteName(name)} ${rowsClause(table)}`
  return underSettingsOf(reader, table, source, () => unorderedAggregates(reader, query))
}

/** All are planned, and so locked: a stored view could be refreshed between one reading of it and the next. */
async function dependentInLookups(
  lookups: readonly [string, Lookup][],
  { reader, lookupSources }: Leader,
): Promise<string[]> {
  const found: string[] = []
  for (const [name, lookup] of lookups) {
    const dependent = await dependentIn(lookup, lookupSources[name]!, reader)
    found.push(...dependent.map((each) => `${each} of the lookup ${name}`))
  }
  return found
}

interface Wanted {
  /** 1 or more. */
  readonly wanted: number
  /** Why not more; null: as many were asked for. */
  readonly why: string | null
}

/** What a load takes at the most, and each of its connections besides; its lookups take their own. */
const memoryBytes = 128 * 1024 * 1024

/** @param bytes that are to be read; undefined: nothing is known */
async function wantedOf(
  table: Table,
  leader: Leader,
  { options: { connections, maxLookupBytes }, cores: given }: Pick<SlicingOptions, 'options' | 'cores'>,
  bytes: number | undefined,
): Promise<Wanted> {
  if (connections !== 'auto') return { wanted: connections, why: null }
  const worth = bytes === undefined ? mostByItself : Math.max(1, Math.floor(bytes / leastBytes))
  if (worth === 1) return { wanted: 1, why: 'it is smaller than 128 MB' }
  const [{ cores, why }, memory] = await Promise.all([readingCores(table, leader, given), availableMemory()])
  if (cores === 1) return { wanted: 1, why }
  const lookups = Object.keys(table.lookups).length === 0 ? 0 : maxLookupBytes
  const room = Math.max(1, Math.floor((memory - memoryBytes - lookups) / memoryBytes))
  const wanted = Math.min(cores, worth, room, mostByItself)
  if (wanted === room) return { wanted, why: `there is memory for ${room}` }
  // Whoever watches for waiting migrations needs one too.
  const free = Math.max(1, (await freeConnections(leader.reader)).fair)
  if (free < wanted) return { wanted: free, why: `no more than ${free} connections are free` }
  return { wanted, why: wanted === cores ? why : `it has ${wanted} times 64 MB` }
}

/** @returns conditions, or why there can be none */
async function byBlocks(
  table: Table,
  { reader, source, snapshot }: Leader,
  wanted: number,
): Promise<string[] | string> {
  if (table.source.tenants !== undefined) {
    return "tenants are read one after the other; connections share them out with format: 'iceberg'"
  }
  if (
    table.source.schema === undefined ||
    !['table', 'partitioned', 'materialised view'].includes(source.kind)
  ) {
    return `a ${source.kind} is read over one connection unless sliceBy of its script names a column`
  }
  const blocks = await readBlocks(reader, table.source, snapshot.serverVersion)
  return typeof blocks === 'string' ? blocks : blockRanges(blocks, wanted)
}
