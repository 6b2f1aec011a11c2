import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { importLine, propertyLines } from '../../lib/declare/source-form.ts'
import * as vocabulary from '../../lib/table.ts'

const root = join(import.meta.dir, '../..')

const names = [
  ...[
    'x',
    "it's",
    '"q"',
    `''"`,
    `'"`,
    'back\\slash',
    'b\\"',
    '漢'.repeat(30),
    '😀'.repeat(12),
    'w'.repeat(63),
  ],
  ...[
    "'".repeat(63),
    '"'.repeat(63),
    '\\'.repeat(63),
    'é, (b)'.repeat(8),
    '\u0001'.repeat(60),
    '\n'.repeat(40),
  ],
]
const types = ['text', 'numeric(18, 6)', "array(lossy(timestamptz, 'text'))", "lossy(timestamp, 'clamp')"]

test('what a new script has in it is in the form that the formatter leaves as it is', async () => {
  const columns: string[] = []
  for (const name of names) {
    for (const type of types) {
      for (const length of [1, 30, 60, 110]) {
        const call = `named(${JSON.stringify(name)}, ${type})`
        for (const value of [call, `nullable(${call})`]) {
          columns.push(propertyLines(`${'c'.padEnd(length, 'x')}${columns.length}: ${value},`, 4))
        }
      }
    }
  }
  const words = Object.keys(vocabulary).toSorted()
  const imports = words.map((_, at) => importLine(words.slice(0, at + 1), '../lib/table.ts'))
  const relation = `"${'m'.repeat(63)}"."${'"'.repeat(60)}"`
  const text = `${imports.join('\n')}

const wide = table({
${propertyLines(`name: ${JSON.stringify('n'.repeat(128))},`, 2)}
${propertyLines(`from: ${JSON.stringify(relation)},`, 2)}
  columns: {
${columns.join('\n')}
  },
})
`
  const biome = Bun.spawn(
    [join(root, 'node_modules/.bin/biome'), 'format', '--stdin-file-path=scripts/wide.ts'],
    { cwd: root, stdin: new Blob([text]), stdout: 'pipe', stderr: 'pipe' },
  )
  const [exit, formatted, stderr] = await Promise.all([
    biome.exited,
    biome.stdout.text(),
    biome.stderr.text(),
  ])
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  expect(text).toBe(formatted)
})
