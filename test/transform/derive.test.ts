/** What functions see of a row, which rows are kept, and what is told of those that fail. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Lookup } from '../../lib/declare/lookup.ts'
import {
  array,
  bytea,
  type Column,
  date,
  integer,
  json,
  jsonb,
  lookup,
  lossy,
  named,
  nullable,
  numeric,
  type Table,
  table,
  text,
  timestamp,
  uuid,
} from '../../lib/table.ts'
import { metadataOf } from '../support/parquet.ts'
import { differences } from '../support/postgres-words.ts'
import { readers } from '../support/readers.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { Value } from '../support/wire.ts'
import { type Derived, type DerivedOptions, derive } from './derived-file.ts'

type Words = Readonly<Record<string, readonly (string | null)[]>>

async function wordsOf(table: Table, { file }: Derived): Promise<Words> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'derived.parquet')
  await Bun.write(path, file)
  const [one, other] = await Promise.all(
    ['DuckDB', 'hyparquet'].map((reader) => readers[reader]!(path, table.output)),
  )
  expect(differences(one!, other!)).toEqual([])
  return one!
}

const upTo = (count: number) => Array.from({ length: count }, (_, id) => id)

function failing(
  table: Table,
  rows: readonly (readonly Value[])[],
  options?: DerivedOptions,
): Promise<string> {
  return derive(table, rows, options).then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

test.each<[string, (row: object) => object]>([
  ['spread', (row) => ({ ...row })],
  ['destructured with a rest', ({ id: _, ...rest }: { id?: number }) => rest],
  ['assigned', (row) => Object.assign({}, row)],
])('a row that is %s ends the load: a copy would know no name that is not there', async (_, copy) => {
  const things = table({
    name: 'things',
    columns: { id: integer, note: text },
    filter: (row) => Reflect.get(copy(row), 'nte') !== 'draft',
  })
  expect(await failing(things, [['1', 'draft']])).toContain(
    'things.filter": in the row with id 1, its function failed: the row cannot be copied, as by { ...row }: name its columns',
  )
})

test('a place of a row is no column: only lists have places', async () => {
  const things = table({
    name: 'things',
    columns: { id: integer },
    filter: (row) => Reflect.get(row, '0') !== 1,
  })
  expect(await failing(things, [['1']])).toContain('its function failed: the row has no "0"')
})

test.each([
  ['json', json, '{bad', 'which is not a document of JSON'],
  ['jsonb', jsonb, '', 'which is not a document of JSON'],
  ['uuid', uuid, 'abc', 'which is not a uuid in its 36 lower-case characters'],
  ['uuid in capitals', uuid, '7F3C1E6A-0000-4000-8000-0123456789AB', 'which is not a uuid'],
])('a text that is no %s ends the load', async (_, type, value, reason) => {
  const derived = { type, value: () => value }
  const things = table({ name: 'things', columns: { id: integer }, derive: { derived } })
  expect(await failing(things, [['1']])).toContain(`its function gave "${value}", ${reason}`)
})

test('what a lookup has not found is null in a nullable column as it is given, and nowhere else', async () => {
  const lookups = {
    currency: lookup({ from: 'currencies', key: 'id', columns: { id: integer, name: nullable(text) } }),
  }
  const things = table({
    name: 'things',
    columns: { id: integer },
    lookups,
    derive: {
      name: { type: nullable(text), value: ({ id }, { currency }) => currency(id)?.name },
      again: { type: nullable(text), value: ({ id }, { currency }) => currency(id)?.name },
      seen: { type: text, value: ({ name }) => (name === null ? 'none' : name) },
    },
  })
  const derived = await derive(things, [[1], [2], [2], [3]], {
    lookups: {
      currency: [
        [1, 'EUR'],
        [3, null],
      ],
    },
  })
  expect(await wordsOf(things, derived)).toMatchObject({
    name: ['EUR', null, null, null],
    again: ['EUR', null, null, null],
    seen: ['EUR', 'none', 'none', 'none'],
  })
  expect(derived.nulls).toEqual({ name: 3, again: 3 })

  const required = table({
    name: 'things',
    columns: { id: integer },
    lookups,
    derive: {
      // @ts-expect-error a column that is not nullable takes no undefined
      name: { type: text, value: ({ id }, { currency }) => currency(id)?.name },
    },
  })
  expect(await failing(required, [[2]])).toContain('its function gave undefined, which is not a string')
})

describe('a filter', () => {
  const long = 'x'.repeat(300)
  const kept: readonly (readonly [string, (id: number) => boolean])[] = [
    ['the first', (id) => id === 0],
    ['the last', (id) => id === 4999],
    ['none', () => false],
    ['all', () => true],
    ['every third', (id) => id % 3 === 1],
    ['long runs', (id) => id % 1000 < 500],
  ]
  // Around what a batch holds, so that rows lie across chunks, and batches lose all their rows.
  const sizes: readonly DerivedOptions[] = [
    {},
    { chunkBytes: 1000, batchBytes: 1024, rowGroupRows: 100 },
    { chunkBytes: 7, batchBytes: 1, rowGroupRows: 100 },
    { chunkBytes: 1_000_000, batchBytes: 4096, rowGroupRows: 1 },
  ]
  const rows = upTo(5000).map((id) => [id, id % 7 === 0 ? null : long.slice(0, id % 300), [id, null, id + 1]])

  test.each(kept)('that keeps %s loses no other row, wherever chunks and batches end', async (_, keeps) => {
    const filtered = table({
      name: 'filtered',
      columns: { id: integer, body: nullable(text), list: array(integer) },
      derive: {
        twice: { type: integer, value: ({ id }) => id * 2 },
        same: { type: nullable(text), value: ({ body }) => body },
      },
      filter: ({ id }) => keeps(id),
    })
    for (const size of sizes) {
      const few = size.chunkBytes === 7 ? rows.slice(0, 700) : rows
      const expected = few.filter(([id]) => keeps(Number(id)))
      const derived = await derive(filtered, few, size)
      expect([derived.rowsRead, derived.rows]).toEqual([few.length, expected.length])
      expect(Number(metadataOf(derived.file).num_rows)).toBe(expected.length)
      const found = await wordsOf(filtered, derived)
      expect(
        differences({ ...found } as never, {
          id: expected.map(([id]) => String(id)),
          body: expected.map(([, body]) => body as string | null),
          list: expected.map(([id]) => `["${id}",null,"${Number(id) + 1}"]`),
          twice: expected.map(([id]) => String(Number(id) * 2)),
          same: expected.map(([, body]) => body as string | null),
        }),
      ).toEqual([])
    }
  })

  test.each([
    ['undefined', 'undefined, which is not true or false'],
    ['1', '1, which is not true or false'],
    ['a Promise', 'a Promise: a function of a script cannot wait for anything'],
  ])('that gives %s is refused', async (_, told) => {
    const answer: unknown = { u: undefined, '1': 1, a: Promise.resolve(true) }[
      told.startsWith('a P') ? 'a' : told[0] === 'u' ? 'u' : '1'
    ]
    const filtered = table({ name: 'filtered', columns: { id: integer }, filter: () => answer as boolean })
    expect(await failing(filtered, [[7]])).toBe(
      `Cannot derive "filtered.filter": in the row with id 7, its function gave ${told}. Correct scripts/filtered.ts, or the row.`,
    )
  })

  test('does not change which row of the stream is named for a value that does not fit', async () => {
    const columns = { id: integer, body: text, price: numeric(4, 2) }
    const filtered = table({ name: 'filtered', columns, filter: ({ id }) => id % 3 === 0 })
    const rows = upTo(1000).map((id): Value[] => [id, 'a', id === 900 ? '100' : '1.5'])
    for (const batchBytes of [1, 1000, 1_000_000]) {
      const options = { batchBytes, primaryKey: [] }
      const told = 'the value 100 in row 901 of the stream does not fit numeric(4,2)'
      expect(await failing(filtered, rows, options)).toContain(told)
      const gap = rows.map(([id, body, price]) => [id!, id === 900 ? null : body!, price!])
      expect(await failing(filtered, gap, options)).toContain('row 901 of the stream has null')
    }
    // What is dropped need not fit.
    const dropped = rows.map(([id, ...rest]) => [Number(id) + 1, ...rest])
    expect(await derive(filtered, dropped)).toMatchObject({ rowsRead: 1000, rows: 333 })
  })
})

describe('columns', () => {
  test('that are internal are seen by functions and not by the lake, derived ones too, which run only if asked', async () => {
    let asked = 0
    const things = table({
      name: 'things',
      columns: { hidden: text, id: integer, shown: text },
      derive: {
        step: { type: text, value: ({ hidden }) => `${asked++ < 0 ? '' : hidden}!` },
        result: { type: text, value: (row) => (row.id % 2 === 0 ? row.step : 'odd') },
        never: { type: integer, value: () => Number.NaN },
      },
      internal: ['hidden', 'step', 'never'],
    })
    expect(Object.keys(things.output)).toEqual(['id', 'shown', 'result'])
    const derived = await derive(things, [
      ['a', 0, 's'],
      ['b', 1, 's'],
      ['c', 2, 's'],
    ])
    expect(await wordsOf(things, derived)).toEqual({
      id: ['0', '1', '2'],
      shown: ['s', 's', 's'],
      result: ['a!', 'odd', 'c!'],
    })
    expect(asked).toBe(2)
  })

  test('derived of one another are computed once a row, in whatever order they stand', async () => {
    const calls = { base: 0, middle: 0 }
    const things = table({
      name: 'things',
      columns: { id: integer },
      derive: {
        top: { type: integer, value: ({ base, middle }) => base + middle },
        middle: {
          type: integer,
          value: ({ base }) => {
            calls.middle++
            return base * 10
          },
        },
        base: {
          type: integer,
          value: ({ id }) => {
            calls.base++
            return id + 1
          },
        },
      },
      filter: ({ middle }) => middle !== 20,
    })
    const derived = await derive(
      things,
      upTo(4).map((id) => [id]),
    )
    expect(await wordsOf(things, derived)).toMatchObject({ id: ['0', '2', '3'], top: ['11', '33', '44'] })
    expect(calls).toEqual({ base: 4, middle: 4 })
  })

  test('derived of themselves are refused, and name one of them', async () => {
    type Numbers = { one: number; other: number }
    const things = table<{ id: typeof integer }, Record<never, never>, Numbers>({
      name: 'things',
      columns: { id: integer },
      derive: {
        one: { type: integer, value: ({ other }) => other },
        other: { type: integer, value: ({ one }) => one },
      },
    })
    expect(await failing(things, [[3]])).toBe(
      'Cannot derive "things.one": in the row with id 3, its function failed: one is derived from itself. Correct scripts/things.ts, or the row.',
    )
  })

  test('are as a lossy column lets them pass, in functions as in the lake', async () => {
    const things = table({
      name: 'things',
      columns: {
        id: integer,
        price: lossy(numeric(9, 2), 'clamp'),
        seen: lossy(timestamp, 'null'),
        due: lossy(date, 'clamp'),
        days: array(lossy(date, 'null')),
      },
      derive: {
        of_price: { type: numeric(9, 2), value: ({ price }) => price },
        of_seen: { type: nullable(timestamp), value: ({ seen }) => seen },
        of_due: { type: date, value: ({ due }) => due },
        of_days: { type: array(date), value: ({ days }) => days },
      },
      filter: ({ id, seen }) => id !== 2 || seen !== null,
    })
    const most = 2n ** 63n - 1n
    const rows: Value[][] = [
      [1, 'Infinity', most, 2 ** 31 - 1, [2 ** 31 - 1, 0]],
      [2, '-Infinity', -most - 1n, -(2 ** 31), []],
      [3, '-Infinity', 0n, -(2 ** 31), [null]],
      [4, '1.50', 252_455_616_000_000_000n, 0, [-(2 ** 31)]],
    ]
    const derived = await derive(things, rows)
    const found = await wordsOf(things, derived)
    expect(found).toMatchObject({
      id: ['1', '3', '4'],
      price: ['9999999.99', '-9999999.99', '1.50'],
      seen: [null, '946684800000000', null],
      due: ['2932896', '-719162', '10957'],
      days: ['[null,"10957"]', '[null]', '[null]'],
    })
    for (const name of ['price', 'seen', 'due', 'days'])
      expect([name, found[`of_${name}`]]).toEqual([name, found[name]])
    // Only rows that are kept are counted.
    expect({ ...derived.lossy }).toEqual({ price: 2, seen: 2, due: 2, days: 2 })
    expect({ ...derived.nulls }).toEqual({ of_seen: 2 })
  })

  test('may be called as what every object has', async () => {
    const names = ['constructor', 'prototype', 'valueof', 'has_own_property', 'arguments', 'undefined', '_']
    const columns = Object.fromEntries(names.map((name): [string, Column<string>] => [name, text]))
    const things = table<Readonly<Record<string, Column<string>>>, { constructor: Lookup }, { all: string }>({
      name: 'things',
      columns: { id: text, ...columns },
      lookups: {
        constructor: lookup({
          from: 'a',
          key: 'constructor',
          columns: { constructor: text, hasOwnProperty: text },
        }),
      } as never,
      derive: {
        all: {
          type: text,
          value: (row, lookups) => {
            const own = row['constructor']
            const found = Reflect.get(lookups, 'constructor')(own)
            return `${row['id']} ${own} ${found?.hasOwnProperty} ${names.map((name) => row[name]).join('')}`
          },
        },
      },
    })
    const derived = await derive(things, [['1', ...names.map((_, at) => String(at))]], {
      lookups: { constructor: [['0', 'own']] },
    })
    expect((await wordsOf(things, derived))['all']).toEqual(['1 0 own 0123456'])
  })

  test('1,600 of them, and one for each derived', async () => {
    const names = Array.from({ length: 800 }, (_, at) => `c${at}`)
    const columns = Object.fromEntries(names.map((name): [string, Column<number>] => [name, integer]))
    const wide = table<
      Readonly<Record<string, Column<number>>>,
      Record<never, never>,
      Record<string, number>
    >({
      name: 'wide',
      columns,
      derive: Object.fromEntries(
        names.map((name, at) => [
          `of_${name}`,
          { type: integer, value: (row) => row[name]! + row[`c${(at + 1) % 800}`]! },
        ]),
      ),
      filter: (row) => row['c0']! % 2 === 0,
    })
    const rows = upTo(300).map((id) => names.map((_, at) => id + at))
    const derived = await derive(wide, rows, { primaryKey: [], chunkBytes: 5000 })
    const found = await wordsOf(wide, derived)
    const ids = upTo(150).map((id) => id * 2)
    expect(Object.keys(found)).toHaveLength(1600)
    for (const at of [0, 1, 400, 799]) {
      expect(found[`c${at}`]).toEqual(ids.map((id) => String(id + at)))
      expect(found[`of_c${at}`]).toEqual(ids.map((id) => String(2 * id + at + ((at + 1) % 800))))
    }
  })

  test('are read anew in every row, also when reading the row before failed, or its bytes were changed', async () => {
    const things = table({
      name: 'things',
      columns: { id: integer, price: numeric(4, 2), raw: bytea },
      derive: {
        spoilt: { type: integer, value: ({ raw }) => raw.fill(0).length },
        first: { type: integer, value: ({ raw }) => raw[0] ?? -1 },
        caught: {
          type: text,
          value: (row) => {
            try {
              return row.price.toString()
            } catch {
              return `no price of ${row.id}`
            }
          },
        },
      },
      internal: ['price'],
    })
    const byte = (value: number) => Uint8Array.of(value)
    const derived = await derive(
      things,
      [
        [1, '1.5', byte(7)],
        [2, '100', byte(8)],
        [3, '2.5', byte(9)],
      ],
      { batchBytes: 1, chunkBytes: 5 },
    )
    expect(await wordsOf(things, derived)).toMatchObject({
      raw: ['07', '08', '09'],
      first: ['7', '8', '9'],
      caught: ['1.5', 'no price of 2', '2.5'],
    })
  })
})

describe('a function that fails', () => {
  const cases: readonly (readonly [string, () => never, string])[] = [
    [
      'throws an Error',
      () => {
        throw new Error('no such rate.')
      },
      'no such rate',
    ],
    [
      'throws one without words',
      () => {
        throw new TypeError()
      },
      'TypeError',
    ],
    [
      'throws something else',
      () => {
        throw 'a word'
      },
      'a word',
    ],
    [
      'throws what has no words',
      () => {
        throw Object.create(null)
      },
      'what it threw cannot be told',
    ],
    [
      'calls itself without end',
      () => {
        // Not the last thing it does: such a call would need no stack.
        const again = (): number => 1 + again()
        throw new Error(`never ${again()}`)
      },
      'Maximum call stack size exceeded',
    ],
  ]
  test.each(cases)('%s: the row is named', async (_, value, told) => {
    const things = table({
      name: 'things',
      columns: { id: named('Id', integer), part: text },
      derive: { made: { type: integer, value: ({ id }) => (id === 5 ? value() : id) } },
    })
    const rows = upTo(10).map((id) => [id, 'é'])
    const because = `its function failed: ${told}. Correct scripts/things.ts, or the row`
    expect(await failing(things, rows, { primaryKey: ['part', 'Id'] })).toBe(
      `Cannot derive "things.made": in the row with part "é", id 5, ${because}.`,
    )
    // Where its key is not read, by its place.
    for (const primaryKey of [[], ['other'], ['Id', 'other']])
      expect(await failing(things, rows, { primaryKey, batchBytes: 30 })).toContain(
        `in the row with number 6 of the stream, ${because} (set synchronize_seqscans to off; select * from "public"."things" offset 5 limit 1;).`,
      )
  })

  test.each([
    [
      numeric(4, 2),
      '123.456',
      'the value 123.456 does not fit numeric(4,2) (of held)',
      'held: numeric(6, 3),',
    ],
    [nullable(numeric(4, 2)), 'NaN', 'the value NaN does not fit', `held: lossy(numeric(4, 2), 'null'),`],
    [text, null, 'held is null where text NOT NULL is declared', 'held: nullable(text),'],
  ] as [Column, Value, string, string][])(
    'as a field does not fit its column: the line to paste is told, of the %#th',
    async (type, held, told, line) => {
      const things = table({
        name: 'things',
        columns: { id: integer, held: type },
        derive: { made: { type: integer, value: ({ held: field }) => (field === null ? 0 : 1) } },
      })
      const failed = await failing(things, [[7, held]])
      expect(failed).toStartWith(
        `Cannot derive "things.made": in the row with id 7, its function failed: ${told}`,
      )
      expect(failed).toEndWith(`. Correct scripts/things.ts, or the row, or write there: ${line}`)
    },
  )

  test('as a lookup’s row has a value that does not fit: its column is named', async () => {
    const things = table({
      name: 'things',
      columns: { id: integer },
      lookups: {
        rate: lookup({ from: 'a', key: 'id', columns: { id: integer, rate: numeric(4, 2), note: text } }),
      },
      derive: {
        made: { type: nullable(numeric(4, 2)), value: ({ id }, { rate }) => rate(id)?.rate ?? null },
      },
    })
    const told = (reason: string, line: string) =>
      `Cannot derive "things.made": in the row with id 1, its function failed: ${reason}. Correct scripts/things.ts, or the row, or write in its lookup there: ${line}`
    expect(await failing(things, [[1]], { lookups: { rate: [[1, 'NaN', 'a']] } })).toBe(
      told('the value NaN does not fit numeric(4,2) (of rate)', `rate: lossy(numeric(4, 2), 'null'),`),
    )
    expect(await failing(things, [[1]], { lookups: { rate: [[1, '1', null]] } })).toBe(
      told('note of the row found is null where text NOT NULL is declared', 'note: nullable(text),'),
    )
    expect(await derive(things, [[2]], { lookups: { rate: [[1, 'NaN', null]] } })).toMatchObject({
      rows: 1,
      nulls: { made: 1 },
    })
  })
})

test('documents of a lookup, one in every row, are written as they come, not gathered', async () => {
  const things = table({
    name: 'things',
    columns: { id: integer },
    lookups: { document: lookup({ from: 'a', key: 'id', columns: { id: integer, body: text } }) },
    derive: { body: { type: text, value: (_, { document }) => document(0)?.body ?? '' } },
    filter: ({ id }) => id % 2 === 0,
  })
  const rows = upTo(800).map((id) => [id])
  let most = 0
  const body = '0123456789abcdef'.repeat(2 ** 14)
  const derived = await derive(things, rows, {
    lookups: { document: [[0, body]] },
    onVectors: (vectors) => {
      for (const { byteCount: used } of vectors) most = Math.max(most, used)
    },
  })
  expect([derived.rowsRead, derived.rows]).toEqual([800, 400])
  expect(most).toBeLessThan(10 * 1024 * 1024)
  const found = await wordsOf(things, derived)
  expect(found['id']).toEqual(upTo(400).map((id) => String(id * 2)))
  expect(new Set(found['body'])).toEqual(new Set([body]))
})
