/** Which row of a lookup a key finds, held against a Map. */
import { describe, expect, test } from 'bun:test'
import {
  bigint,
  boolean,
  bytea,
  date,
  integer,
  lookup,
  lossy,
  nullable,
  numeric,
  oid,
  smallint,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'
import { randomFrom } from '../support/random.ts'
import { characters } from '../support/random-values.ts'
import type { Scalar } from '../support/wire.ts'
import { lookupFunction } from '../transform/derived-file.ts'

/** Microseconds and days from 1970 to 2000, where the wire begins to count. */
const epochMicros = 946_684_800_000_000n
const epochDays = 10_957

interface Keys {
  readonly of: string
  readonly column: Parameters<typeof nullable<unknown>>[0]
  /** Values as the wire has them, and as a function does; all different. */
  readonly present: readonly (readonly [wire: Scalar, value: unknown])[]
  /** What no row has. */
  readonly absent: readonly unknown[]
}

const same = <T extends Scalar>(...values: T[]) => values.map((value) => [value, value] as const)
const bytesOf = (text: string) => new TextEncoder().encode(text)

const kinds: readonly Keys[] = [
  {
    of: 'smallint',
    column: smallint,
    present: same(-32_768, -1, 0, 1, 258, 32_767),
    absent: [2, 65_535, 65_794, 1.5, Number.NaN],
  },
  {
    of: 'integer',
    column: integer,
    present: same(-2_147_483_648, -65_536, -1, 0, 1, 65_536, 131_072, 2_147_483_647),
    absent: [2, 2 ** 32, 2 ** 32 + 1, -(2 ** 31) - 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY],
  },
  {
    of: 'bigint',
    column: bigint,
    present: same(
      -(2n ** 63n),
      -(2n ** 32n),
      -1n,
      0n,
      1n,
      2n ** 32n,
      2n ** 32n + 1n,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
    ),
    absent: [2n, 2n ** 53n, 2n ** 64n, 2n ** 64n + 1n, -(2n ** 63n) - 1n],
  },
  {
    of: 'oid',
    column: oid,
    present: same(0n, 1n, 2n ** 31n, 2n ** 32n - 1n),
    absent: [2n, -1n, 2n ** 32n, 2n ** 32n + 1n],
  },
  {
    of: 'text',
    column: text,
    present: same(
      '',
      'a',
      'A',
      'ab',
      'é',
      'e\u0301',
      '😀',
      '\ufffd',
      '\ufeffa',
      'x'.repeat(5000),
      `${'x'.repeat(4999)}y`,
    ),
    absent: ['b', 'a ', ' ', '\ud83d', 'a\0', 'x'.repeat(4999)],
  },
  {
    of: 'uuid',
    column: uuid,
    present: same(
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '80000000-0000-0000-0000-000000000001',
    ),
    absent: ['80000000-0000-0000-0000-000000000002', '', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff'],
  },
  { of: 'boolean', column: boolean, present: same(true), absent: [false] },
  {
    of: 'date',
    column: date,
    present: [-719_162, -1, 0, 1, 2_932_896].map((day) => [day - epochDays, day] as const),
    absent: [2, 0.5, 2 ** 32, 2 ** 32 + 1, -719_162 - 2 ** 32],
  },
  ...[timestamp, timestamptz].map((column) => ({
    of: column.type,
    column,
    present: [-62_135_596_800_000_000n, -1n, 0n, 1n, 253_402_300_799_999_999n].map(
      (micros) => [micros - epochMicros, micros] as const,
    ),
    absent: [2n, 2n ** 64n, 2n ** 64n + 1n, -(2n ** 63n)],
  })),
  {
    of: 'bytea',
    column: bytea,
    present: ['', 'a', 'ab', '\0', '\0\0'].map((value) => [bytesOf(value), bytesOf(value)] as const),
    absent: [bytesOf('b'), bytesOf('\0\0\0')],
  },
]

describe.each(kinds)('by $of', ({ column, present, absent }) => {
  const key = nullable(column)
  const rows = [...present.map(([wire], at) => [wire, at] as const), [null, -1] as const]

  test('each row is found by its key and by no other', () => {
    const find = lookupFunction(lookup({ from: 'a', key: 'key', columns: { key, at: integer } }), rows)
    for (const [at, [, value]] of present.entries()) {
      expect(find(value)).toEqual({ key: value, at })
      // Once more, and after one that is not there.
      for (const other of absent) expect(find(other)).toBeUndefined()
      expect(find(value)).toHaveProperty('at', at)
      expect(find(null)).toBeUndefined()
    }
  })

  test('with another column before and behind it, too', () => {
    const columns = { at: integer, before: nullable(text), key, behind: smallint }
    const find = lookupFunction(
      lookup({ from: 'a', key: ['before', 'key', 'behind'], columns }),
      rows.flatMap(([wire, at]) => [
        [at, 'b', wire, 7],
        [at, 'bb', wire, -7],
        [at, null, wire, 7],
      ]),
    )
    for (const [at, [, value]] of present.entries()) {
      expect(find('b', value, 7)).toHaveProperty('at', at)
      expect(find('bb', value, -7)).toHaveProperty('at', at)
      for (const nothing of [
        ['b', value, -7],
        ['', value, 7],
        [null, value, 7],
        ['b', null, 7],
        ['b', value, null],
      ])
        expect(find(...nothing)).toBeUndefined()
    }
    for (const other of absent) expect(find('b', other, 7)).toBeUndefined()
  })
})

describe('of several rows with one key', () => {
  const columns = { key: nullable(integer), at: nullable(bigint), name: nullable(text) }

  test('a second one is refused, by what it has for key, unless nothing finds it', () => {
    const one = lookup({ from: 'a', key: ['key', 'name'], columns })
    const other = [2, 2n, 'b'] as const
    expect(() => lookupFunction(one, [[1, 1n, 'b'], other, [1, 3n, 'b']])).toThrow('key = 1, name = "b"')
    expect(
      lookupFunction(one, [[1, 1n, null], other, [1, 3n, null], [null, 1n, 'b'], [null, 1n, 'b']])(2, 'b'),
    ).toHaveProperty('at', 2n)
  })

  const latest = lookup({ from: 'a', key: 'key', latestBy: 'at', columns })
  const unlikeRows = [
    [1, null, 'null'],
    [1, -(2n ** 63n), 'least'],
    [1, -1n, 'negative'],
    [1, 0n, 'zero'],
    [1, 2n ** 33n, 'large'],
    [1, 2n ** 63n - 1n, 'greatest'],
  ] as const

  test('latestBy keeps the greatest, however they come; a null is less than any', () => {
    for (let most = 1; most <= unlikeRows.length; most++) {
      const rows = unlikeRows.slice(0, most)
      for (const order of [rows, rows.toReversed(), [...rows.slice(2), ...rows.slice(0, 2)]]) {
        const find = lookupFunction(latest, [[2, 5n, 'of another'], ...order])
        expect(find(1)).toHaveProperty('name', rows.at(-1)?.[2])
        expect(find(2)).toHaveProperty('name', 'of another')
      }
    }
  })

  test('firstBy keeps the least, however they come; a later column decides where those before it are the same', () => {
    const first = lookup({
      from: 'a',
      key: 'key',
      firstBy: ['at', 'id'],
      columns: { ...columns, id: bigint },
    })
    const rows = [
      [1, 7n, 'least', -(2n ** 63n)],
      [1, 7n, 'by id', 2n ** 53n + 1n],
      [1, 7n, 'greatest id', 2n ** 63n - 1n],
      [1, 8n, 'later', -(2n ** 63n)],
      [2, null, 'a null is less than any', 9n],
      [2, -(2n ** 63n), 'the least that is no null', 1n],
    ] as const
    for (const order of [rows, rows.toReversed(), [...rows.slice(2), ...rows.slice(0, 2)]]) {
      const find = lookupFunction(first, order)
      expect(find(1)).toHaveProperty('name', 'least')
      expect(find(2)).toHaveProperty('name', 'a null is less than any')
    }
    const tied = [...rows, [1, 7n, 'tied', -(2n ** 63n)]] as const
    expect(() => lookupFunction(first, tied)).toThrow('key = 1')
    expect(lookupFunction(first, [...tied, [1, 6n, 'before them', 0n]])(1)).toHaveProperty(
      'name',
      'before them',
    )
  })

  test('an oid beyond 2^31 is the greater', () => {
    const by = lookup({ from: 'a', key: 'key', latestBy: 'at', columns: { key: integer, at: oid } })
    const rows = [
      [1, 2n ** 31n - 1n],
      [1, 2n ** 32n - 1n],
      [1, 2n ** 31n],
    ] as const
    for (const order of [rows, rows.toReversed()])
      expect(lookupFunction(by, order)(1)).toHaveProperty('at', 2n ** 32n - 1n)
  })

  test('a tie is refused where it is the greatest, however they come, and only there', () => {
    const tied = [
      [1, 5n, 'one'],
      [1, 5n, 'other'],
    ] as const
    const later = [1, 7n, 'later'] as const
    const earlier = [1, null, 'earlier'] as const
    for (const rows of [
      [...tied, earlier],
      [earlier, ...tied],
      [tied[0], earlier, tied[1]],
    ])
      expect(() => lookupFunction(latest, rows)).toThrow('key = 1')
    for (const rows of [
      [...tied, later],
      [later, ...tied],
      [tied[0], later, tied[1]],
      [later, earlier, earlier],
    ])
      expect(lookupFunction(latest, rows)(1)).toHaveProperty('name', 'later')
    expect(() => lookupFunction(latest, [earlier, earlier])).toThrow('key = 1')
  })

  test('many keeps all, in their order', () => {
    const many = lookupFunction(lookup({ from: 'a', key: 'key', many: true, columns }), [
      [2, 1n, 'a'],
      [1, 2n, 'b'],
      [2, 3n, 'c'],
      [null, 9n, 'never'],
      [2, 4n, 'd'],
    ])
    const names = (key: unknown) => Array.from(many(key) as { name: string }[], ({ name }) => name)
    expect(names(2)).toEqual(['a', 'c', 'd'])
    expect(names(1)).toEqual(['b'])
    expect([names(3), names(null)]).toEqual([[], []])
    // What one function does to its list, the next does not see.
    expect(() => (many(2) as unknown[]).reverse()).toThrow(TypeError)
    expect(() => (many(3) as unknown[]).push('more')).toThrow(TypeError)
    expect(names(2)).toEqual(['a', 'c', 'd'])
  })
})

/** Keys that a hash table has trouble with: ids in a row, far apart, alike in their lower bits or their upper. */
const spreads: Readonly<Record<string, (at: number) => number>> = {
  'one after the other': (at) => at,
  'from below zero': (at) => at - 1500,
  'multiples of 2^16': (at) => at << 16,
  'multiples of 2^20': (at) => at << 20,
  'multiples of 1,000': (at) => at * 1000,
  'in blocks far apart': (at) => ((at >> 4) << 20) | (at & 15),
  mirrored: (at) => (at % 2 === 0 ? at : ~at),
  'at random': (at) => Math.imul(at + 1, 0x9e37_79b1),
  'one after the other up to the greatest': (at) => 0x7fff_ffff - at,
  'one after the other, and one far below': (at) => (at === 0 ? -0x8000_0000 : at),
  'four times as far apart as there are': (at) => at * 7,
}

describe.each(Object.entries(spreads))('ids %s', (_, spread) => {
  const random = randomFrom(7)
  const ids = [...new Set(Array.from({ length: 3000 }, (_, at) => spread(at) | 0))]
  const kept = ids.filter(() => random() < 0.6)

  test.each([
    ['alone', (id: number) => [id], ['id']],
    ['with a text', (id: number) => [id, String(id % 7)], ['id', 'name']],
  ] as const)('%s: found if there, and only then', (_, keyOf, key) => {
    const columns = { id: integer, name: text, at: integer }
    const find = lookupFunction(
      lookup({ from: 'a', key: [...key], columns }),
      kept.map((id, at) => [id, String(id % 7), at]),
    )
    const oracle = new Map(kept.map((id, at) => [id, at]))
    for (const id of ids)
      expect(find(...keyOf(id))).toEqual(
        oracle.has(id) ? { id, name: String(id % 7), at: oracle.get(id) } : undefined,
      )
  })
})

test.each([
  ['alone', 199_999],
  ['with one far away', 2 ** 30],
])('in ids one after the other, %s, an id that is not there is not sought through all of them', (_, last) => {
  const rows = Array.from({ length: 200_000 }, (_, at): [number] => [at === 199_999 ? last : at])
  const find = lookupFunction(lookup({ from: 'a', key: 'id', columns: { id: integer } }), rows)
  // Within the time of a test, as each look is one of a few places.
  for (let at = 1; at < 400_000; at++) {
    const absent = Math.imul(at, 0x9e37_79b1) | (2 ** 18)
    if (absent !== last && find(absent) !== undefined) expect(absent).toBeUndefined()
  }
  expect(find(last)).toEqual({ id: last })
})

test('rows at random, of keys at random, are those of a Map', () => {
  const random = randomFrom(20261122)
  const columns = { name: nullable(text), body: nullable(text), n: nullable(integer), at: bigint }
  const named = Array.from({ length: 400 }, () => characters(random, random.integer(4)))
  const rows = Array.from({ length: 5000 }, (_, at) => [
    random() < 0.05 ? null : random.pick(named),
    random() < 0.3 ? null : characters(random, random.integer(60)),
    random() < 0.05 ? null : random.integer(9) - 4,
    BigInt(at),
  ])
  const oracle = Map.groupBy(rows, ([name, , n]) => JSON.stringify([name, n]))
  const key = ['name', 'n'] as const
  const many = lookupFunction(lookup({ from: 'a', key, many: true, columns }), rows)
  const latest = lookupFunction(
    lookup({ from: 'a', key, latestBy: 'at', columns }),
    rows.toSorted(() => random() - 0.5),
  )
  for (const name of named) {
    for (let n = -5; n < 6; n++) {
      const expected = (oracle.get(JSON.stringify([name, n])) ?? []).map(([name, body, n, at]) => ({
        name,
        body,
        n,
        at,
      }))
      expect(many(name, n)).toEqual(expected)
      expect(latest(name, n)).toEqual(expected.at(-1))
    }
  }
})

test('what was asked last does not answer for what is asked now', () => {
  const byBytes = lookupFunction(lookup({ from: 'a', key: 'key', columns: { key: bytea, at: integer } }), [
    [bytesOf('a'), 1],
    [bytesOf('b'), 2],
  ])
  const key = bytesOf('a')
  expect(byBytes(key)).toHaveProperty('at', 1)
  key[0] = 98
  expect(byBytes(key)).toHaveProperty('at', 2)

  const byName = lookupFunction(lookup({ from: 'a', key: 'key', columns: { key: integer, at: integer } }), [
    [0, 1],
  ])
  expect(() => byName(undefined)).toThrow('undefined, which is not a number')
  expect(byName(0)).toHaveProperty('at', 1)
  expect(byName(null)).toBeUndefined()
  expect(byName(-0)).toHaveProperty('at', 1)
})

test('a row keeps its values while others are found, and is a plain object, whatever its columns are called', () => {
  const columns = {
    constructor: integer,
    to_string: nullable(text),
    hasOwnProperty: bytea,
    'start; "': nullable(text),
    static: integer,
  }
  const find = lookupFunction(lookup({ from: 'a', key: 'constructor', columns }), [
    [1, 'one', bytesOf('x'), 'a', 10],
    [2, null, bytesOf('y'), null, 20],
  ]) as (key: number) => Record<string, unknown>
  const first = find(1)
  expect(Object.entries({ ...find(2) })).toEqual([
    ['constructor', 2],
    ['to_string', null],
    ['hasOwnProperty', bytesOf('y')],
    ['start; "', null],
    ['static', 20],
  ])
  expect({ to_string: 'default', ...first }).toHaveProperty('to_string', 'one')
  expect(first['start; "']).toBe('a')
  expect(Object.keys(first)).toHaveLength(5)
  // Its bytes are a copy.
  ;(first['hasOwnProperty'] as Uint8Array).fill(0)
  expect(find(1)['hasOwnProperty']).toEqual(bytesOf('x'))
})

test('what nothing is found by is refused where it is declared', () => {
  const columns = { id: integer, price: numeric(9, 2), day: lossy(date, 'clamp'), name: text }
  const declare = (key: 'id' | 'price' | 'day', latestBy?: 'id' | 'name' | 'price') =>
    lookup({ from: 'prices', key, columns, ...(latestBy && { latestBy }) })
  expect(() => declare('price')).toThrow('price is no column that rows can be found by')
  expect(() => declare('day')).toThrow('day is no column that rows can be found by')
  expect(() => declare('id', 'name')).toThrow('name has no order')
  expect(() => declare('id', 'price')).toThrow('price has no order')
  expect(() => lookup({ from: 'prices', key: [], columns })).toThrow('it has no key')
  expect(() => lookup({ from: 'prices', key: 'id', latestBy: 'id', many: true, columns })).toThrow(
    'Say either.',
  )
  expect(declare('id', 'id').key).toEqual(['id'])
  const both = { from: 'prices', key: 'id', columns } as const
  expect(() => lookup({ ...both, latestBy: 'id', firstBy: 'id' })).toThrow('it has both latestBy and firstBy')
  expect(() => lookup({ ...both, firstBy: [] })).toThrow('its firstBy names no column')
  expect(() => lookup({ ...both, firstBy: ['id', 'name'] })).toThrow('name has no order to find the first by')
  // @ts-expect-error there is no such column
  expect(() => lookup({ ...both, firstBy: ['id', 'idd'] })).toThrow('its firstBy idd is no column of it')
  // @ts-expect-error there is nothing else to be within
  expect(() => lookup({ ...both, within: 'day' })).toThrow(`its within is "day"`)
})
