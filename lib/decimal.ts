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

// decimal.js shares one prototype among all its clones; these have one of their own, to say no on.
Money.prototype = Object.create(Arbitrary.prototype, {
  [Symbol.toPrimitive]: {
    value(this: Arbitrary, hint: string): string {
      if (hint === 'string') return this.toString()
      throw new TypeError(
        'a Decimal has no operators, as they would make a float of it: use plus, minus, times, lessThan, equals',
      )
    },
  },
})

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

/** decimal.js' own form: sign, exponent of the first digit, and its digits in words of seven that meet at the point. */
interface Parts {
  s: number
  e: number
  d: number[]
}

const word = 10_000_000
/** Two words, which a double holds exactly. */
const twoWords = word * word

/**
 * The decimal of two parts, without going by way of its digits' text.
 * @param whole an integer below 10^14
 * @param fraction below 10^14, in units of 10^-14
 */
export function fromParts(isNegative: boolean, whole: number, fraction: number): Decimal {
  const made = new Money(0)
  const parts = made as unknown as Parts
  if (whole === 0 && fraction === 0) return made as unknown as Decimal
  const digits: number[] = []
  if (whole >= word) digits.push(Math.floor(whole / word))
  if (whole > 0) digits.push(whole % word)
  const high = Math.floor(fraction / word)
  const low = fraction - high * word
  if (high > 0 || (low > 0 && whole > 0)) digits.push(high)
  if (low > 0) digits.push(low)
  // Words of nothing at the end are left out, as decimal.js leaves them out.
  let last = digits.length
  while (digits[last - 1] === 0) last--
  digits.length = last
  const words = whole >= word ? 1 : whole > 0 ? 0 : high > 0 ? -1 : -2
  parts.s = isNegative ? -1 : 1
  parts.e = words * 7 + digitsOf(digits[0]!) - 1
  parts.d = digits
  return made as unknown as Decimal
}

function digitsOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 100_000) return value < 10_000 ? 4 : 5
  return value < 1_000_000 ? 6 : 7
}

const powers = Array.from({ length: 15 }, (_, exponent) => 10 ** exponent)

/**
 * The value in units of 10^-scale: a number as long as that is exact, else a bigint.
 * @param scale of a column: 0 to 38
 * @returns undefined where it has digits beyond the scale, or is not finite
 */
export function unscaled(value: Decimal, scale: number): number | bigint | undefined {
  const { s, e, d } = value as unknown as Parts
  if (d === null) return undefined
  const first = Math.floor(e / 7)
  if (scale <= 14 && first <= 1 && first - d.length >= -3) {
    const at = (place: number): number => d[first - place] ?? 0
    const whole = at(1) * word + at(0)
    const fraction = at(-1) * word + at(-2)
    const share = fraction / powers[14 - scale]!
    if (share !== Math.floor(share)) return undefined
    const sum = whole * powers[scale]! + share
    if (sum < Number.MAX_SAFE_INTEGER) return s < 0 ? -sum : sum
  }
  if (value.decimalPlaces() > scale) return undefined
  return BigInt(value.toFixed(scale).replace('.', ''))
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
