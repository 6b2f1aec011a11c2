/** A Parquet file that Dracula wrote, as a manifest's entry: its metrics by field id, its partition found by its own bounds. */
import { Failure } from '../failure/failure.ts'
import type { ColumnMetrics, FileMetrics } from '../parquet/file-metrics.ts'
import { cutBounds } from '../parquet/short-bounds.ts'
import type { DataFile } from './data-file.ts'
import { type BoundField, bindFields, type PartitionSpec } from './partition.ts'
import { partitionText } from './partition-text.ts'
import { isList, type Schema } from './schema.ts'
import { decodePlain, type SingleValue, singleValue } from './single-value.ts'
import { type PartitionValue, transformOf } from './transform.ts'

export interface ParquetFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly metrics: FileMetrics
}

/**
 * The partition is never told but found: a file whose rows are of several is refused.
 * @param schema that the file was written by
 * @throws Failure (4) for a file without rows, which is of no partition, and for rows of more than one
 */
export function parquetDataFile(file: ParquetFile, schema: Schema, spec: PartitionSpec): DataFile {
  const { path, rows, bytes, metrics } = file
  if (rows === 0) throw refusal(path, 'it has no rows', 'Leave it out: a table without rows has no files.')
  const columnSizes = new Map<number, number>()
  const valueCounts = new Map<number, number>()
  const nullCounts = new Map<number, number>()
  const lowerBounds = new Map<number, Uint8Array>()
  const upperBounds = new Map<number, Uint8Array>()
  for (const [at, { id, name, type }] of schema.fields.entries()) {
    const column = metrics.columns[name]
    if (column === undefined) throw refusal(path, `nothing is known of its column ${name}`, reload)
    columnSizes.set(isList(type) ? type['element-id'] : id, column.bytes)
    // A list's counts are of its elements, and bounds of repeated values are not looked at.
    if (typeof type !== 'string') continue
    valueCounts.set(id, column.values)
    nullCounts.set(id, column.nulls)
    const bounds = shortBoundsOf(type, column)
    if (bounds === undefined || at >= columnsWithBounds) continue
    lowerBounds.set(id, bounds.min)
    upperBounds.set(id, bounds.max)
  }
  return {
    ...{ path, format: 'PARQUET', rows, bytes },
    partition: bindFields(spec, [schema]).map((field) => partitionOf(file, field)),
    ...{ columnSizes, valueCounts, nullCounts, lowerBounds, upperBounds },
    splitOffsets: metrics.rowGroupOffsets,
  }
}

const reload =
  'Leave out of its source what may give each query other values, as random(). If there is nothing such, this is a fault of Dracula: load the table again and report it.'

/** Iceberg's own defaults (`write.metadata.metrics.max-inferred-column-defaults`, `truncate(16)`). */
const columnsWithBounds = 100
const boundBytes = 16
/** Behind what both begin with: a range of texts is hardly wider where they are cut so. */
const tellingBytes = 6

/** Short, as each commit may write those of hundreds of files again. */
function shortBoundsOf(type: string, column: ColumnMetrics) {
  const bounds = plainBoundsOf(column)
  if (bounds === undefined) return undefined
  const isText = type === 'string'
  if (isText || type === 'binary') {
    return cutBounds(bounds, isText, Math.min(boundBytes, commonLength(bounds) + tellingBytes))
  }
  return { min: singleValue(type, bounds.min), max: singleValue(type, bounds.max) }
}

function plainBoundsOf({ min, max }: ColumnMetrics) {
  if (min === undefined || max === undefined) return undefined
  return { min: Uint8Array.fromBase64(min), max: Uint8Array.fromBase64(max) }
}

function boundsOf(type: string, column: ColumnMetrics) {
  const bounds = plainBoundsOf(column)
  return bounds && { min: decodePlain(type, bounds.min), max: decodePlain(type, bounds.max) }
}

/** How many bytes both begin with. */
function commonLength({ min, max }: { readonly min: Uint8Array; readonly max: Uint8Array }): number {
  const most = Math.min(min.length, max.length)
  let length = 0
  while (length < most && min[length] === max[length]) length++
  return length
}

function partitionOf({ path, rows, metrics }: ParquetFile, field: BoundField): PartitionValue {
  const { name, source, sourceType, transform } = field
  const column = metrics.columns[source.name]!
  if (column.nulls === rows) return null
  if (column.nulls > 0) throw refusal(path, `${source.name} has nulls and values in one file`, reload)
  const apply = transformOf(transform, sourceType)
  if (apply === undefined) {
    throw refusal(
      path,
      `the table is partitioned by ${transform} of ${source.name}, which Dracula does not write`,
      'Publish the table under another name.',
    )
  }
  const bounds = boundsOf(sourceType, column)
  if (bounds === undefined) throw refusal(path, `its bounds of ${source.name} are not known`, shorten)
  const [from, to] = [bounds.min, bounds.max].map((value) => applied(path, apply, value))
  const words = [from!, to!].map((value) => partitionText(field, value))
  if (words[0] === words[1]) return from!
  // Bounds are cut at 64 bytes: a longer value looks like several.
  const isLong = sourceType === 'string' && Buffer.byteLength(String(bounds.min)) > 60
  throw refusal(
    path,
    `it has rows of more than one partition, ${name} from ${words[0]} to ${words[1]}`,
    isLong ? shorten : reload,
  )
}

const shorten = 'A partition has a value of at most 64 bytes: partition the table by another column.'

function applied(path: string, apply: (value: SingleValue) => SingleValue, value: SingleValue): SingleValue {
  try {
    return apply(value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw refusal(path, error.message, 'Partition the table by larger ranges, or by another column.')
  }
}

function refusal(path: string, reason: string, advice: string): Failure {
  return new Failure({ exit: 4, act: 'publish', thing: path, reason, advice })
}
