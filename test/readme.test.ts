/** What the README says can be done, is done: here or in `.ci/run`. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { loadCommand } from '../lib/cli/load-flags.ts'
import { commands as draculaCommands } from '../lib/commands/dracula/commands.ts'
import { postgresVersions, spelt } from '../lib/commands/matrix/versions.ts'
import { sdkSettings, settings } from '../lib/config/settings.ts'
import { exitCodes } from '../lib/failure/exit-code.ts'
import { seed } from '../lib/local/seed.ts'
import { type StandIn, startStandIn } from '../lib/local/stand-in.ts'
import { integer, lookup, ranges, table } from '../lib/table.ts'
import { isColumn } from '../lib/types/is-column.ts'
import type { Column } from '../lib/types/type.ts'
import * as types from '../lib/types/types.ts'
import packageFile from '../package.json' with { type: 'json' }
import { template } from './support/template.ts'
import { temporaryFolder } from './support/temporary.ts'

const root = join(import.meta.dir, '..')
const readme = await Bun.file(join(root, 'README.md')).text()
const tableFiles = new Set((await readdir(join(root, 'scripts'))).filter((name) => name.endsWith('.ts')))
const initTest = await Bun.file(join(root, 'test/init.test.ts')).text()
const ci = await Bun.file(join(root, '.ci/run')).text()
const withoutBun = `npx --yes ${packageFile.packageManager}`

interface Fence {
  readonly language: string
  readonly text: string
}

const fences: readonly Fence[] = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
)

/** One a line in shell fences, and those in backticks that begin as one does. */
const commands: readonly string[] = [
  ...fences
    .filter(({ language }) => ['', 'sh', 'bash', 'shell', 'console'].includes(language))
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*$|^#.*$/, '')
        .trim(),
    ),
  ...[...readme.matchAll(/`((?:bun|npx|bunx) [^`<]+)`/g)].map(([, command = '']) => command),
].filter((command) => command !== '' && command !== 'bun run')

type Treatment =
  | 'run by .ci/run'
  | 'run by test/init.test.ts'
  | 'run in the stand-in'
  | 'run as it is'
  | 'started and interrupted'
  | 'asked for help'

/** undefined: nobody runs it. */
function treatmentOf(command: string): Treatment | undefined {
  const inCi = command.startsWith('bun run ') ? command.replace(/^bun/, withoutBun) : command
  if (command.startsWith('npx') || /^bun run (demo|test|check:types|lint)$/.test(command)) {
    return ci.split('\n').some((line) => line.endsWith(` ${inCi}`)) ? 'run by .ci/run' : undefined
  }
  // In a project of somebody's own, which that test makes of the packed package.
  if (/^npm pack$|^bun run init \.\.\/my-lake |^bun install$/.test(command))
    return initTest.includes('packProject()') ? 'run by test/init.test.ts' : undefined
  // A run takes a minute: test/conformance/conformance.test.ts has a small one.
  if (/^bun run conformance\b/.test(command)) return 'asked for help'
  // It runs for as long as one likes: test/fuzz/ has a few inputs of each part.
  if (/^bun run fuzz\b/.test(command)) return 'asked for help'
  // Sixty faults are in test/torture/torture.test.ts.
  if (/^bun run torture\b/.test(command)) return 'asked for help'
  // Measuring, and all tests once more, take minutes, and never belong into tests.
  if (/^bun run (bench|matrix)\b/.test(command)) return 'asked for help'
  // Where it is meant with whichever table.
  if (/^bun run new$/.test(command)) return 'asked for help'
  // What another pipeline has written is not there: test/commands/compare.test.ts has it.
  if (/^bun run compare\b/.test(command)) return 'asked for help'
  // Its steps wait for each other: test/fan-out/ runs them as workflows do.
  if (/^bun run fan-out\b/.test(command)) return 'asked for help'
  if (/^bun run local$/.test(command)) return 'started and interrupted'
  if (/^bun run local -- /.test(command)) return 'run as it is'
  if (
    /^bun (--env-file=\.env\.(staging|production) )?(scripts|checks)\/[\w-]+\.ts\b|^bun run (all|argo( --slices \w+=\d+)?|check( --partitions( [\d.-]+)?)?|doctor|help|report|new --diff \w+|policies [\w-]+( --role \w+)?|sbom|loads( \w+)?|query '[^']+'|rollback \w+( --unpin)?|tell --table \w+ --status \w+)$/.test(
      command,
    )
  )
    return 'run in the stand-in'
  return undefined
}

const treated = (treatment: Treatment) => [
  ...new Set(commands.filter((command) => treatmentOf(command) === treatment)),
]

/** Starts a command as the README's reader would type it; `bun` is the one that runs the tests. */
function start(command: string, env: Readonly<Record<string, string>>, cwd = root) {
  const [program = '', ...args] = [...command.matchAll(/'([^']*)'|\S+/g)].map(
    ([word, quoted]) => quoted ?? word,
  )
  return Bun.spawn([program === 'bun' ? process.execPath : program, ...args], {
    cwd,
    env: { ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

async function runToEnd(...given: Parameters<typeof start>) {
  const child = start(...given)
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

const { PATH = '', HOME = '/tmp', TMPDIR = '/tmp' } = process.env
const shell = { PATH, HOME, TMPDIR }

test('begins with the two commands', () => {
  expect(commands.slice(0, 2)).toEqual([`${withoutBun} run demo`, `${withoutBun} run test`])
})

test('has no command that nobody runs', () => {
  expect(commands.filter((command) => treatmentOf(command) === undefined)).toEqual([])
})

test('and a new one would be noticed', () => {
  expect(treatmentOf(`${withoutBun} run lake`)).toBeUndefined()
  expect(treatmentOf('bun run everything')).toBeUndefined()
  expect(treatmentOf('curl https://example.com')).toBeUndefined()
})

/** The project with the scripts that the README names, and those they import: what is done for all tables is the same for each. */
async function copyProject(folder: string): Promise<void> {
  const named = new Set([...readme.matchAll(/\bscripts\/(\w+\.ts)/g)].map(([, name = '']) => name))
  // Grows as it is gone through.
  for (const name of named) {
    const file = Bun.file(join(root, 'scripts', name))
    const text = (await file.exists()) ? await file.text() : ''
    for (const [, imported = ''] of text.matchAll(/ from '\.\/(\w+\.ts)'/g)) named.add(imported)
  }
  const others = (name: string) => tableFiles.has(name) && !named.has(name)
  for (const name of [
    'lib',
    'checks',
    'scripts',
    'package.json',
    'bun.lock',
    'bunfig.toml',
    'tsconfig.json',
  ]) {
    const source = join(root, name)
    await cp(source, join(folder, name), {
      recursive: true,
      filter: (path) => !others(relative(join(root, 'scripts'), path)),
    })
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}

describe('in the stand-in', () => {
  let standIn: StandIn
  let project: Awaited<ReturnType<typeof temporaryFolder>>

  beforeAll(async () => {
    ;[standIn, project] = await Promise.all([startStandIn({ template }), temporaryFolder()])
    await copyProject(project.path)
    const variables = Object.entries(standIn.variables).map(([name, value]) => `${name}='${value}'\n`)
    for (const name of ['.env.staging', '.env.production'])
      await Bun.write(join(project.path, name), variables.join(''))
    await seed(standIn.postgres?.url ?? '', { scale: 0.01 })
  }, 300_000)

  afterAll(async () => {
    await standIn?.stop()
    await project?.[Symbol.asyncDispose]()
  })

  // In the README's own order: a check comes after its load.
  test.each(treated('run in the stand-in'))(
    '%s',
    async (command) => {
      const { exit, stdout, stderr } = await runToEnd(
        command,
        command.includes('--env-file') ? shell : standIn.env,
        project.path,
      )
      expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
      expect(stdout).not.toBe('')
    },
    300_000,
  )
})

describe('in a shell', () => {
  test.each(treated('run as it is'))(
    '%s',
    async (command) => {
      const small = command.replace(' -- ', ' --scale 0.01 -- ')
      const { exit, stdout, stderr } = await runToEnd(small, shell)
      expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
      expect(stdout).toContain('published')
    },
    300_000,
  )

  test.each(treated('started and interrupted'))(
    '%s',
    async (command) => {
      const child = start(`${command} --scale 0.01`, shell)
      for await (const _ of child.stdout) break
      child.kill('SIGINT')
      expect([0, 130]).toContain(await child.exited)
    },
    300_000,
  )

  test.each(treated('asked for help'))('%s', async (command) => {
    const { exit, stdout } = await runToEnd(`${command} --help`, shell)
    expect(exit).toBe(0)
    expect(stdout).toContain('Usage: ')
  })
})

test('its TypeScript compiles under the rules of the project', async () => {
  const examples = fences.filter(({ language }) => language === 'ts')
  expect(examples.length).toBeGreaterThan(0)
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'scripts'))
  for (const name of ['lib', 'node_modules', 'package.json']) {
    await symlink(join(root, name), join(folder.path, name))
  }
  for (const [index, { text }] of examples.entries()) {
    await Bun.write(join(folder.path, `scripts/example-${index}.ts`), text)
  }
  const config = { extends: join(root, 'tsconfig.json'), include: ['scripts', 'lib/**/*.d.ts'] }
  await Bun.write(join(folder.path, 'tsconfig.json'), JSON.stringify(config))
  const tsc = Bun.spawn(
    [join(root, 'node_modules/.bin/tsc'), '--noEmit', '--singleThreaded', '-p', folder.path],
    {
      env: shell,
      stdout: 'pipe',
    },
  )
  expect({ output: await tsc.stdout.text(), exit: await tsc.exited }).toEqual({ output: '', exit: 0 })
}, 300_000)

/** Rows of the table whose header begins so, each as its cells. */
function tableRows(header: string): string[][] {
  const [, , ...rows] = readme
    .slice(readme.indexOf(`| ${header} `))
    .split('\n\n')[0]!
    .split('\n')
  return rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

test('its versions of Postgres are those of the matrix', () => {
  const [, named = ''] = /starts? a\s+Postgres on ([\d., and]+), one after/.exec(readme) ?? []
  expect([...named.matchAll(/\d+\.\d+/g)].map(([version]) => version)).toEqual(postgresVersions.map(spelt))
})

test('its environment is the table of settings, and so is that of --help', async () => {
  const listed = [...settings, sdkSettings].flatMap((each) => {
    const { name = '', readme: row }: { name?: string; readme?: { name?: string; text: string } } = each
    return row === undefined ? [] : [[row.name ?? `\`${name}\``, row.text]]
  })
  expect(tableRows('Environment').toSorted()).toEqual(listed.toSorted())
  const { stdout } = await runToEnd('bun scripts/currencies.ts --help', shell)
  for (const { name, help } of settings)
    expect(stdout).toMatch(new RegExp(`\\n  ${name} +${RegExp.escape(help)}\\n`))
  expect(stdout).toContain(`  ${sdkSettings.help}\n`)
})

