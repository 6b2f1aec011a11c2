/**
 * What makes a partition's value of a column's (Iceberg specification, "Partition Transforms"): day, month and year,
 * ranges of integers, the value itself. Days of a `timestamptz` are those of UTC. Null becomes null.
 */
import type { SingleValue } from './single-value.ts'

export type PartitionValue = SingleValue | null

/** A transform in Iceberg's words: `day`, `truncate[1000]`. */
export type Transform = 'identity' | 'day' | 'month' | 'year' | `truncate[${number}]`

/** @throws RangeError for a value whose range would begin below all values of its type */
export type Apply = (value: SingleValue) => SingleValue

/** The transform as a function of a column's values; undefined: Dracula does not partition columns of this type so. */
export function transformOf(transform: string, type: string): Apply | undefined {
  if (transform === 'identity') return hasOwnPartitions(type) ? (value) => value : undefined
  const width = truncateWidth(transform)
  if (width !== undefined) return rangeStart(type, width)
  const toDays = daysOf(type)
  if (toDays === undefined) return undefined
  switch (transform) {
    case 'day':
      return toDays
    case 'month':
      return (value) => monthOf(toDays(value))
    case 'year':
      return (value) => Math.floor(monthOf(toDays(value)) / 12)
    default:
      return undefined
  }
}

/** The type of a partition's values. @param source type of the column */
export function transformedType(transform: string, source: string): string {
  if (transform === 'identity' || transform === 'void' || transform.startsWith('truncate[')) return source
  return transform === 'day' ? 'date' : 'int'
}

export function truncateWidth(transform: string): number | undefined {
  const [, width] = /^truncate\[(\d+)\]$/.exec(transform) ?? []
  return width === undefined ? undefined : Number(width)
}

/** Values of a kind that is equal where it looks equal: a float has two zeros, and what is not a number. */
function hasOwnPartitions(type: string): boolean {
  return /^(?:int|long|string|boolean|date|timestamp|timestamptz|decimal\(.*\))$/.test(type)
}

function rangeStart(type: string, width: number): Apply | undefined {
  const bits = type === 'int' ? 32 : type === 'long' ? 64 : 0
  if (bits === 0) return undefined
  const each = BigInt(width)
  return (value) => {
    const exact = BigInt(value as number | bigint)
    const start = exact - (((exact % each) + each) % each)
    if (BigInt.asIntN(bits, start) !== start) {
      throw new RangeError(`${exact} lies in a range of ${width} that begins below every ${type}`)
    }
    return bits === 32 ? Number(start) : start
  }
}

const dayMicros = 86_400_000_000n

function daysOf(type: string): ((value: SingleValue) => number) | undefined {
  if (type === 'date') return (value) => value as number
  if (type !== 'timestamp' && type !== 'timestamptz') return undefined
  return (value) => {
    const micros = value as bigint
    const days = micros / dayMicros
    return Number(micros % dayMicros < 0n ? days - 1n : days)
  }
}

/** Months since January 1970. */
function monthOf(days: number): number {
  const date = new Date(days * 86_400_000)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}
