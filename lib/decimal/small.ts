/**
 * What most amounts are: an integer that a double holds, in units of 10^-places. Whatever decimal.js wants to know of it,
 * it is told; what is done most is done here.
 */
import { type Arbitrary, construct, Money, prototype } from './arbitrary.ts'
import type { Decimal } from './exact.ts'

/** A double holds all integers up to here, and products and sums of integers that stay below it. */
export const exact = Number.MAX_SAFE_INTEGER
export const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** Few are ever asked for: a field for it would cost every other one more than its units do. */
const fulls = new WeakMap<Small, Arbitrary>()

export class Small {
  /** Never −0. */
  readonly units: number
  /** At most 15; trailing zeros are not taken off. */
  readonly places: number

  constructor(units: number, places: number) {
    this.units = units + 0
    this.places = places
  }

  /** The same as decimal.js makes it. */
  get full(): Arbitrary {
    let full = fulls.get(this)
    if (full === undefined) {
      full = new Money(`${this.units}e-${this.places}`)
      fulls.set(this, full)
    }
    return full
  }

  // decimal.js' own form: sign, exponent of the first digit, and its digits in words of seven.
  get s(): number {
    return this.units < 0 ? -1 : 1
  }

  get e(): number {
    return this.full.e
  }

  get d(): number[] {
    return this.full.d
  }

  plus(other: Arbitrary.Value): Small | Arbitrary {
    return sum(this, other, 1) ?? this.full.plus(other)
  }

  minus(other: Arbitrary.Value): Small | Arbitrary {
    return sum(this, other, -1) ?? this.full.minus(other)
  }

  times(value: Arbitrary.Value): Small | Arbitrary {
    const other = asSmall(value)
    if (other !== undefined) {
      const units = this.units * other.units
      const places = this.places + other.places
      if (Math.abs(units) <= exact && places < powers.length) return new Small(units, places)
    }
    return this.full.times(value)
  }

  negated(): Small {
    return new Small(-this.units, this.places)
  }

  isZero(): boolean {
    return this.units === 0
  }

  comparedTo(value: Arbitrary.Value): number {
    const other = asSmall(value)
    if (other !== undefined) {
      const places = Math.max(this.places, other.places)
      const difference = unitsAt(this, places) - unitsAt(other, places)
      if (!Number.isNaN(difference)) return Math.sign(difference)
    }
    return this.full.comparedTo(value)
  }

  /** What decimal.js compares by. */
  cmp(value: Arbitrary.Value): number {
    return this.comparedTo(value)
  }
}

// All that is not above, decimal.js does; what it makes is made by its own constructor.
Object.setPrototypeOf(Small.prototype, prototype)
Object.defineProperty(Small.prototype, 'constructor', { value: Money })

function asSmall(value: unknown): Small | undefined {
  if (value instanceof Small) return value
  return typeof value === 'bigint' && value <= exact && value >= -exact
    ? new Small(Number(value), 0)
    : undefined
}

/** In units of 10^-places, which are at least its own; NaN where a double cannot tell. */
function unitsAt({ units, places: own }: Small, places: number): number {
  const sum = units * powers[places - own]!
  return Math.abs(sum) <= exact ? sum : Number.NaN
}

function sum(one: Small, value: Arbitrary.Value, signOfOther: 1 | -1): Small | undefined {
  const other = asSmall(value)
  if (other === undefined) return undefined
  const places = Math.max(one.places, other.places)
  const units = unitsAt(one, places) + signOfOther * unitsAt(other, places)
  return Math.abs(units) <= exact ? new Small(units, places) : undefined
}

/** What {@link unscaled} gives for most values, and not a number for those that take longer. */
export function shortUnits(value: unknown, scale: number): number {
  if (!(value instanceof Small)) return Number.NaN
  const { units, places } = value
  if (places === scale) return units
  if (places < scale) return unitsAt(value, scale)
  const share = units / powers[places - scale]!
  return share === Math.floor(share) ? share : Number.NaN
}

/**
 * The value in units of 10^-scale: a number as long as that is exact, else a bigint.
 * @param scale of a column: 0 to 38
 * @returns undefined where it has digits beyond the scale, or is not finite
 */
export function unscaled(value: Decimal, scale: number): number | bigint | undefined {
  const small: unknown = value
  if (small instanceof Small) {
    const { units, places } = small
    if (places <= scale && scale < powers.length) {
      const scaledUp = unitsAt(small, scale)
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
  if (!isExact) return construct(`${value}e-${scale}`) as unknown as Decimal
  // A number stays as it is: conversion guesses that it has 32 bits, and what is compiled so is compiled again and again.
  return new Small(typeof value === 'number' ? value : Number(value), scale) as unknown as Decimal
}
