/** What a script may expect of its rows, and what neither the compiler nor a running script lets pass. */
import { expect, test } from 'bun:test'
import type { ExpectOptions } from '../../lib/declare/expect.ts'
import { formatExpectation } from '../../lib/declare/expectation.ts'
import {
  array,
  bigint,
  bytea,
  type Decimal,
  date,
  decimal,
  doublePrecision,
  hashed,
  integer,
  masked,
  nullable,
  numeric,
  schemas,
  table,
  text,
  timestamp,
} from '../../lib/table.ts'

interface Row {
  readonly id: bigint
  readonly amount: Decimal
  readonly state: string | null
  readonly day: number
  readonly at: bigint
  readonly share: number
  readonly tags: readonly (string | null)[]
  readonly bytes: Uint8Array
  readonly line: number
  readonly label: string
  readonly email: string
  readonly phone: string
}

/** The table of `Row`, with these expectations; `secret` is read and internal. */
function orders(expected: ExpectOptions<Row>, more: { readonly shrink?: '5%' } = {}) {
  return table({
    name: 'orders',
    columns: {
      id: bigint,
      amount: numeric(14, 2),
      state: nullable(text),
      day: date,
      at: timestamp,
      share: doublePrecision,
      tags: array(text),
      bytes: bytea,
      line: integer,
      secret: text,
      email: hashed(text),
      phone: masked(text),
    },
    derive: { label: { type: text, value: ({ state }) => state ?? '' } },
    internal: ['secret'],
    expect: expected,
    ...more,
  })
}

/** What no compiler lets pass, for a script that was not compiled. */
const unchecked = (expected: unknown) => orders(expected as ExpectOptions<Row>)

test('a wrong column, a value of another type and an unknown expectation do not compile', () => {
  // @ts-expect-error no such column
  expect(() => orders({ unique: ['ident'] })).toThrow('the nearest is "id"')
  // @ts-expect-error no such column
  expect(() => orders({ unique: [['id', 'lines']] })).toThrow('the nearest is "line"')
  // @ts-expect-error no such column
  expect(() => orders({ notNull: ['amuont'] })).toThrow('the nearest is "amount"')
  // @ts-expect-error no such column
  expect(() => orders({ values: { sttae: ['open'] } })).toThrow('the nearest is "state"')
  // @ts-expect-error a text is no number
  expect(() => orders({ values: { state: [1] } })).toThrow('lists 1, which is not a string')
  // @ts-expect-error money is no number
  expect(() => orders({ values: { amount: [1.5] } })).toThrow('lists 1.5, which is not a Decimal')
  // @ts-expect-error null is no value
  expect(() => orders({ values: { state: [null] } })).toThrow('lists null, which is no value')
  // @ts-expect-error no such column
  expect(() => orders({ references: { idd: 'groups.id' } })).toThrow('the nearest is "id"')
  // @ts-expect-error a table has columns
  expect(() => orders({ references: { id: 'groups' } })).toThrow('no column of a table')
  // @ts-expect-error a number is no time
  expect(() => orders({ freshness: 2 })).toThrow("Write a time, as '90s'")
  // @ts-expect-error no such column
  expect(() => orders({ freshness: { column: 'ta', within: '2h' } })).toThrow('the nearest is "at"')
  // @ts-expect-error there is nothing of that name
  expect(() => orders({ uniq: ['id'] })).toThrow('has no option "uniq", the nearest is "unique"')
  // @ts-expect-error nothing warns in a warning
  expect(() => orders({ warn: { warn: {} } })).toThrow('expect.warn has no option "warn"')
  // @ts-expect-error a load that shrank is not published
  expect(() => orders({ warn: { rows: { maxShrink: '5%' } } })).toThrow('has no option "maxShrink"')
})

test('expectations of columns that the lake has, read and derived, come in their order with what is warned of last', () => {
  const { expectations } = orders({
    unique: ['id', ['day', 'line']],
    notNull: ['state', 'tags', 'bytes'],
    values: {
      state: ['open', 'open', "it's"],
      amount: [decimal('1.50')],
      day: [20_513],
      label: ['a'],
    },
    references: { id: 'groups.id', line: 'orders.line', email: 'users.email' },
    freshness: { column: 'at', within: '90m' },
    rows: { min: 1 },
    warn: { freshness: '2h', rows: { min: 10 } },
  })
  const stop = { severity: 'stop' } as const
  expect(expectations).toEqual([
    { ...stop, kind: 'unique', columns: ['id'] },
    { ...stop, kind: 'unique', columns: ['day', 'line'] },
    { ...stop, kind: 'notNull', column: 'state' },
    { ...stop, kind: 'notNull', column: 'tags' },
    { ...stop, kind: 'notNull', column: 'bytes' },
    { ...stop, kind: 'values', column: 'state', values: ['open', "it's"] },
    { ...stop, kind: 'values', column: 'amount', values: ['1.5'] },
    { ...stop, kind: 'values', column: 'day', values: ['2026-03-01'] },
    { ...stop, kind: 'values', column: 'label', values: ['a'] },
    { ...stop, kind: 'references', column: 'id', table: 'groups', to: 'id' },
    { ...stop, kind: 'references', column: 'line', table: 'orders', to: 'line' },
    { ...stop, kind: 'references', column: 'email', table: 'users', to: 'email' },
    { ...stop, kind: 'newest', column: 'at', withinMs: 5_400_000 },
    { ...stop, kind: 'rows', min: 1 },
    { severity: 'warn', kind: 'age', withinMs: 7_200_000 },
    { severity: 'warn', kind: 'rows', min: 10 },
  ])
  expect(table({ name: 'plain', columns: { id: bigint } }).expectations).toEqual([])
})

