/** Which partitions a source has in a snapshot, and what is needed to know whether one is as it was. */
import type { Incremental } from '../declare/incremental.ts'
import { formatSource, type Selection } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Column } from '../types/type.ts'
import type { Reader, Row } from './connect.ts'
import type { PartitionForm, PartitionValue } from './partition-form.ts'
import { planCost } from './plan-cost.ts'
import { quoteName } from './relation.ts'
import { columnExpression, rowsClause } from './select.ts'
import type { Source } from './source.ts'

export interface CountedPartition {
  readonly value: PartitionValue
  readonly rows: number
  /** By the key that the script names. */
  readonly key?: CountedKeys
  /** Rows that have changed since; undefined: it was not asked. */
  readonly changed?: number
}

export interface CountedKeys {
  /** Rows whose key is not null. */
  readonly count: number
  /** In digits; null: they are no integers, or there are none. */
  readonly sum: string | null
  /** The sum of hashes of 64 bits, in digits; null: there are none. */
  readonly hash: string | null
}

export interface CountOptions {
  readonly table: Selection & { readonly name: string; readonly incremental: Incremental | undefined }
  readonly source: Source
  readonly form: PartitionForm
  /** `server_version_num` */
  readonly serverVersion: number
  /** In SQL, which of the rows to look at; undefined: all. */
  readonly part?: string | undefined
  /** Whether keys are summed up. */
  readonly keys: boolean
  /** Changes from here on are counted: ISO 8601 in UTC; undefined: none are. */
  readonly since: string | undefined
}

/** So many are in memory, in a manifest and in an account. */
export const mostPartitions = 100_000

/** What a bound of a file's values has room for (Iceberg's own are shorter still). */
const mostBytes = 60

/**
 * To be called under the settings that the source is read under. Counts and changes are asked in one scan or two, whichever
 * the planner takes for cheaper: an index may have all keys, and another the changes.
 * @returns in the order in which their rows come, null last
 * @throws Failure (3) for rows that no partition has a place for, or too many partitions; the driver's error
 */
export async function countPartitions(reader: Reader, options: CountOptions): Promise<CountedPartition[]> {
  const { table, since, keys } = options
  const { incremental } = table
  const ofKeys = keys ? keyMeasures(options) : []
  if (incremental === undefined || since === undefined) return ask(reader, options, ofKeys)
  const condition = changedSince(options, incremental, since)
  const among: Measure = {
    read: `(${condition}) as changed`,
    counts: ['(pg_catalog.count(*) filter (where rows.changed))::pg_catalog.float8 as changed'],
  }
  const all: Measure = { counts: ['pg_catalog.count(*)::pg_catalog.float8 as changed'] }
  const [together = 0, alone = 0, changes = 0] = await planCosts(reader, [
    groupedQuery(options, [...ofKeys, among]),
    groupedQuery(options, ofKeys),
    groupedQuery(options, [all], condition),
  ])
  if (alone + changes >= together) return ask(reader, options, [...ofKeys, among])
  const found = await ask(reader, options, ofKeys)
  const counted = await ask(reader, options, [all], condition)
  const changedRows = new Map(counted.map(({ value, changed = 0 }) => [value, changed]))
  return found.map((each) => ({ ...each, changed: changedRows.get(each.value) ?? 0 }))
}

/**
 * Only the partitions in which a row has changed since, without their counts.
 * @throws as {@link countPartitions}
 */
export async function changedPartitions(
  reader: Reader,
  options: CountOptions & { readonly since: string },
): Promise<PartitionValue[]> {
  const { incremental } = options.table
  if (incremental === undefined) return []
  const condition = changedSince(options, incremental, options.since)
  return (await ask(reader, options, [], condition)).map(({ value }) => value)
}

async function planCosts(reader: Reader, queries: readonly string[]): Promise<number[]> {
  const costs: number[] = []
  for (const query of queries) costs.push((await planCost(reader, query)).cost)
  return costs
}

async function ask(
  reader: Reader,
  options: CountOptions,
  measures: readonly Measure[],
  condition?: string,
): Promise<CountedPartition[]> {
  const rows = await reader.query(groupedQuery(options, measures, condition))
  return partitionsIn(rows, options)
}

/**
 * The planner takes an expression for one of as many values as its column has, and would sort all rows to group them, on one
 * processor; of a subquery that it cannot dissolve, it expects few. One with a WITH is such a one, and stays parallel.
 */
function groupedQuery(
  { table, form, part, serverVersion }: CountOptions,
  measures: readonly Measure[],
  condition?: string,
): string {
  const conditions = [part, condition].flatMap((each) => (each === undefined ? [] : [`(${each})`]))
  const rows = rowsClause(table, conditions.length === 0 ? undefined : conditions.join(' and '))
  const bin = form.bin !== undefined && serverVersion >= form.bin.since ? form.bin : undefined
  const read = [
    `${bin?.of ?? form.group} as value`,
    ...(bin === undefined ? [`${form.column} as filled`] : []),
    ...measures.flatMap((measure) => measure.read ?? []),
  ]
  const count = 'pg_catalog.count(*)::pg_catalog.float8'
  const results = [
    `${bin?.group('rows.value') ?? 'rows.value'} as value`,
    `${count} as rows`,
    bin === undefined
      ? 'pg_catalog.count(rows.filled)::pg_catalog.float8 as filled'
      : `case when rows.value is null then 0 else ${count} end as filled`,
    ...measures.flatMap((measure) => measure.counts),
  ]
  // No table that a query of the script reads has this name.
  const subquery = `with "dracula: not dissolved" as (select 1) select ${read.join(', ')} ${rows}`
  return `select ${results.join(', ')} from (${subquery}) as rows group by rows.value order by rows.value limit ${mostPartitions + 1}`
}

