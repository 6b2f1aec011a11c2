import { expect, test } from 'bun:test'
import { jsonNumber, jsonText } from '../lib/json.ts'

test.each([
  ['{"email": "a@example.org"}', 'a@example.org'],
  ['{"email": "\\u00e9\\"\\\\"}', 'é"\\'],
  ['{"email": ""}', ''],
  ['{"email": null}', null],
  ['{"mail": "a"}', null],
  ['{"email": 12345678901234567890.10}', '12345678901234567890.10'],
  ['{"email": true}', 'true'],
  ['{"email": {"a": [1.50, "x", null]}}', '{"a": [1.50, "x", null]}'],
  ['"email"', null],
  ['["email"]', null],
  ['null', null],
])('the member email of %s is %p, as ->> has it', (document, text) => {
  expect(jsonText(document, 'email')).toBe(text)
})

test('a document that is null has no members, and no member is inherited', () => {
  expect(jsonText(null, 'email')).toBeNull()
  expect(jsonText('{}', 'toString')).toBeNull()
})

test('a number may be written as a string, and anything else is refused', () => {
  expect(['4.5', '"4.5"', '-1e3', 'null'].map((score) => jsonNumber(`{"score": ${score}}`, 'score'))).toEqual(
    [4.5, 4.5, -1000, null],
  )
  for (const score of ['"good"', '""', 'true', '[1]']) {
    expect(() => jsonNumber(`{"score": ${score}}`, 'score')).toThrow('is not a number')
  }
})