test('what a load may lose is said once, by shrink or by maxShrink', () => {
  expect(orders({ rows: { maxShrink: '20%' } }).shrink).toBe(20)
  expect(orders({ rows: { min: 1 } }, { shrink: '5%' }).shrink).toBe(5)
  expect(() => orders({ rows: { maxShrink: '20%' } }, { shrink: '5%' })).toThrow(
    'Cannot declare "orders": it has both shrink and maxShrink of expect.rows, which are the same. Write either.',
  )
  expect(() => unchecked({ rows: { maxShrink: 20 } })).toThrow(
    "its maxShrink is a number, and no share of its rows. Write a share from '0%' to '100%', as maxShrink: '80%'.",
  )
})

test('what cannot be expected is refused in one line that says why', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [null, 'expect is given null, not an object'],
    [[], 'expect is given a list, not an object'],
    [{ unique: 'id' }, 'unique of expect is "id", and no list of columns. Write unique: [\'id\'], or'],
    [{ unique: [[]] }, 'unique of expect lists no column'],
    [{ unique: [['id', 'id']] }, 'unique of expect lists a column twice'],
    [{ unique: ['secret'] }, 'unique of expect names secret, which is internal. Leave it out of internal'],
    [
      { unique: ['tags'] },
      'unique of expect names tags, which is array(text). It can be said of integer, numeric, boolean, date, timestamp, text, hashed columns.',
    ],
    [{ unique: ['phone'] }, 'names phone, which is masked(text)'],
    [{ values: { email: ['a'] } }, 'values of expect names email, which is hashed(text)'],
    [{ unique: ['share'] }, 'names share, which is doublePrecision'],
    [{ unique: ['bytes'] }, 'names bytes, which is bytea'],
    [{ unique: ['toString'] }, 'names toString, which is no column of it in the lake'],
    [{ unique: ['__proto__'] }, 'names __proto__, which is no column of it in the lake'],
    [{ notNull: 'id' }, 'notNull of expect is "id", not a list of names'],
    [{ notNull: [1] }, 'notNull of expect is a list, not a list of names'],
    [{ values: { state: [] } }, 'values.state of expect is an empty list'],
    [{ values: { state: 'open' } }, 'values.state of expect is "open"'],
    [{ values: { at: [1n] } }, 'values of expect names at, which is timestamp'],
    [
      { values: { amount: [decimal('1.555')] } },
      'lists 1.555, which has more digits after the point than numeric(14,2)',
    ],
    [{ values: { line: [3_000_000_000] } }, 'values.line of expect lists 3000000000, which'],
    [
      { values: { state: ['ü'.repeat(60_000)] } },
      'the 1 values that its expect lists take 120,030 bytes, and a query has room for 75,000',
    ],
    [{ references: { id: 'a.b.c' } }, 'references.id of expect is "a.b.c"'],
    [{ references: { id: 'x"; drop.id' } }, 'and no column of a table of the lake'],
    [
      { references: { id: 'orders.idd' } },
      'names idd, which is no column of it in the lake, the nearest is "id"',
    ],
    [{ references: { tags: 'groups.id' } }, 'names tags, which is array(text)'],
    [{ freshness: '2 hours' }, 'freshness of expect is "2 hours". Write a time'],
    [{ freshness: { column: 'at' } }, 'freshness of expect is given no within'],
    [
      { freshness: { column: 'id', within: '2h' } },
      'names id, which is bigint. It can be said of date, timestamp columns.',
    ],
    [{ rows: 5 }, 'rows of expect is 5, not an object'],
    [{ rows: { min: -1 } }, 'min of rows of expect is -1'],
    [{ rows: { min: 1.5 } }, 'min of rows of expect is 1.5'],
    [{ rows: { max: 1 } }, 'rows of expect has no option "max"'],
    [{ warn: [] }, 'warn of expect is a list, not an object'],
    [
      { warn: { notNull: ['sate'] } },
      'notNull of expect.warn names sate, which is no column of it in the lake, the nearest is "state"',
    ],
  ]
  for (const [expected, says] of refused) {
    expect(() => unchecked(expected)).toThrow(says)
    expect(() => unchecked(expected)).toThrow(/^Cannot declare "orders": /)
  }
})

test('the compiler knows the columns of the very table: those read, derived and of tenants', () => {
  // @ts-expect-error no such column
  expect(() => table({ name: 'a', columns: { id: bigint }, expect: { unique: ['idd'] } })).toThrow('"id"')
  expect(() =>
    // @ts-expect-error a bigint is no number
    table({ name: 'a', columns: { id: bigint }, expect: { values: { id: [1] } } }),
  ).toThrow('lists 1, which is not a bigint')
  const { expectations } = table({
    name: 'orders',
    tenants: schemas('tenant_%'),
    columns: { id: nullable(bigint) },
    derive: { kind: { type: nullable(text), value: ({ id }) => (id === 1n ? 'first' : null) } },
    expect: { unique: [['tenant', 'id']], values: { kind: ['first'], id: [1n] }, notNull: ['tenant'] },
  })
  expect(expectations.map(formatExpectation)).toEqual([
    'unique tenant, id',
    'notNull tenant',
    'values of kind: "first"',
    'values of id: 1',
  ])
})
