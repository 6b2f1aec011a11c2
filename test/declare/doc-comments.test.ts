/** Which doc comments of a script are about its table and its columns. */
import { describe, expect, test } from 'bun:test'
import { docComments } from '../../lib/declare/doc-comments.ts'
import { grain } from '../../lib/declare/grain.ts'

const columnsOf = (text: string) => Object.fromEntries(docComments(text).columns)
const told = (above: string) => docComments(`${above}const taxes = table({ name: 'taxes' })`).table

describe('the doc comment above a table', () => {
  test.each([
    ['/** One row per tax. */\n', 'One row per tax.'],
    [
      '/**\n * One row per tax.\n *\n * **All** of them: 2 * 3.\n */\nexport ',
      'One row per tax.\n\n**All** of them: 2 * 3.',
    ],
    ['/** One row. */\n// Not this.\n/* Nor this. */\n', 'One row.'],
    ['/** A file. */\nimport x from "y"\n/** One row. */\n', 'One row.'],
    ['/** One row.\n * @see them */\n', 'One row.'],
  ])('is read: %j', (above, text) => expect(told(above)).toBe(text))

  test.each([
    ['// One row per tax.\n'],
    ['/* One row per tax. */\n'],
    ['/** A constant. */\nconst least = 1\n'],
    ['/** A file. */\nimport x from "y"\n'],
    ['/** */\n'],
    ['const text = "/** One row. */"\n'],
    ['const other = table({ name: "other" })\n/** One row. */\n'],
  ])('is not what stands elsewhere, or is none: %j', (above) => expect(told(above)).toBeUndefined())

  test('is that of a table which is run or exported as it is declared', () => {
    for (const call of [
      'export default table({})',
      'await run(table({}))',
      'const a: Table<C, D> = table({})',
    ]) {
      expect(docComments(`/** One row. */\n${call}`).table, call).toBe('One row.')
    }
  })

  test('is not the question of a script that was just written, but what its table is said to be', () => {
    expect(told(`/** ${grain} */\n`)).toBeUndefined()
    expect(told(`/**\n * ${grain}\n *\n * Taxes.\n * * / of all\n */\n`)).toBe('Taxes.\n* / of all')
  })
})

test('doc comments above columns that are read or derived are theirs, and no others', () => {
  const text = `
    /** One row. */
    const taxes = table({
      /** Not a column. */
      name: 'taxes',
      columns: {
        /** The key. */
        id: integer,
        // A remark.
        amount: numeric(14, 2), /** Behind it. */
        /** Twice: the first. */
        /** The second. */
        // And a remark.
        currency: nullable(text), // /** No. */
        kind, /** On a line. */ sort: text,
        note: text('/** No. */'),
        'quoted': text,
        /** Quoted. */ "also": text,
        ...shared({ /** Deeper. */ deep: text }),
        /** Nothing is behind it. */
      },
      lookups: { /** A lookup. */ rate: lookup({ columns: { /** Its key. */ key: text } }) },
      derive: {
        /** Made of it. */
        double: { /** Its type. */ type: integer, value: () => /** inside */ 2 },
        /** A string's. */
        half: { type: integer, value: () => "}" },
      },
    })`
  expect(columnsOf(text)).toEqual({
    id: 'The key.',
    currency: 'The second.',
    sort: 'On a line.',
    also: 'Quoted.',
    double: 'Made of it.',
    half: "A string's.",
  })
})
