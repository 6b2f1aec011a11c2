/** What may be hashed and masked, and what that makes of values. */
import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { createVector } from '../../lib/batch/vector.ts'
import { parseHashKey } from '../../lib/config/hash-key.ts'
import { typeOfColumn } from '../../lib/postgres/declaration-of.ts'
import {
  array,
  bigint,
  boolean,
  date,
  day,
  doublePrecision,
  hashed,
  integer,
  json,
  lossy,
  masked,
  named,
  nullable,
  numeric,
  numericText,
  ranges,
  real,
  smallint,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
  value,
} from '../../lib/table.ts'
import { valueAppender } from '../../lib/types/append.ts'
import { hashKeyOf } from '../../lib/types/hash-key.ts'
import { rememberTexts } from '../../lib/types/remember-texts.ts'
import type { Column } from '../../lib/types/type.ts'

const secret = '0123456789abcdef0123456789abcdef'
const key = hashKeyOf(secret)
const hmac = (of: string) => createHmac('sha256', secret).update(of).digest('hex')

/** What the lake has of a value that a function gave. */
function written(column: Column, given: unknown): string {
  const vector = createVector(column)
  const reason = valueAppender(column, key)(vector, given)
  if (reason !== undefined) return `! ${reason}`
  return Buffer.from(vector.bytes.subarray(4, vector.byteCount)).toString()
}

test('a hash is HMAC-SHA-256 of the text, whatever the type, as another library has it', () => {
  const samples: [Column, unknown, string][] = [
    [hashed(text), 'zoë@example.com', 'zoë@example.com'],
    [hashed(text), '', ''],
    [hashed(integer), 7, '7'],
    [hashed(smallint), -7, '-7'],
    [hashed(bigint), 7n, '7'],
    [hashed(numericText), '7', '7'],
    [hashed(uuid), '6f1c9f5e-4b2b-4d53-9c9f-1f1f0a7d3e55', '6f1c9f5e-4b2b-4d53-9c9f-1f1f0a7d3e55'],
  ]
  for (const [column, given, of] of samples) expect(written(column, given)).toBe(hmac(of))
  expect(key.fingerprint).toMatch(/^[0-9a-f]{16}$/)
  expect(hashKeyOf(`${secret}x`).fingerprint).not.toBe(key.fingerprint)
})

test('a mask keeps what it is told to and no more than half, and does not tell how long a value was', () => {
  const last = masked(text, { keepLast: 4 })
  expect(['123456789', '12345678', '1234567', '', 'ä🦇ö🦇1234'].map((each) => written(last, each))).toEqual([
    ...['***6789', '***5678', '***', '***', '***1234'],
  ])
  const both = masked(text, { keepFirst: 1, keepLast: 1 })
  expect(['🦇bcd🦇', 'abc'].map((each) => written(both, each))).toEqual(['🦇***🦇', '***'])
  const domain = masked(text, { keep: 'domain' })
  expect(
    ['a@b@c.example', 'nobody', '@', 'a@localhost', 'meet me @ 5 pm, Zoe'].map((each) =>
      written(domain, each),
    ),
  ).toEqual([...['***@c.example', '***', '***', '***', '***']])
  expect(['a', 'abc'].map((each) => written(masked(text), each))).toEqual(['***', '***'])
  expect(written(masked(integer, { keepLast: 2 }), 12345)).toBe('***45')
})

test('a value that does not fit is told by its type alone', () => {
  expect(written(hashed(integer), 'secret')).toBe('! a value of the type string, which is not a number')
  expect(written(hashed(integer), 1.5)).toBe('! a number that does not fit integer')
  expect(written(hashed(uuid), 'secret')).toBe('! a string that does not fit uuid')
  expect(written(hashed(text), '\ud800')).toBe('! a string that does not fit text')
  expect(written(hashed(text), null)).toBe('! null, where the column is not nullable')
})

test('wraps and is wrapped, and is written as it was', () => {
  const written = (column: Column) => [typeOfColumn(column), column.nullable, column.source, column.athena]
  for (const column of [
    nullable(named('E-Mail', hashed(text))),
    hashed(named('E-Mail', nullable(text))),
    named('E-Mail', hashed(nullable(text))),
  ]) {
    expect(written(column)).toEqual(['named("E-Mail", hashed(text))', true, 'E-Mail', 'string'])
  }
  expect(typeOfColumn(masked(bigint, { keepFirst: 1, keepLast: 2 }))).toBe(
    'masked(bigint, { keepFirst: 1, keepLast: 2 })',
  )
  expect(typeOfColumn(hashed(lossy(timestamp, 'text')))).toBe('hashed(text)')
})

