import { describe, expect, test } from 'bun:test'
import { Decimal as Arbitrary } from 'decimal.js'
import { type Decimal, decimal, isDecimal, quotient, scaled, unscaled } from '../lib/decimal/decimal.ts'
import { inUsd, orZero, percentOf, rateOf } from '../lib/money.ts'
import { randomFrom } from './support/random.ts'

const Exact = Arbitrary.clone({ precision: 400, rounding: Arbitrary.ROUND_HALF_UP, defaults: true })

/** Digits of many lengths and scales, often with zeros where words of seven meet. */
function drawDigits(draw: (below: number) => number): string {
  const whole = Array.from({ length: draw(12) }, () => (draw(3) === 0 ? 0 : draw(10))).join('')
  const fraction = Array.from({ length: draw(10) }, () => (draw(3) === 0 ? 0 : draw(10))).join('')
  return `${draw(3) === 0 ? '-' : ''}${whole || '0'}.${fraction || '0'}`
}

/** −0 is 0, as in Postgres. */
const words = (value: Arbitrary) => value.toFixed().replace(/^-0$/, '0')

/** The parts that decimal.js has inside: a digit too many there would not show in its text. */
const parts = (value: Decimal | Arbitrary) =>
  JSON.stringify([Reflect.get(value, 'd'), Reflect.get(value, 'e')])

describe('a Decimal', () => {
  const draw = randomFrom(20261122).integer
  const pairs = Array.from({ length: 4_000 }, () => [drawDigits(draw), drawDigits(draw)] as const)

  test.each(['plus', 'minus', 'times'] as const)('computes %s as decimal.js does', (operation) => {
    for (const [a, b] of pairs) {
      const result = decimal(a)[operation](decimal(b))
      const expected = new Exact(a)[operation](b)
      expect(result.toFixed()).toBe(words(expected))
      expect(parts(result)).toBe(parts(expected))
      expect(isDecimal(result)).toBe(true)
    }
  })

  test('is compared, and told to be zero, negative or equal, as decimal.js does', () => {
    for (const [a, b] of pairs) {
      const [one, other, exactOne] = [decimal(a), decimal(b), new Exact(a)]
      expect(one.comparedTo(other)).toBe(exactOne.comparedTo(b))
      expect(one.lessThan(other)).toBe(exactOne.lessThan(b))
      expect(one.equals(decimal(`${a}0`))).toBe(true)
      expect(one.isZero()).toBe(exactOne.isZero())
      expect(one.isNegative()).toBe(exactOne.lessThan(0))
      expect(one.negated().toFixed()).toBe(words(exactOne.negated()))
      expect(one.absoluteValue().toDecimalPlaces(3).toFixed()).toBe(words(exactOne.abs().toDecimalPlaces(3)))
    }
  })

  test('takes an integer as a bigint', () => {
    expect(decimal('1.5').times(100n).plus(1n).minus(51n).dividedBy(4n).toString()).toBe('25')
    expect(decimal('1.5').greaterThan(10n ** 40n)).toBe(false)
  })

  test('is rounded half away from zero once, when divided', () => {
    // What is divided just falls short of a whole multiple, is one, or goes beyond, as far as a double holds it.
    const multiples = Array.from({ length: 100 }, (_, at) => {
      const by = 1n + BigInt(draw(2 ** 31)) ** (at % 3 === 0 ? 1n : 2n) / BigInt(1 + draw(2 ** 20))
      const times = BigInt(Number.MAX_SAFE_INTEGER) / by / BigInt(1 + draw(3))
      return [-1n, 0n, 1n].map((more) => [`${by * times + more}`, `${by}`] as const)
    }).flat()
    for (const [a, b] of [...pairs, ...multiples]) {
      if (decimal(b).isZero()) continue
      for (const places of [0, 2, 6, 9]) {
        const expected = new Exact(a).dividedBy(b).toDecimalPlaces(places)
        expect(quotient(decimal(a), decimal(b), places).toFixed()).toBe(words(expected))
      }
    }
  })

  test('is the integer of its units, and back', () => {
    for (const [a] of pairs) {
      const units = unscaled(decimal(a), 10)
      expect(String(units)).toBe(words(new Exact(a).times(1e10)))
      expect(scaled(units ?? 0, 10).toFixed()).toBe(words(new Exact(a)))
    }
  })

  test.each([
    ['0.0000005', 6],
    ['1.23', 1],
    ['-99999999999999999999999999999999.000001', 5],
  ])('%s has no units of 10^-%i', (digits, scale) => {
    expect(unscaled(decimal(digits), scale)).toBeUndefined()
  })

  test('of 38 digits loses none', () => {
    const digits = '-12345678901234567890123456789012.345678'
    expect(unscaled(decimal(digits), 6)).toBe(-12345678901234567890123456789012345678n)
    expect(scaled(-12345678901234567890123456789012345678n, 6).toFixed()).toBe(digits)
  })

  test('never becomes a number, nor is one', () => {
    const price = decimal('19.99')
    expect(() => Number(price)).toThrow('a Decimal has no operators')
    // @ts-expect-error a Decimal and a number
    expect(() => price + 1).toThrow('a Decimal has no operators')
    // @ts-expect-error a number is no Decimal
    expect(() => price.plus(0.1)).toThrow('not with the number 0.1')
    // @ts-expect-error it has no such method
    expect(() => price.toNumber()).toThrow('a Decimal never becomes a number')
    // @ts-expect-error nor is it made of a number
    expect(() => decimal(19.99)).toThrow("as in decimal('0.5'), not of 19.99")
    expect(`${price}`).toBe('19.99')
  })

  // One amount is large enough to be decimal.js' own, the other is as most amounts are.
  test.each([decimal('19.99'), decimal(10n ** 40n)])('%s takes no operator, number or null', (price) => {
    const one: unknown = price
    const as = <T>(value: unknown) => value as T
    const operators: readonly (() => unknown)[] = [
      () => as<number>(one) + as<number>(one),
      () => as<number>(one) + 1,
      () => as<number>(one) * 2,
      () => -as<number>(one),
      () => price < decimal('5'),
      () => price >= decimal('1'),
      () => as<number>(one) < 5,
      // biome-ignore lint/suspicious/noDoubleEquals: what it does is the question
      () => as<number>(one) == 5,
      () => as<number>(one) - as<number>('1'),
      () => Math.max(as<number>(one), 0),
      () => Number(one),
    ]
    for (const operator of operators) expect(operator).toThrow('no operators')
    const others = [1, 0.1, '5', null, undefined, true, {}]
    for (const other of others) {
      for (const method of [
        'plus',
        'minus',
        'times',
        'dividedBy',
        'lessThan',
        'equals',
        'comparedTo',
      ] as const)
        expect(() => price[method](other as never)).toThrow(
          'a Decimal computes with Decimals and with bigints',
        )
    }
    expect(() => Reflect.get(price, 'isNegativ')).toThrow('a Decimal has no "isNegativ": it has plus, minus')
    expect(`${price} ${String(price)} ${JSON.stringify({ price })}`).toBe(
      `${price.toString()} ${price.toString()} {"price":"${price.toString()}"}`,
    )
    expect(Bun.inspect({ price })).toContain('price')
    expect(price.equals(price.plus(0n))).toBe(true)
  })

  test.each(['NaN', 'Infinity', 'twelve', ''])('is not made of "%s"', (text) => {
    expect(() => decimal(text)).toThrow(RangeError)
  })
})

