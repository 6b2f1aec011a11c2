/**
 * Exact decimals for functions of a script: decimal.js, kept away from floats.
 *
 * They compute with up to 100 digits and round half away from zero, as Postgres and Athena do. What would let a float in
 * or out is missing from their type, and throws where the compiler cannot see it.
 *
 * I want to…                                 → file
 * know what a script may do with one         → exact.ts
 * divide                                     → quotient.ts
 * make the usual ones faster                 → small.ts
 * compute with more digits than a double has → arbitrary.ts
 */
import { construct, Money } from './arbitrary.ts'
import type { Decimal } from './exact.ts'
import { scaled } from './small.ts'

export type { Decimal, Exact } from './exact.ts'
export { quotient } from './quotient.ts'
export { scaled, shortUnits, unscaled } from './small.ts'

/**
 * An exact decimal: `decimal('0.5')`, `decimal(12n)`.
 * @param value digits with at most one point among them, or an integer
 * @returns exactly that number
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
