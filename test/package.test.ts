/** What is packed, and a project of somebody else's that has it as a dependency. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commands } from '../lib/commands/dracula/commands.ts'
import { inParallel } from '../lib/concurrency/in-parallel.ts'
import packageFile from '../package.json' with { type: 'json' }
import { openUserProject, type PackedPackage, packProject, type UserProject } from './support/package.ts'
import { openStandIn, type TestStandIn } from './support/stand-in.ts'

setDefaultTimeout(300_000)

const script = (name: string, derived = '') => `#!/usr/bin/env bun
import { inUsd } from 'dracula-etl/money'
import { run } from 'dracula-etl/run'
import { integer, nullable, numeric, table, text } from 'dracula-etl/table'

/** One row per rate of a document. */
const ${name} = table({
  name: '${name}',
  from: 'currencies',
  columns: { id: integer, conversion_rate: nullable(numeric(18, 6)), currency: nullable(text) },
  ignore: [
    'exchangable_id',
    'exchangable_type',
    'conversion_set_at',
    'conversion_history',
    'created_at',
    'updated_at',
  ],${derived}
})

export default ${name}

if (import.meta.main) await run(${name})
`
const derived = `
  derive: {
    usd: { type: nullable(numeric(18, 6)), value: ({ conversion_rate }) => inUsd(conversion_rate, conversion_rate) },
  },`

const tsconfig = (rules: object) => {
  const compilerOptions = {
    target: 'esnext',
    module: 'preserve',
    noEmit: true,
    types: ['bun-types'],
    ...rules,
  }
  return JSON.stringify({ compilerOptions, include: ['scripts'] })
}

let packed: PackedPackage
let project: UserProject
let standIn: TestStandIn

beforeAll(async () => {
  ;[packed, standIn] = await Promise.all([
    packProject(),
    openStandIn({ scale: 0.01, tables: ['currencies'] }),
  ])
  project = await openUserProject(packed, [
    'typescript',
    '@typescript',
    'bun-types',
    '@types',
    'undici-types',
  ])
  await project.write('tsconfig.json', tsconfig({ strict: true }))
  await project.write('bunfig.toml', 'env = false\npreload = ["dracula-etl/compile-cache"]\n')
  await project.write('scripts/rates.ts', script('rates', derived))
  await project.write(
    'scripts/plain.ts',
    script('plain').replace("import { inUsd } from 'dracula-etl/money'\n", ''),
  )
})

afterAll(async () => {
  await Promise.all([standIn?.close(), packed?.[Symbol.asyncDispose](), project?.[Symbol.asyncDispose]()])
})

const dracula = (...args: readonly string[]) =>
  project.run(['bun', 'run', '--silent', 'dracula', ...args], standIn.env)

describe('the package', () => {
  test('has what programs and compilers of other projects read, and no more', () => {
    const paths = packed.files.map(({ path }) => path)
    const outside = paths.filter((path) => !/^(?:lib|checks|types)\//.test(path))
    expect(outside.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
    const kinds = new Set(
      paths.filter((path) => !outside.includes(path)).map((path) => path.replace(/^.*?\./, '')),
    )
    expect([...kinds].toSorted()).toEqual(['css', 'd.ts', 'js', 'json', 'mjs', 'sql', 'ts', 'txt'])
    expect(paths.filter((path) => /test|bench|demo|prepack|set-up/.test(path))).toEqual([])
    expect(paths.filter((path) => path.startsWith('types/'))).toContain('types/table.d.ts')
  })

  test('has no file that nothing in it names', async () => {
    const folder = join(project.path, 'node_modules/dracula-etl')
    const paths = new Set(packed.files.map(({ path }) => path))
    const entries = Object.values(packageFile.exports).flatMap((each) =>
      typeof each === 'string' ? each : Object.values(each),
    )
    const named = new Set([...entries.map((path) => path.replace('./', '')), packageFile.bin.dracula])
    // Grows as it is gone through.
    for (const path of named) {
      const text = await Bun.file(join(folder, path)).text()
      for (const [, each = ''] of text.matchAll(/['"`]([\w./-]+\.(?:ts|js|mjs|json|sql|txt|css))['"`]/g))
        for (const place of [join(dirname(path), each), each])
          for (const found of [place, place.replace(/\.js$/, '.d.ts')]) if (paths.has(found)) named.add(found)
    }
    const silent = [...paths].filter((path) => !named.has(path))
    expect(silent.toSorted()).toEqual(['LICENSE', 'README.md'])
  })

  test('says of its commands how they are started there: it has none that bun run would find by itself', async () => {
    const transpiler = new Bun.Transpiler({ loader: 'ts' })
    const names = commands.map(({ name }) => name).join('|')
    const ours = new RegExp(`bun run (?:${names})(?![:\\w-])|bun checks/`)
    const wrong = packed.files.map(async ({ path }) => {
      if (!/^(?:lib|checks)\/.*\.ts$/.test(path) || path.endsWith('/command-line.ts')) return []
      const text = await Bun.file(join(project.path, 'node_modules/dracula-etl', path)).text()
      return ours.test(transpiler.transformSync(text.replace(/^#!.*/, ''))) ? [path] : []
    })
    expect((await Promise.all(wrong)).flat()).toEqual([])
  })

  test('is of the version that the README tells the changes of first', async () => {
    const readme = await Bun.file(join(project.path, 'node_modules/dracula-etl/README.md')).text()
    expect(/^## Changes\n\n- \*\*([\d.]+)\*\*/m.exec(readme)?.[1]).toBe(packageFile.version)
  })

  test('is small, and cannot be published by mistake', () => {
    expect(packed.size).toBeLessThan(1_000_000)
    expect(packageFile.private).toBe(true)
  })
})

describe('a project that has it', () => {
  test.each([
    [
      'strict',
      { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
    ],
    ['lax', { strict: false, moduleResolution: 'bundler', module: 'esnext' }],
    ['of Node', { strict: true, moduleResolution: 'nodenext', module: 'nodenext', erasableSyntaxOnly: true }],
  ])('type-checks its scripts by %s rules of its own', async (_, rules) => {
    await project.write('tsconfig.json', tsconfig(rules))
    await project.write('scripts/wrong.ts', script('wrong', derived.replaceAll('conversion_rate', 'rate')))
    const { exit, stdout } = await project.run(['bun', 'node_modules/typescript/bin/tsc', '-p', '.'], {})
    await rm(join(project.path, 'scripts/wrong.ts'))
    expect(exit).not.toBe(0)
    const errors = stdout
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith(' '))
    expect(errors).not.toBeEmpty()
    for (const error of errors) expect(error).toMatch(/^scripts\/wrong\.ts\(.*Property 'rate' does not exist/)
  })

  test('loads a table by its script, by its name, and with all others, wherever below it is run', async () => {
    const byScript = await project.run(['bun', 'scripts/rates.ts', '--json'], standIn.env)
    expect(JSON.parse(byScript.stdout)).toMatchObject({ table: 'rates', rows: 2_000, published: true })
    const lines = byScript.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { version } = packageFile
    expect([lines[0], lines.at(-1)]).toMatchObject([
      { source: expect.any(String), version },
      { exit: 0, version },
    ])
    const compiled = join(project.path, 'node_modules/.cache/dracula/compiled')
    expect((await readdir(compiled, { recursive: true })).length).toBeGreaterThan(20)
    const byName = await dracula('load', 'rates', '--dry-run', '--json')
    expect(JSON.parse(byName.stdout)).toMatchObject({
      table: 'rates',
      rows: 2_000,
      dry_run: true,
    })
    const all = await project.run(
      ['bun', '../node_modules/.bin/dracula', 'all', '--json', '--parallel', '2'],
      standIn.env,
      'scripts',
    )
    const { tables } = JSON.parse(all.stdout)
    expect(tables).toMatchObject([
      { table: 'plain', exit: 0 },
      { table: 'rates', exit: 0 },
    ])
    expect((await standIn.readersSee('rates'))?.load).toBe(tables[1].summary.load)
  })

  test('checks, lists and goes back to what it has loaded', async () => {
    const { exit, stdout } = await dracula('check', '--json')
    expect({ exit, checks: Object.keys(JSON.parse(stdout).checks) }).toEqual({
      exit: 0,
      checks: ['schema', 'row-counts', 'freshness', 'columns'],
    })
    expect((await dracula('row-counts', 'rates')).stdout).toContain('rates')
    expect((await dracula('rollback', 'rates')).exit).toBe(0)
    const pinned = await dracula('load', 'rates')
    expect([pinned.exit, pinned.stderr]).toEqual([
      2,
      expect.stringContaining('bun run dracula rollback rates --unpin'),
    ])
    expect((await dracula('rollback', 'rates', '--unpin')).exit).toBe(0)
    expect((await dracula('loads', 'rates')).stdout).toContain('rolled back')
  })

  test('is told what its scripts may not do, as this repository is', async () => {
    await project.write('scripts/wrong.ts', script('wrong', derived.replaceAll('conversion_rate', 'rate')))
    for (const [command, ...args] of [['scripts/wrong.ts'], ['node_modules/.bin/dracula', 'load', 'wrong']]) {
      const { exit, stderr } = await project.run(['bun', command!, ...args], standIn.env)
      expect([exit, stderr]).toEqual([
        3,
        expect.stringContaining('"scripts/wrong.ts\\": it does not compile: in line'),
      ])
    }
    await rm(join(project.path, 'scripts/wrong.ts'))
  })

  test('gets scripts that import the package, and that load as they are', async () => {
    const written = await dracula('new', 'currencies')
    expect(written).toMatchObject({ exit: 0, stdout: 'scripts/currencies.ts\n' })
    const text = await Bun.file(join(project.path, 'scripts/currencies.ts')).text()
    expect(text).toContain("import { run } from 'dracula-etl/run'\n")
    expect(text).toContain(" } from 'dracula-etl/table'\n")
    const { exit, stdout } = await dracula('all', '--select', 'currencies', '--json')
    expect({ exit, rows: JSON.parse(stdout).tables[0].summary.rows }).toEqual({ exit: 0, rows: 2_000 })
    await rm(join(project.path, 'scripts/currencies.ts'))
  })

  test('has workflows that start what its image has', async () => {
    const { exit, stdout } = await dracula('argo', '--slices', 'rates=2')
    expect(exit).toBe(0)
    expect(stdout).toContain('- scripts/{{inputs.parameters.table}}.ts\n')
    expect(stdout).toContain('- node_modules/dracula-etl/lib/commands/check.ts\n')
    const { name, version } = await Bun.file(join(project.path, 'package.json')).json()
    expect(stdout).toContain(`value: ${name}:${version ?? 'latest'}\n`)
    for (const [, path = ''] of stdout.matchAll(/- (node_modules\/\S+)/g))
      expect(await Bun.file(join(project.path, path)).exists()).toBe(true)
    const check = await project.run(
      ['bun', 'node_modules/dracula-etl/lib/commands/check.ts', '--select', 'rates'],
      standIn.env,
    )
    expect(check.exit).toBe(0)
  })

  test('may have its scripts in a folder of another name, which every command is told', async () => {
    await project.write('tables/others.ts', script('others', derived))
    const { exit, stdout } = await dracula('all', '--scripts', 'tables', '--json')
    expect({ exit, tables: JSON.parse(stdout).tables }).toMatchObject({
      exit: 0,
      tables: [{ table: 'others', exit: 0 }],
    })
    const checked = await dracula('check', '--scripts', 'tables', '--json')
    expect(JSON.parse(checked.stdout).checks['row-counts'].tables).toMatchObject([
      { table: 'others', status: 'ok' },
    ])
    const loaded = await dracula('load', 'others', '--scripts', 'tables', '--dry-run', '--json')
    expect(JSON.parse(loaded.stdout)).toMatchObject({ table: 'others', rows: 2_000 })
    const argo = await dracula('argo', '--scripts', 'tables')
    expect(argo.stdout).toContain('- tables/{{inputs.parameters.table}}.ts\n')
    await rm(join(project.path, 'tables'), { recursive: true })
  })
})

describe('the command', () => {
  test('lists its commands, each of which has its help and says the version', async () => {
    const { exit, stdout } = await dracula()
    expect(exit).toBe(0)
    const ends = await inParallel(4, commands, async ({ name }) => {
      const [help, version] = await Promise.all([dracula(name, '--help'), dracula(name, '--version')])
      return { name, help: help.exit, usage: help.stdout.split('\n')[0], version: version.stdout }
    })
    for (const { name, ...end } of ends) {
      expect(stdout).toContain(`  ${name} `)
      expect(end).toEqual({
        help: 0,
        usage: expect.stringContaining(`Usage: bun run dracula ${name}`),
        version: `${packageFile.version}\n`,
      })
    }
  })

  test.each([
    [['alll'], '.', 'the nearest is "all"'],
    [['--scripts', 'scripts', 'all'], '.', 'the command comes first'],
    [['postgres://me:secret@host/db'], '.', 'postgres://me:***@host/db'],
    [['load', '--json'], '.', 'the table comes first'],
    [['load', 'rate'], '.', 'no script has that name. Do: Known are: plain, rates'],
    [['all', '--scripts', 'none'], '.', 'there is no such file or folder'],
    [['check', '--scripts', 'package.json'], '.', 'it is not a folder'],
    [['all', '--scripts', 'scripts', '--scripts', 'scripts'], '.', 'It is given once'],
    [['all'], '..', 'no package.json there, or in a folder above, depends on dracula-etl'],
  ] as const)('%p in %p is refused in one line', async (args, below, words) => {
    const command = ['bun', join(project.path, 'node_modules/.bin/dracula'), ...args]
    const { exit, stderr } = await project.run(command, standIn.env, below)
    expect([exit, stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining(words)]])
  })

  test('says under Node that it needs Bun', async () => {
    const { exit, stderr } = await project.run(['node', 'node_modules/dracula-etl/lib/commands/dracula.mjs'])
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/^Cannot run "dracula": it needs Bun[^\n]+\n$/)])
  })
})
