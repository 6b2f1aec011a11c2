/**
 * Exact decimals for functions of a script: decimal.js, kept away from floats.
 *
 * Its instances compute with up to 100 digits and round half away from zero, as Postgres and Athena do. What would
 * let a float in or out is missing from their type, and throws where the compiler cannot see it.
 */
import { Decimal as Arbitrary } from 'decimal.js'

/** What an exact decimal can be computed with: another one, or an integer as `100n`. Never a number. */
export type Exact = Decimal | bigint

/** An exact decimal number; immutable. Money, rates, percents: whatever is `numeric` in Postgres. */
export interface Decimal {
  plus(other: Exact): Decimal
  minus(other: Exact): Decimal
  times(other: Exact): Decimal
  /** To 100 digits. What is meant for a column is rounded afterwards, once; `quotient` does both, and faster. */
  dividedBy(other: Exact): Decimal
  negated(): Decimal
  absoluteValue(): Decimal
  /** Rounded half away from zero. */
  toDecimalPlaces(places: number): Decimal
  /** How many there are after the point, trailing zeros not counted. */
  decimalPlaces(): number
  isZero(): boolean
  /** Also of −0, which no column of Postgres holds. */
  isNegative(): boolean
  equals(other: Exact): boolean
  lessThan(other: Exact): boolean
  lessThanOrEqualTo(other: Exact): boolean
  greaterThan(other: Exact): boolean
  greaterThanOrEqualTo(other: Exact): boolean
  /** −1, 0 or 1, as a comparator has it. */
  comparedTo(other: Exact): number
  toString(): string
  /** With exactly so many digits after the point; for words, not for columns. */
  toFixed(places?: number): string
}

const Money = Arbitrary.clone({ precision: 100, rounding: Arbitrary.ROUND_HALF_UP, defaults: true })

/** decimal.js' own form: sign, exponent of the first digit, and its digits in words of seven that meet at the point. */
interface Parts {
  readonly s: number
  readonly e: number
  /** null: not finite. */
  readonly d: readonly number[] | null
}

// decimal.js shares one prototype among all its clones; these have one of their own, to say no on, and to be quick on.
const prototype: Arbitrary = Object.create(Arbitrary.prototype, {
  [Symbol.toPrimitive]: {
    value(this: Arbitrary, hint: string): string {
      if (hint === 'string') return this.toString()
      throw new TypeError(
        'a Decimal has no operators, as they would make a float of it: use plus, minus, times, lessThan, equals',
      )
    },
  },
  plus: { value: plus },
  minus: { value: minus },
  times: { value: times },
})
Money.prototype = prototype

/**
 * @param value an integer, or digits as in `decimal('0.5')`
 * @throws RangeError for what is no finite number
 */
export function decimal(value: bigint | string): Decimal {
  const made = construct(value)
  if (!made.isFinite()) throw new RangeError(`${value} is not a finite number`)
  return made as unknown as Decimal
}

function construct(value: bigint | string): Arbitrary {
  try {
    return new Money(value)
  } catch (cause) {
    throw new RangeError(`"${value}" is not a number`, { cause })
  }
}

export function isDecimal(value: unknown): value is Decimal {
  return value instanceof Money
}

const word = 10_000_000
/** Two words, which a double holds exactly. */
const twoWords = word * word

/** Makes what decimal.js' constructor makes, of parts that are known to be right. */
function Made(
  this: { constructor: unknown; s: number; e: number; d: readonly number[] },
  s: number,
  e: number,
  d: readonly number[],
): void {
  this.constructor = Money
  this.s = s
  this.e = e
  this.d = d
}
Made.prototype = prototype
const make = Made as unknown as new (s: number, e: number, d: readonly number[]) => Decimal

const nothing: readonly number[] = Object.freeze([0])

/**
 * The decimal of two parts, without going by way of its digits' text.
 * @param whole an integer below 10^14
 * @param fraction an integer below 10^14, in units of 10^-14
 */
