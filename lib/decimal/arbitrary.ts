/** decimal.js, with as many digits as it takes, rounding half away from zero, and without operators. */
import { Decimal as Arbitrary } from 'decimal.js'

export type { Decimal as Arbitrary } from 'decimal.js'

export const Money = Arbitrary.clone({ precision: 100, rounding: Arbitrary.ROUND_HALF_UP, defaults: true })

// decimal.js shares one prototype among all its clones; these have one of their own, to say no on, and to be quick on.
export const prototype: Arbitrary = Object.create(Arbitrary.prototype, {
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

/** @throws RangeError for what is no number */
export function construct(value: bigint | string): Arbitrary {
  try {
    return new Money(value)
  } catch (cause) {
    throw new RangeError(`"${value}" is not a number`, { cause })
  }
}