test('its exit codes are the table of exit codes, and so are those of --help', async () => {
  expect(tableRows('Exit code')).toEqual(
    exitCodes.map(({ code, meaning, retry }) => [String(code), meaning, retry]),
  )
  const { stdout } = await runToEnd('bun scripts/currencies.ts --help', shell)
  for (const { code, meaning } of exitCodes) expect(stdout).toContain(`\n  ${code}  ${meaning}`)
})

/** The first cells of a table, which are names in backticks. */
const namesIn = (header: string) => tableRows(header).map(([name = '']) => name.replaceAll('`', ''))

/** What a refusal of an option that there is none of lists. */
function optionsOf(declare: () => unknown): string[] {
  let said = ''
  try {
    declare()
  } catch (error) {
    said = String(error)
  }
  const [, list = ''] = /It has ([\w, ]+)\./.exec(said) ?? []
  return list.split(', ')
}

test('its options are those of table(), expect, incremental and lookup()', () => {
  const of = { name: 'taxes', columns: { id: integer } }
  const none: object = { nonesuch: 1 }
  const declared = {
    Option: optionsOf(() => table({ ...of, ...none })),
    Expectation: optionsOf(() => table({ ...of, expect: { ...none } })),
    Increment: optionsOf(() =>
      table({
        ...of,
        partitionBy: ranges('id', 10),
        incremental: { changed: 'id', overlap: '1h', key: 'id', ...none },
      }),
    ),
    Lookup: optionsOf(() => lookup({ from: 'rates', key: 'id', columns: { id: integer }, ...none })),
  }
  for (const [header, names] of Object.entries(declared)) {
    expect(names.length).toBeGreaterThan(4)
    expect({ header, names: namesIn(header).toSorted() }).toEqual({ header, names: names.toSorted() })
  }
})

