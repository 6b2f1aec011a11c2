import { describe, expect, test } from 'bun:test'
import { addColumns } from '../../lib/declare/add-columns.ts'

const city = 'city: nullable(text),'
const script = (columns: string, imported = 'integer, nullable, table') => `#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { ${imported} } from '../lib/table.ts'

/** One row per order: table({ columns: { } }) */
const orders = table({
  name: 'orders', // "columns: {"
  columns: ${columns},
  lookups: { rate: lookup({ from: 'rates', columns: { id: integer } }) },
  filter: ({ id }) => !/[{]/.test(\`\${id}{\`),
})

export default orders

if (import.meta.main) await run(orders)
`

describe('a column is written behind those that a script lists,', () => {
  test.each([
    ['each on its line', '{\n    id: integer,\n  }', `{\n    id: integer,\n    ${city}\n  }`],
    ['without a comma at the end', '{\n    id: integer\n  }', `{\n    id: integer,\n    ${city}\n  }`],
    [
      'with a comment at the end',
      "{\n    // It's {\n    id: integer, // the key }\n  }",
      `{\n    // It's {\n    id: integer, // the key }\n    ${city}\n  }`,
    ],
    ['all on one line', '{ id: integer }', '{ id: integer, city: nullable(text) }'],
    ['none', '{}', '{ city: nullable(text) }'],
    [
      'that others have listed elsewhere, too',
      '{\n    ...shared,\n    id: integer,\n  }',
      `{\n    ...shared,\n    id: integer,\n    ${city}\n  }`,
    ],
    [
      'on a line that has no room for it',
      "{ id: integer, amount: nullable(named('Betrag, in EUR', numeric(14, 2))), created_at: nullable(timestamp) }",
      `{\n    id: integer,\n    amount: nullable(named('Betrag, in EUR', numeric(14, 2))),\n    created_at: nullable(timestamp),\n    ${city}\n  }`,
    ],
  ])('%s', (_, columns, expected) => {
    expect(addColumns(script(columns), [city])).toBe(script(expected, 'integer, nullable, table, text'))
  })

  test('where the script has the package', () => {
    const packaged = (columns: string, imported?: string) =>
      script(columns, imported).replaceAll(/'\.\.\/lib\/(\w+)\.ts'/g, "'dracula-etl/$1'")
    expect(addColumns(packaged('{}'), [city])).toBe(
      packaged('{ city: nullable(text) }', 'integer, nullable, table, text'),
    )
  })

  test('with what it is made of imported', () => {
    const line = `city: nullable(named("a, text", numeric(12, 2))),`
    const columns = '{\n    id: integer,\n  }'
    expect(addColumns(script(columns, 'table, integer'), [line])).toBe(
      script(
        "{\n    id: integer,\n    city: nullable(named('a, text', numeric(12, 2))),\n  }",
        'table, integer, nullable, named, numeric',
      ),
    )
    const all =
      'bigint, boolean, date, doublePrecision, integer, jsonb, nullable, real, table, timestamp, timestamptz, uuid'
    expect(
      addColumns(script('{ id: integer }', all.replace('real, ', '')), ['ratio: nullable(real),']),
    ).toContain(`import {\n  ${all.replaceAll(', ', ',\n  ')},\n} from '../lib/table.ts'\n`)
  })
})

test.each([
  ['lists them elsewhere', script('shared')],
  ['has two tables', script('{ id: integer }') + script('{ id: integer }')],
  ['has none', 'export default 1'],
  [
    'imports all under one name',
    script('{ id: integer }').replace(/import \{ integer.*/, "import * as t from '../lib/table.ts'"),
  ],
  ['says more of what it imports', script('{ id: integer }', 'integer, /* more */ table')],
  ['ends in the middle', script('{ id: integer').slice(0, 240)],
])('a script that %s is not changed', (_, text) => {
  expect(addColumns(text, [city])).toBeUndefined()
})
