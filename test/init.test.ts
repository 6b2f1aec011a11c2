/** What `dracula init` makes: a project that works at once, with the package as it would be published. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cp, mkdir, readdir, rename, stat, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import postgres from 'postgres'
import { parse } from 'yaml'
import { projectFiles } from '../lib/commands/init/files.ts'
import { requireName } from '../lib/commands/init/name.ts'
import { placeProject } from '../lib/commands/init/place.ts'
import { readTarball } from '../lib/commands/init/tarball.ts'
import { startLocalPostgres } from '../lib/local/postgres.ts'
import { seedByFile } from '../lib/local/seed-file.ts'
import packageFile from '../package.json' with { type: 'json' }
import { openUserProject, type PackedPackage, packProject, type UserProject } from './support/package.ts'
import { template } from './support/template.ts'
import { temporaryFolder } from './support/temporary.ts'
import { until } from './support/until.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '..')
/** What `bun install` takes for the compiler and the servers of this machine. */
const development = [
  ...['typescript', '@typescript', 'bun-types', '@types', 'undici-types'],
  ...Object.keys(packageFile.peerDependencies).filter((name) => name !== 'typescript'),
]

const files = new Map(projectFiles('my-lake').map(({ path, content }) => [path, String(content)]))
const fileText = (path: string) => files.get(path) ?? ''

let packed: PackedPackage
let project: UserProject

beforeAll(async () => {
  packed = await packProject()
  project = await openUserProject(packed, development)
})

afterAll(async () => {
  await Promise.all([packed?.[Symbol.asyncDispose](), project?.[Symbol.asyncDispose]()])
})

const { PATH = '', HOME = tmpdir() } = process.env
const shell = { PATH, HOME, TMPDIR: tmpdir() }
const inside = (...command: readonly string[]) => project.run(command, shell, 'my-lake')
const init = (...args: readonly string[]) =>
  project.run(['bun', join(root, 'lib/commands/init.ts'), ...args], shell)

