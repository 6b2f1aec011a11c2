/** What the compiler holds a script to; the tests run so that the lines are not dead. */
import { expect, test } from 'bun:test'
import {
  array,
  bigint,
  date,
  decimal,
  integer,
  jsonb,
  lossy,
  named,
  nullable,
  numeric,
  type RowOf,
  table,
  text,
  timestamp,
} from '../lib/table.ts'

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
  order.total.times(order.quantity)
  expect(order.total.times(2n).toString()).toBe('7')
})

test('declarations that make no sense do not compile, or are refused', () => {
  // @ts-expect-error every integer has a place in the lake
  lossy(integer, 'clamp')
  // @ts-expect-error there is no such policy
  lossy(timestamp, 'round')
  expect(() => array(nullable(integer))).toThrow('its elements may be null anyway')
  expect(() => array(array(integer))).toThrow('cannot be arrays')
  expect(() => numeric(39, 2)).toThrow("Athena's decimals have 1 to 38 digits")
  expect(() => numeric(10, 11)).toThrow('a scale of 0 to the precision')
  expect(() => numeric(10.5)).toThrow('1 to 38 digits')
  expect(() => table({ name: 'Orders', columns: { id: bigint } })).toThrow('"Orders" is not one Athena takes')
  expect(() => table({ name: 'orders', columns: { Id: bigint } })).toThrow('"Id" is not one Athena takes')
  expect(() => table({ name: 'orders', columns: {} })).toThrow('it has no columns')
})
