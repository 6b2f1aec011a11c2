/** What functions return, appended to columns and read back by readers that are not ours. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  decimal,
  doublePrecision,
  integer,
  json,
  jsonb,
  nullable,
  numeric,
  oid,
  real,
  smallint,
  type Table,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'
import type { Column } from '../../lib/types/type.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { differences, type Words } from '../support/postgres-words.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { characters, randomBits } from '../support/random-values.ts'
import { readers } from '../support/readers.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { Scalar, Value } from '../support/wire.ts'
import { derive } from './derived-file.ts'

/** By each reader, in words. */
async function readBack(file: Uint8Array, columns: Readonly<Record<string, Column>>): Promise<Words[]> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'derived.parquet')
  await Bun.write(path, file)
  return [await readers['DuckDB']!(path, columns), await readers['hyparquet']!(path, columns)]
}

/** One derived column with these values, a row each. */
function tableOf(type: Column, values: readonly unknown[]): Table {
  return table({
    name: 'things',
    columns: { id: integer },
    derive: { made: { type, value: ({ id }) => values[id] } },
  })
}

const idsOf = (values: readonly unknown[]) => values.map((_, id) => [id])
const nines = '9'.repeat(38)

/** A type, its values in functions, and in the words of readers. */
const fine: readonly (readonly [Column, readonly unknown[], readonly (string | null)[]])[] = [
  [smallint, [-32_768, 0, -0, 32_767], ['-32768', '0', '0', '32767']],
  [integer, [-2_147_483_648, -1, 2_147_483_647], ['-2147483648', '-1', '2147483647']],
  [
    bigint,
    [-(2n ** 63n), -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n],
    [String(-(2n ** 63n)), '-1', '0', '9007199254740993', String(2n ** 63n - 1n)],
  ],
  [oid, [0n, 2n ** 31n, 2n ** 32n - 1n], ['0', '2147483648', '4294967295']],
  [
    numeric(9, 2),
    ['-9999999.99', '-0', '0.01', '1.5', '9999999.990'].map(decimal),
    ['-9999999.99', '0.00', '0.01', '1.50', '9999999.99'],
  ],
  [
    numeric(18, 6),
    [
      '-999999999999.999999',
      '-0.000001',
      '9007199254.740991',
      '-9007199254.740991',
      '9007199254.740992',
      '999999999999.999999',
    ].map(decimal),
    [
      '-999999999999.999999',
      '-0.000001',
      '9007199254.740991',
      '-9007199254.740991',
      '9007199254.740992',
      '999999999999.999999',
    ],
  ],
  [
    numeric(16, 0),
    ['9007199254740991', '9007199254740993', '-9999999999999999'].map(decimal),
    ['9007199254740991', '9007199254740993', '-9999999999999999'],
  ],
  [
    numeric(38, 0),
    [nines, `-${nines}`, '-1', '0', '9007199254740991'].map(decimal),
    [nines, `-${nines}`, '-1', '0', '9007199254740991'],
  ],
  [
    numeric(38, 38),
    [`0.${nines}`, `-0.${nines}`, '1e-38'].map(decimal),
    [`0.${nines}`, `-0.${nines}`, `0.${'0'.repeat(37)}1`],
  ],
  [
    numeric(20, 2),
    [decimal('1').dividedBy(decimal('-4')), decimal('2.50').times(decimal('0'))],
    ['-0.25', '0.00'],
  ],
  [
    text,
    ['', 'a', 'é', '😀', '\ufeffa', 'x'.repeat(1_048_576), `${'x'.repeat(100_000)}é`],
    ['', 'a', 'é', '😀', '\ufeffa', 'x'.repeat(1_048_576), `${'x'.repeat(100_000)}é`],
  ],
  [uuid, ['80000000-0000-0000-0000-000000000001'], ['80000000-0000-0000-0000-000000000001']],
  [jsonb, ['{"a": 1.50}'], ['{"a": 1.50}']],
  [json, ['null'], ['null']],
  [bytea, [new Uint8Array(0), Uint8Array.of(0, 255)], ['', '00ff']],
  [boolean, [true, false], ['true', 'false']],
  [date, [-719_162, -1, 0, 2_932_896], ['-719162', '-1', '0', '2932896']],
  [
    timestamp,
    [-62_135_596_800_000_000n, -1n, 253_402_300_799_999_999n],
    ['-62135596800000000', '-1', '253402300799999999'],
  ],
  [timestamptz, [0n], ['0']],
  [
    doublePrecision,
    [Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324, 0.1],
    ['NaN', '-0', 'Infinity', '5e-324', '0.1'],
  ],
  [
    real,
    [Number.NaN, -0, Number.NEGATIVE_INFINITY, Math.fround(0.1)],
    ['NaN', '-0', '-Infinity', String(Math.fround(0.1))],
  ],
  [array(text), [[], ['a', null, '']], ['[]', '["a",null,""]']],
  [
    nullable(array(numeric(9, 2))),
    [null, [], [null], [decimal('1.5'), null]],
    [null, '[]', '[null]', '["1.50",null]'],
  ],
  [array(bigint), [[-1n, null], [2n ** 63n - 1n]], ['["-1",null]', '["9223372036854775807"]']],
  [nullable(array(boolean)), [[true, false, null]], ['["true","false",null]']],
]

