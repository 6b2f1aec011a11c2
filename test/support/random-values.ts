/** Values as Postgres reads them, awkward ones among them. Each literal is for an input function, not yet quoted. */
import type { Random } from './random.ts'

export type Literal = (random: Random) => string

export const oneOf =
  (...literals: string[]): Literal =>
  (random) =>
    random.pick(literals)

/** Often the extremes, where sign and width break. */
export function integers(bits: number): Literal {
  const least = -(2n ** BigInt(bits - 1))
  return (random) => {
    if (random() < 0.2) return String(random.pick([least, -least - 1n, 0n, -1n, 1n, least + 1n]))
    return String(BigInt.asIntN(1 + random.integer(bits), randomBits(random)))
  }
}

export function randomBits(random: Random): bigint {
  return [1, 2, 3, 4].reduce((sum) => (sum << 32n) | BigInt(random.integer(2 ** 32)), 0n)
}

/** Decimals of at most so many digits before the point, and after it. */
export function decimals(whole: number, fraction: number): Literal {
  const digits = (random: Random, most: number, nines: boolean): string =>
    Array.from({ length: random() < 0.3 ? most : random.integer(most + 1) }, () =>
      nines ? 9 : random.integer(10),
    ).join('')
  return (random) => {
    const nines = random() < 0.1
    const before = digits(random, whole, nines) || '0'
    const after = digits(random, fraction, nines)
    return `${random() < 0.4 ? '-' : ''}${before}${after === '' ? '' : `.${after}`}`
  }
}

export const floats = (toFloat: (value: number) => number, ...extremes: string[]): Literal => {
  return (random) => {
    if (random() < 0.3) return random.pick(['0', '-0', 'NaN', 'Infinity', '-Infinity', ...extremes])
    const value = toFloat((random() - 0.5) * 10 ** (random.integer(60) - 30))
    return String(value)
  }
}

const scalars: readonly (readonly [number, number])[] = [
  [0x20, 0x7f],
  [0x01, 0x20],
  [0xa0, 0x250],
  [0x300, 0x370],
  [0x590, 0x600],
  [0x4e00, 0x9fff],
  [0xe000, 0x1_0000],
  [0x1_f300, 0x1_f700],
  [0x10_fff0, 0x11_0000],
]

/** Any text that Postgres takes: no NUL, no lone surrogates; mostly short. */
export const texts: Literal = (random) => {
  const chance = random()
  if (chance < 0.1) return ''
  if (chance < 0.2)
    return random.pick(['NULL', '\\N', '"', "'", '\\', '{}', ' x ', '\ufeffbom', 'a\r\nb\t', '\\.'])
  const length = chance < 0.205 ? random.integer(20_000) : random.integer(24)
  return characters(random, length)
}

export function characters(random: Random, length: number): string {
  return Array.from({ length }, () => {
    const [from, below] = random() < 0.6 ? scalars[0]! : random.pick(scalars)
    return String.fromCodePoint(from + random.integer(below - from))
  }).join('')
}

export const bytes: Literal = (random) => {
  const length = random() < 0.01 ? random.integer(20_000) : random.integer(20)
  return `\\x${Array.from({ length }, () => random.integer(256).toString(16).padStart(2, '0')).join('')}`
}

export const uuids: Literal = (random) =>
  random() < 0.1
    ? random.pick(['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])
    : BigInt.asUintN(128, randomBits(random)).toString(16).padStart(32, '0')

/** Days of the years that have a place in the lake, 0001 to 9999. */
export const dates: Literal = (random) => {
  const year =
    random() < 0.4 ? random.pick([1, 4, 1582, 1883, 1969, 1970, 2000, 9999]) : 1 + random.integer(9999)
  const [month, day] = random() < 0.3 ? random.pick([[1, 1] as const, [12, 31] as const]) : [0, 0]
  return [
    String(year).padStart(4, '0'),
    String(month || 1 + random.integer(12)).padStart(2, '0'),
    String(day || 1 + random.integer(28)).padStart(2, '0'),
  ].join('-')
}

export const times: Literal = (random) => {
  if (random() < 0.2) return random.pick(['00:00:00', '23:59:59.999999', '12:00:00.000001'])
  const two = (below: number) => String(random.integer(below)).padStart(2, '0')
  return `${two(24)}:${two(60)}:${two(60)}.${String(random.integer(1_000_000)).padStart(6, '0')}`
}

export const timestamps: Literal = (random) => `${dates(random)} ${times(random)}`

/** In the lake's years, in UTC too; also the hour that a change of the clocks has twice. */
export const instants: Literal = (random) => {
  if (random() < 0.1)
    return random.pick(['2026-10-25 02:30:00 Europe/Berlin', '1883-11-18 12:03:58.5 America/New_York'])
  const at = timestamps(random)
  return /^(0001-01-01|9999-12-31)/.test(at)
    ? `${at}+00`
    : `${at}${random.pick(['+00', '-05', '+05:45', '+14', '-11:30'])}`
}

export const jsons: Literal = (random) => {
  if (random() < 0.2)
    return random.pick(['null', '""', '{}', '[]', '{"a" :  1.50, "a": null}', '"\\u0041\\n"', '-0', '1e300'])
  const value = characters(random, random.integer(12))
  return JSON.stringify(
    random.pick([value, [value, null, random()], { [value]: { b: random.integer(100) } }]),
  )
}

/** `{…}` of the elements, null ones among them; an element that is an array makes a dimension more. */
export function arrays(
  element: Literal,
  lengths: readonly number[] = [0, 1, 2, 3, 7],
  delimiter = ',',
): Literal {
  return (random) => {
    const elements = Array.from({ length: random.pick(lengths) }, () =>
      random() < 0.15 ? 'NULL' : quoted(element(random)),
    )
    return `{${elements.join(delimiter)}}`
  }
}

/** All of them as wide, as Postgres wants it. */
export function matrices(element: Literal): Literal {
  return (random) => {
    const row = arrays(element, [1 + random.integer(3)])
    return `{${Array.from({ length: 1 + random.integer(3) }, () => row(random)).join(',')}}`
  }
}

/** `(…)` with two fields, the second empty now and then, which makes it null. */
export function composites(first: Literal, second: Literal): Literal {
  return (random) => `(${quoted(first(random))},${random() < 0.2 ? '' : quoted(second(random))})`
}

function quoted(literal: string): string {
  return `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** `[low,high)` in order, or empty. */
export function ranges(low: Literal, high: Literal): Literal {
  return (random) => {
    if (random() < 0.1) return 'empty'
    const start = random() < 0.1 ? '' : quoted(low(random))
    const end = random() < 0.1 ? '' : quoted(high(random))
    return `${random.pick(['[', '('])}${start},${end}${random.pick([']', ')'])}`
  }
}
