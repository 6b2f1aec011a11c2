/** The package as it would be published, and a project of somebody else's that has it installed. */
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import type { Run } from './project.ts'
import { temporaryFolder } from './temporary.ts'

const root = join(import.meta.dir, '../..')

export interface PackedPackage extends AsyncDisposable {
  /** Absolute. */
  readonly tarball: string
  /** Bytes of the tarball. */
  readonly size: number
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[]
}

/** Packs a copy of the project, as npm does. */
export async function packProject(): Promise<PackedPackage> {
  const folder = await temporaryFolder()
  const { path } = folder
  const tracked = (await readdir(root)).filter((name) => !name.startsWith('.') && name !== 'node_modules')
  for (const name of tracked) await cp(join(root, name), join(path, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'))
  const { exit, stdout, stderr } = await runIn(path, ['npm', 'pack', '--json', '--loglevel=error'])
  if (exit !== 0) throw new Error(`npm pack ended with ${exit}: ${stderr}`)
  const [{ filename, size, files }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')))
  return {
    ...{ tarball: join(path, filename), size, files },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

export interface UserProject extends AsyncDisposable {
  readonly path: string
  write(path: string, text: string): Promise<unknown>
  /** Runs a command there, `bun` being the one that runs the tests, and waits for its end. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>, below?: string): Promise<Run>
}

/**
 * A folder with the package and what it needs in production, out of this machine's cache, and with the packages of development
 * that are named.
 */
export async function openUserProject(
  { tarball }: PackedPackage,
  development: readonly string[] = [],
): Promise<UserProject> {
  const folder = await temporaryFolder()
  const { path } = folder
  for (const name of ['package.json', 'bun.lock']) await cp(join(root, name), join(path, name))
  const install = [process.execPath, 'install', '--frozen-lockfile', '--production', '--ignore-scripts']
  await succeed(path, install)
  const own = join(path, 'node_modules/dracula-etl')
  await mkdir(join(path, 'node_modules/.bin'), { recursive: true })
  await mkdir(own)
  await succeed(path, ['tar', '-xzf', tarball, '-C', own, '--strip-components=1'])
  await symlink(`../dracula-etl/${packageFile.bin.dracula}`, join(path, 'node_modules/.bin/dracula'))
  for (const name of development) {
    const place = join(path, 'node_modules', name)
    await mkdir(dirname(place), { recursive: true })
    await symlink(join(root, 'node_modules', name), place)
  }
  const dependencies = { [packageFile.name]: packageFile.version }
  await Bun.write(
    join(path, 'package.json'),
    JSON.stringify({ name: 'my-lake', type: 'module', dependencies }),
  )
  return {
    path,
    write: (file, text) => Bun.write(join(path, file), text),
    run: (command, env = {}, below = '.') => runIn(join(path, below), command, env),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

async function succeed(cwd: string, command: readonly string[]): Promise<void> {
  const { exit, stderr } = await runIn(cwd, command)
  if (exit !== 0) throw new Error(`${command.join(' ')} ended with ${exit}: ${stderr}`)
}

async function runIn(
  cwd: string,
  [program = '', ...args]: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Run> {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`
  const child = Bun.spawn([program === 'bun' ? process.execPath : program, ...args], {
    cwd,
    env: { ...(env ?? process.env), PATH: path },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}
