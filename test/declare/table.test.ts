/** What the compiler holds a script to; the tests run so that the lines are not dead. */
import { expect, test } from 'bun:test'
import {
  array,
  bigint,
  type Decimal,
  date,
  decimal,
  integer,
  jsonb,
  lookup,
  lossy,
  named,
  nullable,
  numeric,
  type RowOf,
  table,
  text,
  timestamp,
} from '../../lib/table.ts'

const orders = table({
  name: 'orders',
  columns: {
    id: bigint,
    quantity: integer,
    total: numeric(14, 2),
    note: nullable(text),
    tags: nullable(array(text)),
    placed_at: lossy(timestamp, 'null'),
    due: lossy(date, 'clamp'),
    details: named('Details', jsonb),
  },
})

type Order = RowOf<typeof orders>

const order: Order = {
  id: 1n,
  quantity: 2,
  total: decimal('3.50'),
  note: null,
  tags: ['a', null],
  placed_at: null,
  due: 20_000,
  details: '{}',
}

test('a row has exactly the declared columns, with their types', () => {
  // @ts-expect-error no such column
  expect(order.totl).toBeUndefined()
  // @ts-expect-error money is a Decimal, not a number
  const total: Order['total'] = 3.5
  // @ts-expect-error int8 is a bigint, not a number
  const id: Order['id'] = 1
  // @ts-expect-error int4 is a number, not a bigint
  const quantity: Order['quantity'] = 1n
  // @ts-expect-error a nullable column may be null
  const note: string = order.note
  // @ts-expect-error elements of an array may be null
  const tags: readonly string[] | null = order.tags
  // @ts-expect-error a timestamp that may become null in the lake
  const placed: bigint = order.placed_at
  // @ts-expect-error NOT NULL
  const due: Order['due'] = null
  // @ts-expect-error a timestamp is microseconds, not a Date
  const at: Order['placed_at'] = new Date(0)
  expect([total, id, quantity, note, tags, placed, due, at]).toHaveLength(8)
})

test('a bigint and a number do not mix, nor a Decimal and an operator', () => {
  // @ts-expect-error bigint + number
  expect(() => order.id + order.quantity).toThrow(TypeError)
  // @ts-expect-error Decimal has no operators; its methods are exact
  expect(() => order.total * order.quantity).toThrow('a Decimal has no operators')
  // @ts-expect-error nor a method that takes a number: 0.1 is not a tenth
  expect(() => order.total.times(order.quantity)).toThrow('not with the number 2')
  expect(order.total.times(2n).toString()).toBe('7')
})

test('declarations that make no sense do not compile, or are refused', () => {
  // @ts-expect-error every integer has a place in the lake
  expect(() => lossy(integer, 'clamp')).toThrow('every value of it has a place in the lake')
  // @ts-expect-error there is no such policy
  expect(() => lossy(timestamp, 'round')).toThrow('"round" is no policy')
  expect(() => array(nullable(integer))).toThrow('its elements may be null anyway')
  expect(() => array(array(integer))).toThrow('cannot be arrays')
  expect(() => numeric(39, 2)).toThrow("Athena's decimals have 1 to 38 digits")
  expect(() => numeric(10, 11)).toThrow('a scale of 0 to the precision')
  expect(() => numeric(10.5)).toThrow('1 to 38 digits')
  expect(() => table({ name: 'Orders', columns: { id: bigint } })).toThrow('"Orders" is not one Athena takes')
  expect(() => table({ name: 'orders', columns: { Id: bigint } })).toThrow('"Id" is not one Athena takes')
  expect(() => table({ name: 'orders', columns: {} })).toThrow('it has no columns')
})

test('a source has a name that no other shares its variable with, and only a table has one', () => {
  const from = (source: string) => table({ name: 'orders', source, columns: { id: bigint } })
  expect(from('billing_2').connection).toBe('billing_2')
  expect(table({ name: 'orders', columns: { id: bigint } }).connection).toBeUndefined()
  for (const name of ['billing-eu', 'Billing', '2billing', '_billing', 'bílling', 'a b', 'x'.repeat(41)]) {
    expect(() => from(name)).toThrow(
      `Cannot declare "orders": its source "${name}" is no name of a source. Use at most 40 lower-case letters, digits and underscores, and a letter first`,
    )
  }
  // They would be the files of DATABASE_URL and of the source billing.
  for (const name of ['file', 'billing_file']) expect(() => from(name)).toThrow('ends as the variable does')
  expect(() => from(' ')).toThrow('source of table() is " ", not a string that is not empty')
  // @ts-expect-error a number names nothing
  expect(() => table({ name: 'orders', source: 7, columns: { id: bigint } })).toThrow('is 7, not a string')
  expect(() =>
    // @ts-expect-error a lookup is of its table's source
    lookup({ from: 'rates', source: 'billing', key: 'id', columns: { id: bigint } }),
  ).toThrow('lookup() has no option "source"')
})