test.each(fine.map((each) => [each[0].type, ...each] as const))('%s', async (_, type, values, words) => {
  const isNullable = values.includes(null)
  const withNull = isNullable ? values : [null, ...values, null]
  const wordsWithNull = isNullable ? words : [null, ...words, null]
  for (const [made, given, expected] of [
    [type, values, words],
    [nullable(type), withNull, wordsWithNull],
  ] as const) {
    const { file, nulls } = await derive(tableOf(made, given), idsOf(given))
    expect(nulls).toEqual(
      given.includes(null) ? { made: given.filter((value) => value === null).length } : {},
    )
    for (const found of await readBack(file, { id: integer, made })) {
      expect(differences(found, { id: given.map((_, at) => String(at)), made: [...expected] })).toEqual([])
    }
  }
})

const cut = '😀'.slice(0, 1)

/** A type, what a function gives for it, and what is told. */
const unfit: readonly (readonly [Column, unknown, string])[] = [
  [integer, null, 'null, where the column is not nullable'],
  [array(integer), null, 'null, which is not an array'],
  [nullable(integer), undefined, 'undefined, which is not an integer'],
  [nullable(array(integer)), undefined, 'undefined, which is not an array'],
  [nullable(text), Promise.resolve('a'), 'a Promise: a function of a script cannot wait for anything'],
  [text, () => 'a', 'a function, which is not a string'],
  [integer, Number.NaN, 'NaN, which is not an integer'],
  [integer, 1.5, '1.5, which is not an integer'],
  [integer, 1n, '1n, which is not an integer'],
  [integer, '1', '"1", which is not an integer'],
  [integer, 2 ** 31, '2147483648, which is beyond -2147483648 to 2147483647'],
  [smallint, -32_769, '-32769, which is beyond -32768 to 32767'],
  [bigint, 1, '1, which is not a bigint'],
  [bigint, 2n ** 63n, '9223372036854775808, which is beyond'],
  [oid, -1n, '-1, which is beyond 0 to 4294967295'],
  [date, 2_932_897, '2932897, which is beyond'],
  [date, new Date(0), 'a Date, which is not an integer'],
  [timestamp, 253_402_300_800_000_000n, '253402300800000000, which is beyond'],
  [timestamp, 0, '0, which is not a bigint'],
  [numeric(9, 2), 1.5, '1.5, which is not a Decimal'],
  [
    numeric(9, 2),
    decimal('1.005'),
    '1.005, which has more digits after the point than numeric(9,2): round it, as toDecimalPlaces(2) does',
  ],
  [
    numeric(9, 2),
    decimal('1').dividedBy(decimal('3')),
    `0.${'3'.repeat(100)}, which has more digits after the point than numeric(9,2)`,
  ],
  [numeric(9, 2), decimal('1').dividedBy(decimal('0')), 'Infinity, which has no place in numeric(9,2)'],
  [numeric(9, 2), decimal('0').dividedBy(decimal('0')), 'NaN, which has no place in numeric(9,2)'],
  [
    numeric(9, 2),
    decimal('-10000000'),
    '-10000000, which has more digits before the point than numeric(9,2)',
  ],
  [
    numeric(18, 2),
    decimal('1e16'),
    '10000000000000000, which has more digits before the point than numeric(18,2)',
  ],
  [
    numeric(38, 0),
    decimal(`1${'0'.repeat(38)}`),
    '1e+38, which has more digits before the point than numeric(38,0)',
  ],
  [numeric(38, 0), decimal('0.5'), '0.5, which has more digits after the point'],
  [text, 1, '1, which is not a string'],
  [text, ['a'], 'a Array, which is not a string'],
  [text, Object.create(null), 'a object, which is not a string'],
  [text, Symbol('a'), 'Symbol(a), which is not a string'],
  [text, `a${cut}`, 'a string that cuts a character in two: "a\\ud83d"'],
  [text, 'é'.repeat(1000) + cut, `a string that cuts a character in two: "${'é'.repeat(80)}…"`],
  [bytea, 'a', '"a", which is not a Uint8Array'],
  [boolean, 1, '1, which is not a boolean'],
  [real, 0.1, '0.1, which no real holds'],
  [doublePrecision, 1n, '1n, which is not a number'],
  [array(integer), 'ab', '"ab", which is not an array'],
  [array(integer), [1, undefined], 'an element that is undefined, which is not an integer'],
  [array(numeric(3, 1)), [decimal('1.25')], 'an element that is 1.25, which has more digits'],
]

const named = unfit.map(([type, value, reason]) => [type.type, reason, type, value] as const)

test.each(named)('for %s a function gives %s', async (_, reason, type, value) => {
  const values = [value]
  const failed = derive(tableOf(type, values), idsOf(values))
  expect(failed).rejects.toMatchObject({ exit: 3 })
  expect(failed).rejects.toThrow(
    `Cannot derive "things.made": in the row with id 0, its function gave ${reason}`,
  )
  expect(failed).rejects.toThrow(
    /\. Correct scripts\/things\.ts, or the row(\.|, or write there, for made: type: (nullable\(.*\)|numeric\(1[09], 2\)),)$/,
  )
})

