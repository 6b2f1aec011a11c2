/**
 * decimal.js, with as many digits as it takes, rounding half away from zero, without operators, and without what would
 * let a float in or out: the compiler knows none of it, and may not have been asked.
 */
import { Decimal as Arbitrary } from 'decimal.js'

export type { Decimal as Arbitrary } from 'decimal.js'

export const Money = Arbitrary.clone({ precision: 100, rounding: Arbitrary.ROUND_HALF_UP, defaults: true })

const offered = 'plus, minus, times, dividedBy, lessThan, greaterThan, equals, comparedTo, toDecimalPlaces'

/** Ends the prototypes of decimals, so that a name they do not have is an error, and not undefined. */
const nothingElse: object = new Proxy(Object.create(null), {
  get(_, name, receiver) {
    if (typeof name === 'symbol' || name in Object.prototype || name === 'then' || name === '$$typeof') {
      return Reflect.get(Object.prototype, name, receiver)
    }
    throw new TypeError(`a Decimal has no "${name}": it has ${offered}`)
  },
})

// decimal.js shares one prototype among all its clones; these have one of their own, to say no on, and to be quick on.
export const prototype: Arbitrary = Object.create(nothingElse, {
  ...Object.getOwnPropertyDescriptors(Arbitrary.prototype),
  ...computing('plus', 'add'),
  ...computing('minus', 'sub'),
  ...computing('times', 'mul'),
  ...computing('dividedBy', 'div'),
  ...computing('comparedTo', 'cmp'),
  toNumber: {
    value() {
      throw new TypeError(
        'a Decimal never becomes a number, which would be a float: compute with its methods',
      )
    },
  },
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

/** What takes another operand, by both its names; all that compares goes by `cmp`. */
function computing(
  name: 'plus' | 'minus' | 'times' | 'dividedBy' | 'comparedTo',
  alias: string,
): PropertyDescriptorMap {
  const compute = Arbitrary.prototype[name] as (this: Arbitrary, other: Arbitrary.Value) => unknown
  const value = function (this: Arbitrary, other: unknown): unknown {
    if (typeof other === 'bigint' || other instanceof Money) return compute.call(this, other)
    throw new TypeError(
      `a Decimal computes with Decimals and with bigints such as 100n, not with ${typeof other === 'number' ? `the number ${other}` : String(other)}`,
    )
  }
  return { [name]: { value, writable: true }, [alias]: { value, writable: true } }
}

/** @throws RangeError for what is no number, TypeError for a float */
export function construct(value: bigint | string): Arbitrary {
  if (typeof value !== 'bigint' && typeof value !== 'string') {
    throw new TypeError(`a Decimal is made of a bigint, or of digits as in decimal('0.5'), not of ${value}`)
  }
  try {
    return new Money(value)
  } catch (cause) {
    throw new RangeError(`"${value}" is not a number`, { cause })
  }
}
