import { expect, test } from 'bun:test'
import { parseRelationName, writeRelationName } from '../../lib/declare/relation-name.ts'
import { integer, table } from '../../lib/table.ts'

test('a name stands as it is, after its schema if it has one', () => {
  for (const [text, schema, name] of [
    ['orders', 'public', 'orders'],
    ['Sales.Orders 2', 'Sales', 'Orders 2'],
    ['shop.a.b', 'shop', 'a.b'],
    ['"my.schema".orders', 'my.schema', 'orders'],
    ['shop."a.b"', 'shop', 'a.b'],
    ['"a.b"', 'public', 'a.b'],
    ['"say ""hi"""."""x"""', 'say "hi"', '"x"'],
    ['5" nails', 'public', '5" nails'],
  ] as const) {
    expect(parseRelationName(text)).toEqual({ schema, name })
    expect(table({ name: 'any', from: text, columns: { id: integer } }).source).toEqual({ schema, name })
  }
})

test('what is written is read as it was', () => {
  const names = [
    'a',
    'A b',
    'a.b',
    '.',
    '"',
    '"a"',
    'a"b',
    'a"."b',
    '".',
    'ä',
    '"a".b',
    'public',
    'select me',
    'With a',
  ]
  for (const schema of ['public', ...names]) {
    for (const name of names) {
      const relation = { schema, name }
      expect(parseRelationName(writeRelationName(relation))).toEqual(relation)
    }
  }
})

test('a name without an end is refused', () => {
  for (const text of ['', '.a', 'a.', '"a', '"a"b', '"a".', 'a."b', '""', '"a""']) {
    expect(() => parseRelationName(text)).toThrow(`Cannot declare "${text}": it is not the name of a table`)
  }
})
