/** Values of a type that has more of them than the lake, one at a time: days, and microseconds. */
import type { Column } from './type.ts'

interface Range<Value> {
  /** The first and the last that have a place in the lake. */
  readonly first: Value
  readonly last: Value
}

/** @returns the value, or what the column's policy makes of it. @throws RangeError where it has none */
export function bounded<Value extends number | bigint>(
  { type, lossy }: Column,
  value: Value,
  { first, last }: Range<Value>,
  describe: () => string,
): Value | null {
  if (value >= first && value <= last) return value
  if (lossy === 'null') return null
  if (lossy === 'clamp') return value < first ? first : last
  throw outOfRange(type, describe())
}

export function outOfRange(type: string, text: string): RangeError {
  return new RangeError(`the value ${text} does not fit ${type}`)
}

/** SQL for what a lossy column lets pass of values that have an order. `first` and `last` in SQL. */
export function boundedInLake(read: string, { lossy }: Column, { first, last }: Range<string>): string {
  if (lossy === undefined) return read
  const [low, high] = lossy === 'null' ? ['null', 'null'] : [first, last]
  return `case when ${read} operator(pg_catalog.<) ${first} then ${low} when ${read} operator(pg_catalog.>) ${last} then ${high} else ${read} end`
}
