/** Mistakes that nothing but the compiler can see: where it is installed, they hold up the load. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { typeErrors } from '../../lib/cli/type-errors.ts'
import { openProject, type Project, scriptOf } from '../support/project.ts'

const derived = (value: string) =>
  scriptOf('orders', { options: `derive: { made: { type: nullable(text), value: ${value} } }` })

const importing = (name: string, behind = '') =>
  scriptOf('orders', { behind }).replace(
    'import { run }',
    `import { ${name} } from '../lib/table.ts'\nimport { run }`,
  )

const wrong = {
  'a bigint held against a number': scriptOf('orders', { options: 'filter: ({ id }) => id === 5n' }),
  'a property that no string has': derived(`({ id }) => (String(id).lenght > 2 ? 'long' : null)`),
  'a value that is never null': derived('({ id }) => id'),
  'a condition on a function': derived(`({ id }) => (id.toFixed ? 'a' : 'b')`),
  'an import of a type that is not there': importing('type Nothing', 'export const nothing: Nothing = 1'),
}

let project: Project

beforeAll(async () => {
  project = await openProject({
    'orders.ts': scriptOf('orders'),
    'shared/rate.ts': 'export const rate = 1\n',
  })
})

afterAll(() => project?.[Symbol.asyncDispose]())

const write = (name: string, text: string) => Bun.write(join(project.path, 'scripts', name), text)
const load = () => project.run('scripts/orders.ts', ['--json'])
const configuration = { exit: 2, stdout: expect.stringContaining('DATABASE_URL') }

test('a script that compiles goes on to its configuration, unused names and all', async () => {
  expect(await load()).toMatchObject(configuration)
  await write('orders.ts', importing('uuid'))
  expect(await load()).toMatchObject(configuration)
})

test.each(Object.entries(wrong))(
  '%s ends it, exit 3, naming script, line and what is wrong',
  async (_, text) => {
    await write('orders.ts', text)
    const { exit, stdout, stderr } = await load()
    const { error } = JSON.parse(stdout)
    expect([exit, error.exit, error.advice]).toEqual([
      3,
      3,
      'Correct it; bun run check:types shows all that is wrong.',
    ])
    expect(error.summary).toMatch(
      /^Cannot use the script "scripts\/orders\.ts": it does not compile: in line \d+, .+ \(TS\d+\)$/,
    )
    expect(stderr.trim().split('\n')).toHaveLength(1)
    // The answer is kept, and is the same.
    expect(JSON.parse((await load()).stdout).error).toEqual(error)
  },
)

test('a mistake in what scripts share holds them up, one in another script does not', async () => {
  await write('orders.ts', scriptOf('orders'))
  await write('others.ts', scriptOf('others', { options: 'filter: ({ id }) => id === 5n' }))
  expect(await load()).toMatchObject(configuration)
  await write('shared/rate.ts', 'export const rate: string = 1\n')
  const { exit, stdout } = await load()
  expect([exit, JSON.parse(stdout).error.summary]).toEqual([
    3,
    expect.stringContaining('it does not compile: in line 1 of scripts/shared/rate.ts, Type'),
  ])
  expect((await typeErrors(project.path))?.map(({ file }) => file)).toEqual([
    'scripts/others.ts',
    'scripts/shared/rate.ts',
  ])
})

test('where no compiler is installed, it is not asked', async () => {
  await rm(join(project.path, 'node_modules'))
  expect(await typeErrors(project.path)).toBeUndefined()
})
