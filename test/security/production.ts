/**
 * What an installation for production consists of, as a table that lies beside this file, so that a change of it is read as
 * any other change is. After one that is meant: bun test/security/production.ts
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary.ts'

export const root = join(import.meta.dir, '../..')
export const listed = join(import.meta.dir, 'production.txt')

export interface InstalledPackage {
  /** Below `node_modules`. */
  readonly place: string
  readonly version: string
  /** What its package.json says; undefined: nothing. */
  readonly licence: string | undefined
  /** kB on the disk, those of packages in it excepted. */
  readonly size: number
  /** Scripts that an installation would run, and what it would build. */
  readonly runs: readonly string[]
}

/** Installs what the container does: production alone, by the lock file, from this machine's cache. */
export async function installProduction(): Promise<Awaited<ReturnType<typeof temporaryFolder>>> {
  const folder = await temporaryFolder()
  for (const name of ['package.json', 'bun.lock', 'bunfig.toml'])
    await cp(join(root, name), join(folder.path, name))
  const child = Bun.spawn(
    [process.execPath, 'install', '--frozen-lockfile', '--production', '--ignore-scripts'],
    { cwd: folder.path, stdout: 'ignore', stderr: 'pipe' },
  )
  const [exit, stderr] = await Promise.all([child.exited, child.stderr.text()])
  if (exit !== 0) throw new Error(`bun install ended with ${exit}: ${stderr}`)
  return folder
}

/** Those in a folder, sorted by their places. */
export async function installedIn(folder: string): Promise<InstalledPackage[]> {
  const modules = join(folder, 'node_modules')
  const places: string[] = []
  for await (const path of new Bun.Glob('**/package.json').scan({ cwd: modules, dot: true })) {
    const [, place] = /^((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path) ?? []
    if (place !== undefined) places.push(place)
  }
  return await Promise.all(places.toSorted().map((place) => examine(modules, place)))
}

async function examine(modules: string, place: string): Promise<InstalledPackage> {
  const folder = join(modules, place)
  const { version, license, scripts = {} } = await Bun.file(join(folder, 'package.json')).json()
  const paths = await Array.fromAsync(new Bun.Glob('**').scan({ cwd: folder, dot: true }))
  const own = paths.filter((path) => !path.includes('node_modules/'))
  const bytes = own.reduce((sum, path) => sum + Bun.file(join(folder, path)).size, 0)
  const hooks = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts)
  const built = own.filter((path) => /(?:^|\/)binding\.gyp$|\.(?:node|so|dylib|dll|exe)$/.test(path))
  return {
    ...{ place, version, licence: typeof license === 'string' ? license : undefined },
    size: Math.round(bytes / 1_000),
    runs: [...hooks, ...built],
  }
}

export function tableOf(packages: readonly InstalledPackage[]): string {
  const width = Math.max(...packages.map(({ place }) => place.length))
  const lines = packages.map(({ place, version, licence, size }) =>
    [place.padEnd(width), version.padEnd(12), `${size} kB`.padStart(8), licence ?? 'none'].join('  '),
  )
  return `${lines.join('\n')}\n`
}

if (import.meta.main) {
  await using folder = await installProduction()
  await Bun.write(listed, tableOf(await installedIn(folder.path)))
}
