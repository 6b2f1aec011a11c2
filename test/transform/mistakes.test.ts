/** What the compiler would refuse of a function ends the load where no compiler was asked: by script, column and name. */
import { describe, expect, test } from 'bun:test'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  integer,
  lookup,
  nullable,
  numeric,
  type Table,
  table,
  text,
  timestamp,
  uuid,
} from '../../lib/table.ts'
import type { Value } from '../support/wire.ts'
import { derive, lookupFunction } from './derived-file.ts'

const columns = { id: integer, big: bigint, total: numeric(14, 2), note: nullable(text), tags: array(text) }
const rows: readonly (readonly Value[])[] = [
  [1, 10n, '1.50', 'a', ['x']],
  [2, 20n, '2.50', null, []],
]
const lookups = {
  currency: lookup({
    from: 'currencies',
    key: 'document_id',
    columns: { document_id: nullable(integer), rate: numeric(9, 4), name: nullable(text) },
  }),
  parts: lookup({
    from: 'parts',
    key: ['big', 'note'],
    many: true,
    columns: { big: bigint, note: text, price: numeric(14, 2) },
  }),
}
const found = {
  currency: [[1, '1.2', 'EUR']],
  parts: [
    [10n, 'a', '5'],
    [10n, 'a', '6'],
  ],
} as const

/** A function as a script may have it, whatever the compiler would say: its text, as Bun strips its types. */
type Source = string

const functionOf = (source: Source): unknown => new Function(`'use strict'; return ${source}`)()
const declare = table as (options: unknown) => Table

/** The failure of a load whose column `made` is derived so. */
function failureOf(value: unknown): Promise<unknown> {
  const things = declare({
    name: 'things',
    columns,
    lookups,
    derive: { made: { type: nullable(text), value } },
  })
  return derive(things, rows, { lookups: found }).then(
    () => 'nothing failed',
    (error: unknown) => error,
  )
}

const inRow = (id: number, told: string) =>
  `Cannot derive "things.made": in the row with id ${id}, its function ${told}`

const row = 'failed: the row'
const currency = 'failed: currency'
const uncalled = `${currency} is a function: what it finds is currency(document_id)`
const readonly = 'failed: Attempted to assign to readonly property'
const operators = 'failed: a Decimal has no operators'

