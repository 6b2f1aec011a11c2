/**
 * What several scripts compute alike of amounts and rates. All of it is exact until it is rounded, once, at the end:
 * half away from zero, as `round(numeric)` in Postgres and `round(decimal)` in Athena do.
 */
import { type Decimal, quotient, scaled } from './decimal/decimal.ts'

const zero = scaled(0, 0)
const one = scaled(1, 0)

/** Digits after the point that an amount in USD has: `numeric(18, 6)`. */
const usdScale = 6

/** What a row of currencies says of a document's amounts. */
export interface Rate {
  /** The currency's ISO 4217 code: `EUR`; null: the row has none. */
  readonly currency: string | null
  /** Units of the currency for a dollar; null: not known. */
  readonly conversion_rate: Decimal | null
}

const dollars: Rate = Object.freeze({ currency: 'USD', conversion_rate: one })

/**
 * The currency of a document's amounts.
 * @param row the document's currency row; undefined: it has none
 * @returns the row; without one the dollar, at a rate of 1
 */
export function rateOf(row: Rate | undefined): Rate {
  return row ?? dollars
}

/**
 * An amount in dollars.
 * @param amount in units of the currency
 * @param rate units of the currency for a dollar
 * @returns dollars with at most six digits after the point, which fit `numeric(18, 6)`; null where the amount or the rate
 *   is null, and where the rate is zero
 */
export function inUsd(amount: Decimal | null, rate: Decimal | null): Decimal | null {
  return amount === null || rate === null || rate.isZero() ? null : quotient(amount, rate, usdScale)
}

/**
 * An amount that may be missing, as a term of a sum.
 * @returns the amount; 0 for null and undefined
 */
export function orZero(amount: Decimal | null | undefined): Decimal {
  return amount ?? zero
}

/**
 * A share of an amount: `percentOf(decimal('80.00'), decimal('7.5'))` is 6.
 * @param percent 100 is all of it
 * @returns exactly that share, in the amount's units; it has at most two digits more after the point than the two factors
 *   together, to be rounded once by whoever needs fewer
 */
export function percentOf(amount: Decimal, percent: Decimal): Decimal {
  return amount.times(percent).times(hundredth)
}

const hundredth = scaled(1, 2)

/**
 * A percentage as a fraction: `fraction(decimal('7.5'))` is 0.075.
 * @returns exactly a hundredth; null for null
 */
export function fraction(percent: Decimal): Decimal
export function fraction(percent: Decimal | null): Decimal | null
export function fraction(percent: Decimal | null): Decimal | null {
  return percent === null ? null : percent.times(hundredth)
}
