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
})
Money.prototype = prototype

/**
 * @param value an integer, or digits as in `decimal('0.5')`
 * @throws RangeError for what is no finite number
 */
export function decimal(value: bigint | string): Decimal {
  const made = construct(value)
  if (!made.isFinite()) throw new RangeError(`${value} is not a finite number`)
  const places = made.decimalPlaces()
  return scaled(BigInt(made.toFixed().replace('.', '')), places)
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

/** A double holds all integers up to here, and products and sums of integers that stay below it. */
const exact = Number.MAX_SAFE_INTEGER
const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/**
 * What most amounts are: an integer that a double holds, in units of 10^-places. Whatever decimal.js wants to know of it,
 * it is told; what is done most is done here.
 */
interface Small {
  /** Never −0. */
  readonly units: number
  /** At most 15; trailing zeros are not taken off. */
  readonly places: number
  /** The same as decimal.js makes it, once it was needed. */
  full: Arbitrary | undefined
}

function SmallDecimal(
  this: { -readonly [Field in keyof Small]: Small[Field] },
  units: number,
  places: number,
): void {
  this.units = units + 0
  this.places = places
  this.full = undefined
}
const make = SmallDecimal as unknown as new (units: number, places: number) => Small & Arbitrary

SmallDecimal.prototype = Object.create(prototype, {
  constructor: { value: Money },
  s: { get: sign },
  e: {
    get: function (this: Small) {
      return full(this).e
    },
  },
  d: {
    get: function (this: Small) {
      return full(this).d
    },
  },
  plus: { value: plus },
  minus: { value: minus },
  times: { value: times },
  negated: {
    value: function (this: Small) {
      return new make(-this.units, this.places)
    },
  },
  isZero: {
    value: function (this: Small) {
      return this.units === 0
    },
  },
  comparedTo: { value: comparedTo },
  cmp: { value: comparedTo },
})

function sign(this: Small): number {
  return this.units < 0 ? -1 : 1
}

function full(small: Small): Arbitrary {
  small.full ??= new Money(`${small.units}e-${small.places}`)
  return small.full
}

function isSmall(value: unknown): value is Small & Arbitrary {
  return value instanceof SmallDecimal
}

function asSmall(value: Arbitrary.Value): Small | undefined {
  if (isSmall(value)) return value
  return typeof value === 'bigint' && value <= exact && value >= -exact
    ? new make(Number(value), 0)
    : undefined
}

/** In units of 10^-places, which are at least its own; NaN where a double cannot tell. */
function unitsAt({ units, places: own }: Small, places: number): number {
  const sum = units * powers[places - own]!
  return Math.abs(sum) <= exact ? sum : Number.NaN
}

function plus(this: Small, other: Arbitrary.Value): Arbitrary {
  return sum(this, other, 1) ?? full(this).plus(other)
}

function minus(this: Small, other: Arbitrary.Value): Arbitrary {
  return sum(this, other, -1) ?? full(this).minus(other)
}

function sum(one: Small, value: Arbitrary.Value, signOfOther: 1 | -1): Arbitrary | undefined {
  const other = asSmall(value)
  if (other === undefined) return undefined
  const places = Math.max(one.places, other.places)
  const units = unitsAt(one, places) + signOfOther * unitsAt(other, places)
  return Math.abs(units) <= exact ? new make(units, places) : undefined
}

function times(this: Small, value: Arbitrary.Value): Arbitrary {
  const other = asSmall(value)
  if (other !== undefined) {
    const units = this.units * other.units
    const places = this.places + other.places
    if (Math.abs(units) <= exact && places < powers.length) return new make(units, places)
  }
  return full(this).times(value)
}

function comparedTo(this: Small, value: Arbitrary.Value): number {
  const other = asSmall(value)
  if (other !== undefined) {
    const places = Math.max(this.places, other.places)
    const difference = unitsAt(this, places) - unitsAt(other, places)
    if (!Number.isNaN(difference)) return Math.sign(difference)
  }
  return full(this).comparedTo(value)
}

/**
 * The value in units of 10^-scale: a number as long as that is exact, else a bigint.
 * @param scale of a column: 0 to 38
 * @returns undefined where it has digits beyond the scale, or is not finite
 */
export function unscaled(value: Decimal, scale: number): number | bigint | undefined {
  if (isSmall(value)) {
    const { units, places } = value
    if (places <= scale && scale < powers.length) {
      const scaledUp = unitsAt(value, scale)
      if (!Number.isNaN(scaledUp)) return scaledUp
    } else if (places > scale) {
      const share = units / powers[places - scale]!
      return share === Math.floor(share) ? share : undefined
    }
  }
  if (!(value.decimalPlaces() <= scale)) return undefined
  return BigInt(value.toFixed(scale).replace('.', ''))
}

/** What {@link unscaled} was made of. */
export function scaled(value: number | bigint, scale: number): Decimal {
  const isExact = value <= exact && value >= -exact && scale < powers.length
  return (isExact ? new make(Number(value), scale) : construct(`${value}e-${scale}`)) as unknown as Decimal
}

/**
 * The quotient with so many digits after the point, rounded half away from zero.
 * @throws RangeError for a divisor of zero
 */
export function quotient(amount: Decimal, divisor: Decimal, places: number): Decimal {
  if (divisor.isZero()) throw new RangeError(`${amount} is divided by zero`)
  const rounded = isSmall(amount) && isSmall(divisor) ? smallQuotient(amount, divisor, places) : undefined
  if (rounded !== undefined)
    return scaled(amount.isNegative() === divisor.isNegative() ? rounded : -rounded, places)
  const scale = Math.max(amount.decimalPlaces(), divisor.decimalPlaces())
  const units = BigInt(unscaled(amount, scale)!) * 10n ** BigInt(places)
  return scaled(divided(units, BigInt(unscaled(divisor, scale)!)), places)
}

/** Without its sign; undefined where a double would not hold what is on the way to it. */
function smallQuotient(amount: Small, divisor: Small, places: number): number | undefined {
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
  if (units > exact || by > exact / unit) return undefined
  // The integer part first, so that what is multiplied is the rest, which is less than the divisor.
  const rest = units % by
  const share = rest * unit
  const left = share % by
  const result = ((units - rest) / by) * unit + (share - left) / by
  if (result >= exact) return undefined
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