const wrong: readonly (readonly [Source, string])[] = [
  ['(row) => row.totl', `${row} has no "totl", the nearest is "total"`],
  ['({ nte }) => nte ?? null', `${row} has no "nte", the nearest is "note"`],
  ['({ nte = "none" }) => nte', `${row} has no "nte"`],
  ['(row) => ("nota" in row ? "yes" : "no")', `${row} has no "nota"`],
  ['(row) => row?.titel ?? null', `${row} has no "titel"`],
  ['(row) => row.Note ?? null', `${row} has no "Note", the nearest is "note"`],
  ['(row) => row["no" + "t"] ?? null', `${row} has no "not"`],
  ['(row) => (row.currency ? "a" : "b")', `${row} has no "currency"`],
  [
    '({ id }, { curency }) => curency(id)?.name ?? null',
    'failed: there is no lookup "curency", the nearest is "currency"',
  ],
  [
    '({ id }, all) => all.parts2?.(id) ?? null',
    'failed: there is no lookup "parts2", the nearest is "parts"',
  ],
  [
    '({ id }, { currency }) => currency(id)?.nam ?? null',
    'failed: the row of currency has no "nam", the nearest is "name"',
  ],
  [
    '({ id }, { currency }) => { const { rte } = currency(id) ?? {}; return rte ?? null }',
    'failed: the row of currency has no "rte", the nearest is "rate"',
  ],
  ['(_, { currency }) => currency.name ?? null', uncalled],
  ['(_, { currency }) => currency.rate ?? null', uncalled],
  ['(_, { currency }) => (currency.length ? "a" : null)', uncalled],
  [
    '({ big, note }, { parts }) => parts(big, note).price ?? null',
    'failed: parts gives a list: price is what each of its rows has',
  ],
  [
    '({ big, note }, { parts }) => (parts(big, note).lenght > 0 ? "some" : null)',
    'failed: the list of parts has no "lenght", the nearest is "length"',
  ],
  [
    '(_, { parts }) => (parts(99n, "a").lenght > 0 ? "some" : null)',
    'failed: the list of parts has no "lenght"',
  ],
  [
    '({ big, note }, { parts }) => String(parts(big, note)[0]?.prise)',
    'failed: the row of parts has no "prise", the nearest is "price"',
  ],
  [
    '({ big }, { currency }) => currency(big)?.name ?? null',
    `${currency} is asked for 10n, which is not a number, as its key document_id (integer) is`,
  ],
  [
    '({ total }, { currency }) => currency(total)?.name ?? null',
    `${currency} is asked for 1.5, which is not a number`,
  ],
  [
    '({ id }, { currency }) => currency(String(id))?.name ?? null',
    `${currency} is asked for "1", which is not a number`,
  ],
  [
    '(_, { currency }) => currency()?.name ?? null',
    `${currency} is asked for undefined, which is not a number`,
  ],
  [
    '({ big }, { parts }) => String(parts(big).length)',
    'failed: parts is asked with 1 value, and takes 2 parts of a key: big, note',
  ],
  [
    '({ id, big }, { currency }) => currency(id, big)?.name ?? null',
    `${currency} is asked with 2 values, and takes one key, document_id`,
  ],
  [
    '({ big, note }, { parts }) => String(parts(note, big).length)',
    'failed: parts is asked for "a", which is not a bigint, as its key big (bigint) is',
  ],
  ['(row) => { row.note = "b"; return row.note }', `${row} cannot be changed, and so not its note`],
  ['(row) => { row.extra = "b"; return row.note }', `${row} cannot be changed, and so not its extra`],
  ['(row) => Object.assign(row, { note: "b" }).note', `${row} cannot be changed, and so not its note`],
  ['({ id }, { currency }) => { const one = currency(id); one.name = "b"; return one.name }', readonly],
  ['({ big, note }, { parts }) => { parts(big, note).reverse(); return null }', readonly],
  ['(_, all) => { all.currency = () => undefined; return null }', readonly],
  [
    '(_, all) => { all.other = () => undefined; return null }',
    'failed: the object of lookups cannot be changed, and so not its other',
  ],
  ['({ total }) => (total > 2 ? "dear" : "cheap")', operators],
  ['({ total }, { currency }) => (total < (currency(1)?.rate ?? total) ? "a" : "b")', operators],
  ['({ total }) => total + total', operators],
  ['({ total }) => (total == 5 ? "a" : "b")', operators],
  ['({ total }) => (total.isPositiv ? "a" : "b")', 'failed: a Decimal has no "isPositiv"'],
  [
    '({ total }) => total.times(0.1).toString()',
    'failed: a Decimal computes with Decimals and with bigints such as 100n, not with the number 0.1',
  ],
  ['({ total }) => String(total.toNumber() * 0.1)', 'failed: a Decimal never becomes a number'],
  ['({ id, big }) => String(id + big)', 'failed: '],
  ['() => {}', 'gave undefined, which is not a string'],
  ['({ id }, { currency }) => { currency(id)?.name }', 'gave undefined, which is not a string'],
  ['({ tags }) => tags[7]', 'gave undefined, which is not a string'],
  ['(row) => row', 'gave a Object, which is not a string'],
  ['(_, { currency }) => currency', 'gave a function, which is not a string'],
  ['(_, { currency }) => currency(1)', 'gave a Object, which is not a string'],
  ['({ nme }) => Promise.resolve(nme)', `${row} has no "nme"`],
  ['() => Promise.reject(new Error("nobody waits"))', 'gave a Promise'],
  ['({ id }) => Promise.resolve().then(() => id.a.b)', 'gave a Promise'],
  // What catches it would go on with a value that nobody meant.
  ['(row) => { try { return row.totl } catch { return "none" } }', `${row} has no "totl"`],
  [
    '({ big }, { currency }) => { try { return currency(big).name } catch { return null } }',
    `${currency} is asked for 10n`,
  ],
]

describe('a mistake in a function', () => {
  test.each(wrong)('%s ends the load and is named', async (source, told) => {
    expect(await failureOf(functionOf(source))).toMatchObject({
      exit: 3,
      message: expect.stringContaining(inRow(1, told)),
      advice: expect.stringMatching(/^Correct scripts\/things\.ts/),
    })
  })

  test('in a name that only some rows come to ends it at the first that does', async () => {
    expect(await failureOf(functionOf('(row) => (row.id === 2 ? row.totl : null)'))).toMatchObject({
      message: expect.stringContaining(inRow(2, 'failed: the row has no "totl"')),
    })
  })

  test.each([
    '(row) => row.nte !== "a"',
    '(row) => { try { return row.nte === null } catch { return false } }',
  ])('in a filter is told as the filter’s: %s', async (source) => {
    const filtered = declare({ name: 'things', columns, filter: functionOf(source) })
    expect(await derive(filtered, rows).catch((error: unknown) => error)).toMatchObject({
      exit: 3,
      message:
        'Cannot derive "things.filter": in the row with id 1, its function failed: the row has no "nte", the nearest is "note". Correct scripts/things.ts.',
    })
  })

  test('is also what gives nothing where no lookup was asked that found nothing', async () => {
    const partly = '({ id }, { currency }) => { if (id === 1) return currency(7)?.name }'
    expect(await failureOf(functionOf(partly))).toMatchObject({
      message: expect.stringContaining(inRow(2, 'gave undefined, which is not a string')),
    })
  })

  test('of one load is not told of the next', async () => {
    const right = functionOf('({ note }) => note')
    await failureOf(functionOf('(row) => row.totl'))
    expect(await failureOf(right)).toBe('nothing failed')
    expect(() => Reflect.get(Object(lookupFunction(lookups.currency, [[1, '1', 'a']])(1)), 'nme')).toThrow(
      'no "nme"',
    )
    expect(await failureOf(right)).toBe('nothing failed')
  })
})

