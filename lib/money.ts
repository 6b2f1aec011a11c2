/** What several scripts compute alike of amounts and rates. All of it is exact until it is rounded, once, at the end. */
import { type Decimal, decimal, scaled, unscaled } from './decimal.ts'

export const zero = decimal(0n)
const one = decimal(1n)

/** Digits after the point that an amount in USD has: `numeric(18, 6)`. */
const usdScale = 6

export interface Rate {
  readonly currency: string | null
  /** Units of the currency for a dollar. */
  readonly conversion_rate: Decimal | null
}

const dollars: Rate = Object.freeze({ currency: 'USD', conversion_rate: one })

/** Of a document without a currency row, the amounts are in USD. */
export function rateOf(row: Rate | undefined): Rate {
  return row ?? dollars
}

/** Null for an amount there is none of, and where the rate is missing or zero. */
export function inUsd(amount: Decimal | null, rate: Decimal | null): Decimal | null {
  return amount === null || rate === null || rate.isZero() ? null : quotient(amount, rate, usdScale)
}

/** What is added or subtracted where there may be nothing. */
export function orZero(amount: Decimal | null | undefined): Decimal {
  return amount ?? zero
}

/** Percent of an amount: exact, so that whoever needs fewer digits rounds once. */
export function percentOf(amount: Decimal, percent: Decimal): Decimal {
  return amount.times(percent).times(hundredth)
}

const hundredth = decimal('0.01')

/** A percentage as a fraction: exact. */
export function fraction(percent: Decimal): Decimal {
  return percent.times(hundredth)
}

/**
 * The quotient with so many digits after the point, rounded half away from zero.
 * @throws RangeError for a divisor of zero
 */
export function quotient(amount: Decimal, divisor: Decimal, places: number): Decimal {
  if (divisor.isZero()) throw new RangeError(`${amount} is divided by zero`)
  const scale = Math.max(amount.decimalPlaces(), divisor.decimalPlaces())
  const units = BigInt(unscaled(amount, scale)!) * 10n ** BigInt(places)
  const by = BigInt(unscaled(divisor, scale)!)
  return scaled(divided(units, by), places)
}

/** Rounded half away from zero. */
function divided(units: bigint, by: bigint): number | bigint {
  const result = units / by
  const rest = units - result * by
  const doubled = rest < 0n ? -2n * rest : 2n * rest
  const isNegative = units < 0n !== by < 0n
  const rounded = doubled < (by < 0n ? -by : by) ? result : result + (isNegative ? -1n : 1n)
  return rounded < most && rounded > -most ? Number(rounded) : rounded
}

const most = BigInt(Number.MAX_SAFE_INTEGER)
