/** Which rows are of some partitions, as conditions on the column itself: by those an engine leaves other files unread. */
import { quoteIdentifier } from '../../aws/athena.ts'
import type { BoundField, Partition } from '../../iceberg/partition.ts'
import { partitionText } from '../../iceberg/partition-text.ts'
import { compareValues } from '../../iceberg/single-value.ts'
import { type PartitionValue, truncateWidth } from '../../iceberg/transform.ts'

/** Athena takes a query of 256 KB. */
const mostRanges = 500

/**
 * One condition; several, of different rows, where the partitions are many.
 * @param partitions none of them twice
 */
export function conditionsOf(fields: readonly BoundField[], partitions: readonly Partition[]): string[] {
  const [field, ...more] = fields
  const ranges =
    field === undefined
      ? ['true']
      : more.length > 0
        ? partitions.map((partition) =>
            fields.map((each, at) => rangeSql(each, [partition[at] ?? null])).join(' and '),
          )
        : rangesOf(
            field,
            partitions.map(([value]) => value ?? null),
          ).map((range) => rangeSql(field, range))
  return Array.from({ length: Math.ceil(ranges.length / mostRanges) }, (_, at) =>
    ranges
      .slice(at * mostRanges, (at + 1) * mostRanges)
      .map((each) => `(${each})`)
      .join(' or '),
  )
}

/** A value, or the first and the last of several that follow one another. */
type Range = readonly [PartitionValue, PartitionValue?]

function rangesOf(field: BoundField, values: readonly PartitionValue[]): Range[] {
  const step = stepOf(field)
  const sorted = values.filter((value) => value !== null).toSorted(compareValues)
  const ranges: [PartitionValue, PartitionValue][] = []
  for (const value of sorted) {
    const last = ranges.at(-1)
    const before = last?.[1]
    const follows =
      step !== undefined &&
      last !== undefined &&
      before !== undefined &&
      BigInt(before as number | bigint) + step === BigInt(value as number | bigint)
    if (follows) last[1] = value
    else ranges.push([value, value])
  }
  return values.includes(null) ? [[null], ...ranges] : ranges
}

/** From one partition to the next; undefined: none is next to another. */
function stepOf({ transform, sourceType }: BoundField): bigint | undefined {
  const width = truncateWidth(transform)
  if (width !== undefined) return BigInt(width)
  return transform !== 'identity' || sourceType === 'date' ? 1n : undefined
}

function rangeSql(field: BoundField, [first, last = first]: Range): string {
  const column = quoteIdentifier(field.source.name)
  if (first === null) return `${column} is null`
  const step = stepOf(field)
  if (step === undefined) return `${column} = ${literal(field.sourceType, partitionText(field, first)!)}`
  const end = BigInt(last as number | bigint) + step
  const from = startOf(field, BigInt(first as number | bigint))
  const to = startOf(field, end)
  return `${column} >= ${from}${to === undefined ? '' : ` and ${column} < ${to}`}`
}

/** The first value of a partition; undefined: all values that there can be are less. */
function startOf(field: BoundField, value: bigint): string | undefined {
  const { transform, sourceType } = field
  if (truncateWidth(transform) !== undefined) return value < 2n ** 63n ? String(value) : undefined
  const number = Number(value)
  const text = partitionText({ transform, type: transform === 'identity' ? 'date' : field.type }, number)!
  // Days are printed with a sign from the year 10000 on.
  if (/^(?:\+|\d{5})/.test(text)) return undefined
  const day = transform === 'month' ? `${text}-01` : transform === 'year' ? `${text}-01-01` : text
  return sourceType === 'date' ? literal('date', day) : literal(sourceType, `${day} 00:00:00`)
}

function literal(type: string, text: string): string {
  const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`
  switch (type) {
    case 'string':
      return quoted(text)
    case 'date':
      return `cast(${quoted(text)} as date)`
    case 'timestamp':
      return `cast(${quoted(text)} as timestamp)`
    case 'timestamptz':
      return `cast(${quoted(`${text} UTC`)} as timestamp with time zone)`
    default:
      return text
  }
}
