/** Tables whose values come in clusters, so that pages and row groups have bounds that readers can pass them by for. */
import * as t from '../../lib/table.ts'
import { type Random, randomFrom } from './random.ts'
import type { Scalar, Value } from './wire.ts'

type Plain = Exclude<Scalar, null>

interface Kind {
  readonly column: t.Column
  /** Values of all sizes, roughly in order: rows at the start of the table are made of the first, others of the later. */
  readonly pool: (random: Random, count: number) => readonly Plain[]
}

const postgresEpoch = 946_684_800_000_000n
function numbers(random: Random, count: number, most: number, ...more: number[]): number[] {
  const made = Array.from({ length: count }, () => Math.floor((random() - 0.5) * most))
  return [...made, ...more].sort((a, b) => a - b)
}

function bigints(random: Random, count: number, most: bigint, ...more: bigint[]): bigint[] {
  const made = Array.from(
    { length: count },
    () => (BigInt(Math.floor((random() - 0.5) * 2 ** 32)) * most) / 4_294_967_296n,
  )
  return [...made, ...more].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function decimals(random: Random, count: number, precision: number, scale: number): string[] {
  const most = 10n ** BigInt(precision) - 1n
  return bigints(random, count, most * 2n, most, -most, 0n).map((units) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
    const whole = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
    return units < 0n ? `-${whole}` : whole
  })
}

/** With NaN in their midst, so that some pages have none, some a few, some nothing else. */
function floats(values: readonly number[]): number[] {
  const part = Math.ceil(values.length / 8)
  return [...values.slice(0, part), ...Array.from({ length: part }, () => Number.NaN), ...values.slice(part)]
}

const byBytes = <T extends string | Uint8Array>(values: T[]): T[] =>
  values.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

const ends = ['', '\u{10ffff}', '\ufeff', '\ud7ff', 'é', '\u007f', "'", 'a']

function strings(random: Random, count: number): string[] {
  const made = Array.from({ length: count }, () => {
    const start = random.pick(['', 'a', 'Ä', '€uro', '🧛'])
    // Around the length that bounds are cut to, with whole characters that do not end there.
    const long = random.pick(ends).repeat(random.pick([1, 2, 16, 22, 32, 64]))
    return `${start}${long}${random.pick(ends)}${random.integer(count)}`
  })
  return byBytes([...made, '', '\u{10ffff}'.repeat(16)])
}

function blobs(random: Random, count: number): Uint8Array[] {
  const made = Array.from({ length: count }, () => {
    const long = Buffer.alloc(random.pick([0, 1, 63, 64, 65, 80]), random.pick([0, 1, 0x7f, 0x80, 0xff]))
    return Buffer.concat([Buffer.from([random.integer(256)]), long, Buffer.from([random.integer(256)])])
  })
  // The last has nothing short above it.
  return byBytes([...made, Buffer.alloc(0), Buffer.alloc(70, 0xff)])
}

const nearest = -62_135_596_800_000_000n - postgresEpoch
const farthest = 253_402_300_799_999_999n - postgresEpoch

const kinds: Readonly<Record<string, Kind>> = {
  int2: { column: t.smallint, pool: (r, n) => numbers(r, n, 65_535, -32_768, 32_767) },
  int4: { column: t.integer, pool: (r, n) => numbers(r, n, 2 ** 32 - 2, -(2 ** 31), 2 ** 31 - 1) },
  few: { column: t.integer, pool: () => [-1, 0, 7] },
  int8: { column: t.bigint, pool: (r, n) => bigints(r, n, 2n ** 64n - 2n, -(2n ** 63n), 2n ** 63n - 1n) },
  near: { column: t.bigint, pool: (r, n) => bigints(r, n, 2n ** 34n, -1n, 0n, 2n ** 32n - 1n, 2n ** 32n) },
  oid: {
    column: t.oid,
    pool: (r, n) =>
      numbers(r, n, 2 ** 32 - 2)
        .map((value) => value + 2 ** 31)
        .sort((a, b) => a - b),
  },
  dec9: { column: t.numeric(9, 2), pool: (r, n) => decimals(r, n, 9, 2) },
  dec18: { column: t.numeric(18, 6), pool: (r, n) => decimals(r, n, 18, 6) },
  dec38: { column: t.numeric(38, 10), pool: (r, n) => decimals(r, n, 38, 10) },
  dec20: { column: t.numeric(20, 0), pool: (r, n) => decimals(r, n, 20, 0) },
  bool: { column: t.boolean, pool: () => [false, false, true, false, true, true] },
  text: { column: t.text, pool: strings },
  word: { column: t.text, pool: () => ['', 'AUD', 'EUR', 'GBP', 'USD', 'usd'] },
  uuid: {
    column: t.uuid,
    pool: (r, n) =>
      byBytes(
        Array.from({ length: n }, () => {
          const hex = Array.from({ length: 32 }, () => r.integer(16).toString(16)).join('')
          return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
        }),
      ),
  },
  jsonb: {
    column: t.jsonb,
    pool: (r, n) => byBytes(numbers(r, n, 2000).map((a) => `{"a": ${a}, "b": "${'x'.repeat(a & 63)}"}`)),
  },
  bytea: { column: t.bytea, pool: blobs },
  date: { column: t.date, pool: (r, n) => numbers(r, n, 40_000, -730_119, 2_921_939) },
  timestamp: { column: t.timestamp, pool: (r, n) => bigints(r, n, 10n ** 17n, nearest, farthest) },
  timestamptz: { column: t.timestamptz, pool: (r, n) => bigints(r, n, 10n ** 16n, nearest, farthest) },
  float4: {
    column: t.real,
    pool: (r, n) => floats([-Infinity, ...numbers(r, n, 1e6, -0, 0).map(Math.fround), Infinity]),
  },
  float8: {
    column: t.doublePrecision,
    pool: (r, n) =>
      floats([-Infinity, ...numbers(r, n, 1e12).map((value) => value / 7), -0, Number.MIN_VALUE, Infinity]),
  },
  // Only this one zero, or the other, in a page.
  zeros: { column: t.doublePrecision, pool: () => [-0, -0, 0, 0, -0, 0] },
}

export interface ClusteredTable {
  readonly columns: Readonly<Record<string, t.Column>>
  readonly rows: Value[][]
}

/**
 * A column for every native type: as it is, with nulls (and half of the rows one run of them) as `<kind>_null`, and as a list
 * with empty ones, nulls and null elements as `<kind>_list`.
 * @param count how many different values the table is made of, about
 */
export function clusteredTable(rows: number, seed: number, count = 60): ClusteredTable {
  const random = randomFrom(seed)
  const pools = Object.values(kinds).map(({ pool }) => pool(random, count))
  const columns = Object.fromEntries(
    Object.entries(kinds).flatMap(([name, { column }]) => [
      [name, column],
      [`${name}_null`, t.nullable(column)],
      [`${name}_list`, t.nullable(t.array(column))],
    ]),
  )
  const made = Array.from({ length: rows }, (_, row) =>
    pools.flatMap((pool) => {
      const value = (): Plain => {
        const at = Math.floor((row / rows) * pool.length) + random.integer(3) - 1
        return pool[Math.max(0, Math.min(pool.length - 1, at))]!
      }
      const barren = row > rows * 0.3 && row < rows * 0.8
      const maybe = (): Scalar => (barren || random() < 0.1 ? null : value())
      const list = barren
        ? random.pick([[], [null], null])
        : Array.from({ length: random.integer(4) }, () => maybe())
      return [value(), maybe(), list]
    }),
  )
  return { columns, rows: made }
}
