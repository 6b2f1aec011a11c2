/** What several scripts compute alike of amounts and rates. All of it is exact until it is rounded, once, at the end. */
import { type Decimal, quotient, scaled } from './decimal/decimal.ts'

const zero = scaled(0, 0)
const one = scaled(1, 0)

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

const hundredth = scaled(1, 2)

/** A percentage as a fraction: exact; null of null. */
export function fraction(percent: Decimal): Decimal
export function fraction(percent: Decimal | null): Decimal | null
export function fraction(percent: Decimal | null): Decimal | null {
  return percent === null ? null : percent.times(hundredth)
}
