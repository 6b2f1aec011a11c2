/** What is known of the code that functions of a script use: partitions stay only while it is the same. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeBeside } from '../../lib/declare/code-beside.ts'
import { bigint, table, text } from '../../lib/table.ts'

let folder: string
const place = (path: string, text: string) => Bun.write(join(folder, path), text)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-code-'))
  // Before anything is looked for there, as a process keeps what it has seen of a folder.
  await place('tsconfig.json', '{"compilerOptions":{"paths":{"@ours/*":["./ours/*"]}}}')
  await place('ours/offset.ts', 'export const offset = 1')
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(library, '..'), join(folder, 'node_modules/dracula-etl'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const made = table({ name: 'made', columns: { id: bigint }, filter: ({ id }) => id > 0n })
const library = join(import.meta.dir, '../../lib')
const shared = 'export const rate: number = 2\nexport function twice(n: number) { return n * rate }'
const own = `#!/usr/bin/env bun
import { run } from '${library}/run.ts'
import { bigint, table } from '${library}/table.ts'
import { twice } from './shared.ts'

// What is below it.
const least = 3
export const made = table({ name: 'made', columns: { id: bigint }, filter: ({ id }) => twice(Number(id)) > least && ')' !== '(' })
export default made
if (import.meta.main) await run(made)
`

async function codeOf(
  script = own,
  imported = shared,
  tableOf: typeof made = made,
): Promise<string | undefined> {
  await Bun.write(join(folder, 'shared.ts'), imported)
  await Bun.write(join(folder, 'made.ts'), script)
  return codeBeside(tableOf, join(folder, 'made.ts'))
}

test('is other code where a constant beside the table, or a function of another module, is another', async () => {
  const before = await codeOf()
  expect(before).toMatch(/^[\da-f]{16}$/)
  expect(await codeOf(own.replace('least = 3', 'least = 4'))).not.toBe(before)
  expect(await codeOf(own, shared.replace('rate: number = 2', 'rate: number = 3'))).not.toBe(before)
})

test('is the code of another script, which begins with its interpreter', async () => {
  const before = await codeOf(own, `#!/usr/bin/env bun\n${shared}`)
  expect(before).toBe(await codeOf())
  expect(await codeOf(own, `#!/usr/bin/env bun\n${shared.replace('= 2', '= 3')}`)).not.toBe(before)
})

test('is the code of modules that a module imports, however deep and in a circle', async () => {
  const imported = `import { rate } from './rate.ts'\nexport const twice = (n: number) => n * rate`
  const rate = (value: number) => `import './shared.ts'\nexport const rate = ${value}`
  await Bun.write(join(folder, 'rate.ts'), rate(2))
  const before = await codeOf(own, imported)
  await Bun.write(join(folder, 'rate.ts'), rate(3))
  expect(await codeOf(own, imported)).not.toBe(before)
})

test('is the same where the table, a type, a comment or the layout is another: those say all they mean elsewhere', async () => {
  const before = await codeOf()
  const others = [
    own
      .replace('columns: { id: bigint }', 'columns: { id: bigint, name: text }')
      .replace('bigint, table', 'bigint, table, text'),
    own.replace('> least', '>= least'),
    own.replace('What is below it', 'Another word'),
    own.replace('const least = 3', 'const least: number   =  3;'),
  ]
  for (const each of others) expect(await codeOf(each)).toBe(before)
  expect(await codeOf(own, shared.replaceAll(': number', ''))).toBe(before)
})

test('is the code of packages, by what they import and by whatever name the compiler knows of it', async () => {
  await place('node_modules/rates/package.json', '{"name":"rates","version":"1.0.0","main":"main.cjs"}')
  await place(
    'node_modules/rates/main.cjs',
    `exports.rate = require('deep').rate; try { require('none') } catch {}`,
  )
  await place('node_modules/deep/index.js', 'exports.rate = 2')
  const imported = `import { rate } from 'rates'
import { offset } from '@ours/offset.ts'
import { join } from 'node:path'
export const twice = (n: number) => n * rate + offset + join('a').length`
  const before = await codeOf(own, imported)
  await place('node_modules/deep/index.js', 'exports.rate = 3')
  const after = await codeOf(own, imported)
  expect(after).not.toBe(before)
  await place('ours/offset.ts', 'export const offset = 2')
  expect(await codeOf(own, imported)).not.toBe(after)
})

test('is the same whether Dracula is a package or lies beside the script', async () => {
  const usd = own.replace('import { twice }', `import { inUsd } from '${library}/money.ts'\nimport { twice }`)
  const before = await codeOf(usd)
  expect(before).not.toBe(await codeOf())
  expect(await codeOf(usd.replaceAll(/'[^']*\/lib\/(\w+)\.ts'/g, "'dracula-etl/$1'"))).toBe(before)
})

test('is none of a table without functions, and of one whose file is not there', async () => {
  const plain = table({ name: 'made', columns: { id: bigint, name: text } })
  expect(await codeOf(own, shared, plain as unknown as typeof made)).toBeUndefined()
  expect(await codeBeside(made, join(folder, 'none.ts'))).toBeUndefined()
})