test('a key of another type is refused for every type of key, and null finds nothing', () => {
  const keys = [
    [integer, 1, [1n, '1', true, undefined, {}]],
    [bigint, 1n, [1, '1', false]],
    [text, 'a', [1, 1n, new Uint8Array(), undefined]],
    [uuid, '00000000-0000-0000-0000-000000000000', [1, 0n]],
    [boolean, true, [1, 'true']],
    [date, 0, [0n, '1970-01-01', new Date(0)]],
    [timestamp, 0n, [0, new Date(0), '1970-01-01']],
    [bytea, new Uint8Array(1), ['a', [1], 1, {}]],
  ] as const
  for (const [column, right, others] of keys) {
    const one = lookup({
      from: 'a',
      key: 'key',
      columns: { key: nullable(column as typeof text), at: integer },
    })
    const two = lookup({
      from: 'a',
      key: ['key', 'at'],
      columns: { key: nullable(column as typeof text), at: integer },
    })
    const find = lookupFunction(one, [])
    const findTwo = lookupFunction(two, [])
    expect([find(right), find(null), findTwo(right, 1), findTwo(null, 1), findTwo(right, null)]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
    for (const other of others) {
      expect(() => find(other)).toThrow('found is asked for')
      expect(() => findTwo(other, 1)).toThrow('as its key key')
    }
  }
})

test('what every object can be asked is answered still, of rows, of what is found and of lookups', async () => {
  const asked = table({
    name: 'things',
    columns,
    lookups,
    derive: {
      made: {
        type: nullable(text),
        value: (row, { currency, parts, ...none }) => {
          const one = currency(1)!
          const list = parts(10n, 'a')
          expect(Object.keys(row)).toEqual([...Object.keys(columns), 'made'])
          expect(Object.keys(one)).toEqual(['document_id', 'rate', 'name'])
          expect([Object.hasOwn(row, 'note'), 'note' in row, 'name' in one, none]).toEqual([
            true,
            true,
            true,
            {},
          ])
          expect([`${row}`, String(one), one.toString(), typeof row.valueOf()]).toEqual([
            '[object Object]',
            '[object Object]',
            '[object Object]',
            'object',
          ])
          expect(JSON.stringify(one)).toBe('{"document_id":1,"rate":"1.2","name":"EUR"}')
          expect(JSON.stringify(list.map(({ price }) => price))).toBe('["5","6"]')
          expect(Bun.inspect([one, list, currency]).length).toBeGreaterThan(10)
          expect([list[0]?.note, list[2], list.at(-1)?.note, list.length]).toEqual(['a', undefined, 'a', 2])
          const [first, second, third] = list
          expect([first?.note, second?.note, third]).toEqual(['a', 'a', undefined])
          expect([parts(1n, 'b')[0], parts(1n, null).length, Array.isArray(list)]).toEqual([
            undefined,
            0,
            true,
          ])
          const copies = [
            ...list,
            ...list.filter(() => true),
            ...list.concat(list),
            ...list.toSorted(() => 1),
          ]
          expect(copies).toHaveLength(10)
          expect(list.reduce((sum) => sum + 1, 0)).toBe(2)
          let seen = 0
          for (const each of list) seen += each.note.length
          expect(seen).toBe(2)
          expect(currency.call(undefined, 1)).toBe(one)
          expect({ ...one, name: 'b' }).toMatchObject({ document_id: 1, name: 'b' })
          return null
        },
      },
    },
  })
  expect(await derive(asked, rows, { lookups: found })).toMatchObject({ rows: 2, nulls: { made: 2 } })
})

test('a found row that one function changes is never what another sees', () => {
  const columns = { id: integer, name: text }
  const rows = Array.from({ length: 1_200 }, (_, id): Value[] => [id, 'as it was'])
  const find = lookupFunction(lookup({ from: 'a', key: 'id', columns }), rows) as (id: number) => {
    name: string
  }
  const change = (id: number) => {
    find(id).name = 'changed'
  }
  // Told where it begins, and however many rows come after, to nobody else's harm.
  expect(() => change(0)).toThrow('readonly')
  for (let id = 1; id < 1_100; id++) find(id)
  change(1_100)
  expect(find(1_100).name).toBe('as it was')
  expect(find(1_100)).toBe(find(1_100))
  expect(() => change(1_100)).toThrow('readonly')
  expect(() => change(1_101)).toThrow('readonly')
})
