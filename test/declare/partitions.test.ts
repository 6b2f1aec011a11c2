/** What a script may say of partitions: what the compiler refuses, and what is refused where no compiler was asked. */
import { expect, test } from 'bun:test'
import {
  array,
  bigint,
  date,
  day,
  doublePrecision,
  every,
  integer,
  jsonb,
  lookup,
  lossy,
  month,
  named,
  nullable,
  numeric,
  ranges,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
  value,
  year,
} from '../../lib/table.ts'

const columns = {
  id: bigint,
  kind: text,
  note: nullable(text),
  amount: numeric(14, 2),
  ratio: doublePrecision,
  body: jsonb,
  tags: array(text),
  code: uuid,
  on: date,
  created_at: nullable(timestamptz),
  updated_at: timestamp,
  expires_at: lossy(timestamp, 'null'),
  seen_at: named('Seen At', timestamptz),
}
const of = { name: 'events', columns }
const sibling = { within: 'partition', key: 'id', columns: { id: bigint } } as const
const incremental = { changed: 'updated_at', overlap: '2h', key: 'id' } as const

test('a table is plain unless it says otherwise, and an Iceberg table once it has partitions', () => {
  expect(table(of)).toMatchObject({ format: 'plain', partitionBy: undefined, incremental: undefined })
  expect(table({ ...of, format: 'iceberg' })).toMatchObject({ format: 'iceberg', partitionBy: undefined })
  expect(table({ ...of, evolve: 'add' })).toMatchObject({ format: 'iceberg', evolve: 'add' })
  const partitions = [
    [day('created_at'), 'day'],
    [month('seen_at'), 'month'],
    [year('on'), 'year'],
    [ranges('id', 1_000_000), 'truncate[1000000]'],
    [value('kind'), 'identity'],
    [value('amount'), 'identity'],
    [value('note'), 'identity'],
  ] as const
  for (const [partitionBy, transform] of partitions) {
    expect(table({ ...of, partitionBy })).toMatchObject({ format: 'iceberg', partitionBy: { transform } })
  }
})

test('what is found by changes and keys is plain data, in milliseconds', () => {
  const declared = table({
    ...of,
    partitionBy: day('created_at'),
    incremental: { ...incremental, reconcile: every('1d') },
  })
  expect(declared.incremental).toEqual({
    changed: 'updated_at',
    overlapMs: 7_200_000,
    key: 'id',
    reconcile: { everyMs: 86_400_000 },
    staleLookups: undefined,
  })
  expect(Object.isFrozen(declared.incremental)).toBe(true)
})

test('the compiler sees columns that there are none of, and those of another kind', () => {
  // @ts-expect-error no such column
  expect(() => table({ ...of, partitionBy: day('createdat') })).toThrow('the nearest is "created_at"')
  // @ts-expect-error a text has no days
  expect(() => table({ ...of, partitionBy: day('kind') })).toThrow("by day('kind'), and kind is text")
  // @ts-expect-error money has no ranges
  expect(() => table({ ...of, partitionBy: ranges('amount', 10) })).toThrow('amount is numeric(14, 2)')
  // @ts-expect-error no such column
  expect(() => table({ ...of, partitionBy: value('kin') })).toThrow('the nearest is "kind"')
  const changes = (changed: 'updated_at') => ({ ...incremental, changed })
  // @ts-expect-error a text says no time
  expect(() => table({ ...of, partitionBy: day('on'), incremental: changes('kind') })).toThrow('kind is text')
  // @ts-expect-error no time without a unit
  expect(() => every('1')).toThrow('Cannot declare "every(\'1\')": its time is "1". Write a time')
})