const isType = (each: unknown): each is Column => isColumn(each)

test('its types are all that a script may declare, each as Athena reads it', () => {
  const columns: Record<string, Column> = {
    'numeric(14, 2)': types.numeric(14, 2),
    'array(integer)': types.array(types.integer),
  }
  for (const [name, each] of Object.entries(types)) {
    if (isType(each)) columns[name] = each
  }
  const rows = tableRows('In Postgres').map(([, script = '', , athena = '']) => [
    script.replaceAll('`', ''),
    athena.replaceAll('`', ''),
  ])
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(columns).map(([script, { athena }]) => [script, athena])),
  )
  const around = namesIn('Around a type').map((call) => call.replace(/\(.*/, ''))
  expect([...around, 'numeric', 'array'].toSorted()).toEqual(
    Object.entries(types)
      .flatMap(([name, each]) => (isType(each) ? [] : [name]))
      .toSorted(),
  )
  for (const [postgres = '', script = ''] of tableRows('In Postgres')) {
    const column = columns[script.replaceAll('`', '')]
    const own =
      column?.element === undefined && column?.accepts !== 'any'
        ? column?.type.replace(/\(.*/, '')
        : undefined
    if (own !== undefined && script !== '`numericText`') expect(postgres).toStartWith(own)
  }
})