export function fromParts(isNegative: boolean, whole: number, fraction: number): Decimal {
  const sign = isNegative ? -1 : 1
  const above = whole < word ? 0 : Math.floor(whole / word)
  const below = whole - above * word
  const high = Math.floor(fraction / word)
  const low = fraction - high * word
  // Words of nothing are left out at both ends, as decimal.js leaves them out.
  if (above > 0) {
    const exponent = 6 + digitsOf(above)
    if (low > 0) return new make(sign, exponent, [above, below, high, low])
    if (high > 0) return new make(sign, exponent, [above, below, high])
    return new make(sign, exponent, below > 0 ? [above, below] : [above])
  }
  if (below > 0) {
    const exponent = digitsOf(below) - 1
    if (low > 0) return new make(sign, exponent, [below, high, low])
    return new make(sign, exponent, high > 0 ? [below, high] : [below])
  }
  if (high > 0) return new make(sign, digitsOf(high) - 8, low > 0 ? [high, low] : [high])
  return low > 0 ? new make(sign, digitsOf(low) - 15, [low]) : new make(1, 0, nothing)
}

function digitsOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 100_000) return value < 10_000 ? 4 : 5
  return value < 1_000_000 ? 6 : 7
}

const powers = Array.from({ length: 15 }, (_, exponent) => 10 ** exponent)

/** A double holds all integers up to here, and products and sums of integers that stay below it. */
const exact = Number.MAX_SAFE_INTEGER

/**
 * The value in units of 10^-scale: a number as long as that is exact, else a bigint.
 * @param scale of a column: 0 to 38
 * @returns undefined where it has digits beyond the scale, or is not finite
 */
export function unscaled(value: Decimal, scale: number): number | bigint | undefined {
  const units = scale <= 14 ? smallUnits(value as unknown as Parts, scale) : inexact
  if (!Number.isNaN(units)) return units
  if (!(value.decimalPlaces() <= scale)) return undefined
  return BigInt(value.toFixed(scale).replace('.', ''))
}

const inexact = Number.NaN

/** The value in units of 10^-scale, or {@link inexact} where a double cannot tell. @param scale at most 14 */
function smallUnits({ s, e, d }: Parts, scale: number): number {
  if (d === null || e < -14 || e > 13) return inexact
  const { length } = d
  let whole = 0
  let at = 0
  if (e >= 7) whole = d[at++]! * word
  if (e >= 0 && at < length) whole += d[at++]!
  else if (e >= 7) at++
  let fraction = 0
  if (e >= -7 && at < length) fraction = d[at++]! * word
  if (at < length) fraction += d[at++]!
  if (at < length) return inexact
  const share = fraction / powers[14 - scale]!
  const sum = whole * powers[scale]! + share
  if (share !== Math.floor(share) || sum > exact) return inexact
  return s < 0 ? -sum : sum
}

/** What {@link unscaled} was made of. */
export function scaled(value: number | bigint, scale: number): Decimal {
  if (typeof value === 'number' && scale <= 14) {
    const size = Math.abs(value)
    const unit = powers[scale]!
    const whole = Math.floor(size / unit)
    if (whole < twoWords) return fromParts(value < 0, whole, (size - whole * unit) * powers[14 - scale]!)
  }
  return construct(`${value}e-${scale}`) as unknown as Decimal
}

// Amounts have few digits: in units of 10^-6 or 10^-9 most are integers that a double holds, and so are their sums.

const fewPlaces = 6
const somePlaces = 9

function plus(this: Arbitrary, other: Arbitrary.Value): Arbitrary {
  return (
    sum(this, other, 1, fewPlaces) ??
    sum(this, other, 1, somePlaces) ??
    Arbitrary.prototype.plus.call(this, other)
  )
}

function minus(this: Arbitrary, other: Arbitrary.Value): Arbitrary {
  return (
    sum(this, other, -1, fewPlaces) ??
    sum(this, other, -1, somePlaces) ??
    Arbitrary.prototype.minus.call(this, other)
  )
}

function times(this: Arbitrary, other: Arbitrary.Value): Arbitrary {
  // Percents have four digits, amounts two; rates have six.
  return (
    product(this, other, 4) ?? product(this, other, fewPlaces) ?? Arbitrary.prototype.times.call(this, other)
  )
}

function sum(one: Arbitrary, other: Arbitrary.Value, sign: 1 | -1, places: number): Arbitrary | undefined {
  const units = unitsOf(one, places) + sign * unitsOf(other, places)
  return Math.abs(units) <= exact ? (scaled(units, places) as unknown as Arbitrary) : undefined
}

function product(one: Arbitrary, other: Arbitrary.Value, places: number): Arbitrary | undefined {
  const units = unitsOf(one, places) * unitsOf(other, places)
  return Math.abs(units) <= exact ? (scaled(units, 2 * places) as unknown as Arbitrary) : undefined
}

function unitsOf(value: Arbitrary.Value, places: number): number {
  return value instanceof Money ? smallUnits(value as unknown as Parts, places) : inexact
}