describe('money', () => {
  const usd = (amount: string, rate: string | null) =>
    inUsd(decimal(amount), rate === null ? null : decimal(rate))?.toFixed() ?? null

  test.each([
    ['1.00', '3', '0.333333'],
    ['2.00', '3', '0.666667'],
    ['0.01', '0.8', '0.0125'],
    ['0.000001', '2', '0.000001'],
    ['-0.000001', '2', '-0.000001'],
    ['0.0000005', '1', '0.000001'],
    ['-0.0000005', '1', '-0.000001'],
    ['999999999999.99', '0.000001', '999999999999990000'],
    ['1.00', null, null],
    ['1.00', '0', null],
    ['0.00', '1.5', '0'],
  ])('%s at a rate of %s is %s dollars', (amount, rate, expected) => {
    expect(usd(amount, rate)).toBe(expected)
  })

  test('without a currency row is in dollars, and with one keeps what that says', () => {
    const { currency, conversion_rate } = rateOf(undefined)
    expect({ currency, conversion_rate: conversion_rate?.toFixed() }).toEqual({
      currency: 'USD',
      conversion_rate: '1',
    })
    expect(rateOf({ currency: 'EUR', conversion_rate: null })).toEqual({
      currency: 'EUR',
      conversion_rate: null,
    })
  })

  test('of a percentage is exact', () => {
    expect(percentOf(decimal('999999999999.99'), decimal('999.9999')).toFixed()).toBe(
      '9999998999999.90000001',
    )
    expect(
      orZero(null)
        .plus(orZero(undefined))
        .plus(orZero(decimal('1.5')))
        .toFixed(),
    ).toBe('1.5')
  })

  test('is not divided by zero', () => {
    expect(() => quotient(decimal('1'), decimal('0'), 2)).toThrow('1 is divided by zero')
  })
})
