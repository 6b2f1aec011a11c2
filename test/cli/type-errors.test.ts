/** Mistakes that nothing but the compiler can see: where it is installed, they hold up the load. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { typeErrors } from '../../lib/cli/type-errors.ts'
import { openProject, type Project, scriptOf } from '../support/project.ts'

const derived = (name: string, value: string) =>
  scriptOf(name, { options: `derive: { made: { type: nullable(text), value: ${value} } }` })

const importing = (script: string, name: string, behind = '') =>
  scriptOf(script, { behind }).replace(
    'import { run }',
    `import { ${name} } from '../lib/table.ts'\nimport { run }`,
  )

const wrong: Readonly<Record<string, readonly [script: string, text: string]>> = {
  'a bigint held against a number': ['keys', scriptOf('keys', { options: 'filter: ({ id }) => id === 5n' })],
  'a property that no string has': [
    'names',
    derived('names', `({ id }) => (String(id).lenght > 2 ? 'long' : null)`),
  ],
  'a value that is never null': ['values_', derived('values_', '({ id }) => id')],
  'a condition on a function': ['calls', derived('calls', `({ id }) => (id.toFixed ? 'a' : 'b')`)],
  'an import of a type that is not there': [
    'types',
    importing('types', 'type Nothing', 'export const nothing: Nothing = 1'),
  ],
}

let project: Project
const ofProject = () => ({ folder: project.path, scripts: join(project.path, 'scripts') })

beforeAll(async () => {
  project = await openProject({
    'orders.ts': importing('orders', 'uuid'),
    ...Object.fromEntries(Object.values(wrong).map(([name, text]) => [`${name}.ts`, text])),
    'shared/rate.ts': 'export const rate = 1\n',
  })
})

afterAll(() => project?.[Symbol.asyncDispose]())

const write = (name: string, text: string) => Bun.write(join(project.path, 'scripts', name), text)
const load = (name = 'orders') => project.run(`scripts/${name}.ts`, ['--json'])
const configuration = { exit: 2, stdout: expect.stringContaining('DATABASE_URL') }

test('a script that compiles goes on to its configuration, unused names and all', async () => {
  expect(await load()).toMatchObject(configuration)
})

test.each(Object.entries(wrong))(
  '%s ends it, exit 3, naming script, line and what is wrong',
  async (_, [name]) => {
    const { exit, stdout, stderr } = await load(name)
    const { error } = JSON.parse(stdout)
    expect([exit, error.exit, error.advice]).toEqual([
      3,
      3,
      'Correct it; bun run check:types shows all that is wrong.',
    ])
    expect(error.summary).toMatch(
      new RegExp(
        `^Cannot use the script "scripts/${name}\\.ts": it does not compile: in line \\d+, .+ \\(TS\\d+\\)$`,
      ),
    )
    expect(stderr.trim().split('\n')).toHaveLength(1)
  },
)

test('a mistake that is mended is asked about anew, and one in what scripts share holds up all', async () => {
  await write('keys.ts', scriptOf('keys'))
  await write('shared/rate.ts', 'export const rate: string = 1\n')
  const { exit, stdout } = await load()
  expect([exit, JSON.parse(stdout).error.summary]).toEqual([
    3,
    expect.stringContaining('it does not compile: in line 1 of scripts/shared/rate.ts, Type'),
  ])
  const files = (await typeErrors(ofProject()))?.map(({ file }) => file)
  expect(files).toContain('scripts/names.ts')
  expect(files).not.toContain('scripts/keys.ts')
})

test('a rule that comes by way of another tsconfig.json is asked about anew when it changes', async () => {
  await write('shared/rate.ts', 'export const rate = (n: number) => { if (n > 1) return 1 }\n')
  const rules = await Bun.file(join(project.path, 'tsconfig.json')).text()
  const inRate = async () =>
    (await typeErrors(ofProject()))?.filter(({ file }) => file === 'scripts/shared/rate.ts').length
  await Bun.write(join(project.path, 'rules.json'), rules)
  await Bun.write(join(project.path, 'tsconfig.json'), '{ "extends": ["./rules"], "include": ["scripts"] }')
  expect(await inRate()).toBe(1)
  const without = rules.replace('"noImplicitReturns": true', '"noImplicitReturns": false')
  await Bun.write(join(project.path, 'rules.json'), without)
  expect(await inRate()).toBe(0)
})

test('where no tsconfig.json says by which rules, it is not asked', async () => {
  await rm(join(project.path, 'tsconfig.json'))
  expect(await typeErrors(ofProject())).toBeUndefined()
})

test('where no compiler is installed, it is not asked', async () => {
  await rm(join(project.path, 'node_modules'))
  expect(await typeErrors(ofProject())).toBeUndefined()
})