test('takes no type whose values have more texts than one, nor itself', () => {
  const others: [string, Column][] = [
    ['real', real],
    ['doublePrecision', doublePrecision],
    ['numeric(14, 2)', numeric(14, 2)],
    ['boolean', boolean],
    ['date', date],
    ['timestamp', timestamp],
    ['json', json],
    ['array(text)', array(text)],
  ]
  for (const [script, column] of others) {
    expect(() => hashed(column as never)).toThrow(`Cannot declare "hashed(${script})": it takes text,`)
    expect(() => masked(column as never)).toThrow('Read the column by its text, as in masked(text).')
  }
  expect(() => hashed(hashed(text))).toThrow('its values are hashed already')
  expect(() => masked(nullable(hashed(text)))).toThrow('its values are hashed already')
  expect(() => array(hashed(text))).toThrow('elements of a list cannot be hashed')
  // @ts-expect-error it is no column
  expect(() => hashed('text')).toThrow('is no type')
  // @ts-expect-error it has no options
  expect(() => hashed(text, { keepLast: 4 })).toThrow('1 value too many')
  const mistakes = [
    { keepLast: 0 },
    { keepLast: 17 },
    { keepLast: '4' },
    { keepMiddle: 2 },
    { keep: 'all' },
    null,
    4,
  ]
  for (const wrong of [...mistakes, { keep: 'domain', keepLast: 2 }]) {
    expect(() => masked(text, wrong as never)).toThrow('Write masked(text), or with')
  }
})

test('is no column that files, partitions, slices or increments are told by', () => {
  const columns = { id: hashed(integer), kind: masked(text), day: date, changed: timestamptz, other: bigint }
  const told = (more: object) => () => table({ name: 'people', columns, ...more } as never)
  expect(told({ partitionBy: ranges('id', 10) })).toThrow('it is partitioned by id, which is hashed')
  expect(told({ partitionBy: value('kind') })).toThrow('it is partitioned by kind, which is masked')
  expect(told({ sliceBy: 'id' })).toThrow('it is sliced by id, which is hashed')
  const incremental = { changed: 'changed', overlap: '1h', key: 'id' }
  expect(told({ partitionBy: day('day'), incremental })).toThrow('its key is id, which is hashed')
})

test('is unique and found elsewhere by its hash, and is one of no values', () => {
  const columns = { id: integer, email: hashed(text), iban: masked(text) }
  const expecting = (expect: object) => () => table({ name: 'people', columns, expect } as never)
  expect(expecting({ unique: ['email'], references: { email: 'letters.recipient' } })).not.toThrow()
  expect(expecting({ values: { email: ['a@b.example'] } })).toThrow('names email, which is hashed(text)')
  expect(expecting({ unique: ['iban'] })).toThrow('names iban, which is masked(text)')
})

test('what was made of a text is remembered by its bytes, and forgotten where no text comes twice', () => {
  let made = 0
  const make = rememberTexts((bytes) => {
    made++
    return Buffer.from(bytes).toString()
  })
  const shared = Buffer.alloc(8)
  for (let at = 0; at < 1_000; at++) {
    shared.write(`value ${at % 10}`)
    expect(make(shared.subarray(0, 7))).toBe(`value ${at % 10}`)
  }
  expect(made).toBe(10)
  for (let at = 0; at < 60_000; at++) make(Buffer.from(`new ${at}`))
  expect(made).toBe(60_010)
  expect(make(Buffer.from('value 3'))).toBe('value 3')
})

test('a key is of the environment or a file, of 32 bytes and more, and never told', () => {
  expect(parseHashKey({})).toBeUndefined()
  expect(parseHashKey({ DRACULA_HASH_KEY: '' })).toBeUndefined()
  expect(parseHashKey({ DRACULA_HASH_KEY: ` ${secret}\n` })).toBe(secret)
  const short = () => parseHashKey({ DRACULA_HASH_KEY: 'a-key-that-is-too-short' })
  expect(short).toThrow('it has a key of 23 bytes, and 32 are the least')
  expect(short).not.toThrow('a-key-that')
  const binary = () => parseHashKey({ DRACULA_HASH_KEY: `${secret}\ufffd` })
  expect(binary).toThrow('has a key that is no text')
})