test('a name that is too long for what is named after it is refused with its length and the limit', () => {
  const named = (name: string, column = 'id') => table({ name, columns: { [column]: bigint } })
  expect(named('o'.repeat(126)).name).toHaveLength(126)
  expect(() => named('o'.repeat(127))).toThrow('has 127 letters, and tables have at most 126. Shorten it.')
  expect(() => named('orders', 'c'.repeat(129))).toThrow('has 129 letters, and columns have at most 128.')
  expect(Object.keys(named('orders', 'c'.repeat(128)).columns)).toEqual(['c'.repeat(128)])
})

test('how much a table or a lookup may shrink is a share in percent, and half unless it says', () => {
  const shrinking = (shrink: unknown) =>
    table({ name: 'orders', columns: { id: bigint }, shrink: shrink as '5%' })
  const found = (shrink: unknown) =>
    lookup({ from: 'rates', key: 'id', columns: { id: bigint }, shrink: shrink as '5%' })
  expect([shrinking(undefined).shrink, found(undefined).shrink]).toEqual([50, 50])
  expect(['0%', '80%', '99.5%', '100%'].map((each) => shrinking(each).shrink)).toEqual([0, 80, 99.5, 100])
  expect(found('80%').shrink).toBe(80)
  for (const wrong of [
    '80',
    '101%',
    '-1%',
    '1e1%',
    ' 80%',
    '%',
    '',
    80,
    0.8,
    0n,
    null,
    Number.NaN,
    {},
    ['80%'],
  ]) {
    expect(() => shrinking(wrong)).toThrow(
      /^Cannot declare "orders": its shrink is .* no share of its rows\. Write/,
    )
    expect(() => found(wrong)).toThrow(/^Cannot declare "lookup of rates": its shrink is /)
  }
  // @ts-expect-error a number could mean percent or a part of one
  expect(() => table({ name: 'orders', columns: { id: bigint }, shrink: 80 })).toThrow(
    'its shrink is a number',
  )
})

const rates = lookup({
  from: 'rates',
  key: 'order_id',
  columns: { order_id: nullable(bigint), rate: nullable(numeric(18, 6)), currency: text },
})
const parts = lookup({
  from: 'parts',
  key: ['order_id', 'name'],
  many: true,
  columns: { order_id: bigint, name: text, price: numeric(14, 2) },
})

const columns = { id: bigint, quantity: integer, total: numeric(14, 2), note: nullable(text) }
const enriched = { name: 'enriched', columns, lookups: { rate: rates, parts } } as const

test('functions see the row and the lookups with their types, and give what their column is', () => {
  const made = table({
    ...enriched,
    derive: {
      rate: { type: nullable(numeric(18, 6)), value: ({ id }, { rate }) => rate(id)?.rate ?? null },
      doubled: { type: numeric(15, 2), value: ({ total }) => total.times(2n) },
      parts: {
        type: array(text),
        value: ({ id, note }, { parts }) => parts(id, note).map(({ name }) => name),
      },
      // A derived column is seen by the others, whichever comes first.
      is_dear: { type: nullable(text), value: ({ later }) => (later > 3 ? 'dear' : null) },
      later: { type: integer, value: ({ quantity, doubled }) => (doubled.greaterThan(0n) ? quantity : 0) },
    },
    filter: ({ note, later }, { rate }) => note !== null && later > 0 && rate(1n) !== undefined,
    internal: ['note', 'later'],
    ignore: ['anything'],
  })
  const row: RowOf<typeof made> = {
    ...order,
    rate: null,
    doubled: order.total,
    parts: [],
    is_dear: null,
    later: 1,
  }
  const { rate, later }: { readonly rate: Decimal | null; readonly later: number } = row
  expect([rate, later]).toEqual([null, 1])
  expect(Object.keys(made.output)).toEqual(['id', 'quantity', 'total', 'rate', 'doubled', 'parts', 'is_dear'])
})