describe('a new project', () => {
  test('is made by the package, which tells the next three commands and has installed nothing', async () => {
    const made = await project.run(['bun', 'run', '--silent', 'dracula', 'init', 'my-lake'], shell)
    const next = `Next:
  cd my-lake
  bun install   # from a registry that has dracula-etl ${packageFile.version}; else: init --tarball
  bun run demo
`
    expect(made).toEqual({ exit: 0, stdout: 'my-lake\n', stderr: next })
    expect((await readdir(project.path)).filter((name) => name.startsWith('.dracula'))).toEqual([])
    const written = new Bun.Glob('**').scan({ cwd: join(project.path, 'my-lake'), dot: true })
    expect((await Array.fromAsync(written)).toSorted()).toEqual([...files.keys()].toSorted())
    const modeOf = async (path: string) => (await stat(join(project.path, 'my-lake', path))).mode & 0o777
    expect([await modeOf('scripts/orders.ts'), await modeOf('.')]).toEqual(
      Array(2).fill(0o777 & ~process.umask()),
    )
    // In place of bun install, which wants a registry.
    await symlink('../typescript/bin/tsc', join(project.path, 'node_modules/.bin/tsc'))
    await rename(join(project.path, 'node_modules'), join(project.path, 'my-lake/node_modules'))
  })

  test('loads and checks its example at once, whatever database the shell leads to', async () => {
    const env = {
      ...shell,
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/production',
      DRACULA_S3_URI: 's3://other/x',
    }
    const { exit, stdout, stderr } = await project.run(['bun', 'run', '--silent', 'demo'], env, 'my-lake')
    expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/^published\n {2}orders +10,000 /)
    expect(stdout).toMatch(/\n {2}table +schema +row-counts +freshness +columns\n {2}orders +ok +ok +ok\n/)
  })

  test('passes its own CI, which holds scripts to their types, their source and their rows', async () => {
    const { jobs, permissions } = parse(fileText('.github/workflows/check.yaml'))
    expect(permissions).toEqual({ contents: 'read' })
    const steps: { uses?: string; run?: string; with?: object }[] = jobs.check.steps
    expect(steps.find(({ uses }) => uses?.startsWith('oven-sh/setup-bun'))?.with).toEqual({
      'bun-version': packageFile.packageManager.replace('bun@', ''),
    })
    const commands = steps.flatMap(({ run }) => run ?? [])
    expect(commands).toEqual([
      'bun install --frozen-lockfile',
      'bun run check:types',
      'bun run local dracula schema',
      'bun run local dracula all --dry-run',
    ])
    for (const command of commands.slice(1)) {
      const { exit, stdout, stderr } = await inside(...command.split(' '))
      expect({ command, exit, said: exit === 0 ? '' : stdout + stderr }).toEqual({
        command,
        exit: 0,
        said: '',
      })
    }
    const wrong = fileText('scripts/orders.ts').replace('state: text', 'state: nullable(text), total: text')
    await project.write('my-lake/scripts/orders.ts', wrong)
    const found = await inside('bun', 'run', 'local', 'dracula', 'schema')
    expect([found.exit, found.stdout]).toEqual([3, expect.stringContaining('total')])
    await project.write('my-lake/scripts/orders.ts', fileText('scripts/orders.ts'))
  })

  test('begins with its own seed wherever below it Postgres is started, unless DATABASE_URL leads to another', async () => {
    const load = ['bun', '../node_modules/.bin/dracula', 'load', 'orders', '--dry-run', '--json']
    const local = ['bun', '../node_modules/.bin/dracula', 'local', '--', ...load]
    const seeded = await project.run(local, shell, 'my-lake/scripts')
    expect(JSON.parse(seeded.stdout)).toMatchObject({ table: 'orders', rows: 10_000 })
    const env = { ...shell, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/other' }
    const { exit, stderr } = await project.run([...local, '--connect-within', '1s'], env, 'my-lake/scripts')
    expect([exit, stderr]).toEqual([1, expect.stringContaining('127.0.0.1:1')])
  })

  test('refuses an environment that has no file, or one that nobody has filled in', async () => {
    // Bun goes by the shell's variables where there is no such file.
    const production = { ...shell, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/production' }
    const run = (...args: readonly string[]) =>
      project.run(['bun', 'run', '--silent', 'staging', ...args], production, 'my-lake')
    const without = await run('load', 'orders', '--dry-run')
    expect([without.exit, without.stderr]).toEqual([
      2,
      expect.stringContaining(
        'Cannot use the variables of \\".env.staging\\": there is no such file or folder',
      ),
    ])
    const example = join(project.path, 'my-lake/.env.staging.example')
    await cp(example, join(project.path, 'my-lake/.env.staging'))
    const doctor = await project.run(['bun', 'run', '--silent', 'staging', 'doctor'], shell, 'my-lake')
    expect(doctor.exit).toBe(2)
    expect(doctor.stdout).toContain('✗ postgres      Cannot use "DATABASE_URL"')
    expect(doctor.stdout).toContain('✗ lake          Cannot use "DRACULA_S3_URI"')
  })

  test('keeps secrets of environments out of git, and has none, nor a path of this machine', async () => {
    const place = join(project.path, 'my-lake')
    await project.run(['git', 'init', '--quiet', place], shell)
    const names = [
      '.env',
      '.env.staging',
      '.env.production',
      '.env.local',
      '.env.staging.example',
      'bun.lock',
    ]
    const ignored = await inside('git', 'check-ignore', ...names, 'node_modules/x')
    expect(ignored.stdout.trim().split('\n')).toEqual([...names.slice(0, 4), 'node_modules/x'])
    const all = [...files.values()].join('\n')
    for (const path of [root, project.path, tmpdir(), homedir(), process.cwd()])
      expect(all).not.toContain(`${path}/`)
    expect(all).not.toMatch(/:\/\/[^\s@/]+:[^\s@/]+@|password=|AKIA|SECRET_ACCESS_KEY|\{\{/i)
  })

  test('keeps staging and production apart, those of audits too', () => {
    const digits = projectFiles('1-lake.v2').find(({ path }) => path === '.env.staging.example')
    expect(String(digits?.content)).toContain('\nDRACULA_GLUE_DATABASE=lake_1_lake_v2_staging\n')
    const variables = (environment: string) =>
      Object.fromEntries(
        [...fileText(`.env.${environment}.example`).matchAll(/^(\w+)=(.*)$/gm)].map(
          ([, name = '', value = '']) => [name, value],
        ),
      )
    const [staging, production] = [variables('staging'), variables('production')]
    expect(Object.keys(staging)).toEqual(Object.keys(production))
    expect(staging['DRACULA_S3_URI']).not.toBe(production['DRACULA_S3_URI'])
    const databases = [staging, production].flatMap(({ DRACULA_GLUE_DATABASE: name = '' }) => [
      name,
      `${name}_staging`,
    ])
    expect(new Set(databases).size).toBe(4)
  })

  test.each([
    ['of a registry', undefined],
    ['with a tarball', { name: 'dracula-etl-0.0.0.tgz', content: new Uint8Array(1) }],
  ])('has a Containerfile %s that its linter takes, and a context of what that copies', (_, tarball) => {
    const made = new Map(projectFiles('my-lake', tarball).map(({ path, content }) => [path, String(content)]))
    const text = made.get('Containerfile') ?? ''
    expect(validate(text).map(({ message }) => message)).toEqual([])
    const instructions = DockerfileParser.parse(text)
    const copied = instructions
      .getCOPYs()
      .filter((copy) => !copy.getFromFlag())
      .flatMap((copy) => copy.getArguments().slice(0, -1).map(String))
    expect(copied.includes('dracula-etl-0.0.0.tgz')).toBe(tarball !== undefined)
    const lines = (made.get('.dockerignore') ?? '')
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('#'))
    expect(lines[0]).toBe('*')
    expect(lines.slice(1).toSorted()).toEqual([...new Set(copied)].map((path) => `!${path}`).toSorted())
    expect(text).toContain(`oven/bun:${packageFile.packageManager.replace('bun@', '')}-slim`)
    // The compiler and the servers of this machine are peers, which Bun would install.
    expect(text).toContain('RUN bun install --frozen-lockfile --production --omit=peer --ignore-scripts\n')
  })

  test('has the package by its exact version, and what that wants of development by the versions it was tested with', () => {
    const made = JSON.parse(fileText('package.json'))
    expect(made.dependencies).toEqual({ [packageFile.name]: packageFile.version })
    expect(made.devDependencies).toEqual({
      ...packageFile.peerDependencies,
      'bun-types': packageFile.devDependencies['bun-types'],
    })
    expect(made.trustedDependencies).toEqual(packageFile.trustedDependencies)
  })
})

describe('by the lines of the README', () => {
  test('a project takes a copy of the tarball, where no registry has the package', async () => {
    const readme = await Bun.file(join(root, 'README.md')).text()
    const [line = ''] = readme.match(/^bun run init .*$/m) ?? []
    const tarball = `dracula-etl-${packageFile.version}.tgz`
    expect(line).toBe(`bun run init ../my-lake --tarball ${tarball}`)
    await using folder = await temporaryFolder()
    const checkout = join(folder.path, 'dracula')
    await mkdir(checkout)
    for (const name of ['lib', 'package.json'])
      await cp(join(root, name), join(checkout, name), { recursive: true })
    await Bun.write(join(checkout, 'node_modules/.keep'), '')
    await cp(join(root, 'node_modules/commander'), join(checkout, 'node_modules/commander'), {
      recursive: true,
    })
    await cp(packed.tarball, join(checkout, tarball))
    const child = Bun.spawn([process.execPath, ...line.split(' ').slice(1)], {
      ...{ cwd: checkout, env: shell, stdout: 'pipe', stderr: 'pipe' },
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '../my-lake\n' })
    expect(stderr).toEndWith('Next:\n  cd ../my-lake\n  bun install\n  bun run demo\n')
    const made = join(folder.path, 'my-lake')
    expect(await Bun.file(join(made, tarball)).bytes()).toEqual(await Bun.file(packed.tarball).bytes())
    expect((await Bun.file(join(made, 'package.json')).json()).dependencies).toEqual({
      [packageFile.name]: `./${tarball}`,
    })
  })
})

describe('init', () => {
  test('fills a folder that has nothing but a repository in place, and no other', async () => {
    const place = join(project.path, 'here')
    await mkdir(join(place, '.git'), { recursive: true })
    const before = await stat(place)
    const made = await project.run(['bun', join(root, 'lib/commands/init.ts'), '.'], shell, 'here')
    expect(made).toMatchObject({ exit: 0, stdout: '.\n', stderr: expect.not.stringContaining('cd ') })
    expect((await stat(place)).ino).toBe(before.ino)
    expect((await readdir(place)).filter((name) => name.startsWith('.dracula'))).toEqual([])
    const again = await init('here')
    expect([again.exit, again.stderr]).toEqual([
      2,
      expect.stringContaining('it is not empty: it has .dockerignore'),
    ])
  })

  test.each([
    [[], 'missing required argument'],
    [[''], 'It is the path of a folder'],
    [['a-lake', 'b-lake'], 'too many arguments'],
    [['My Lake'], 'it is not a name that npm takes'],
    [['package.json'], 'a part of the path is a file, not a folder'],
    [['none/my-lake'], 'there is no such file or folder'],
    [['package.json/my-lake'], 'a part of the path is a file, not a folder'],
    [['a-lake', '--tarball', 'none.tgz'], 'there is no such file or folder'],
    [['a-lake', '--tarball', 'package.json'], 'it is not a package as npm packs it'],
    [['a-lake', '--tarball', '.'], 'it is a folder'],
  ] as const)('of %p is refused in one line, and leaves nothing', async (args, words) => {
    const before = await readdir(project.path)
    const { exit, stderr } = await init(...args)
    expect([exit, stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining(words)]])
    expect(await readdir(project.path)).toEqual(before)
  })

  test.each([
    ['MyLake', 'npm takes'],
    ['_lake', 'npm takes'],
    ['.lake', 'npm takes'],
    ['-lake', 'npm takes'],
    ['lake.', 'npm takes'],
    ['läke', 'npm takes'],
    ['a'.repeat(215), 'the name has 215 letters'],
    ['node_modules', 'npm keeps the name for itself'],
    ['favicon.ico', 'npm keeps the name for itself'],
    ['fs', 'npm keeps the name for itself'],
    [packageFile.name, 'a package that the project needs has the name'],
    ['postgres', 'a package that the project needs has the name'],
  ])('takes no project called %p', (name, words) => {
    expect(() => requireName(join('/', name))).toThrow(words)
    expect(requireName('/somewhere/my-lake.v2')).toBe('my-lake.v2')
  })

  test.each([['new'], ['existing']])(
    'leaves nothing in a %s folder when the disk takes only some of it',
    async (which) => {
      await using folder = await temporaryFolder()
      const place = join(folder.path, 'my-lake')
      if (which === 'existing') await mkdir(join(place, '.git'), { recursive: true })
      const cut = [...projectFiles('my-lake'), { path: 'README.md/more', content: '' }]
      await expect(placeProject(place, cut)).rejects.toThrow(/^Cannot make a project in "[^"]+": [^\n]+$/)
      expect(await readdir(folder.path, { recursive: true })).toEqual(
        which === 'new' ? [] : ['my-lake', 'my-lake/.git'],
      )
    },
  )
})

describe('a seed', () => {
  test('is run as a whole or not at all, says in which line it is wrong, and ends where it is told to', async () => {
    await using folder = await temporaryFolder()
    const server = await startLocalPostgres({ folder: folder.path, template })
    const sql = postgres(server.url, { max: 1 })
    const run = (text: string, signal = new AbortController().signal) =>
      seedByFile(server.url, 'seed.sql', { text, signal })
    try {
      const wrong = run('create table b (id int);\nselect \'🧛\';\n\nselect * from "🧛"')
      await expect(wrong).rejects.toThrow(
        'Cannot fill the database by "seed.sql": line 4: relation "🧛" does not exist. Correct it',
      )
      await run('create table a (id int);\ninsert into a values (1), (2);')
      expect([...(await sql`select tablename from pg_tables where schemaname = 'public'`)]).toEqual([
        { tablename: 'a' },
      ])
      const abort = new AbortController()
      const endless = run('create table c (id int); select pg_sleep(600)', abort.signal)
      const sleeping = () =>
        sql`select from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'dracula/seed'`
      await until(async () => (await sleeping()).length > 0)
      abort.abort(new Error('interrupted'))
      await expect(endless).rejects.toThrow('interrupted')
      expect(await sleeping()).toHaveLength(0)
      await expect(run('drop table a', AbortSignal.abort(new Error('interrupted')))).rejects.toThrow(
        'interrupted',
      )
      expect(await sql`select id from a`).toHaveLength(2)
    } finally {
      await sql.end()
      await server.stop()
    }
  })

  test.each([
    [
      'create table a (id int);\nCOPY a (id) FROM stdin;\n1\n\\.\n',
      'line 2: COPY … FROM stdin has rows behind it',
    ],
    [undefined, 'there is no such file or folder'],
  ])('of %j is refused before a server is started for it', async (text, words) => {
    if (text !== undefined) await project.write('a.sql', text)
    const command = [
      'bun',
      join(root, 'lib/commands/local.ts'),
      '--seed',
      text === undefined ? 'none.sql' : 'a.sql',
    ]
    const { exit, stdout, stderr } = await project.run([...command, '--', 'echo', 'ran'], shell)
    expect([exit, stdout, stderr.trim().split('\n')]).toEqual([2, '', [expect.stringContaining(words)]])
  })
})

describe('a tarball', () => {
  test.each([
    [
      'is of another version',
      { name: packageFile.name, version: '0.0.1' },
      'it has dracula-etl 0.0.1, and this is',
    ],
    ['is of another package', { name: 'lodash', version: packageFile.version }, 'it has lodash'],
    ['says neither', {}, 'it is not a package as npm packs it'],
  ])('that %s is no package for a project', async (_, content, words) => {
    await using folder = await temporaryFolder()
    await Bun.write(join(folder.path, 'package/package.json'), JSON.stringify(content))
    const path = join(folder.path, 'a.tgz')
    expect(Bun.spawnSync(['tar', '-czf', path, '-C', folder.path, 'package/package.json']).success).toBe(true)
    await expect(readTarball(path)).rejects.toThrow(words)
  })
})
