import { afterAll, beforeAll, expect, test } from 'bun:test'
import { chmod, cp, exists, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const project = join(import.meta.dir, '../..')
let root: string
const kept = () => join(root, 'node_modules/.cache/dracula/compiled')

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dracula-compiled-'))
  for (const file of ['bunfig.toml', 'lib/cli/compile-cache.ts'])
    await cp(join(project, file), join(root, file))
  await mkdir(join(root, 'node_modules'))
  await Bun.write(join(root, 'main.ts'), `import { rate } from './rate.ts'\nconsole.log(rate())\n`)
})
afterAll(() => rm(root, { recursive: true, force: true }))

const write = (rate: string) =>
  Bun.write(join(root, 'rate.ts'), `export const rate = (): string => '${rate}'\n`)

async function run(main = 'main.ts', cwd = root): Promise<{ exit: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, main], {
    ...{ cwd, env: { HOME: root }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

const says = (rate: string) => ({ exit: 0, stdout: `${rate}\n`, stderr: '' })

/** Whole paths of what is kept. */
async function copies(): Promise<string[]> {
  const files = await readdir(kept(), { recursive: true, withFileTypes: true })
  return files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
}

test('what modules were compiled to is kept beside the packages', async () => {
  await write('1.10')
  expect(await run()).toEqual(says('1.10'))
  expect((await copies()).length).toBeGreaterThanOrEqual(2)
})

test('the next process takes it from there, and writes nothing anew', async () => {
  const inodes = async () => Promise.all((await copies()).map(async (path) => (await stat(path)).ino))
  const before = await inodes()
  expect(await run()).toEqual(says('1.10'))
  expect(await inodes()).toEqual(before)
  await write('1.15')
  await run()
  expect(await inodes()).not.toEqual(before)
})

test('a module that was changed since is compiled again, be it as long and as old as before', async () => {
  await write('1.20')
  const { mtime } = await Bun.file(join(root, 'rate.ts')).stat()
  expect(await run()).toEqual(says('1.20'))
  await write('1.30')
  await utimes(join(root, 'rate.ts'), mtime, mtime)
  expect(await run()).toEqual(says('1.30'))
  expect(await run()).toEqual(says('1.30'))
})

test('a copy that is damaged, cut off or another file’s is as good as none', async () => {
  await write('1.40')
  await run()
  const [first = '', second = ''] = await copies()
  const damages: ((path: string) => Promise<unknown>)[] = [
    async (path) => {
      const bytes = await Bun.file(path).bytes()
      for (let at = bytes.length >> 1; at < bytes.length; at++) bytes[at]! ^= 0x55
      return Bun.write(path, bytes)
    },
    async (path) => Bun.write(path, (await Bun.file(path).bytes()).slice(0, 40)),
    (path) => Bun.write(path, ''),
  ]
  for (const damage of damages) {
    await Promise.all((await copies()).map(damage))
    expect(await run()).toEqual(says('1.40'))
    await rm(kept(), { recursive: true })
    await run()
  }
  const [one, other] = await Promise.all([Bun.file(first).bytes(), Bun.file(second).bytes()])
  await Promise.all([Bun.write(first, other), Bun.write(second, one)])
  expect(await run()).toEqual(says('1.40'))
})

test('processes that begin at the same time do not disturb one another', async () => {
  await write('1.50')
  await rm(kept(), { recursive: true, force: true })
  expect(await Promise.all(Array.from({ length: 4 }, () => run()))).toEqual(Array(4).fill(says('1.50')))
  expect(await run()).toEqual(says('1.50'))
})

test('nothing is kept of what is started from elsewhere, or with borrowed packages, or with none', async () => {
  const away = await mkdtemp(join(tmpdir(), 'dracula-away-'))
  try {
    await rm(kept(), { recursive: true, force: true })
    for (const file of ['main.ts', 'rate.ts']) await cp(join(root, file), join(away, file))
    expect(await run(join(away, 'main.ts'))).toEqual(says('1.50'))
    expect(await exists(kept())).toBe(false)

    for (const file of ['bunfig.toml', 'lib'])
      await cp(join(root, file), join(away, file), { recursive: true })
    expect(await run('main.ts', away)).toEqual(says('1.50'))
    expect(await exists(join(away, 'node_modules'))).toBe(false)
    await symlink(join(root, 'node_modules'), join(away, 'node_modules'))
    expect(await run('main.ts', away)).toEqual(says('1.50'))
    expect(await exists(kept())).toBe(false)
  } finally {
    await rm(away, { recursive: true })
  }
})

test('where nothing can be kept it runs all the same, and says nothing of it', async () => {
  await rm(kept(), { recursive: true, force: true })
  // Root may write where the mode forbids it, but not below a file.
  await Bun.write(kept(), 'a file')
  expect(await run()).toEqual(says('1.50'))
  await rm(kept())
  await symlink('/proc/nowhere', kept())
  expect(await run()).toEqual(says('1.50'))
  await rm(kept())
  await chmod(join(root, 'node_modules/.cache/dracula'), 0o500)
  expect(await run()).toEqual(says('1.50'))
  await chmod(join(root, 'node_modules/.cache/dracula'), 0o700)
})
