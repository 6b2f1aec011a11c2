/** Which scripts do nothing but declare: a word too much, and one is not taken for such. */
import { describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { declaresOnly } from '../../lib/declare/declares-only.ts'

const packaged = (source: string) => source.replaceAll(/'\.\.\/lib\/(\w+)\.ts'/g, "'dracula-etl/$1'")

const script = `#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { array, integer, lossy, named, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per "row", \`more\` or less: isn't it? */
const shared = { id: integer, 'Other Name': nullable(text) } // process.exit()
const rows = table({
  name: 'rows',
  from: 'select 1 as id -- import(1)',
  where: \`kind = 'a'
    and not process.exit()\`,
  shrink: '80%',
  internal: ["id"],
  columns: {
    amount: numeric(14, 2),
    tags: nullable(array(text)),
    order_id: named("Order \\"Id\\"", integer),
    at: lossy(timestamp, 'null'),
    größe_ß: nullable(text),
    text,
    shared,
  },
});

export default rows

if (import.meta.main) await run(rows)
`

test('a script that only declares is known as one', () => {
  expect(declaresOnly(script)).toBe(true)
  expect(declaresOnly(script.replaceAll('\n', '\r\n'))).toBe(true)
  expect(packaged(script)).toContain("from 'dracula-etl/run'")
  expect(declaresOnly(packaged(script))).toBe(true)
})

test('so are those of the project that have no function', async () => {
  const folder = join(import.meta.dir, '../../scripts')
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.ts')) continue
    const source = await Bun.file(join(folder, file)).text()
    const more = /=>|\.\.\.|shared\/|export const/.test(source)
    expect([file, declaresOnly(source)]).toEqual([file, !more])
  }
})

describe('it is none with', () => {
  const after = (code: string) => script.replace('\nexport default', `\n${code}\nexport default`)
  const within = (code: string) => script.replace("shrink: '80%'", `shrink: ${code}`)
  test.each([
    ['a statement', after('process.exit()')],
    ['a statement on the line of a comment that has ended', after('/* */ process.exit()')],
    ['a line that only JavaScript takes for one', after('// \u2028process.exit()')],
    ['a carriage return that ends a comment', after('// \rprocess.exit()')],
    ['a function', within('() => 1')],
    ['a method', within('1, toString() {}')],
    ['a getter', within('1, get where() { throw 1 }')],
    ['a computed name', within('1, [text]: 1')],
    ['a spread', within('1, ...text')],
    ['a call of what it has not imported', within('fetch(text)')],
    ['a global', within('process')],
    ['a global by its short name', within('1, process')],
    ['a property', within('text.constructor')],
    ['an element', within("text['constructor']")],
    ['a call of what a call gives', within("nullable(text)('x')")],
    ['a property of a number', within('1..constructor')],
    ['a template that computes', within('`$' + '{process.exit()}`')],
    ['a tagged template', within('text`x`')],
    ['a regular expression', within('/x/')],
    ['an operator', within('1 + 1')],
    ['an escaped name', within('\\u0070rocess')],
    ['an assignment', after('rows.name = text')],
    ['a variable', after('let x = 1')],
    ['an import of something else', `import { x } from './shared/x.ts'\n${script}`],
    [
      'an import of what the package has besides',
      `import { inUsd } from 'dracula-etl/money'\n${packaged(script)}`,
    ],
    ['an import for its effect', `import '../lib/table.ts'\n${script}`],
    ['an import of what else there is', `import fs from 'node:fs'\n${script}`],
    ['another export', after('export const x = 1')],
    ['a call of run with more', script.replace('run(rows)', 'run(rows, {})')],
    ['a call of run while it is imported', script.replace('if (import.meta.main) ', '')],
    ['a call of run as a value', within('run(shared)')],
    ['another table run than exported', script.replace('run(rows)', 'run(shared)')],
    ['more work as the main module', script.replace('await run(rows)', '{ await run(rows) }')],
    ['a run of its own', script.replace('{ run } from', '{ table as run } from')],
    ['no run', script.replace(/^if.*/m, '')],
    ['no end', script.slice(0, 300)],
    ['nothing in it', ''],
  ])('%s', (_, source) => {
    expect(source).not.toBe(script)
    expect(declaresOnly(source)).toBe(false)
  })
})
