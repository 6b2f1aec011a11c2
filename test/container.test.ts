import { expect, test } from 'bun:test'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import packageFile from '../package.json' with { type: 'json' }
import { temporaryFolder } from './support/temporary.ts'

const root = join(import.meta.dir, '..')
const lines = (await Bun.file(join(root, 'Containerfile')).text()).trimEnd().split('\n')

function argumentsOf(instruction: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1))
}

test('the image has the pinned Bun, what production needs, and a user who is not root', () => {
  const version = packageFile.packageManager.replace('bun@', '')
  expect(argumentsOf('FROM')).toEqual([`docker.io/oven/bun:${version}-slim`])
  expect(argumentsOf('RUN')).toEqual(['bun install --frozen-lockfile --production'])
  expect(argumentsOf('ENV').join(' ')).toContain('HOME=/tmp')
  expect(Number(argumentsOf('USER')[0])).toBeGreaterThan(0)
  expect(lines.length).toBeLessThanOrEqual(10)
})

test('what it copies is enough to start every script and check', async () => {
  await using folder = await temporaryFolder()
  for (const copy of argumentsOf('COPY')) {
    const sources = copy.split(' ').slice(0, -1)
    for (const source of sources) await cp(join(root, source), join(folder.path, source), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const programs = await Array.fromAsync(new Bun.Glob('{scripts,checks}/*.ts').scan(folder.path))
  expect(programs).toContain('checks/row-counts.ts')
  for (const program of programs) {
    const child = Bun.spawn([process.execPath, program], {
      cwd: folder.path,
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
