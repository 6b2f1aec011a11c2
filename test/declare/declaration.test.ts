/** What the compiler would refuse of a declaration is refused where no compiler was asked, too. */
import { expect, test } from 'bun:test'
import {
  array,
  bigint,
  integer,
  lookup,
  lossy,
  named,
  nullable,
  numeric,
  table,
  text,
  timestamp,
} from '../../lib/table.ts'

const columns = { id: bigint, total: numeric(14, 2), note: nullable(text) }
const of = { name: 'orders', columns }
const rates = { from: 'rates', key: 'order_id', columns: { order_id: bigint, rate: numeric(18, 6) } }
const made = { type: integer, value: () => 1 }

/** Without types, as a script is run: with whatever it says. */
const declare = table as (...options: unknown[]) => unknown
const look = lookup as (...options: unknown[]) => unknown
const wrong: readonly (readonly [string, () => unknown, string])[] = [
  [
    'a filter misspelt',
    () => declare({ ...of, filtr: () => true }),
    'Cannot declare "orders": table() has no option "filtr", the nearest is "filter". It has name, columns,',
  ],
  ['where misspelt', () => declare({ ...of, wehre: 'id > 1' }), 'no option "wehre", the nearest is "where"'],
  ['an option in capitals', () => declare({ ...of, Filter: () => true }), 'the nearest is "filter"'],
  [
    'an option of every object',
    () => declare({ ...of, toString: 1 }),
    'table() has no option "toString", the nearest is',
  ],
  ['no columns', () => declare({ name: 'orders' }), 'table() is given no columns'],
  ['no name', () => declare({ columns }), 'Cannot declare "table()": table() is given no name'],
  [
    'a filter behind the options',
    () => declare(of, { filter: () => true }),
    'table() is given 2 values, and takes one object. Put all',
  ],
  ['where behind a lookup', () => look(rates, { where: 'id > 1' }), 'lookup() is given 2 values'],
  ['nothing', () => declare(undefined), 'table() is given undefined, not an object'],
  ['a where that is a number', () => declare({ ...of, where: 5 }), 'where of table() is 5, not a string'],
  ['an empty where', () => declare({ ...of, where: ' ' }), 'where of table() is " ", not a string'],
  [
    'a filter that is none',
    () => declare({ ...of, filter: 'id > 1' }),
    'filter of table() is "id > 1", not a function',
  ],
  // A variable that is not set would keep all rows.
  [
    'a filter that is undefined',
    () => declare({ ...of, filter: undefined }),
    'filter of table() is undefined, not a function',
  ],
  ['a filter that waits', () => declare({ ...of, filter: async () => true }), 'not async, and no generator'],
  [
    'a filter that is a generator',
    () =>
      declare({
        ...of,
        *filter() {
          yield true
        },
      }),
    'not async, and no generator',
  ],
  [
    'one name as internal',
    () => declare({ ...of, internal: 'note' }),
    'internal of table() is "note", not a list of names',
  ],
  [
    'an internal that is no column',
    () => declare({ ...of, internal: ['note', 'totl'] }),
    'totl is internal and no column, the nearest is "total"',
  ],
  [
    'numbers to ignore',
    () => declare({ ...of, ignore: [1] }),
    'ignore of table() is a list, not a list of names',
  ],
  ['a column read and ignored', () => declare({ ...of, ignore: ['note'] }), 'note is both read and ignored'],
  [
    'numeric without digits',
    () => declare({ ...of, columns: { total: numeric } }),
    'columns.total is the function numeric, which is no type. It is called, as in numeric(14, 2)',
  ],
  [
    'nullable of nothing',
    () => declare({ ...of, columns: { note: nullable } }),
    'It is called, as in nullable(text)',
  ],
  [
    'a type in quotes',
    () => declare({ ...of, columns: { id: 'bigint' } }),
    'columns.id is "bigint", which is no type. Types are imported from lib/table.ts, and stand without quotes',
  ],
  [
    'a type that is undefined',
    () => declare({ ...of, columns: { id: undefined } }),
    'columns.id is undefined, which is no type',
  ],
  [
    'a list of columns',
    () => declare({ ...of, columns: [bigint] }),
    'columns of table() is a list, not an object',
  ],
  [
    'nullable around numeric',
    () => nullable(numeric as never),
    'Cannot declare "nullable(numeric)": numeric is no type. It is called, as in numeric(14, 2)',
  ],
  ['array around a name', () => array('text' as never), 'Cannot declare "array("text")"'],
  [
    'named with its arguments swapped',
    () => named(text as never, 'Order Id' as never),
    'its first argument is no name',
  ],
  [
    'a copy of a type',
    () => declare({ ...of, columns: { id: { ...bigint, nullable: true } } }),
    'columns.id is an object, which is no type',
  ],
  [
    'a copy of a lookup',
    () => declare({ ...of, lookups: { rate: { ...lookup({ ...rates, key: 'order_id' }), key: ['rate'] } } }),
    'lookups.rate is an object, which is no lookup',
  ],
  ['named without a type', () => (named as (name: string) => unknown)('Order Id'), 'undefined is no type'],
  [
    'nullable of two',
    () => (nullable as (...given: unknown[]) => unknown)(integer, 5),
    'given 1 value too many',
  ],
  [
    'a list of two dimensions',
    () => (array as (...given: unknown[]) => unknown)(integer, 2),
    'as in array(text)',
  ],
  ['a third digit', () => (numeric as (...given: number[]) => unknown)(9, 2, 1), 'as in numeric(14, 2)'],
  ['a policy there is none of', () => lossy(timestamp, 'nul' as never), '"nul" is no policy'],
  [
    'a derived column without its type',
    () => declare({ ...of, derive: { made: () => 1 } }),
    'derive.made is given the function made, not an object',
  ],
  [
    'a derived column with its function misspelt',
    () => declare({ ...of, derive: { made: { type: integer, vlaue: () => 1 } } }),
    'derive.made has no option "vlaue", the nearest is "value"',
  ],
  [
    'a derived column without a function',
    () => declare({ ...of, derive: { made: { type: integer } } }),
    'derive.made is given no value',
  ],
  [
    'a derived column with a value',
    () => declare({ ...of, derive: { made: { ...made, value: 1 } } }),
    'value of derive.made is 1, not a function',
  ],
  [
    'a derived column that waits',
    () => declare({ ...of, derive: { made: { ...made, value: async () => 1 } } }),
    'not async',
  ],
  [
    'a derived column of no type',
    () => declare({ ...of, derive: { made: { ...made, type: numeric } } }),
    'type of derive.made is the function numeric, which is no type. It is called',
  ],
  [
    'a comment on a column that the lake does not have',
    () => declare({ ...of, comments: { nite: 'x' } }),
    'comments.nite is of no column of the lake, the nearest is "note"',
  ],
  [
    'a comment on an internal column',
    () => declare({ ...of, internal: ['note'], comments: { note: 'x' } }),
    'comments.note is of no column of the lake',
  ],
  [
    'a comment that is none',
    () => declare({ ...of, comments: { note: 1 } }),
    'comments of table() is an object, not an object of strings that are not empty',
  ],
  ['an empty comment', () => declare({ ...of, comment: ' ' }), 'not a string that is not empty'],
  [
    'an owner too long',
    () => declare({ ...of, owner: 'é'.repeat(128) }),
    'owner has 256 bytes, and 1 to 255 are taken',
  ],
  [
    'an owner of two lines',
    () => declare({ ...of, owner: 'a\nb' }),
    'owner is not one line without blanks around it',
  ],
  ['a tag of half a letter', () => declare({ ...of, tags: { a: '\ud800' } }), 'tags.a is not one line'],
  ['a tag without a name', () => declare({ ...of, tags: { '': 'x' } }), 'the name of the tag "" has 0 bytes'],
  [
    'a name of a tag too long',
    () => declare({ ...of, tags: { ['x'.repeat(129)]: 'y' } }),
    'has 129 bytes, and 1 to 128 are taken',
  ],
  ['a tag that is a number', () => declare({ ...of, tags: { tier: 1 } }), 'tags of table() is an object'],
  [
    'a lookup without lookup()',
    () => declare({ ...of, lookups: { rate: rates } }),
    'lookups.rate is an object, which is no lookup. Make it by a call',
  ],
  [
    'the option of a lookup misspelt',
    () => look({ ...rates, latestby: 'rate' }),
    'Cannot declare "lookup of rates": lookup() has no option "latestby", the nearest is "latestBy"',
  ],
  [
    'an option of table() in a lookup',
    () => look({ ...rates, ignore: ['x'] }),
    'lookup() has no option "ignore"',
  ],
  [
    'a lookup without its key',
    () => look({ from: 'rates', columns: rates.columns }),
    'lookup() is given no key',
  ],
  [
    'a lookup by a column there is none of',
    () => look({ ...rates, key: 'order' }),
    'its key order is no column of it, the nearest is "order_id"',
  ],
  [
    'a lookup by several, one misspelt',
    () => look({ ...rates, key: ['order_id', 'rat'] }),
    'its key rat is no column of it, the nearest is "rate"',
  ],
  [
    'the latest by a column there is none of',
    () => look({ ...rates, latestBy: 'orderid' }),
    'its latestBy orderid is no column of it, the nearest is "order_id"',
  ],
  [
    'many that is a word',
    () => look({ ...rates, many: 'yes' }),
    'many of lookup() is "yes", not true or false',
  ],
  [
    'a lookup with numeric as it is',
    () => look({ ...rates, columns: { order_id: bigint, rate: numeric } }),
    'columns.rate is the function numeric',
  ],
  ['a lookup of nothing', () => look(undefined), 'Cannot declare "lookup()": lookup() is given undefined'],
]

test.each(wrong)('%s is refused, and what was meant is named', (_, make, told) => {
  expect(make).toThrow(told)
})

test('what the compiler takes is taken, whatever it is built of', () => {
  const shared = { ...of, where: 'id > 1', internal: ['note'], ignore: ['gone'] }
  expect(declare({ ...shared, lookups: { rate: look(rates) }, derive: { made } })).toHaveProperty(
    'name',
    'orders',
  )
  const renamed = named('Note', nullable(text))
  expect(declare({ ...of, columns: { ...columns, renamed }, ignore: ['renamed'] })).toHaveProperty('ignore', [
    'renamed',
  ])
  expect(
    declare({
      ...of,
      filter: function kept() {
        return true
      },
    }),
  ).toHaveProperty('name', 'orders')
})