describe('values at random', () => {
  const random = randomFrom(20261122)
  type Kind = readonly [column: Column, value: (random: Random) => Scalar]
  const micros = (r: Random) => BigInt(r.integer(2 ** 48)) * (r() < 0.5 ? -1n : 1n)
  const digits = (r: Random, whole: number, fraction: number) =>
    `${r() < 0.4 ? '-' : ''}${r.integer(10 ** Math.min(whole, 9))}.${String(r.integer(10 ** Math.min(fraction, 9))).padStart(Math.min(fraction, 9), '0')}`
  const kinds: readonly Kind[] = [
    [smallint, (r) => r.integer(65_536) - 32_768],
    [integer, (r) => r.integer(2 ** 32) - 2 ** 31],
    [bigint, (r) => BigInt.asIntN(64, randomBits(r))],
    [oid, (r) => BigInt(r.integer(2 ** 32))],
    [real, (r) => Math.fround((r() - 0.5) * 10 ** (r.integer(60) - 30))],
    [doublePrecision, (r) => (r() - 0.5) * 10 ** (r.integer(60) - 30)],
    [boolean, (r) => r() < 0.5],
    [text, (r) => characters(r, r.integer(40))],
    [
      uuid,
      (r) =>
        BigInt.asUintN(128, randomBits(r))
          .toString(16)
          .padStart(32, '0')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    ],
    [jsonb, (r) => JSON.stringify(characters(r, r.integer(9)))],
    [bytea, (r) => Uint8Array.from({ length: r.integer(20) }, () => r.integer(256))],
    [date, (r) => r.integer(2_900_000) - 719_162],
    [timestamp, micros],
    [timestamptz, micros],
    [numeric(9, 2), (r) => digits(r, 7, 2)],
    [numeric(18, 6), (r) => digits(r, 12, 6)],
    [
      numeric(38, 9),
      (r) =>
        `${r() < 0.5 ? '-' : ''}${BigInt.asUintN(96, randomBits(r))}.${r.integer(1e9)}`.replace(
          /\.(\d+)$/,
          (_, d) => `.${d.padStart(9, '0')}`,
        ),
    ],
  ]
  const declared = Array.from(
    { length: 24 },
    (_, at): readonly [string, Column, (random: Random) => Value] => {
      const [column, scalar] = at < kinds.length ? kinds[at]! : random.pick(kinds)
      const isList = at >= kinds.length
      const whole = isList ? array(column) : column
      const isNullable = random() < 0.6
      const value = isList
        ? (r: Random) => Array.from({ length: r.integer(4) }, () => (r() < 0.2 ? null : scalar(r)))
        : scalar
      return [
        `c${at}`,
        isNullable ? nullable(whole) : whole,
        (r) => (isNullable && r() < 0.2 ? null : value(r)),
      ]
    },
  )
  const columns = Object.fromEntries(declared.map(([name, column]) => [name, column]))
  const rows = Array.from({ length: 3000 }, (_, id) => [id, ...declared.map(([, , value]) => value(random))])
  const derivations = declared.map(([name, type]) => [
    `of_${name}`,
    { type, value: (row: Readonly<Record<string, unknown>>) => row[name] },
  ])
  const copied = table<Readonly<Record<string, Column>>, Record<never, never>, Record<string, unknown>>({
    name: 'copied',
    columns: { id: integer, ...columns },
    derive: Object.fromEntries(derivations),
    filter: (row) => Number(row['id']) % 3 !== 0,
  })

  test.each([
    ['in one go', {}],
    [
      'in chunks and batches that cut rows anywhere',
      { chunkBytes: 777, batchBytes: 2000, rowGroupRows: 300 },
    ],
    ['a few bytes at a time', { chunkBytes: 61, batchBytes: 1 }],
  ])('are written as the columns they were read from: %s', async (_, sizes) => {
    const { file, rowsRead, rows: written } = await derive(copied, rows, sizes)
    expect([rowsRead, written]).toEqual([3000, 2000])
    for (const found of await readBack(file, copied.output)) {
      const kept = rows.flatMap(([id]) => (Number(id) % 3 === 0 ? [] : [String(id)]))
      expect(found['id']).toEqual(kept)
      const expected = Object.fromEntries(declared.map(([name]) => [`of_${name}`, found[name]!]))
      expect(differences(found, expected)).toEqual([])
    }
  })
})

test('a NaN that a function makes is found by a reader that skips what bounds rule out', async () => {
  const values = [Number.NaN, ...Array.from({ length: 99 }, () => 5)]
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'derived.parquet')
  for (const type of [doublePrecision, real]) {
    const { file } = await derive(tableOf(type, values), idsOf(values))
    await Bun.write(path, file)
    const found = await queryWithDuckdb(path, 'select id from read_parquet($file) where made <> 5')
    expect(found).toEqual([['0']])
  }
})
