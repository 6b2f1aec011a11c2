/** Between which values a column lies in a partition, as the partition's own value says (Iceberg specification, "Partition Transforms"). */
import type { BoundField } from '../../../../iceberg/partition.ts'
import type { SingleValue } from '../../../../iceberg/single-value.ts'
import { type PartitionValue, truncateWidth } from '../../../../iceberg/transform.ts'

/** Both are in it. */
export interface Range {
  readonly lower: SingleValue
  readonly upper: SingleValue
}

const hour = 3_600_000_000n

/** @returns null: every value is null; undefined: the partition does not say */
export function rangeOf(
  { transform, sourceType }: Pick<BoundField, 'transform' | 'sourceType'>,
  value: PartitionValue,
): Range | null | undefined {
  if (transform === 'void') return undefined
  if (value === null) return null
  if (transform === 'identity') {
    return /^(?:boolean|int|long|string|date|timestamp|timestamptz|decimal\(.*\))$/.test(sourceType)
      ? { lower: value, upper: value }
      : undefined
  }
  const width = truncateWidth(transform)
  if (width !== undefined) return truncated(sourceType, value, width)
  const start = startOf(transform)
  if (start === undefined) return undefined
  const [from, next] = [start(Number(value)), start(Number(value) + 1)]
  return sourceType === 'date'
    ? { lower: Number(from / (24n * hour)), upper: Number(next / (24n * hour)) - 1 }
    : { lower: from, upper: next - 1n }
}

function truncated(type: string, value: PartitionValue, width: number): Range | undefined {
  if (type === 'int') return { lower: Number(value), upper: Math.min(Number(value) + width - 1, 2 ** 31 - 1) }
  if (type !== 'long' && !type.startsWith('decimal')) return undefined
  const lower = BigInt(value as bigint | number)
  const upper = lower + BigInt(width) - 1n
  return { lower, upper: type === 'long' && upper > 2n ** 63n - 1n ? 2n ** 63n - 1n : upper }
}

/** Microseconds since 1970 at which the n-th hour, day, month or year since then begins. */
function startOf(transform: string): ((n: number) => bigint) | undefined {
  switch (transform) {
    case 'hour':
      return (n) => BigInt(n) * hour
    case 'day':
      return (n) => BigInt(n) * 24n * hour
    case 'month':
      return (n) => BigInt(Date.UTC(1970, n)) * 1000n
    case 'year':
      return (n) => BigInt(Date.UTC(1970, 12 * n)) * 1000n
    default:
      return undefined
  }
}
