/** What the lake's engine reads of a staged snapshot, held against the files that were written and the account of the rest. */
import { type QueryResult, queryCalls, quoteIdentifier, runQuery } from '../../aws/athena.ts'
import type { Call } from '../../aws/calls.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { DataFile } from '../../iceberg/data-file.ts'
import { currentSchema, type TableMetadata } from '../../iceberg/metadata.ts'
import { type BoundField, type Partition, partitionKey } from '../../iceberg/partition.ts'
import { partitionText } from '../../iceberg/partition-text.ts'
import { type Field, isList } from '../../iceberg/schema.ts'
import { decodeValue } from '../../iceberg/single-value.ts'
import type { Account } from '../account.ts'
import type { KeyFacts } from '../facts.ts'
import type { Counted } from '../lake.ts'
import { stagedName, tableFolder } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { keyOf } from './account.ts'
import {
  type AuditedColumn,
  type AuditQuery,
  auditQueries,
  hasIntegerBounds,
  valueIn,
} from './audit-query.ts'
import { describePartition, type StagedKeys } from './snapshot.ts'

const timeoutMs = 15 * 60_000

/** An account has a few dozen queries at a time for all that it does. */
const queriesAtOnce = 4

export interface Staged {
  readonly metadata: TableMetadata
  readonly fields: readonly BoundField[]
  /** Which are looked at. */
  readonly partitions: 'all' | readonly Partition[]
  /** All files of those. */
  readonly files: readonly DataFile[]
  /** Whether Dracula has written them: then bounds of integers are exact. */
  readonly ownFiles: boolean
  /** What the source has of a key, by `partitionKey`; undefined: it was not asked. */
  readonly keys: StagedKeys | undefined
  /** What is to be in all partitions together, those that were not looked at among them; undefined: there are no others. */
  readonly kept: Account | undefined
}

/** @param name of the staged table @throws Failure as `runQuery` */
export async function auditStaged(
  place: TablePlace,
  name: string,
  staged: Staged,
  signal: AbortSignal,
): Promise<Counted> {
  const { partitions, fields, kept } = staged
  const queries = auditQueries({ name, fields, partitions, columns: auditedColumns(staged) })
  const asked = [...queries.map(({ sql }) => sql), ...(kept === undefined ? [] : [keptSql(name, fields)])]
  const answers = await askAll(place, asked, signal)
  const expected = expectedOf(staged)
  const differences: string[] = []
  let rows = 0
  for (const [at, query] of queries.entries()) {
    for (const row of answers[at]!.rows) {
      rows += Number(row[fields.length] ?? Number.NaN)
      differences.push(...compareRow(row, query, staged, expected))
    }
  }
  for (const [, { partition, rows: count }] of expected) {
    if (count > 0) differences.push(`Athena reads nothing of ${describePartition(fields, partition)}`)
  }
  if (kept !== undefined) differences.push(...compareKept(answers.at(-1)!.rows, staged, kept))
  const scanned = answers.map(({ bytesScanned }) => bytesScanned)
  return { rows, bytesScanned: scanned, differences }
}

/** Once one has failed, the others are stopped. */
async function askAll(
  { aws, config }: TablePlace,
  queries: readonly string[],
  signal: AbortSignal,
): Promise<QueryResult[]> {
  const stopping = new AbortController()
  const { stagingDatabase: database, workgroup, athenaOutput: output } = config
  const either = AbortSignal.any([signal, stopping.signal])
  try {
    return await inParallel(queriesAtOnce, queries, (sql) =>
      runQuery(aws, { sql, database, workgroup, output, timeoutMs, signal: either }),
    )
  } finally {
    stopping.abort()
  }
}

export function auditCalls({ lake, table, load }: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  const { bucket, prefix, stagingDatabase: database, workgroup, athenaOutput: output } = lake
  const folder = { bucket, key: tableFolder(prefix, table) }
  return queryCalls({ database, table: stagedName(table, load), workgroup, output, folder })
}

/** Columns that are read: those that partitions are made of; where there are none, the first that has single values. */
function auditedColumns({ fields, metadata, ownFiles, keys }: Staged): AuditedColumn[] {
  const all = currentSchema(metadata).fields
  const chosen =
    fields.length > 0
      ? fields.map(({ source }) => source)
      : all.filter(({ type }) => !isList(type)).slice(0, 1)
  const key = all.find(({ name }) => name === keys?.column)
  const wanted = key === undefined ? chosen : [key, ...chosen]
  const unique = [...new Map(wanted.map((field) => [field.id, field])).values()]
  return (unique.length > 0 ? unique : all.slice(0, 1)).map((field) => ({
    field,
    bounds: ownFiles && hasIntegerBounds(field),
    sum: field === key && (field.type === 'int' || field.type === 'long'),
  }))
}

interface Expected {
  readonly partition: Partition
  readonly files: DataFile[]
  rows: number
}

