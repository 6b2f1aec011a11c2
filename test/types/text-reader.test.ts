/** Texts of a column as functions see them, whether they are kept or new. */
import { expect, test } from 'bun:test'
import { textReader } from '../../lib/types/text-reader.ts'
import { randomFrom } from '../support/random.ts'
import { characters } from '../support/random-values.ts'

/** A text as a COPY has it. */
function field(text: string): Uint8Array {
  const bytes = Buffer.from(`\0\0\0\0${text}`)
  bytes.writeInt32BE(bytes.length - 4)
  return bytes
}

test('texts are read as they are, those that come again and those that never do', () => {
  const random = randomFrom(20261126)
  const few = [
    '',
    'EUR',
    'EUS',
    'RUE',
    'é',
    'e\u0301',
    'éé',
    'ÿ',
    '\u0000',
    'ab\u0000',
    '\ufeffa',
    '😀',
    'x'.repeat(24),
  ]
  const read = textReader()
  const readAll = (texts: Iterable<string>) => {
    for (const text of texts) {
      const found = read(field(text), 4)
      if (found !== text) expect(found).toBe(text)
    }
  }
  for (let round = 0; round < 300; round++) readAll(few)
  // Enough that the column is taken for one of texts that never come again.
  for (let round = 0; round < 3; round++) {
    readAll(Array.from({ length: 4_000 }, (_, at) => `${characters(random, random.integer(30))}${at}`))
    readAll(few)
  }
  expect(read(field('EUR'), 4)).toBe('EUR')
})

test('a text that is kept is not the bytes it came in', () => {
  const read = textReader()
  const bytes = field('EUR')
  const first = read(bytes, 4)
  bytes.set(Buffer.from('USD'), 4)
  expect([first, read(bytes, 4), first]).toEqual(['EUR', 'USD', 'EUR'])
})
