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
  const by = unscaled(divisor, divisorScale)
  if (typeof by === 'number') {
    for (const scale of amountScales) {
      const units = unscaled(amount, scale)
      const unit = 10 ** (places + divisorScale - scale)
      const rounded =
        typeof units === 'number' && unit >= 1
          ? dividedExactly(Math.abs(units), Math.abs(by), unit)
          : undefined
      if (rounded !== undefined) return scaled(Number(units) < 0 !== by < 0 ? -rounded : rounded, places)
    }
  }
  const scale = Math.max(amount.decimalPlaces(), divisor.decimalPlaces())
  const large = BigInt(unscaled(amount, scale)!) * 10n ** BigInt(places)
  return scaled(divided(large, BigInt(unscaled(divisor, scale)!)), places)
}

/** In these units of 10^-scale most rates and amounts are integers that a double holds. */
const divisorScale = 6
const amountScales = [6, 9]

const most = Number.MAX_SAFE_INTEGER

/**
 * `units · unit / by`, rounded half up, in integers that a double holds; undefined where it would not.
 * The integer part first, so that what is multiplied is the rest, which is less than the divisor.
 */
function dividedExactly(units: number, by: number, unit: number): number | undefined {
  if (by > most / unit) return undefined
  const rest = units % by
  const whole = (units - rest) / by
  const share = rest * unit
  const left = share % by
  const result = whole * unit + (share - left) / by
  if (result >= most) return undefined
  return 2 * left >= by ? result + 1 : result
}

/** Rounded half away from zero. */
function divided(units: bigint, by: bigint): bigint {
  const result = units / by
  const rest = units - result * by
  const doubled = rest < 0n ? -2n * rest : 2n * rest
  if (doubled < (by < 0n ? -by : by)) return result
  return units < 0n !== by < 0n ? result - 1n : result + 1n
}