/** Without types, as a script is run: with whatever it says. */
const declare = table as (...options: unknown[]) => unknown
const partitioned = { ...of, partitionBy: day('created_at') }
const wrong: readonly (readonly [string, () => unknown, string])[] = [
  [
    'a partition by name',
    () => declare({ ...of, partitionBy: 'created_at' }),
    'partitionBy of table() is "created_at"',
  ],
  [
    'a partition that is not set',
    () => declare({ ...of, partitionBy: undefined }),
    'is undefined, not an object',
  ],
  [
    'a partition that no call has made',
    () => declare({ ...of, partitionBy: { column: 'created_at', transform: 'hour' } }),
    "which says no partition. Write day('created_at')",
  ],
  [
    'a day of a number',
    () => declare({ ...of, partitionBy: day('id') }),
    'id is bigint. Take a date or a timestamp.',
  ],
  [
    'ranges of days',
    () => declare({ ...of, partitionBy: ranges('on', 7) }),
    'on is date. Take a smallint, integer',
  ],
  ['a float', () => declare({ ...of, partitionBy: value('ratio') }), 'ratio is doublePrecision. Take text'],
  [
    'ranges of a float',
    () => declare({ ...of, partitionBy: ranges('ratio', 7) }),
    'ratio is doublePrecision',
  ],
  ['a document', () => declare({ ...of, partitionBy: value('body') }), 'body is jsonb'],
  ['a list', () => declare({ ...of, partitionBy: value('tags') }), 'tags is array(text)'],
  [
    'a moment as it is',
    () => declare({ ...of, partitionBy: value('updated_at') }),
    'updated_at is timestamp',
  ],
  ['no width', () => ranges('id', 0), 'its width is 0. Write a whole number of 1 or more'],
  ['half a width', () => ranges('id', 0.5), 'its width is 0.5'],
  [
    'a column that may be changed',
    () => declare({ ...of, partitionBy: day('expires_at') }),
    'by expires_at, whose values may be changed by lossy()',
  ],
  [
    'a column that readers do not have',
    () => declare({ ...partitioned, internal: ['created_at'] }),
    'by created_at, which is internal',
  ],
  [
    'a derived column',
    () => declare({ ...of, derive: { made: { type: date, value: () => 1 } }, partitionBy: day('made') }),
    'by made, which is no column that it reads',
  ],
  ['a format', () => declare({ ...of, format: 'hive' }), 'its format is "hive". Write format: \'iceberg\''],
  ['another evolution', () => declare({ ...of, evolve: 'all' }), 'its evolve is "all"'],
  [
    'an evolution of a query',
    () => declare({ ...of, from: 'select 1 as id', evolve: 'add' }),
    'is read by a query, which names its columns itself',
  ],
  [
    'partitions of plain files',
    () => declare({ ...partitioned, format: 'plain' }),
    'it has partitionBy, and its format is "plain"',
  ],
  ['increments of nothing', () => declare({ ...of, incremental }), 'it is incremental and has no partitions'],
  [
    'partitions and slices',
    () => declare({ ...partitioned, sliceBy: 'id' }),
    'it has both partitionBy and sliceBy. Leave sliceBy out',
  ],
  [
    'no overlap',
    () => declare({ ...partitioned, incremental: { changed: 'updated_at', key: 'id' } }),
    'incremental is given no overlap',
  ],
  [
    'an overlap in words',
    () => declare({ ...partitioned, incremental: { ...incremental, overlap: 'two hours' } }),
    'its overlap is "two hours". Write a time',
  ],
  [
    'an option of increments misspelt',
    () => declare({ ...partitioned, incremental: { ...incremental, reconsile: 'always' } }),
    'incremental has no option "reconsile", the nearest is "reconcile"',
  ],
  [
    'a reconciliation in words',
    () => declare({ ...partitioned, incremental: { ...incremental, reconcile: '1d' } }),
    "its reconcile is \"1d\". Write reconcile: 'always' or reconcile: every('1d').",
  ],
  [
    'a key that is none',
    () => declare({ ...partitioned, incremental: { ...incremental, key: 'amount' } }),
    'its key amount is numeric(14, 2). Take an integer, uuid or text.',
  ],
  [
    'a key that readers do not have',
    () => declare({ ...partitioned, internal: ['id'], incremental }),
    'its key id is internal. Keys are compared in the lake too',
  ],
  [
    'a change that is not read',
    () => declare({ ...partitioned, incremental: { ...incremental, changed: 'update_at' } }),
    'its changed update_at is no column that it reads, the nearest is "updated_at"',
  ],
  [
    'lookups that may have changed',
    () =>
      declare({
        ...partitioned,
        lookups: { rate: lookup({ from: 'rates', key: 'id', columns: { id: integer } }) },
        incremental,
      }),
    "Write staleLookups: 'accepted' into incremental",
  ],
  [
    'a lookup within partitions where there are none',
    () => table({ ...of, lookups: { same: lookup({ ...sibling, from: 'events' }) } }),
    'its lookup same is read within partitions, and it has none',
  ],
  [
    'a lookup within partitions of other rows than its own',
    () =>
      table({
        ...of,
        partitionBy: day('created_at'),
        lookups: { same: lookup({ ...sibling, from: 'rates' }) },
      }),
    'its lookup same is read within partitions, and from public.rates',
  ],
]

test.each(wrong)('%s is refused in one line', (_, make, told) => {
  expect(make).toThrow(told)
  expect(make).not.toThrow('\n')
})
