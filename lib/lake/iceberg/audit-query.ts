/**
 * What is asked of a staged Iceberg table, in SQL that reads columns: an engine answers `count(*)` from the manifests
 * alone, and would believe a count that is false and a file that is gone.
 */
import { quoteIdentifier } from '../../aws/athena.ts'
import type { BoundField, Partition } from '../../iceberg/partition.ts'
import { partitionValue } from '../../iceberg/partition-text.ts'
import type { Field } from '../../iceberg/schema.ts'
import { type PartitionValue, transformOf, truncateWidth } from '../../iceberg/transform.ts'
import { conditionsOf } from './partition-condition.ts'

export interface AuditQuery {
  readonly sql: string
  /** How many of its columns are the partition's. */
  readonly fields: number
  /** What it reads, in this order after the partition and `count(*)`. */
  readonly columns: readonly AuditedColumn[]
}

export interface AuditedColumn {
  readonly field: Field
  /** Least and greatest come as integers; else they are not asked for. */
  readonly bounds: boolean
  /** Summed up as an integer. */
  readonly sum: boolean
}

export interface AuditOptions {
  /** The staged table. */
  readonly name: string
  readonly fields: readonly BoundField[]
  /** Those of the snapshot to look at; `all`: all there are. */
  readonly partitions: 'all' | readonly Partition[]
  readonly columns: readonly AuditedColumn[]
}

/** One query; several where the conditions are many. Each gives a row a partition: its values, rows, and of each column values, and bounds or a sum. */
export function auditQueries({ name, fields, partitions, columns }: AuditOptions): AuditQuery[] {
  const values = fields.map(valueSql)
  const measures = columns.flatMap(({ field, bounds, sum }) => {
    const column = quoteIdentifier(field.name)
    return [
      `count(${column})`,
      ...(bounds ? [`min(${asInteger(field)})`, `max(${asInteger(field)})`] : []),
      ...(sum ? [`sum(cast(${column} as decimal(38, 0)))`] : []),
    ]
  })
  const select = `select ${[...values, 'count(*)', ...measures].join(', ')} from ${quoteIdentifier(name)}`
  const groups = values.length === 0 ? '' : ` group by ${values.map((_, at) => at + 1).join(', ')}`
  const wheres =
    partitions === 'all' ? [''] : conditionsOf(fields, partitions).map((each) => ` where ${each}`)
  return wheres.map((where) => ({ sql: select + where + groups, fields: fields.length, columns }))
}

/** Whose bounds can be asked for as integers, whatever an engine prints of other types. */
export function hasIntegerBounds({ type }: Field): boolean {
  return type === 'int' || type === 'long' || type === 'date'
}

function asInteger({ name, type }: Field): string {
  const column = quoteIdentifier(name)
  return type === 'date' ? days(column) : column
}

/** Whether SQL says the partition of a row: others have more transforms, and a timestamp is printed by each engine in its way. */
export function isAudited({ transform, sourceType }: BoundField): boolean {
  if (transform === 'identity' && sourceType.startsWith('timestamp')) return false
  return transformOf(transform, sourceType) !== undefined
}

/** A partition's value as an engine computes it of a row: an integer, or a text. */
export function valueSql({ transform, source, sourceType }: BoundField): string {
  const column = quoteIdentifier(source.name)
  const at = sourceType === 'timestamptz' ? `${column} at time zone 'UTC'` : column
  const width = truncateWidth(transform)
  if (width !== undefined) return `${column} - (((${column} % ${width}) + ${width}) % ${width})`
  switch (transform) {
    case 'day':
      return days(sourceType === 'date' ? column : `cast(${at} as date)`)
    case 'month':
      return `(year(${at}) - 1970) * 12 + month(${at}) - 1`
    case 'year':
      return `year(${at}) - 1970`
    default:
      if (sourceType === 'date') return days(column)
      return sourceType === 'string' ? column : `cast(${at} as varchar)`
  }
}

function days(date: string): string {
  return `date_diff('day', date '1970-01-01', ${date})`
}

/** @returns undefined for what is none of the field's values */
export function valueIn(field: BoundField, text: string | null): PartitionValue | undefined {
  if (text === null) return null
  const { transform, type, sourceType } = field
  if (transform === 'identity' && sourceType !== 'date') return partitionValue(field, text)
  if (!/^-?\d+$/.test(text)) return undefined
  return type === 'long' ? BigInt(text) : Number(text)
}