test('wrong functions do not compile', () => {
  const wrong = [
    table({
      ...enriched,
      // @ts-expect-error no such column
      derive: { made: { type: nullable(text), value: ({ note, totl }) => totl ?? note } },
    }),
    table({
      ...enriched,
      // @ts-expect-error money is a Decimal, not a number
      derive: { made: { type: numeric(14, 2), value: ({ quantity }) => quantity * 1.5 } },
    }),
    // @ts-expect-error a note may be null
    table({ ...enriched, derive: { made: { type: text, value: ({ note }) => note } } }),
    // @ts-expect-error a string is no integer
    table({ ...enriched, derive: { made: { type: integer, value: ({ note }) => note ?? '' } } }),
    // @ts-expect-error nor give nothing
    table({ ...enriched, derive: { made: { type: nullable(integer), value: () => {} } } }),
    // @ts-expect-error there may be no rate
    table({ ...enriched, derive: { made: { type: text, value: ({ id }, { rate }) => rate(id).currency } } }),
    table({
      ...enriched,
      // @ts-expect-error and it may be null
      derive: { made: { type: numeric(18, 6), value: ({ id }, { rate }) => rate(id)?.rate } },
    }),
    table({
      ...enriched,
      // @ts-expect-error int8 is found by a bigint
      derive: { made: { type: text, value: ({ quantity }, { rate }) => rate(quantity)?.currency ?? '' } },
    }),
    table({
      ...enriched,
      derive: {
        // @ts-expect-error its key has two columns
        made: { type: array(text), value: ({ id }, { parts }) => parts(id).map(({ name }) => name) },
      },
    }),
    table({
      ...enriched,
      // @ts-expect-error in this order
      derive: { made: { type: integer, value: ({ id }, { parts }) => parts('a', id).length } },
    }),
    table({
      ...enriched,
      // @ts-expect-error many are a list
      derive: { made: { type: numeric(14, 2), value: ({ id }, { parts }) => parts(id, 'a').price } },
    }),
    table({
      ...enriched,
      // @ts-expect-error and it is not for a function to change
      derive: { made: { type: integer, value: ({ id }, { parts }) => parts(id, 'a').reverse().length } },
    }),
    table({
      ...enriched,
      // @ts-expect-error no such lookup
      derive: { made: { type: nullable(integer), value: ({ id }, { rates }) => rates(id) } },
    }),
    table({
      ...enriched,
      // @ts-expect-error a tenth is decimal('0.1')
      derive: { made: { type: numeric(14, 2), value: ({ total }) => total.times(0.1) } },
    }),
    // @ts-expect-error a row does not change
    table({ ...enriched, derive: { made: { type: integer, value: (row) => (row.quantity = 1) } } }),
    // @ts-expect-error true or false
    table({ ...enriched, filter: ({ note }) => note }),
  ]
  expect(wrong).toHaveLength(16)
  const waits = 'not a function that gives its value at once'
  expect(() =>
    table({
      ...enriched,
      // @ts-expect-error a function cannot wait for anything
      derive: { made: { type: integer, value: async ({ quantity }) => quantity } },
    }),
  ).toThrow(waits)
  // @ts-expect-error nor does a filter wait
  expect(() => table({ ...enriched, filter: async () => true })).toThrow(waits)
  // @ts-expect-error no such column
  expect(() => table({ ...enriched, internal: ['notes'] })).toThrow('notes is internal and no column')
  expect(() =>
    table({
      ...enriched,
      // @ts-expect-error no such column, of those derived either
      internal: ['made', 'mad'],
      derive: { made: { type: integer, value: () => 1 } },
    }),
  ).toThrow('mad is internal and no column')
  const described = {
    ...enriched,
    derive: { made: { type: integer, value: () => 1 } },
    owner: 'billing',
    tags: { team: 'billing' },
  } as const
  expect(table({ ...described, comments: { made: 'One.', note: 'A note.' } }).comments).toEqual({
    made: 'One.',
    note: 'A note.',
  })
  // @ts-expect-error no such column, of those derived either
  expect(() => table({ ...described, comments: { mad: 'One.' } })).toThrow('comments.mad is of no column')
  // @ts-expect-error no such column
  expect(() => lookup({ from: 'rates', key: 'order', columns })).toThrow('order is no column')
  // @ts-expect-error no such column
  expect(() => lookup({ from: 'rates', key: 'id', latestBy: 'at', columns })).toThrow(
    'its latestBy at is no column',
  )
  expect(() => lookup({ from: 'rates', key: 'total', columns })).toThrow(
    'total is no column that rows can be found by',
  )
})

test('a column is read or derived, and is no name that every object has another use for', () => {
  const made = { type: integer, value: () => 1 }
  expect(() => table({ ...enriched, derive: { note: made } })).toThrow('note is both read and derived')
  for (const wrong of [
    { columns: { id: bigint, __proto__: integer } },
    { lookups: { __proto__: rates } },
    { derive: { ['__proto__']: made } },
  ])
    expect(() => table({ ...enriched, ...wrong } as never)).toThrow(
      '__proto__ is not a name that an object can have',
    )
  expect(Object.keys(table({ ...enriched, derive: { constructor: made } }).output)).toContain('constructor')
})