interface Measure {
  /** In SQL, of each row; absent: nothing. */
  readonly read?: string
  /** In SQL, of the rows of a partition, which bear the name `rows`. */
  readonly counts: readonly string[]
}

function keyMeasures({ table, source }: CountOptions): Measure[] {
  const name = table.incremental?.key
  if (name === undefined) return []
  const column = table.columns[name]!
  const found = source.columns.find((each) => each.name === (column.source ?? name))
  const { integer, value, hash, seed } = keyForm(column, columnExpression(name, column, found))
  const sum = (of: string, alias: string) => `pg_catalog.sum(${of})::pg_catalog.text as ${alias}`
  const filled = column.nullable ? 'rows.key' : '*'
  const counts = [
    `pg_catalog.count(${filled})::pg_catalog.float8 as keys`,
    ...(integer ? [sum('rows.key', 'sum')] : []),
    sum(`pg_catalog.${hash}(rows.key, ${seed})`, 'hash'),
  ]
  return [{ read: `${value} as key`, counts }]
}

function keyForm({ type }: Column, expression: string) {
  if (type === 'uuid') return { integer: false, value: expression, hash: 'uuid_hash_extended', seed: '0' }
  if (type === 'text') {
    const value = `(${expression})::pg_catalog.text collate pg_catalog."C"`
    return { integer: false, value, hash: 'hashtextextended', seed: '0' }
  }
  const value = `(${expression})::pg_catalog.int8`
  // Postgres hashes what is left of both halves of an integer folded into one: the upper one as the seed tells them apart.
  return { integer: true, value, hash: 'hashint8extended', seed: 'rows.key operator(pg_catalog.>>) 32' }
}

const hourMs = 3_600_000

/**
 * A moment without a zone may be of any: the clock of the westernmost is 12 hours behind that of UTC.
 * @returns in SQL, which rows have changed since
 */
function changedSince({ table }: CountOptions, { changed, overlapMs }: Incremental, since: string): string {
  const column = table.columns[changed]!
  const { type } = column
  const from = Date.parse(since) - overlapMs - (type === 'timestamptz' ? 0 : 12 * hourMs)
  const isEarly = !(from > Date.UTC(1, 0))
  const text = isEarly ? '-infinity' : new Date(from).toISOString().slice(0, type === 'date' ? 10 : 23)
  const literal = `'${text.replace('T', ' ')}${type === 'timestamptz' && !isEarly ? '+00' : ''}'::pg_catalog.${type}`
  return `${quoteName(column.source ?? changed)} operator(pg_catalog.>=) ${literal}`
}

function partitionsIn(rows: readonly Row[], options: CountOptions): CountedPartition[] {
  const { table, form } = options
  if (rows.length > mostPartitions) {
    throw unfit(
      table,
      `it has more than ${mostPartitions.toLocaleString('en')} partitions`,
      'Take larger ones.',
    )
  }
  const misplaced = rows.reduce((sum, { value, filled }) => sum + (value === null ? Number(filled) : 0), 0)
  if (misplaced > 0) {
    const reason = `${misplaced.toLocaleString('en')} rows have a ${form.column} outside the years 0001 to 9999`
    throw unfit(table, reason, 'Leave them out by a where, or correct them.')
  }
  return rows.map((row): CountedPartition => {
    const { value: answer, rows: count, keys, sum = null, hash = null, changed } = row
    const value = answer === null ? null : form.valueOf(answer)
    if (value === undefined) {
      const reason = `the partition of ${Number(count).toLocaleString('en')} rows by ${form.column} has no place in the lake`
      throw unfit(table, reason, 'Leave them out by a where, or partition it otherwise.')
    }
    if (typeof value === 'string' && Buffer.byteLength(value) > mostBytes) {
      const reason = `${form.column} has a value of more than ${mostBytes} bytes, "${value.slice(0, 40)}…"`
      throw unfit(table, reason, 'Partition it by a column of short values.')
    }
    return {
      ...{ value, rows: Number(count) },
      ...(keys !== undefined && {
        key: {
          count: Number(keys),
          sum: sum === null ? null : String(sum),
          hash: hash === null ? null : String(hash),
        },
      }),
      ...(changed !== undefined && { changed: Number(changed) }),
    }
  })
}

function unfit(table: CountOptions['table'], reason: string, advice: string): Failure {
  return new Failure({ exit: 3, act: 'partition', thing: formatSource(table.source), reason, advice })
}
