/** The type of exact decimals. */

/** What an exact decimal can be computed with: another one, or an integer as `100n`. Never a number. */
export type Exact = Decimal | bigint

/**
 * An exact decimal number; immutable. Money, rates, percents: whatever is `numeric` in Postgres. Operators throw, but for
 * `===` and `!==`, which nothing can catch: they ask whether two are one object, so take `equals`.
 */
export interface Decimal {
  plus(other: Exact): Decimal
  minus(other: Exact): Decimal
  times(other: Exact): Decimal
  /** Divides to 100 digits. What is meant for a column is rounded afterwards, once; `quotient` does both, and faster. */
  dividedBy(other: Exact): Decimal
  negated(): Decimal
  absoluteValue(): Decimal
  /** Rounded half away from zero. */
  toDecimalPlaces(places: number): Decimal
  /** How many there are after the point, trailing zeros not counted. */
  decimalPlaces(): number
  isZero(): boolean
  /** True for −0 too, which no column of Postgres holds. */
  isNegative(): boolean
  equals(other: Exact): boolean
  lessThan(other: Exact): boolean
  lessThanOrEqualTo(other: Exact): boolean
  greaterThan(other: Exact): boolean
  greaterThanOrEqualTo(other: Exact): boolean
  /** −1, 0 or 1, as a comparator has it. */
  comparedTo(other: Exact): number
  toString(): string
  /** Text with exactly so many digits after the point; for people, not for columns. */
  toFixed(places?: number): string
}
