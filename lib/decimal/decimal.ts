/**
 * Exact decimals for functions of a script: decimal.js, kept away from floats.
 *
 * They compute with up to 100 digits and round half away from zero, as Postgres and Athena do. What would let a float in
 * or out is missing from their type, and throws where the compiler cannot see it.
 */
import { construct, Money } from './arbitrary.ts'
import type { Decimal } from './exact.ts'
import { scaled } from './small.ts'

export type { Decimal, Exact } from './exact.ts'
export { quotient } from './quotient.ts'
export { scaled, unscaled } from './small.ts'

/**
 * @param value an integer, or digits as in `decimal('0.5')`
 * @throws RangeError for what is no finite number
 */
export function decimal(value: bigint | string): Decimal {
  const made = construct(value)
  if (!made.isFinite()) throw new RangeError(`${value} is not a finite number`)
  return scaled(BigInt(made.toFixed().replace('.', '')), made.decimalPlaces())
}

export function isDecimal(value: unknown): value is Decimal {
  return value instanceof Money
}