test('its commands are those of dracula', () => {
  expect(tableRows('Command')).toEqual(draculaCommands.map(({ name, words }) => [`\`${name}\``, words]))
})

test('it says of every room of lib what is there', async () => {
  const rooms = (await readdir(join(root, 'lib'), { withFileTypes: true })).filter((each) =>
    each.isDirectory(),
  )
  expect(rooms.length).toBeGreaterThan(10)
  const contributing = readme.slice(readme.indexOf('## Contributing'))
  expect(rooms.map(({ name }) => name).filter((name) => !contributing.includes(`\`lib/${name}/\``))).toEqual(
    [],
  )
})

test('its links lead to headings and files that it has', async () => {
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const targets = [...readme.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, target = '']) => target)
  expect(targets.length).toBeGreaterThan(20)
  for (const target of targets) {
    if (target.startsWith('#')) expect(anchors).toContain(target.slice(1))
    else expect(await Bun.file(join(root, target)).exists()).toBe(true)
  }
})

test('every flag that it names is one of a program here, and the times it gives are their defaults', async () => {
  const declared = new Set<string>()
  const programs = ['{lib,checks}/**/*.ts', 'test/{fuzz,torture}/*.ts']
  const files = await Promise.all(programs.map((each) => Array.fromAsync(new Bun.Glob(each).scan(root))))
  for (const file of files.flat()) {
    const source = await Bun.file(join(root, file)).text()
    for (const [, flag = ''] of source.matchAll(/(?:\.option|new Option)\(\s*'(--[a-z-]+)/g))
      declared.add(flag)
  }
  // npx, commander, Bun and the AWS CLI.
  const ofOthers = [
    ...['--yes', '--help', '--version'],
    ...['--env-file', '--frozen-lockfile', '--production', '--cli-input-json'],
  ]
  const named = [...readme.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag)
  expect(named.filter((flag) => !declared.has(flag) && !ofOthers.includes(flag))).toEqual([])

  const options = loadCommand('currencies').options
  const times = [...readme.matchAll(/`(--[a-z-]+)` \((\d+) (s|min|h)\)/g)]
  expect(times).not.toBeEmpty()
  for (const [, flag, number, unit] of times) {
    expect(options.find(({ long }) => long === flag)?.defaultValueDescription).toBe(`${number}${unit}`)
  }
})