function expectedOf({ files }: Pick<Staged, 'files'>): Map<string, Expected> {
  const expected = new Map<string, Expected>()
  for (const file of files) {
    const { partition, rows } = file
    const key = partitionKey(partition)
    const found = expected.get(key) ?? { partition, files: [], rows: 0 }
    found.files.push(file)
    found.rows += rows
    expected.set(key, found)
  }
  return expected
}

/** @param expected loses what is found */
function compareRow(
  row: readonly (string | null)[],
  { fields: count, columns }: AuditQuery,
  { fields, partitions, keys }: Staged,
  expected: Map<string, Expected>,
): string[] {
  const values = fields.map((field, at) => valueIn(field, row[at] ?? null))
  const rows = row[count]
  if (values.includes(undefined))
    return [`Athena reads rows of ${row.slice(0, count).join(', ')}, which is no partition`]
  const partition = values as Partition
  const key = partitionKey(partition)
  const found = expected.get(key)
  expected.delete(key)
  const where = describePartition(fields, partition)
  if (found === undefined) {
    // One row comes of a table without rows too.
    if (rows === '0' && fields.length === 0) return []
    const asked = partitions === 'all' ? '' : ', which has none any more'
    return [`Athena reads ${rows} rows of ${where}${asked}, and none were written`]
  }
  if (rows !== String(found.rows)) {
    return [`Athena reads ${rows} rows of ${where}, but ${found.rows} were written`]
  }
  let at = count + 1
  return columns.flatMap(({ field, bounds, sum }) => {
    const asked = ['values', ...(bounds ? (['least', 'greatest'] as const) : []), ...(sum ? ['sum'] : [])]
    return asked.flatMap((what) => {
      const answer = row[at++] ?? null
      const ofKey = field.name === keys?.column ? keys.byPartition.get(key) : undefined
      const written = measureOf(what, field, found, ofKey)
      if (written === undefined || written === answer) return []
      return [
        `Athena reads ${describe(what)} of ${field.name} in ${where} as ${answer}, but ${written} was written`,
      ]
    })
  })
}

/** @returns undefined: it is not known */
function measureOf(
  what: string,
  { id, type }: Field,
  { files }: Expected,
  ofKey: KeyFacts | undefined,
): string | null | undefined {
  if (typeof type !== 'string') return undefined
  // The source itself has said it.
  if (what === 'sum') return ofKey?.sum
  if (what === 'values' && ofKey !== undefined) return String(ofKey.count)
  const filled = files.map((file) => {
    const nulls = file.nullCounts?.get(id)
    const values = nulls === undefined ? undefined : file.rows - nulls
    return { values, least: file.lowerBounds?.get(id), greatest: file.upperBounds?.get(id) }
  })
  if (filled.some(({ values }) => values === undefined)) return undefined
  if (what === 'values') return String(filled.reduce((sum, { values }) => sum + values!, 0))
  if (what !== 'least' && what !== 'greatest') return undefined
  const bounds = filled.filter(({ values }) => values! > 0).map((file) => file[what])
  if (bounds.length === 0) return null
  if (bounds.includes(undefined)) return undefined
  const values = bounds.map((bound) => BigInt(decodeValue(type, bound!) as number | bigint))
  return String(values.reduce((a, b) => (a < b === (what === 'least') ? a : b)))
}

function describe(what: string): string {
  return what === 'values' ? 'the number of values' : what === 'sum' ? 'the sum' : `the ${what} value`
}

/** Rows a partition by the manifests, which is all there is to know of files that stay: the load that wrote them has read them. */
function keptSql(name: string, fields: readonly BoundField[]): string {
  const values = fields.map((field) => `cast("partition".${quoteIdentifier(field.name)} as varchar)`)
  return `select ${[...values, 'record_count'].join(', ')} from ${quoteIdentifier(`${name}$partitions`)}`
}

function compareKept(
  rows: readonly (readonly (string | null)[])[],
  { fields }: Pick<Staged, 'fields'>,
  { partitions }: Account,
): string[] {
  const expected = new Map(
    partitions.filter(({ rows: count }) => count > 0).map((each) => [keyOf(each), each]),
  )
  const differences: string[] = []
  for (const row of rows) {
    const values = fields.map((field, at) => keptText(field, row[at] ?? null))
    const count = row[fields.length]
    const key = keyOf({ values })
    const found = expected.get(key)
    expected.delete(key)
    if (count === String(found?.rows ?? 0)) continue
    const where = fields.map(({ name }, at) => `${name} ${values[at] ?? 'null'}`).join(', ')
    differences.push(`Athena knows ${count} rows of ${where}, but ${found?.rows ?? 0} are accounted for`)
  }
  for (const { values, rows: count } of expected.values()) {
    const where = fields.map(({ name }, at) => `${name} ${values[at] ?? 'null'}`).join(', ')
    differences.push(`Athena knows no rows of ${where}, but ${count} are accounted for`)
  }
  return differences
}

/** The same text as `partitionText` has: days come as dates, all else as the value itself. */
function keptText(field: BoundField, text: string | null): string | null {
  if (text === null || field.type === 'date') return text
  const value = valueIn(field, text)
  return value === undefined ? text : partitionText(field, value)
}
