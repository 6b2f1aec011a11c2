/** Division, which alone among the operations has to round. */
import type { Decimal } from './exact.ts'
import { exact, powers, Small, scaled, unscaled } from './small.ts'

/**
 * The quotient with so many digits after the point, rounded half away from zero.
 * @throws RangeError for a divisor of zero
 */
export function quotient(amount: Decimal, divisor: Decimal, places: number): Decimal {
  if (divisor.isZero()) throw new RangeError(`${amount} is divided by zero`)
  const short = shortQuotient(amount, divisor, places)
  if (short !== undefined) return short
  const scale = Math.max(amount.decimalPlaces(), divisor.decimalPlaces())
  const units = BigInt(unscaled(amount, scale)!) * 10n ** BigInt(places)
  return scaled(divided(units, BigInt(unscaled(divisor, scale)!)), places)
}

/** Undefined where a double would not hold what is on the way to it. */
function shortQuotient(amount: unknown, divisor: unknown, places: number): Decimal | undefined {
  if (!(amount instanceof Small && divisor instanceof Small)) return undefined
  let units = Math.abs(amount.units)
  let by = Math.abs(divisor.units)
  let shift = places + divisor.places - amount.places
  if (shift < 0) {
    by *= powers[-shift]!
    shift = 0
  } else if (shift > 6) {
    units *= powers[shift - 6] ?? exact
    shift = 6
  }
  const unit = powers[shift]!
  if (units + by > exact || by > exact / (unit + 1)) return undefined
  // The integer part first, so that what is multiplied is the rest, which is less than the divisor.
  const whole = integerQuotient(units, by)
  const share = (units - whole * by) * unit
  const part = integerQuotient(share, by)
  const left = share - part * by
  const result = whole * unit + part
  if (result >= exact) return undefined
  const rounded = 2 * left >= by ? result + 1 : result
  return scaled(amount.units < 0 === divisor.units < 0 ? rounded : -rounded, places)
}

/** Rounded down; both and their sum are integers that a double holds. The remainder of `%` would take five times as long. */
function integerQuotient(units: number, by: number): number {
  const rounded = Math.floor(units / by)
  return rounded * by > units ? rounded - 1 : rounded
}

/** Rounded half away from zero. */
function divided(units: bigint, by: bigint): bigint {
  const result = units / by
  const rest = units - result * by
  const doubled = rest < 0n ? -2n * rest : 2n * rest
  if (doubled < (by < 0n ? -by : by)) return result
  return units < 0n !== by < 0n ? result - 1n : result + 1n
}
